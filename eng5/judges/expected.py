"""How many tokens questions will take, before they are asked."""

from collections.abc import Sequence
from statistics import fmean
from typing import Literal

from eng5.judges.ledger import Entry
from eng5.judges.llm import ANSWER_TOKENS, CHARACTERS_PER_TOKEN
from eng5.judges.prices import Usage
from eng5.judges.question import Question

Basis = Literal["verdicts kept of this model", "length of the texts"]


def expected_tokens(questions: Sequence[Question], known: Sequence[Entry]) -> tuple[Usage, Basis]:
    """Tokens of the questions: as many as this model's verdicts took on average, or by the length of the texts."""
    if known:
        prompt = fmean(one.verdict.prompt_tokens for one in known)
        completion = fmean(one.verdict.completion_tokens for one in known)
        return Usage(round(prompt * len(questions)), round(completion * len(questions))), (
            "verdicts kept of this model"
        )
    characters = sum(len(one.setting.system_prompt) + len(one.user_text) for one in questions)
    return Usage(characters // CHARACTERS_PER_TOKEN, ANSWER_TOKENS * len(questions)), "length of the texts"
