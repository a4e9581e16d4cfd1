"""The callback for a comparison, made from the request and the ledger's entry and nothing else.

So the same comparison always gives the same bytes, however often a batch is taken up again.
"""

import uuid
from datetime import datetime
from typing import Any

from eng5.contracts.wire.base import to_wire
from eng5.contracts.wire.comparison_result import (
    MAX_JUSTIFICATION,
    OWN_PROVIDERS,
    LLMComparisonResultV1,
    TokenUsage,
)
from eng5.contracts.wire.envelope import ErrorDetail, EventEnvelope
from eng5.contracts.wire.topics import COMPARISON_RESULT_EVENT_TYPE, LLM_SERVICE
from eng5.contracts.wire.vocabulary import Winner
from eng5.judges import Outcome, Verdict
from eng5.judges.ledger import Entry
from eng5.judges.question import Question
from eng5.stack.cj_core.batch import BatchRequest
from eng5.stack.cj_core.batch_comparisons import PlannedComparison

WINNERS = {Outcome.A: Winner.ESSAY_A, Outcome.B: Winner.ESSAY_B}
TIE_CODE = "INVALID_RESPONSE"
UNNAMED_ERROR_CODE = "PROCESSING_ERROR"
MAX_DETAIL = 2000
"""Characters of a text in the details of an error; the ledger keeps all of it."""


def correlation_id(request: BatchRequest, comparison: PlannedComparison) -> uuid.UUID:
    """The comparison's own correlation id."""
    return _id(request, comparison, "correlation")


def event_id(request: BatchRequest, comparison: PlannedComparison) -> uuid.UUID:
    """The id of the comparison's callback event."""
    return _id(request, comparison, "event")


def callback(request: BatchRequest, comparison: PlannedComparison, question: Question, entry: Entry) -> bytes:
    """The bytes of the callback event."""
    verdict = entry.verdict
    correlation = correlation_id(request, comparison)
    winner = WINNERS.get(verdict.outcome)
    ours = entry.provider in OWN_PROVIDERS
    justification = verdict.justification if ours else verdict.justification or ""
    result = LLMComparisonResultV1(
        request_id=str(_id(request, comparison, "request")),
        correlation_id=correlation,
        winner=winner,
        justification=_shortened(justification) if winner and justification is not None else None,
        confidence=verdict.confidence if winner else None,
        error_detail=None if winner else _error(verdict, entry.completed_at, correlation),
        provider=entry.provider,
        model=entry.model,
        response_time_ms=round((entry.completed_at - entry.requested_at).total_seconds() * 1000),
        token_usage=TokenUsage(
            prompt_tokens=verdict.prompt_tokens,
            completion_tokens=verdict.completion_tokens,
            total_tokens=verdict.prompt_tokens + verdict.completion_tokens,
        ),
        cost_estimate=verdict.cost_usd or 0.0,
        requested_at=entry.requested_at,
        completed_at=entry.completed_at,
        request_metadata=_metadata(request, comparison, question, entry),
    )
    return to_wire(
        EventEnvelope(
            data=result,
            event_type=COMPARISON_RESULT_EVENT_TYPE,
            source_service=LLM_SERVICE,
            event_id=event_id(request, comparison),
            correlation_id=correlation,
            event_timestamp=entry.completed_at,
        )
    )


def _id(request: BatchRequest, comparison: PlannedComparison, kind: str) -> uuid.UUID:
    name = f"{kind}:{comparison.position}:{comparison.essay_a_id}:{comparison.essay_b_id}"
    return uuid.uuid5(request.namespace, name)


def _error(verdict: Verdict, when: datetime, correlation: uuid.UUID) -> ErrorDetail:
    """An error; a tie too, because the wire has no word for it."""
    tie = verdict.outcome is Outcome.TIE
    details: dict[str, Any] = {"outcome": verdict.outcome.value}
    details |= {
        name: value[:MAX_DETAIL] if isinstance(value, str) else value for name, value in verdict.extra.items()
    }
    if tie:
        details |= {"confidence": verdict.confidence, "justification": verdict.justification}
    return ErrorDetail.model_validate(
        {
            "error_code": TIE_CODE if tie else verdict.error_code or UNNAMED_ERROR_CODE,
            "message": "the judge called it a tie" if tie else verdict.error_message or "no verdict",
            "correlation_id": correlation,
            "timestamp": when,
            "service": LLM_SERVICE,
            "operation": "judge_comparison",
            "details": details,
        }
    )


def _metadata(
    request: BatchRequest, comparison: PlannedComparison, question: Question, entry: Entry
) -> dict[str, Any]:
    setting = question.setting
    metadata: dict[str, Any] = {
        "essay_a_id": comparison.essay_a_id,
        "essay_b_id": comparison.essay_b_id,
        "bos_batch_id": request.batch_id,
        "cj_batch_id": str(request.job_id),
        "cj_source": "els",
        "cj_request_type": "cj_comparison",
    }
    for name in ("reasoning_effort", "output_verbosity"):
        if (value := getattr(setting, name)) is not None:
            metadata[name] = value
    metadata |= {
        "resolved_provider": entry.provider,
        "queue_processing_mode": "per_request",
        "resolved_model": entry.model,
        "prompt_sha256": question.prompt_sha256,
        "question_sha256": entry.question_sha256,
        "repetition": entry.repetition,
        **entry.verdict.metadata,
    }
    if raw := entry.verdict.extra.get("raw_text"):
        metadata["raw_answer"] = str(raw)[:MAX_DETAIL]
    if entry.verdict.cost_usd is None:
        metadata["cost_known"] = False
    if comparison.listed:
        metadata["comparison_index"] = comparison.position
    if entry.batch != request.batch_id:
        metadata["verdict_reused"] = True
    if entry.verdict.outcome is Outcome.TIE:
        metadata["outcome"] = Outcome.TIE.value
    return metadata


def _shortened(justification: str) -> str:
    """The justification within the wire's limit; the ledger keeps all of it."""
    if len(justification) <= MAX_JUSTIFICATION:
        return justification
    return justification[: MAX_JUSTIFICATION - 1] + "…"
