"""The fold: order and repetition of the lines change nothing, and no line stops it."""

from __future__ import annotations

import gc
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eng5.contracts.journal import JournalEnd, Message, end_line, message_line
from eng5.contracts.wire.topics import (
    ASSESSMENT_RESULT,
    CJ_COMPLETED,
    CJ_FAILED,
    COMPARISON_RESULT,
    RESULT_TOPICS,
)
from eng5.errors import DamagedFileError
from eng5.steps.folding import Folded, fold
from tests.messages import EXAMPLES, SAMPLE_BATCH, callback, completed, failed, raw, result

JOURNAL = Path("45_events.jsonl")


def line(topic: str, document: dict[str, Any] | bytes, place: int = 0) -> bytes:
    """The journal line of a message."""
    value = document if isinstance(document, bytes) else raw(document)
    return message_line("cluster-1", Message(topic, place % 3, place, None, value))


def a_callback(number: int, **changes: Any) -> bytes:
    return line(COMPARISON_RESULT, callback(SAMPLE_BATCH, number=number, **changes), number)


def folded(*lines: bytes) -> Folded:
    return fold(lines, JOURNAL)


def without_counts(one: Folded) -> tuple[object, ...]:
    return list(one.rows.ordered()), one.completed, one.failed, one.result, one.observed, one.end


CALLBACKS = st.builds(
    a_callback,
    st.integers(0, 6),
    winner=st.sampled_from(["Essay A", "Essay B"]),
    confidence=st.sampled_from([1.0, 3.5]),
    completed_at=st.sampled_from(["2025-12-02T09:00:07Z", "2025-12-02T09:00:09Z"]),
)
FINALS = [
    line(CJ_COMPLETED, completed(SAMPLE_BATCH)),
    line(ASSESSMENT_RESULT, result(SAMPLE_BATCH)),
    line(CJ_FAILED, failed(SAMPLE_BATCH)),
    line(CJ_FAILED, failed(SAMPLE_BATCH, "stuck_timeout")),
    line(COMPARISON_RESULT, b"not JSON"),
    end_line(JournalEnd(end="completed", cluster="cluster-1", read_to={})),
]


@given(st.lists(CALLBACKS | st.sampled_from(FINALS), max_size=12), st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(lines: list[bytes], source: random.Random) -> None:
    """Shuffled and with any of its lines repeated, even where two of one request differ, a journal says the same."""
    again = lines + source.choices(lines, k=5) if lines else []
    source.shuffle(again)
    assert without_counts(folded(*again)) == without_counts(folded(*lines))


def test_duplicates_are_counted_by_themselves() -> None:
    """Three deliveries of a callback and two of each final event: one of each is observed, the rest are duplicates."""
    lines = [a_callback(1)] * 3 + [line(CJ_COMPLETED, completed(SAMPLE_BATCH))] * 2
    found = folded(*lines, *[line(ASSESSMENT_RESULT, result(SAMPLE_BATCH))] * 2)
    assert dict(found.observed) == {"llm_comparisons": 1, "completions": 1, "assessment_results": 1}
    assert found.duplicates == 4


def test_the_earliest_answer_to_a_request_stands() -> None:
    """Two answers to one request that differ: the one that was completed first, in whatever order they came."""
    first = a_callback(1, winner="Essay B", completed_at="2025-12-02T09:00:07Z")
    second = a_callback(1, winner="Essay A", completed_at="2025-12-02T09:00:08Z")
    for lines in ((first, second), (second, first)):
        (row,) = folded(*lines).rows.ordered()
        assert row.winner_id == "student::ANCHOR_ESSAY_ENG_5_D298E687"


@pytest.mark.parametrize(("winner", "expected"), [("Essay A", ("a", "b")), ("Essay B", ("b", "a"))])
def test_a_verdict(winner: str, expected: tuple[str, str]) -> None:
    """Winner and loser are the essays that were shown in those places."""
    (row,) = folded(a_callback(1, winner=winner, first="a", second="b")).rows.ordered()
    assert (row.winner_id, row.loser_id) == expected
    assert (row.essay_a_id, row.essay_b_id, row.status) == ("a", "b", "succeeded")


def test_the_fields_of_a_verdict() -> None:
    """Everything that the artefact keeps comes from the callback as it is."""
    (row,) = folded(a_callback(7, metadata={"comparison_index": 3})).rows.ordered()
    assert {key: str(value) for key, value in row if value is not None} == {
        "sequence": "1",
        "request_id": "request-00007",
        "correlation_id": callback(SAMPLE_BATCH, number=7)["correlation_id"],
        "comparison_index": "3",
        "status": "succeeded",
        "essay_a_id": "student::ANCHOR_ESSAY_ENG_5_78DB411E",
        "essay_b_id": "student::ANCHOR_ESSAY_ENG_5_D298E687",
        "winner_id": "student::ANCHOR_ESSAY_ENG_5_78DB411E",
        "loser_id": "student::ANCHOR_ESSAY_ENG_5_D298E687",
        "confidence": "4.0",
        "justification": "Essay A is better organised and controls grammar more securely.",
        "provider": "openai",
        "model": "gpt-5.1",
        "prompt_hash": "a6cb16ad440201f0823f82a5028096e48026d30d4aecfa6ebf51f2107df0eb80",
        "reused": "False",
        "tokens_prompt": "1445",
        "tokens_completion": "54",
        "cost_usd": "0.022485",
        "started_at": "2025-12-02 09:00:05.100000+00:00",
        "completed_at": "2025-12-02 09:00:07.490000+00:00",
    }


def test_an_error_is_no_verdict() -> None:
    """An error callback has no winner, and says why."""
    (row,) = folded(a_callback(1, kind="error")).rows.ordered()
    assert row.status == "failed"
    assert (row.failure_reason, row.error_code) == (
        "OpenAI API call failed: HTTP 503",
        "EXTERNAL_SERVICE_ERROR",
    )
    assert row.winner_id is None and row.confidence is None


def tie(**details: Any) -> bytes:
    document = callback(SAMPLE_BATCH, number=1, kind="error")
    document["data"]["error_detail"]["details"] = details
    return line(COMPARISON_RESULT, document)


def test_a_tie_is_no_verdict_and_no_error() -> None:
    """A verdict without a winner keeps its confidence and its reason."""
    (row,) = folded(tie(outcome="tie", confidence=2.0, justification="Equal.")).rows.ordered()
    assert (row.status, row.confidence, row.justification) == ("tie", 2.0, "Equal.")
    assert row.winner_id is None and row.error_code is None


@pytest.mark.parametrize(
    "details", [{"outcome": "tie", "confidence": "sure"}, {"outcome": "tie", "confidence": 9}, {}]
)
def test_what_is_no_tie_is_an_error(details: dict[str, Any]) -> None:
    """Details that are not those of a tie leave the callback an error."""
    (row,) = folded(tie(**details)).rows.ordered()
    assert row.status == "failed"


def test_an_unknown_price_is_no_price() -> None:
    """A judge whose price is not known costs None, not 0; a reused verdict says so."""
    (row,) = folded(a_callback(1, metadata={"cost_known": False, "verdict_reused": True})).rows.ordered()
    assert row.cost_usd is None
    assert row.reused is True


@pytest.mark.parametrize(("sent", "kept"), [('{"winner": …', '{"winner": …'), (7, None), (None, None)])
def test_a_raw_answer_is_kept_where_it_is_text(sent: object, kept: str | None) -> None:
    """What another service calls so, and is no text, loses nobody's verdict."""
    (row,) = folded(a_callback(1, metadata={"raw_answer": sent})).rows.ordered()
    assert (row.status, row.raw_answer) == ("succeeded", kept)


UNREADABLE: list[tuple[dict[str, Any] | bytes, str]] = [
    (b"\xff\x00", "not one line of JSON"),
    (raw(callback(SAMPLE_BATCH))[:300], "not one line of JSON"),
    (b"{}", "value.event_type: Field required"),
    (b"[]", "value: Input should be an object"),
    (callback(SAMPLE_BATCH, winner="essay_a"), "value.data.winner: Input should be"),
    (callback(SAMPLE_BATCH, winner=None), "value.data: Value error, a callback carries either"),
    (
        callback(SAMPLE_BATCH, confidence=5.5),
        "value.data.confidence: Input should be less than or equal to 5",
    ),
    (callback(SAMPLE_BATCH, confidence=None), "value.data: Value error, a winner comes with"),
    (
        callback(SAMPLE_BATCH, token_usage={"prompt_tokens": 2**63}),
        "value.data.token_usage.prompt_tokens: Input should be less than or equal to 1000000000",
    ),
    (
        callback(SAMPLE_BATCH, cost_estimate=1e308),
        "value.data.cost_estimate: Input should be less than or equal to 1000000",
    ),
    (callback(SAMPLE_BATCH, justification="x" * 501), "value.data.justification: String should have at most"),
    (callback(SAMPLE_BATCH, provider="azure"), "value.data.provider: Input should be 'anthropic'"),
    (callback(SAMPLE_BATCH, completed_at="yesterday"), "value.data.completed_at"),
    (callback(SAMPLE_BATCH, cost_estimate=-1), "value.data.cost_estimate"),
    (callback(SAMPLE_BATCH, request_id=7), "value.data.request_id: Input should be a valid string"),
    (callback(SAMPLE_BATCH, metadata={"essay_a_id": None}), "value.data.request_metadata.essay_a_id"),
    (callback(SAMPLE_BATCH, metadata={"comparison_index": "first"}), "request_metadata.comparison_index"),
    (callback(SAMPLE_BATCH, metadata={"prompt_sha256": 7}), "request_metadata.prompt_sha256"),
    (raw(callback(SAMPLE_BATCH)).replace(b"essay_a_id", b"essay_x_id"), "essay_a_id: Field required"),
    (raw(callback(SAMPLE_BATCH)).replace(b"0.022485", b"1e999"), "value.data.cost_estimate"),
]


@pytest.mark.parametrize(("value", "reason"), UNREADABLE)
def test_what_cannot_be_read_is_quarantined(value: dict[str, Any] | bytes, reason: str) -> None:
    """Topic, place and reason are kept, and the rest of the journal is read."""
    found = folded(a_callback(1), line(COMPARISON_RESULT, value, 5), a_callback(2))
    (one,) = found.quarantined
    assert (one.topic, one.partition, one.offset) == (COMPARISON_RESULT, 2, 5)
    assert reason in one.reason
    assert len(found.rows) == 2


def test_a_verdict_on_several_lines() -> None:
    """JSON that another platform indents says the same."""
    plain = callback(SAMPLE_BATCH, number=1)
    indented = line(COMPARISON_RESULT, json.dumps(plain, indent=2).encode())
    found = folded(indented)
    assert list(found.rows.ordered()) == list(folded(line(COMPARISON_RESULT, plain)).rows.ordered())
    assert not found.quarantined


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_the_platforms_samples(path: Path) -> None:
    """Every sample of a result topic is read on its topic, and quarantined on any other; no sample stops the fold."""
    topics = {
        "llm_provider_comparison_result": COMPARISON_RESULT,
        "cj_assessment_completed": CJ_COMPLETED,
        "cj_assessment_failed": CJ_FAILED,
        "assessment_result_published": ASSESSMENT_RESULT,
    }
    own = topics.get(path.stem.split(".")[0])
    for topic in RESULT_TOPICS:
        found = folded(line(topic, json.loads(path.read_text(encoding="utf-8"))))
        alike = {CJ_COMPLETED, CJ_FAILED}
        readable = topic == own or (topic == CJ_FAILED and own == CJ_COMPLETED)
        if {topic, own} != alike:
            assert len(found.quarantined) == (0 if readable else 1), topic


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("tie"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
PLACES = st.lists(st.integers(0, 30), min_size=1, max_size=5)


@settings(max_examples=300)
@given(
    st.sampled_from(
        [
            (COMPARISON_RESULT, callback(SAMPLE_BATCH)),
            (COMPARISON_RESULT, callback(SAMPLE_BATCH, kind="error")),
            (CJ_COMPLETED, completed(SAMPLE_BATCH)),
            (CJ_FAILED, failed(SAMPLE_BATCH)),
            (ASSESSMENT_RESULT, result(SAMPLE_BATCH)),
        ]
    ),
    PLACES,
    JSON,
)
def test_no_message_stops_the_fold(
    message: tuple[str, dict[str, Any]], place: list[int], value: object
) -> None:
    """A sample with any value in any one place is read or quarantined."""
    topic, document = message
    found = folded(line(topic, altered(document, place, value)))
    assert len(found.quarantined) + sum(found.observed.values()) == 1


def altered(document: Any, place: list[int], value: object) -> Any:
    """A copy with `value` where the path of child numbers leads."""
    if not place or not isinstance(document, dict | list) or not document:
        return value
    first, *rest = place
    if isinstance(document, list):
        chosen = first % len(document)
        return [altered(one, rest, value) if n == chosen else one for n, one in enumerate(document)]
    key = list(document)[first % len(document)]
    return document | {key: altered(document[key], rest, value)}


def test_a_line_that_is_no_journal_line_is_named() -> None:
    """A damaged journal is an error with file and remedy."""
    with pytest.raises(DamagedFileError) as caught:
        folded(a_callback(1), b'{"topic": "t"}')
    assert caught.value.where == str(JOURNAL)
    with pytest.raises(DamagedFileError):
        folded(b'{"end":"maybe"}')


def test_the_collector_is_on_again() -> None:
    """The fold pauses the garbage collector, also when it ends with an error."""
    with pytest.raises(DamagedFileError):
        folded(b"{}")
    assert gc.isenabled()
