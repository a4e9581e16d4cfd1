"""Execute: students against the anchors that the CJ service owns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eng5.contracts.grade_scales import GradeScale, scale_of
from eng5.contracts.inventory import Inventory
from eng5.contracts.run import RegisteredAnchor, RunFile
from eng5.contracts.wire.cj_admin_api import CANONICAL_ORIGIN, Instructions
from eng5.environment import credentials
from eng5.errors import InputError, PreflightError
from eng5.files import read_model
from eng5.paths import RunnerPaths
from eng5.runs.log import RunLog, log_validation_state, run_log
from eng5.runs.registry import batch_end
from eng5.settings import RunnerSettings

if TYPE_CHECKING:
    from eng5.clients.cj_admin import CJAdminClient


@dataclass(frozen=True)
class Assignment:
    """What the CJ service says about the assignment."""

    instructions: Instructions
    anchors: list[RegisteredAnchor]


class ExecuteHandler:
    """Checks the assignment at the CJ service, then sends the students and waits for their grades."""

    def execute(self, settings: RunnerSettings, inventory: Inventory, paths: RunnerPaths) -> int:
        """0, once the mode's end is reached.

        Raises:
            InputError: instructions or students are missing, or the prompt in a run without an assignment.
            PreflightError: the assignment is not as it has to be, or the token is refused.
            ServiceError: the CJ service cannot be reached or answers nonsense.
            Eng5Error: whatever a step refuses.
        """
        from eng5.graph.drive import carry_out
        from eng5.services.connect import services_of

        _require_inputs(settings, inventory, paths)
        with run_log(paths, settings) as log:
            log_validation_state(log, settings, inventory, assignment_id=settings.assignment_id)
            if settings.assignment_id is None:
                return carry_out(log, settings, inventory, paths)
            if _has_its_answers(settings, paths):
                scale = read_model(paths.run, RunFile).identity.grade_scale
                return carry_out(log, *_on_scale(scale, settings, inventory), paths)
            with services_of(paths.project, settings.platform).cj_admin(
                credentials(), org_id=settings.org_id
            ) as admin:
                assignment = preflight(settings, settings.assignment_id, admin)
            _say(log, settings, inventory, assignment)
            scale = _scale(assignment_id=settings.assignment_id, name=assignment.instructions.grade_scale)
            if scale.name == settings.grade_scale.name:
                scale = settings.grade_scale
            return carry_out(
                log, *_on_scale(scale, settings, inventory), paths, registered_anchors=assignment.anchors
            )


def preflight(settings: RunnerSettings, assignment_id: str, admin: CJAdminClient) -> Assignment:
    """Ask the CJ service whether the assignment can be used.

    Raises:
        PreflightError: it is unknown, has another grade scale than expected, no prompt or no anchors.
    """
    found = admin.instructions(assignment_id)
    wanted = settings.expected_grade_scale
    if wanted is not None and found.grade_scale != wanted:
        raise PreflightError(
            f"assignment {assignment_id} has the grade scale '{found.grade_scale}', not '{wanted}'",
            remedy="check the assignment id, or change --expected-grade-scale",
        )
    _scale(assignment_id, found.grade_scale)
    if not found.student_prompt_storage_id:
        raise PreflightError(
            f"assignment {assignment_id} has no student prompt at the CJ service",
            remedy=f"store it: `eng5 instructions upsert --assignment-id {assignment_id} --prompt FILE`",
        )
    summary = admin.anchors(assignment_id)
    if not summary.anchor_count:
        others = ", ".join(
            f"{count} in {scale}" for scale, count in summary.anchor_count_by_scale.items() if count
        )
        raise PreflightError(
            f"assignment {assignment_id} has no anchors in the grade scale {found.grade_scale}"
            + (f" (but {others})" if others else ""),
            remedy=f"register them: `eng5 register-anchors {assignment_id}`",
        )
    return Assignment(
        found,
        [
            RegisteredAnchor(id=one.id, label=one.anchor_label, grade=one.grade)
            for one in summary.anchors
            if one.grade_scale == found.grade_scale
        ],
    )


def _scale(assignment_id: str, name: str) -> GradeScale:
    try:
        return scale_of(name)
    except ValueError as error:
        raise PreflightError(
            f"assignment {assignment_id}: {error}", remedy="give the assignment one of these scales"
        ) from None


def _on_scale(
    scale: GradeScale, settings: RunnerSettings, inventory: Inventory
) -> tuple[RunnerSettings, Inventory]:
    """On the assignment's grade scale, which is the service's to say."""
    update = {"grade_scale": scale}
    return settings.model_copy(update=update), inventory.model_copy(update=update)


def _require_inputs(settings: RunnerSettings, inventory: Inventory, paths: RunnerPaths) -> None:
    project = paths.project
    if inventory.instructions is None:
        raise InputError("no instructions", where=project.instructions, remedy="write them into this file")
    if not inventory.students:
        raise InputError("no student essays", where=project.students, remedy="put at least one there")
    if settings.assignment_id is None and inventory.prompt is None:
        raise InputError(
            "no prompt, and no assignment that has one",
            where=project.prompt,
            remedy="write the assignment's text into this file, or give --assignment-id",
        )


def _has_its_answers(settings: RunnerSettings, paths: RunnerPaths) -> bool:
    """Nothing will be asked any more, so nothing has to be checked."""
    end = batch_end(paths)
    return not (settings.fresh or settings.fresh_verdicts) and end is not None and end.end == "completed"


def _say(log: RunLog, settings: RunnerSettings, inventory: Inventory, assignment: Assignment) -> None:
    found = assignment.instructions
    log.say(
        f"Assignment {settings.assignment_id}: {found.grade_scale}, {found.context_origin}, "
        f"{len(assignment.anchors)} anchors",
        grade_scale=found.grade_scale,
        context_origin=found.context_origin,
        anchors=len(assignment.anchors),
    )
    if settings.rubric is not None and found.context_origin == CANONICAL_ORIGIN:
        log.say("Note: the assignment's origin is canonical_national, so the CJ service ignores --rubric")
    if len(inventory.students) == 1:
        log.say("Note: with a single student the CJ service compares nothing; two are the least")
