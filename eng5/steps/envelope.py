"""Step `envelope`: the exact request, as it will be published."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid5

from eng5.contracts.artefact import Artefact
from eng5.contracts.dispute import DisputedPairs
from eng5.contracts.inventory import Inventory
from eng5.contracts.run import ListedPair, RunFile, TextFile
from eng5.contracts.uploads import Uploads
from eng5.contracts.wire.base import to_wire
from eng5.contracts.wire.cj_request import (
    ELSCJAssessmentRequestV1,
    EssayProcessingInputRefV1,
    LLMConfigOverrides,
    PreSpecifiedComparison,
)
from eng5.contracts.wire.envelope import (
    EventEnvelope,
    StorageReferenceMetadata,
    SystemProcessingMetadata,
)
from eng5.contracts.wire.topics import CJ_REQUESTED, RUNNER_SERVICE
from eng5.contracts.wire.vocabulary import STUDENT_PROMPT, ProcessingEvent
from eng5.errors import InputError
from eng5.essays.pairs import turns
from eng5.files import parse_model, read_model, read_text, sha256_text, write_bytes
from eng5.paths import RunnerPaths
from eng5.steps.uploads import essays_to_send


def build(
    run: RunFile,
    inventory: Inventory,
    uploads: Uploads,
    *,
    system_prompt: str | None,
    rubric: str | None,
    listed: list[PreSpecifiedComparison] | None = None,
) -> EventEnvelope:
    """The request event. Ids and times come from the run, so the same files give the same bytes.

    `listed` are the comparisons of another run, to be asked again; a boundary test lists its own.

    The anchor modes ask as a guest: no assignment, so no projection and no anchors of the CJ service.
    """
    identity, judge = run.identity, run.identity.judge
    assignment = None if identity.mode.about.sends == "anchors" else identity.assignment_id
    overrides = LLMConfigOverrides(
        provider_override=judge.provider,
        model_override=judge.model,
        temperature_override=judge.temperature,
        max_tokens_override=judge.max_tokens,
        reasoning_effort=judge.reasoning_effort,
        output_verbosity=judge.output_verbosity,
        system_prompt_override=system_prompt,
        judge_rubric_override=rubric,
    )
    named: dict[str, Any] = {
        "entity_id": str(run.batch_uuid),
        "entity_type": "batch",
        "parent_id": assignment,
        "timestamp": run.created_at,
    }
    request = ELSCJAssessmentRequestV1(
        **named,
        system_metadata=SystemProcessingMetadata(
            **named,
            processing_stage="pending",
            event=ProcessingEvent.ELS_CJ_ASSESSMENT_REQUESTED.value,
        ),
        essays_for_cj=[
            EssayProcessingInputRefV1(
                essay_id=essay.essay_id, text_storage_id=uploads.storage_ids[essay.text_sha256]
            )
            for essay in essays_to_send(run, inventory)
        ],
        language=identity.language,
        course_code=identity.course_code,
        student_prompt_ref=_prompt_reference(uploads),
        llm_config_overrides=overrides if overrides != LLMConfigOverrides() else None,
        assignment_id=assignment,
        user_id=identity.user_id,
        org_id=identity.org_id,
        pre_specified_comparisons=listed_comparisons(identity.boundary, inventory)
        if listed is None
        else listed,
    )
    return EventEnvelope(
        data=request,
        event_type=CJ_REQUESTED,
        source_service=RUNNER_SERVICE,
        event_id=uuid5(run.batch_uuid, "event"),
        correlation_id=run.correlation_id,
        event_timestamp=run.created_at,
        metadata=_metadata(run, inventory),
    )


def run(paths: RunnerPaths) -> None:
    """Read 00, 10, 20 and the prompts, write 30_envelope.json: the bytes that will be published."""
    run_file = read_model(paths.run, RunFile)
    envelope = build(
        run_file,
        read_model(paths.inventory, Inventory),
        read_model(paths.uploads, Uploads),
        system_prompt=_prompt(paths, run_file.identity.system_prompt),
        rubric=_prompt(paths, run_file.identity.rubric),
        listed=pairs_of(paths, run_file.identity.pairs_of),
    )
    write_bytes(paths.envelope, to_wire(envelope))


def pairs_of(paths: RunnerPaths, file: TextFile | None) -> list[PreSpecifiedComparison] | None:
    """The comparisons of a dispute, or of an artefact, repeats included, each in the order in which it was shown."""
    text = _prompt(paths, file)
    if file is None or text is None:
        return None
    if Path(file.path).name == paths.disputed.name:
        return disputed_comparisons(parse_model(text.encode(), DisputedPairs, paths.project.root / file.path))
    artefact = parse_model(text.encode(), Artefact, paths.project.root / file.path)
    if not artefact.llm_comparisons:
        raise InputError(
            "no comparison to ask again",
            where=paths.project.root / file.path,
            remedy="name a run with comparisons",
        )
    return [
        PreSpecifiedComparison(essay_a_id=one.essay_a_id, essay_b_id=one.essay_b_id)
        for one in artefact.llm_comparisons
    ]


def disputed_comparisons(disputed: DisputedPairs) -> list[PreSpecifiedComparison]:
    """Each pair as often as it is to be asked, in both orders in turn; which one comes first says nothing."""
    shown = []
    for turn in range(disputed.times):
        for pair in disputed.pairs:
            ids = sorted((pair.one_id, pair.other_id))
            turned = (int(sha256_text("\0".join(ids)), 16) + turn) % 2
            first, second = reversed(ids) if turned else ids
            shown.append(PreSpecifiedComparison(essay_a_id=first, essay_b_id=second))
    return shown


def listed_comparisons(
    boundary: list[ListedPair] | None, inventory: Inventory
) -> list[PreSpecifiedComparison] | None:
    """Each pair `iterations` times in both orders, interleaved over pairs and orders; None without pairs."""
    if boundary is None:
        return None
    ids = {anchor.anchor_id: anchor.essay_id for anchor in inventory.anchors}
    orders = [(ids[pair.higher], ids[pair.lower]) for pair in boundary]
    shown = [orders[turn.pair] if turn.higher_first else orders[turn.pair][::-1] for turn in turns(boundary)]
    return [PreSpecifiedComparison(essay_a_id=first, essay_b_id=second) for first, second in shown]


def _metadata(run: RunFile, inventory: Inventory) -> dict[str, Any]:
    identity, judge, own = run.identity, run.identity.judge, run.identity.own_judge
    metadata = {
        "runner_mode": identity.mode.value,
        "batch_label": identity.batch_id,
        "max_comparisons": identity.max_comparisons,
        "llm_batching_mode_hint": judge.batching_mode,
        "simulated": simulated_parameters(run, inventory) if judge.model == "simulated" else None,
        "replay": judge.replay or None if judge.model == "replay" else None,
        "judge_sha256": own.sha256 if own else None,
        "judge": judge.judge if own else None,
        "replicate": identity.replicate if identity.replicate > 1 else None,
        "max_cost_usd": judge.max_cost_usd,
        "allow_ties": judge.allow_ties or None,
        "adaptive": judge.adaptive or None,
        "fresh_verdicts": run.fresh_verdicts or None,
        "panel": judge.panel.model_dump(mode="json") if judge.panel else None,
        "sequential": stop_rule(identity.boundary, identity.sequential)
        if identity.boundary and identity.sequential is not None
        else None,
    }
    return {name: value for name, value in metadata.items() if value is not None}


def stop_rule(boundary: list[ListedPair], error_rate: float) -> dict[str, Any]:
    """When a service that can should stop asking about a pair; the error rate is shared among the pairs.

    A service that does not know it asks the whole list, which costs more and harms nothing.
    """
    from eng5.stats.sequential import stopping_bounds

    iterations = max(pair.iterations for pair in boundary)
    bounds = stopping_bounds(iterations, error_rate=error_rate / len(boundary))
    return {"error_rate": error_rate, "stop_at_wins": list(bounds)}


def simulated_parameters(run: RunFile, inventory: Inventory) -> dict[str, Any]:
    """The `simulated` judge's parameters; abilities follow the expert grades, `step` apart, where none are given."""
    given: dict[str, Any] = dict(run.identity.judge.simulated or {})
    step = float(given.pop("step", 1.0))
    scale = inventory.grade_scale
    by_grade = {
        essay.essay_id: step * (scale.level(essay.grade) or 0) for essay in inventory.anchors if essay.grade
    }
    by_anchor = {str(essay.anchor_id): essay.essay_id for essay in inventory.anchors}
    wanted = given.pop("abilities", {})
    if unknown := sorted(wanted.keys() - by_anchor.keys() - set(by_anchor.values())):
        raise InputError(
            f"simulated.abilities: no anchor is called {', '.join(unknown)}",
            where="experiments.toml",
            remedy=f"there are {', '.join(sorted(by_anchor))}",
        )
    abilities = {by_anchor.get(name, name): value for name, value in wanted.items()}
    seed = (run.identity.judge.seed or 0) * 1000 + run.identity.replicate
    return {"seed": seed, "abilities": {**by_grade, **abilities}, **given}


def _prompt_reference(uploads: Uploads) -> StorageReferenceMetadata | None:
    if uploads.prompt_storage_id is None:
        return None
    reference = {"storage_id": uploads.prompt_storage_id, "path": ""}
    return StorageReferenceMetadata(references={STUDENT_PROMPT: reference})


def _prompt(paths: RunnerPaths, file: TextFile | None) -> str | None:
    if file is None:
        return None
    path = paths.project.root / file.path
    text = read_text(path)
    if sha256_text(text) != file.sha256:
        raise InputError(
            f"changed since the run was made: {file.sha256} then, {sha256_text(text)} now",
            where=path,
            remedy="run it afresh (--fresh), or put the text back",
        )
    return text
