import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from eng5.judges.ledger import Entry
from eng5.judges.protocol import Outcome, Verdict
from eng5.judges.question import Question, Setting, ShownEssay
from eng5.stack.cj_core.batch import BatchRequest
from eng5.stack.cj_core.batch_comparisons import PlannedComparison
from eng5.stack.cj_core.callback import callback, correlation_id

ASKED = datetime(2026, 1, 1, 12, tzinfo=UTC)
VERDICT = Verdict(
    Outcome.B, confidence=3.5, justification="Why.", prompt_tokens=7, completion_tokens=2, cost_usd=0.5
)
QUESTION = Question(Setting("mock", "surface"), ShownEssay("a", "Text a."), ShownEssay("b", "Text b."))
COMPARISON = PlannedComparison(4, "a", "b", 1, listed=False)


@pytest.fixture
def request_(bench: Any) -> BatchRequest:
    return BatchRequest.parse(bench.request({}, batch="3fa1b2c4-0000-4000-8000-000000000000"))


def sent(request: BatchRequest, verdict: Verdict = VERDICT, batch: str | None = None) -> dict[str, Any]:
    finished = ASKED + timedelta(milliseconds=1610)
    entry = Entry(
        "q" * 64, 1, batch or request.batch_id, "a", "b", "mock", "surface", ASKED, finished, verdict
    )
    message = callback(request, COMPARISON, QUESTION, entry)
    assert message == callback(request, COMPARISON, QUESTION, entry)
    event: dict[str, Any] = json.loads(message)
    return event


def test_callback_is_a_function_of_request_and_entry(request_: BatchRequest) -> None:
    """Times, tokens and cost are the entry's, so a resumed batch sends the same bytes."""
    event = sent(request_)
    data = event["data"]
    assert (data["winner"], data["confidence"], data["response_time_ms"]) == ("Essay B", 3.5, 1610)
    assert data["token_usage"] == {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}
    assert (data["cost_estimate"], event["event_timestamp"]) == (0.5, "2026-01-01T12:00:01.610000Z")
    assert event["correlation_id"] == data["correlation_id"] == str(correlation_id(request_, COMPARISON))


def test_ids_differ_between_comparisons(request_: BatchRequest) -> None:
    """The same pair at another position is another comparison."""
    other = replace(COMPARISON, position=5)
    assert correlation_id(request_, other) != correlation_id(request_, COMPARISON)


def test_reused_verdict_is_marked(request_: BatchRequest) -> None:
    """A verdict that another batch asked for says so; the batch's own does not."""
    assert sent(request_, batch="another")["data"]["request_metadata"]["verdict_reused"] is True
    assert "verdict_reused" not in sent(request_)["data"]["request_metadata"]


def test_long_justification_is_shortened(request_: BatchRequest) -> None:
    """500 characters travel; a longer text ends with an ellipsis."""
    whole = sent(request_, replace(VERDICT, justification="x" * 500))["data"]["justification"]
    short = sent(request_, replace(VERDICT, justification="x" * 501))["data"]["justification"]
    assert (whole, short) == ("x" * 500, "x" * 499 + "…")


def test_a_models_raw_answer_travels(request_: BatchRequest) -> None:
    """Up to 2000 characters of it; a judge that wrote none has none."""
    metadata = sent(request_, replace(VERDICT, extra={"raw_text": "x" * 2001}))["data"]["request_metadata"]
    assert metadata["raw_answer"] == "x" * 2000
    assert "raw_answer" not in sent(request_)["data"]["request_metadata"]


def test_error_keeps_its_code(request_: BatchRequest) -> None:
    """A failed comparison carries the judge's code and message, and no winner."""
    verdict = Verdict(Outcome.ERROR, error_code="LLM_PROVIDER_TIMEOUT", error_message="no answer in 30 s")
    data = sent(request_, verdict)["data"]
    assert (data["winner"], data["error_detail"]["error_code"]) == (None, "LLM_PROVIDER_TIMEOUT")
    assert data["error_detail"]["message"] == "no answer in 30 s"
