"""Step `artefact`: fold the journal into what was asked and what came back. Pure, and so replayable for ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from eng5.contracts.artefact import (
    Artefact,
    Comparison,
    Costs,
    Inputs,
    Metadata,
    PromptText,
    Quarantined,
    ServiceScore,
    TokenCount,
    Validation,
)
from eng5.contracts.assessment_result import AssessmentResultV1
from eng5.contracts.cj_completed import CJAssessmentCompletedV1
from eng5.contracts.cj_failed import CJAssessmentFailedV1
from eng5.contracts.cj_request import ELSCJAssessmentRequestV1
from eng5.contracts.comparison_result import LLMComparisonResultV1
from eng5.contracts.enums import Winner
from eng5.contracts.envelope import EventEnvelope, read_envelope
from eng5.contracts.inventory import Inventory, InventoryFile
from eng5.contracts.journal import END_PREFIX, JournalEnd, JournalLine
from eng5.contracts.run import RunFile, TextFile
from eng5.contracts.topics import ASSESSMENT_RESULT, CJ_COMPLETED, CJ_FAILED, COMPARISON_RESULT
from eng5.files import JsonLines, model_bytes, read_bytes, read_model, sha256_bytes, write_bytes
from eng5.paths import RunnerPaths
from eng5.steps.events import failure_reason


class CallbackEnvelope(EventEnvelope):
    data: LLMComparisonResultV1


class CompletedEnvelope(EventEnvelope):
    data: CJAssessmentCompletedV1


class FailedEnvelope(EventEnvelope):
    data: CJAssessmentFailedV1


class ResultEnvelope(EventEnvelope):
    data: AssessmentResultV1


class CallbackLine(BaseModel):
    topic: Literal["huleedu.llm_provider.comparison_result.v1"]
    value: CallbackEnvelope


class CompletedLine(BaseModel):
    topic: Literal["huleedu.cj_assessment.completed.v1"]
    value: CompletedEnvelope


class FailedLine(BaseModel):
    topic: Literal["huleedu.cj_assessment.failed.v1"]
    value: FailedEnvelope


class ResultLine(BaseModel):
    topic: Literal["huleedu.assessment.result.published.v1"]
    value: ResultEnvelope


Line = Annotated[CallbackLine | CompletedLine | FailedLine | ResultLine, Field(discriminator="topic")]
LINE: TypeAdapter[CallbackLine | CompletedLine | FailedLine | ResultLine] = TypeAdapter(Line)

KINDS = {
    COMPARISON_RESULT: "llm_comparisons",
    CJ_COMPLETED: "completions",
    CJ_FAILED: "failures",
    ASSESSMENT_RESULT: "assessment_results",
}


@dataclass
class Folded:
    """The journal, read: one callback a request id, the batch's end, and what could not be read."""

    callbacks: dict[str, LLMComparisonResultV1] = field(default_factory=dict)
    completed: CJAssessmentCompletedV1 | None = None
    failed: CJAssessmentFailedV1 | None = None
    result: AssessmentResultV1 | None = None
    observed: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    quarantined: list[Quarantined] = field(default_factory=list)
    end: JournalEnd | None = None


def fold(lines: Iterable[bytes]) -> Folded:
    """Read journal lines in any order, with any repetition. The first callback of a request id stands."""
    folded = Folded()
    for line in lines:
        if line.startswith(END_PREFIX):
            folded.end = JournalEnd.model_validate_json(line)
            continue
        try:
            entry = LINE.validate_json(line)
        except ValidationError as error:
            folded.quarantined.append(_quarantined(line, error))
            continue
        if isinstance(entry, CallbackLine):
            callback = entry.value.data
            if callback.request_id in folded.callbacks:
                folded.duplicates += 1
                continue
            folded.callbacks[callback.request_id] = callback
        elif isinstance(entry, CompletedLine):
            folded.duplicates += folded.completed is not None
            folded.completed = folded.completed or entry.value.data
        elif isinstance(entry, FailedLine):
            folded.duplicates += folded.failed is not None
            folded.failed = folded.failed or entry.value.data
        else:
            folded.duplicates += folded.result is not None
            folded.result = folded.result or entry.value.data
        folded.observed[KINDS[entry.topic]] += 1
    folded.quarantined.sort(key=lambda one: (one.topic, one.partition, one.offset))
    return folded


def _quarantined(line: bytes, error: ValidationError) -> Quarantined:
    entry = JournalLine.model_validate_json(line)
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"][1:])
    reason = "not one line of JSON" if entry.base64 is not None else f"{place}: {first['msg']}"
    return Quarantined(topic=entry.topic, partition=entry.partition, offset=entry.offset, reason=reason)


def build(
    run: RunFile,
    inventory: Inventory,
    envelope: EventEnvelope | None,
    folded: Folded,
    manifest: list[InventoryFile],
) -> Artefact:
    """The artefact without its checksum; comparisons in an order that does not depend on arrival."""
    request = envelope.data_as(ELSCJAssessmentRequestV1) if envelope else None
    comparisons = _comparisons(folded, request)
    wanted = _listed(request)
    got = Counter((one.essay_a_id, one.essay_b_id) for one in comparisons)
    return Artefact(
        metadata=_metadata(run, request),
        inputs=Inputs(
            instructions=inventory.instructions,
            prompt=inventory.prompt,
            anchors=inventory.anchors,
            students=inventory.students,
        ),
        llm_comparisons=comparisons,
        bt_summary=_scores(folded.result, comparisons, inventory),
        costs=_costs(comparisons),
        validation=Validation(
            artefact_checksum="",
            manifest=manifest,
            complete=folded.end is not None and folded.end.end == "completed",
            batch_status=_status(run, folded),
            failure=failure_reason(folded.failed.model_dump(mode="json")) if folded.failed else None,
            observed={kind: folded.observed[kind] for kind in KINDS.values()},
            duplicates=folded.duplicates,
            unlisted=(got - wanted).total() if wanted is not None else 0,
            missing=(wanted - got).total() if wanted is not None else 0,
            quarantined=folded.quarantined,
            model_used=folded.result.model_used if folded.result else None,
            provider_used=folded.result.model_provider if folded.result else None,
        ),
    )


def run(paths: RunnerPaths) -> None:
    """Read 00 to 45, write 50_artefact.json. Checksum: SHA-256 of the file with the checksum field empty."""
    artefact = build(
        read_model(paths.run, RunFile),
        read_model(paths.inventory, Inventory),
        read_envelope(read_bytes(paths.envelope)),
        fold(JsonLines(paths.events)),
        _manifest(paths),
    )
    write_bytes(paths.artefact, with_checksum(artefact))


def with_checksum(artefact: Artefact) -> bytes:
    """The artefact's bytes with their checksum filled in."""
    blank = model_bytes(artefact)
    field_of_checksum = b'"artefact_checksum": "'
    return blank.replace(field_of_checksum, field_of_checksum + sha256_bytes(blank).encode(), 1)


def _manifest(paths: RunnerPaths) -> list[InventoryFile]:
    files = [paths.run, paths.inventory, paths.uploads, paths.envelope, paths.published, paths.events]
    return [_entry(path) for path in files if path.exists()]


def _entry(path: Path) -> InventoryFile:
    content = read_bytes(path)
    return InventoryFile(path=path.name, bytes=len(content), sha256=sha256_bytes(content))


def _metadata(run: RunFile, request: ELSCJAssessmentRequestV1 | None) -> Metadata:
    identity = run.identity
    overrides = request.llm_config_overrides if request else None
    return Metadata(
        runner_mode=identity.mode,
        batch_id=identity.batch_id,
        batch_uuid=run.batch_uuid,
        attempt=identity.attempt,
        replicate=identity.replicate,
        generated_at=run.created_at,
        timestamp=run.timestamp,
        assignment_id=identity.assignment_id,
        course_id=identity.course_id,
        course_code=identity.course_code,
        language=identity.language,
        grade_scale=identity.grade_scale,
        runner_version=run.runner_version,
        git_sha=run.git_sha,
        judge=identity.judge,
        system_prompt=_sent(identity.system_prompt, overrides.system_prompt_override if overrides else None),
        rubric=_sent(identity.rubric, overrides.judge_rubric_override if overrides else None),
        max_comparisons=identity.max_comparisons,
        boundary=identity.boundary,
        sequential=identity.sequential,
    )


def _sent(file: TextFile | None, text: str | None) -> PromptText | None:
    return PromptText(path=file.path, sha256=file.sha256, text=text) if file and text is not None else None


def _comparisons(folded: Folded, request: ELSCJAssessmentRequestV1 | None) -> list[Comparison]:
    rows = [_row(callback) for callback in folded.callbacks.values()]
    rows.sort(
        key=lambda row: (
            row["comparison_index"] or 0,
            row["essay_a_id"],
            row["essay_b_id"],
            row["request_id"],
        )
    )
    for sequence, row in enumerate(rows, start=1):
        row["sequence"] = sequence
    return [Comparison.model_validate(row) for row in rows]


def _row(callback: LLMComparisonResultV1) -> dict[str, Any]:
    metadata = callback.request_metadata
    a, b = str(metadata.get("essay_a_id", "unknown")), str(metadata.get("essay_b_id", "unknown"))
    error = callback.error_detail
    row: dict[str, Any] = {
        "request_id": callback.request_id,
        "correlation_id": callback.correlation_id,
        "comparison_index": metadata.get("comparison_index"),
        "status": "succeeded",
        "essay_a_id": a,
        "essay_b_id": b,
        "confidence": callback.confidence,
        "justification": callback.justification,
        "provider": callback.provider.value,
        "model": callback.model,
        "prompt_hash": metadata.get("prompt_sha256"),
        "reused": bool(metadata.get("verdict_reused", False)),
        "tokens_prompt": callback.token_usage.prompt_tokens,
        "tokens_completion": callback.token_usage.completion_tokens,
        "cost_usd": None if metadata.get("cost_known") is False else callback.cost_estimate,
        "started_at": callback.requested_at,
        "completed_at": callback.completed_at,
    }
    if callback.winner is not None:
        first = callback.winner is Winner.ESSAY_A
        row |= {"winner_id": a if first else b, "loser_id": b if first else a}
    elif error is not None and error.details.get("outcome") == "tie":
        row |= {
            "status": "tie",
            "confidence": error.details.get("confidence"),
            "justification": error.details.get("justification"),
        }
    elif error is not None:
        row |= {"status": "failed", "failure_reason": error.message, "error_code": error.error_code.value}
    return row


def _listed(request: ELSCJAssessmentRequestV1 | None) -> Counter[tuple[str, str]] | None:
    if request is None or request.pre_specified_comparisons is None:
        return None
    return Counter((one.essay_a_id, one.essay_b_id) for one in request.pre_specified_comparisons)


def _status(run: RunFile, folded: Folded) -> Literal["completed", "failed", "partial", "not published"]:
    if folded.failed is not None:
        return "failed"
    if folded.end is not None:
        return "completed"
    return "partial" if run.use_kafka else "not published"


def _scores(
    result: AssessmentResultV1 | None, comparisons: list[Comparison], inventory: Inventory
) -> list[ServiceScore]:
    if result is None:
        return []
    decided = [one for one in comparisons if one.status == "succeeded"]
    counts = Counter(essay for one in decided for essay in (one.essay_a_id, one.essay_b_id))
    grades = {essay.essay_id: essay.grade for essay in inventory.anchors}
    return [
        ServiceScore(
            essay_id=one.essay_id,
            bt_score=one.bt_score,
            rank=one.rank,
            is_anchor=one.is_anchor,
            letter_grade=one.letter_grade,
            normalized_score=one.normalized_score,
            confidence_score=one.confidence_score,
            confidence_label=one.confidence_label.value,
            comparison_count=counts[one.essay_id],
            anchor_grade=grades.get(one.essay_id),
        )
        for one in sorted(result.essay_results, key=lambda one: (one.rank, one.essay_id))
    ]


def _costs(comparisons: list[Comparison]) -> Costs:
    groups: dict[tuple[str, str], list[Comparison]] = {}
    for one in comparisons:
        groups.setdefault((one.provider, one.model), []).append(one)
    counts = [
        TokenCount(
            provider=provider,
            model=model,
            comparisons=len(group),
            prompt_tokens=sum(one.tokens_prompt for one in group),
            completion_tokens=sum(one.tokens_completion for one in group),
            usd=_sum_known([one.cost_usd for one in group]),
        )
        for (provider, model), group in sorted(groups.items())
    ]
    return Costs(total_usd=_sum_known([one.usd for one in counts]), token_counts=counts)


def _sum_known(values: list[float | None]) -> float | None:
    """The sum rounded to 1e-9 USD; None as soon as one price is unknown."""
    known = [value for value in values if value is not None]
    return round(sum(known), 9) if len(known) == len(values) else None
