"""The events that end a batch: completed, result, consumption; or failed. Section 4.9 of the contracts."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import BaseModel

from eng5.contracts.wire.assessment_result import AssessmentResultV1, EssayResultV1
from eng5.contracts.wire.base import to_wire, utc_now
from eng5.contracts.wire.envelope import EventEnvelope, SystemProcessingMetadata
from eng5.contracts.wire.outcome import CJAssessmentCompletedV1, CJAssessmentFailedV1, ResourceConsumptionV1
from eng5.contracts.wire.topics import (
    ASSESSMENT_RESULT,
    ASSESSMENT_RESULT_EVENT_TYPE,
    CJ_COMPLETED,
    CJ_FAILED,
    CJ_SERVICE,
    RESOURCE_CONSUMPTION,
)
from eng5.contracts.wire.vocabulary import ConfidenceLabel, ProcessingEvent
from eng5.judges import DEFAULT_MODEL, DEFAULT_PROVIDER
from eng5.stack.cj_core.batch import BatchContent, BatchRecord, BatchRequest
from eng5.stack.cj_core.judging import Judged
from eng5.stack.cj_core.pairing import all_pairs
from eng5.stack.cj_core.projection import Projection

METHOD = "cj_assessment"
SERVICE_TEMPERATURE = 0.1
GRADES_COUNTED = "ABCDEFU"


class Outgoing(NamedTuple):
    """An event, ready to be produced."""

    topic: str
    key: str
    value: bytes
    event_id: uuid.UUID


@dataclass(frozen=True)
class Assessment:
    """A finished batch: scores of the ranked essays, best first, and projected grades."""

    scores: dict[str, float]
    projections: dict[str, Projection]
    judged: Sequence[Judged]


def success_events(
    request: BatchRequest, record: BatchRecord, content: BatchContent, assessment: Assessment
) -> list[Outgoing]:
    """Completed, result and consumption, in the order in which they are sent."""
    finished = record.completed_at or record.started_at
    seconds = round((finished - record.started_at).total_seconds(), 2)
    batch, job = request.batch_id, str(request.job_id)
    return [
        _message(
            request, _completed(request, record, content, assessment, seconds), CJ_COMPLETED, batch, finished
        ),
        _message(
            request,
            _result(request, content, assessment, seconds, finished),
            ASSESSMENT_RESULT,
            job,
            finished,
            event_type=ASSESSMENT_RESULT_EVENT_TYPE,
        ),
        _message(
            request,
            ResourceConsumptionV1(
                **_named(request, finished),
                user_id=request.data.user_id,
                org_id=request.data.org_id,
                resource_type="cj_comparison",
                quantity=len(assessment.judged),
                service_name=CJ_SERVICE,
                processing_id=job,
                consumed_at=finished,
            ),
            RESOURCE_CONSUMPTION,
            batch,
            finished,
        ),
    ]


def failed_event(
    request: BatchRequest,
    error_info: dict[str, Any],
    *,
    job_id: str,
    started_at: datetime | None = None,
    correlation: uuid.UUID | None = None,
) -> Outgoing:
    """The failure; without ``started_at`` it came before the batch began."""
    now = utc_now()
    data = CJAssessmentFailedV1(
        **_named(request, now),
        status="failed_critically",
        system_metadata=SystemProcessingMetadata(
            **_named(request, now),
            processing_stage="failed",
            started_at=started_at,
            completed_at=None if started_at is None else now,
            event=ProcessingEvent.CJ_ASSESSMENT_FAILED.value,
            error_info=error_info,
        ),
        cj_assessment_job_id=job_id,
    )
    return _message(request, data, CJ_FAILED, request.batch_id, now, correlation=correlation)


def _named(request: BatchRequest, when: datetime) -> dict[str, Any]:
    return {"entity_id": request.batch_id, "entity_type": "batch", "timestamp": when}


def _completed(
    request: BatchRequest,
    record: BatchRecord,
    content: BatchContent,
    assessment: Assessment,
    seconds: float,
) -> CJAssessmentCompletedV1:
    students = [source.essay_id for source in content.essays if not source.is_anchor]
    scored = [essay_id for essay_id in assessment.scores if essay_id in set(students)]
    missed = [essay_id for essay_id in students if essay_id not in assessment.scores]
    named = _named(request, record.completed_at or record.started_at)
    return CJAssessmentCompletedV1(
        **named,
        status="completed_successfully" if scored else "failed_critically",
        system_metadata=SystemProcessingMetadata(
            **named,
            processing_stage="completed",
            started_at=record.started_at,
            completed_at=record.completed_at,
            event=ProcessingEvent.CJ_ASSESSMENT_COMPLETED.value,
        ),
        cj_assessment_job_id=str(request.job_id),
        processing_summary={
            "total_essays": len(students),
            "successful": len(scored),
            "failed": len(missed),
            "successful_essay_ids": scored,
            "failed_essay_ids": missed,
            "processing_time_seconds": seconds,
            "single_essay_batch": len(students) == 1,
        },
    )


def _result(
    request: BatchRequest,
    content: BatchContent,
    assessment: Assessment,
    seconds: float,
    finished: datetime,
) -> AssessmentResultV1:
    anchors = {source.essay_id for source in content.essays if source.is_anchor}
    used = Counter((one.provider, one.model) for one in assessment.judged)
    provider, model = max(used, key=lambda one: used[one]) if used else (DEFAULT_PROVIDER, DEFAULT_MODEL)
    return AssessmentResultV1(
        **_named(request, finished),
        batch_id=request.batch_id,
        cj_assessment_job_id=str(request.job_id),
        assignment_id=request.data.assignment_id,
        assessment_method=METHOD,
        model_used=model,
        model_provider=provider,
        essay_results=[
            _essay_result(essay_id, score, rank, essay_id in anchors, assessment.projections.get(essay_id))
            for rank, (essay_id, score) in enumerate(assessment.scores.items(), start=1)
        ],
        assessment_metadata={
            "anchor_essays_used": len(anchors),
            "calibration_method": "anchor" if anchors else "default",
            "anchor_grade_distribution": dict.fromkeys(GRADES_COUNTED, 0) if anchors else {},
            "comparison_count": all_pairs(len(assessment.scores)),
            "processing_duration_seconds": seconds,
            "llm_temperature": SERVICE_TEMPERATURE,
            "assignment_id": request.data.assignment_id,
            "course_code": request.data.course_code,
        },
        assessed_at=finished,
    )


def _essay_result(
    essay_id: str, score: float, rank: int, is_anchor: bool, projection: Projection | None
) -> EssayResultV1:
    return EssayResultV1(
        essay_id=essay_id,
        normalized_score=projection.normalized if projection else 0.0,
        letter_grade=projection.letter if projection else "U",
        confidence_score=projection.confidence if projection else 0.0,
        confidence_label=projection.label if projection else ConfidenceLabel.LOW,
        bt_score=score,
        rank=rank,
        is_anchor=is_anchor,
        display_name="ANCHOR GRADE U" if is_anchor else None,
    )


def _message(
    request: BatchRequest,
    data: BaseModel,
    topic: str,
    key: str,
    when: datetime,
    *,
    event_type: str | None = None,
    correlation: uuid.UUID | None = None,
) -> Outgoing:
    event_id = uuid.uuid5(request.namespace, topic)
    envelope = EventEnvelope(
        data=data,
        event_type=event_type or topic,
        source_service=CJ_SERVICE,
        event_id=event_id,
        correlation_id=correlation or request.envelope.correlation_id,
        event_timestamp=when,
        metadata={},
    )
    return Outgoing(topic, key, to_wire(envelope), event_id)
