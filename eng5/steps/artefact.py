"""Step `artefact`: fold the journal into what was asked and what came back. Pure, and so replayable for ever."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from eng5.contracts.artefact import (
    Artefact,
    Comparison,
    Costs,
    Inputs,
    Metadata,
    PromptText,
    ServiceScore,
    TokenCount,
    Validation,
)
from eng5.contracts.inventory import Inventory, InventoryFile
from eng5.contracts.run import RegisteredAnchor, RunFile, TextFile
from eng5.contracts.wire.assessment_result import AssessmentResultV1
from eng5.contracts.wire.cj_request import ELSCJAssessmentRequestV1
from eng5.contracts.wire.envelope import EventEnvelope
from eng5.files import JsonLines, model_bytes, read_bytes, read_model, sha256_bytes, write_bytes
from eng5.paths import RunnerPaths
from eng5.steps.events import failure_reason
from eng5.steps.folding import KINDS, Folded, fold, without_garbage_collection

COMPARISONS = TypeAdapter(list[Comparison])


def build(
    run: RunFile,
    inventory: Inventory,
    envelope: EventEnvelope | None,
    folded: Folded,
    manifest: list[InventoryFile],
) -> Artefact:
    """The artefact without its checksum; comparisons in an order that does not depend on arrival."""
    request = envelope.data_as(ELSCJAssessmentRequestV1) if envelope else None
    comparisons = _comparisons(folded)
    unlisted, missing = _unlisted_and_missing(request, comparisons)
    return Artefact(
        metadata=_metadata(run, request),
        inputs=Inputs(
            instructions=inventory.instructions,
            prompt=inventory.prompt,
            anchors=inventory.anchors,
            students=inventory.students,
            grade_notices=inventory.grade_notices,
        ),
        llm_comparisons=comparisons,
        bt_summary=_scores(folded.result, comparisons, inventory, run.registered_anchors),
        costs=_costs(comparisons),
        validation=Validation(
            artefact_checksum="",
            manifest=manifest,
            complete=folded.end is not None and folded.end.end == "completed",
            batch_status=_status(run, folded),
            failure=failure_reason(folded.failed.model_dump(mode="json")) if folded.failed else None,
            observed={kind: folded.observed[kind] for kind in KINDS.values()},
            duplicates=folded.duplicates,
            unlisted=unlisted,
            missing=missing,
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
        read_model(paths.envelope, EventEnvelope),
        fold(JsonLines(paths.events), paths.events),
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


def _comparisons(folded: Folded) -> list[Comparison]:
    rows = sorted(
        folded.rows.values(),
        key=lambda row: (
            row["comparison_index"] or 0,
            row["essay_a_id"],
            row["essay_b_id"],
            row["request_id"],
        ),
    )
    for sequence, row in enumerate(rows, start=1):
        row["sequence"] = sequence
    with without_garbage_collection():
        return COMPARISONS.validate_python(rows)


def _unlisted_and_missing(
    request: ELSCJAssessmentRequestV1 | None, comparisons: list[Comparison]
) -> tuple[int, int]:
    """How many callbacks were not asked for, and how many listed comparisons have none; 0 without a list."""
    if request is None or request.pre_specified_comparisons is None:
        return 0, 0
    wanted = Counter((one.essay_a_id, one.essay_b_id) for one in request.pre_specified_comparisons)
    got = Counter((one.essay_a_id, one.essay_b_id) for one in comparisons)
    return (got - wanted).total(), (wanted - got).total()


def _status(run: RunFile, folded: Folded) -> Literal["completed", "failed", "partial", "not published"]:
    if folded.failed is not None:
        return "failed"
    if folded.end is not None:
        return "completed"
    return "partial" if run.use_kafka else "not published"


def _scores(
    result: AssessmentResultV1 | None,
    comparisons: list[Comparison],
    inventory: Inventory,
    registered: list[RegisteredAnchor],
) -> list[ServiceScore]:
    if result is None:
        return []
    decided = [one for one in comparisons if one.status == "succeeded"]
    counts = Counter(essay for one in decided for essay in (one.essay_a_id, one.essay_b_id))
    grades = {essay.essay_id: essay.grade for essay in inventory.anchors}
    for one in result.essay_results:
        for anchor in registered:
            if one.is_anchor and one.essay_id.startswith(anchor.essay_prefix):
                grades[one.essay_id] = anchor.grade
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
