"""What questions will take, before they are asked: tokens and time, by the answers of the model that are kept."""

from collections.abc import Sequence
from statistics import fmean
from typing import Literal

from eng5.judges.ledger import Entry
from eng5.judges.llm import ANSWER_TOKENS, CHARACTERS_PER_TOKEN
from eng5.judges.prices import Usage
from eng5.judges.protocol import Outcome
from eng5.judges.question import Question

Basis = Literal["answers of this model", "length of the texts"]


def expected_tokens(questions: Sequence[Question], known: Sequence[Entry]) -> tuple[Usage, Basis]:
    """Tokens of the questions: as many as this model's answers took on average, or by the length of the texts.

    ``known`` are answers, failures among them: what an answer took that was asked again, and in vain, is in.
    """
    took = [one.verdict for one in known if one.verdict.prompt_tokens]
    if took:
        sums = (
            fmean(one.prompt_tokens for one in took),
            fmean(one.completion_tokens for one in took),
            fmean(one.metadata.get("cache_read_input_tokens", 0) for one in took),
            fmean(one.metadata.get("cache_creation_input_tokens", 0) for one in took),
        )
        return Usage(*(round(each * len(questions)) for each in sums)), "answers of this model"
    characters = sum(len(one.setting.system_prompt) + len(one.user_text) for one in questions)
    return Usage(characters // CHARACTERS_PER_TOKEN, ANSWER_TOKENS * len(questions)), "length of the texts"


def seconds_of_an_answer(known: Sequence[Entry]) -> float | None:
    """Mean time from a question to its answer, of those that were asked one by one; None without any."""
    times = [(one.completed_at - one.requested_at).total_seconds() for one in _timed(known)]
    return fmean(times) if times else None


def seconds_between_answers(known: Sequence[Entry]) -> float | None:
    """Time for each answer while any was under way: what more questions at a time do not change on a busy server.

    None without any answer.
    """
    asked = sorted((one.requested_at, one.completed_at) for one in _timed(known))
    if not asked:
        return None
    busy, end = 0.0, asked[0][0]
    for start, stop in asked:
        if stop > end:
            busy += (stop - max(start, end)).total_seconds()
            end = stop
    return busy / len(asked)


def _timed(known: Sequence[Entry]) -> list[Entry]:
    """Those that tell how long an answer takes: asked one by one, and answered."""
    return [
        one
        for one in known
        if not one.by_batch and (one.verdict.prompt_tokens or one.verdict.outcome is not Outcome.ERROR)
    ]
