"""Step `artefact`: fold the journal into what was asked and what came back. Pure, and so replayable for ever."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from eng5.contracts.artefact import (
    Artefact,
    Inputs,
    Metadata,
    PromptText,
    ServiceScore,
    Validation,
)
from eng5.contracts.failures import batch_failure, batch_remedy
from eng5.contracts.inventory import Inventory, InventoryFile
from eng5.contracts.own import with_fields_of
from eng5.contracts.run import RegisteredAnchor, RunFile, TextFile
from eng5.contracts.stored import chunks
from eng5.contracts.wire.assessment_result import AssessmentResultV1
from eng5.contracts.wire.cj_request import ELSCJAssessmentRequestV1
from eng5.contracts.wire.envelope import EventEnvelope
from eng5.files import JsonLines, file_size, read_model, sha256_file, write_chunks
from eng5.paths import RunnerPaths
from eng5.steps.events import error_info, expected_callbacks
from eng5.steps.folding import KINDS, Folded, fold
from eng5.steps.rows import Rows


def build(
    run: RunFile,
    inventory: Inventory,
    envelope: EventEnvelope | None,
    folded: Folded,
    manifest: list[InventoryFile],
) -> Artefact:
    """The artefact without its checksum; comparisons in an order that does not depend on arrival."""
    request = envelope.data_as(ELSCJAssessmentRequestV1) if envelope else None
    unlisted, missing = _unlisted_and_missing(request, folded.rows)
    failed = error_info(folded.failed.model_dump(mode="json")) if folded.failed else None
    return Artefact(
        metadata=_metadata(run, request),
        inputs=with_fields_of(inventory, Inputs),
        llm_comparisons=folded.rows.ordered(),
        bt_summary=_scores(folded.result, folded.rows, inventory, run.registered_anchors),
        costs=folded.rows.costs(run.planned),
        validation=Validation(
            artefact_checksum="",
            manifest=manifest,
            complete=folded.end is not None and folded.end.end == "completed",
            batch_status=_status(run, folded),
            failure=None if failed is None else batch_failure(failed),
            remedy=None if failed is None else batch_remedy(failed),
            observed={kind: folded.observed[kind] for kind in KINDS.values()},
            duplicates=folded.duplicates,
            unlisted=unlisted,
            missing=missing,
            expected=expected_callbacks(envelope) if envelope else None,
            quarantined=folded.quarantined,
            answer_formats=sorted(folded.answer_formats),
            cut_off=folded.cut_off,
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
    write_chunks(paths.artefact, with_checksum(artefact))


def with_checksum(artefact: Artefact) -> Iterator[bytes]:
    """The artefact's bytes, piece by piece, with their checksum filled in."""
    field_of_checksum, digest = b'"artefact_checksum": "', hashlib.sha256()
    held = b""
    for chunk in chunks(artefact, "llm_comparisons"):
        digest.update(chunk)
        yield held
        held = chunk
    # The last piece has the field; no text can look like it, for quotes in texts are escaped.
    yield held.replace(field_of_checksum, field_of_checksum + digest.hexdigest().encode(), 1)


def _manifest(paths: RunnerPaths) -> list[InventoryFile]:
    files = [paths.run, paths.inventory, paths.uploads, paths.envelope, paths.published, paths.events]
    return [_entry(path) for path in files if path.exists()]


def _entry(path: Path) -> InventoryFile:
    return InventoryFile(path=path.name, bytes=file_size(path), sha256=sha256_file(path))


def _metadata(run: RunFile, request: ELSCJAssessmentRequestV1 | None) -> Metadata:
    identity = run.identity
    overrides = request.llm_config_overrides if request else None
    return with_fields_of(
        identity,
        Metadata,
        runner_mode=identity.mode,
        batch_uuid=run.batch_uuid,
        generated_at=run.created_at,
        timestamp=run.timestamp,
        runner_version=run.runner_version,
        git_sha=run.git_sha,
        git_dirty=run.git_dirty,
        system_prompt=_sent(identity.system_prompt, overrides.system_prompt_override if overrides else None),
        rubric=_sent(identity.rubric, overrides.judge_rubric_override if overrides else None),
    )


def _sent(file: TextFile | None, text: str | None) -> PromptText | None:
    return PromptText(path=file.path, sha256=file.sha256, text=text) if file and text is not None else None


def _unlisted_and_missing(request: ELSCJAssessmentRequestV1 | None, rows: Rows) -> tuple[int, int]:
    """How many callbacks were not asked for, and how many listed comparisons have none; 0 without a list."""
    if request is None or request.pre_specified_comparisons is None:
        return 0, 0
    wanted = Counter((one.essay_a_id, one.essay_b_id) for one in request.pre_specified_comparisons)
    got = rows.met()
    return (got - wanted).total(), (wanted - got).total()


def _status(run: RunFile, folded: Folded) -> Literal["completed", "failed", "partial", "not published"]:
    if folded.failed is not None:
        return "failed"
    if folded.end is not None:
        return "completed"
    return "partial" if run.use_kafka else "not published"


def _scores(
    result: AssessmentResultV1 | None,
    rows: Rows,
    inventory: Inventory,
    registered: list[RegisteredAnchor],
) -> list[ServiceScore]:
    if result is None:
        return []
    counts = rows.decided()
    grades = {essay.essay_id: essay.grade for essay in inventory.anchors}
    for one in result.essay_results:
        for anchor in registered:
            if one.is_anchor and one.essay_id.startswith(anchor.essay_prefix):
                grades[one.essay_id] = anchor.grade
    return [
        with_fields_of(
            one,
            ServiceScore,
            confidence_label=one.confidence_label.value,
            comparison_count=counts[one.essay_id],
            anchor_grade=grades.get(one.essay_id),
        )
        for one in sorted(result.essay_results, key=lambda one: (one.rank, one.essay_id))
    ]
