"""What questions will take, by the answers that are kept."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.judges.expected import expected_tokens, seconds_between_answers, seconds_of_an_answer
from eng5.judges.ledger import BATCH_OF_ANSWER, Entry
from eng5.judges.prices import Usage
from eng5.judges.protocol import Outcome, Verdict
from eng5.judges.question import Question

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def entry(start: float, seconds: float, *, outcome: Outcome = Outcome.A, **verdict: Any) -> Entry:
    asked = BEGIN + timedelta(seconds=start)
    done = asked + timedelta(seconds=seconds)
    return Entry("0" * 64, 1, "batch", "a", "b", "openai", "small", asked, done, Verdict(outcome, **verdict))


def test_tokens_of_answers_asked_again_are_in(question_for: Callable[..., Question]) -> None:
    """One answer of 100 + 10 tokens, one that failed after three tries with 300 + 30: 200 + 20 a question."""
    known = [
        entry(0, 1, prompt_tokens=100, completion_tokens=10),
        entry(0, 1, outcome=Outcome.ERROR, prompt_tokens=300, completion_tokens=30),
        entry(0, 1, outcome=Outcome.ERROR),
    ]
    usage, basis = expected_tokens([question_for()] * 3, known)
    assert (usage, basis) == (Usage(600, 60), "answers of this model")
    assert expected_tokens([question_for()], [])[1] == "length of the texts"


def test_tokens_from_a_cache_are_in(question_for: Callable[..., Question]) -> None:
    """What was cached of earlier answers is expected to be cached of the next."""
    known = [entry(0, 1, prompt_tokens=100, metadata={"cache_read_input_tokens": 60})]
    assert expected_tokens([question_for()] * 2, known)[0] == Usage(200, 0, 120, 0)


def test_time_is_of_answers_that_came_one_by_one() -> None:
    """Neither a batch's day nor a refusal's moment says how long an answer takes."""
    known = [
        entry(0, 20),
        entry(0, 40, outcome=Outcome.ERROR, prompt_tokens=5),
        entry(0, 0.01, outcome=Outcome.ERROR),
        replace(entry(0, 86400), verdict=Verdict(Outcome.A, metadata={BATCH_OF_ANSWER: "batch_1"})),
    ]
    assert seconds_of_an_answer(known) == 30
    assert seconds_between_answers(known) == 20
    assert seconds_of_an_answer(known[2:]) is None
    assert seconds_between_answers([]) is None


def test_four_at_a_time_are_no_faster_on_a_busy_server() -> None:
    """Four answers of 80 s at once take as long as four of 20 s in a row, and a pause of an hour counts for nothing."""
    at_once = [entry(0, 80)] * 4
    in_a_row = [entry(20 * n, 20) for n in range(4)]
    later = [entry(3600 + 20 * n, 20) for n in range(4)]
    assert seconds_between_answers(at_once) == seconds_between_answers(in_a_row + later) == 20


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 1e3)), min_size=1, max_size=20))
def test_time_for_each_is_never_longer_than_an_answer(spans: list[tuple[float, float]]) -> None:
    """However questions overlap: the pace is at most the mean time of an answer."""
    known = [entry(start, seconds) for start, seconds in spans]
    pace, each = seconds_between_answers(known), seconds_of_an_answer(known)
    assert pace is not None and each is not None
    assert pace <= each + 1e-5
    assert pace >= 0
    assert pace == pytest.approx(seconds_between_answers(known[::-1]))
