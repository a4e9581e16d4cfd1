"""The journal, read: one row a request id, the end of the batch, and what could not be read.

Nothing here depends on the order of the lines or on how often one is repeated.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, NotRequired, TypeVar

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from eng5.contracts.artefact import Quarantined
from eng5.contracts.failures import cause_of
from eng5.contracts.journal import END_PREFIX, JournalEnd, JournalLine
from eng5.contracts.wire.assessment_result import AssessmentResultV1
from eng5.contracts.wire.base import WireModel
from eng5.contracts.wire.comparison_result import LLMComparisonResultV1
from eng5.contracts.wire.envelope import BaseEventData, EventEnvelope
from eng5.contracts.wire.outcome import CJAssessmentCompletedV1, CJAssessmentFailedV1
from eng5.contracts.wire.topics import ASSESSMENT_RESULT, CJ_COMPLETED, CJ_FAILED, COMPARISON_RESULT
from eng5.contracts.wire.vocabulary import Winner
from eng5.files import parse_model
from eng5.steps.rows import BLANK, Row, Rows

Event = TypeVar("Event", bound=BaseEventData)
Data = TypeVar("Data", bound=WireModel)
Topic = TypeVar("Topic", bound=str)


# What is only read here is a dictionary, which takes half the time of a model.
class RequestMetadata(TypedDict):
    """What the fold needs of `request_metadata`; without both essays a callback says nothing."""

    essay_a_id: str
    essay_b_id: str
    comparison_index: NotRequired[int | None]
    prompt_sha256: NotRequired[str | None]
    verdict_reused: NotRequired[bool]
    raw_answer: NotRequired[Any]
    cost_known: NotRequired[bool]
    answer_format: NotRequired[Any]
    answers_cut_off: NotRequired[Any]


class Tie(BaseModel):
    """`error_detail.details` of a verdict that named no winner."""

    outcome: Literal["tie"]
    confidence: float | None = Field(default=None, ge=1, le=5)
    justification: str | None = None


class Callback(LLMComparisonResultV1):
    request_metadata: RequestMetadata  # type: ignore[assignment]


class Envelope(EventEnvelope, Generic[Data]):
    data: Data


class Line(TypedDict, Generic[Topic, Data]):
    topic: Topic
    value: Envelope[Data]


AnyLine = (
    Line[Literal["huleedu.llm_provider.comparison_result.v1"], Callback]
    | Line[Literal["huleedu.cj_assessment.completed.v1"], CJAssessmentCompletedV1]
    | Line[Literal["huleedu.cj_assessment.failed.v1"], CJAssessmentFailedV1]
    | Line[Literal["huleedu.assessment.result.published.v1"], AssessmentResultV1]
)
LINE: TypeAdapter[AnyLine] = TypeAdapter(Annotated[AnyLine, Field(discriminator="topic")])

KINDS = {
    COMPARISON_RESULT: "llm_comparisons",
    CJ_COMPLETED: "completions",
    CJ_FAILED: "failures",
    ASSESSMENT_RESULT: "assessment_results",
}


@dataclass
class Folded:
    """What a journal says. `observed` counts by kind without duplicates."""

    rows: Rows
    completed: CJAssessmentCompletedV1 | None = None
    failed: CJAssessmentFailedV1 | None = None
    result: AssessmentResultV1 | None = None
    observed: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    quarantined: list[Quarantined] = field(default_factory=list)
    end: JournalEnd | None = None
    answer_formats: set[str] = field(default_factory=set)
    cut_off: int = 0

    def note_answer(self, metadata: RequestMetadata) -> None:
        """How an answer was constrained, and whether it was cut off."""
        if isinstance(how := metadata.get("answer_format"), str):
            self.answer_formats.add(how[:80])
        self.cut_off += bool(metadata.get("answers_cut_off"))


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """A fold makes many objects and no cycle; looking for cycles would take half of its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def fold(lines: Iterable[bytes], journal: Path) -> Folded:
    """Read the journal lines, which lie in `journal`.

    Of several messages with one identity that differ, the earliest (then the first by content) stands.

    Raises:
        DamagedFileError: a line that is no journal line.
    """
    folded = Folded(Rows(journal.parent))
    with _without_garbage_collection():
        for line in lines:
            if line.startswith(END_PREFIX):
                folded.end = parse_model(line, JournalEnd, journal)
            else:
                _take(folded, line, journal)
    folded.quarantined.sort(key=lambda one: (one.topic, one.partition, one.offset, one.reason))
    return folded


def _take(folded: Folded, line: bytes, journal: Path) -> None:
    try:
        entry = LINE.validate_json(line)
    except ValidationError as error:
        folded.quarantined.append(_quarantined(line, error, journal))
        return
    event = entry["value"].data
    if isinstance(event, Callback):
        known = not folded.rows.add(_row(event))
        if not known:
            folded.note_answer(event.request_metadata)
    elif isinstance(event, CJAssessmentCompletedV1):
        known = folded.completed is not None
        folded.completed = _first(folded.completed, event)
    elif isinstance(event, CJAssessmentFailedV1):
        known = folded.failed is not None
        folded.failed = _first(folded.failed, event)
    else:
        known = folded.result is not None
        folded.result = _first(folded.result, event)
    if known:
        folded.duplicates += 1
    else:
        folded.observed[KINDS[entry["topic"]]] += 1


def _first(kept: Event | None, event: Event) -> Event:
    """The one whose content comes first; times that a reader filled in are not content."""
    if kept is None:
        return event
    return min(kept, event, key=lambda one: one.model_dump_json(exclude={"timestamp", "assessed_at"}))


def _row(callback: Callback) -> Row:
    metadata, usage, error = callback.request_metadata, callback.token_usage, callback.error_detail
    a, b, raw_answer = metadata["essay_a_id"], metadata["essay_b_id"], metadata.get("raw_answer")
    row = BLANK | {
        "request_id": callback.request_id,
        "correlation_id": callback.correlation_id,
        "comparison_index": metadata.get("comparison_index"),
        "status": "succeeded",
        "essay_a_id": a,
        "essay_b_id": b,
        "confidence": callback.confidence,
        "justification": callback.justification,
        "raw_answer": raw_answer if isinstance(raw_answer, str) else None,
        "provider": str(callback.provider),
        "model": callback.model,
        "prompt_hash": metadata.get("prompt_sha256"),
        "reused": metadata.get("verdict_reused", False),
        "tokens_prompt": usage.prompt_tokens,
        "tokens_completion": usage.completion_tokens,
        "cost_usd": callback.cost_estimate if metadata.get("cost_known", True) else None,
        "started_at": callback.requested_at,
        "completed_at": callback.completed_at,
    }
    if error is None:
        row["winner_id"], row["loser_id"] = (a, b) if callback.winner is Winner.ESSAY_A else (b, a)
    elif (tie := _tie(error.details)) is not None:
        row |= {"status": "tie", "confidence": tie.confidence, "justification": tie.justification}
    else:
        row |= {
            "status": "failed",
            "failure_reason": error.message,
            "failure_cause": cause_of(error.error_code, error.details.get("cause")),
            "error_code": error.error_code,
        }
    return row


def _tie(details: dict[str, Any]) -> Tie | None:
    try:
        return Tie.model_validate(details)
    except ValidationError:
        return None


def _quarantined(line: bytes, error: ValidationError, journal: Path) -> Quarantined:
    entry = parse_model(line, JournalLine, journal)
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"][1:])
    read = "value" in entry.model_fields_set
    reason = f"{place}: {first['msg']}" if read else "not one line of JSON"
    return Quarantined(topic=entry.topic, partition=entry.partition, offset=entry.offset, reason=reason)
