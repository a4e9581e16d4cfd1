"""Plan: show what is there. No network, no broker."""

from __future__ import annotations

from eng5.console.tables import show_table
from eng5.contracts.inventory import Inventory, InventoryFile
from eng5.paths import RunnerPaths
from eng5.runs.log import RunLog, log_validation_state, run_log
from eng5.settings import RunnerSettings


class PlanHandler:
    """Prints and logs the inventory."""

    def execute(self, settings: RunnerSettings, inventory: Inventory, paths: RunnerPaths) -> int:
        """Always 0: an inventory that cannot be made is refused before."""
        with run_log(paths, settings) as log:
            log.say(f"Grade scale {inventory.grade_scale}")
            for name, file in (
                ("Instructions", inventory.instructions),
                ("Prompt", inventory.prompt),
                ("Grades", inventory.grades),
            ):
                _say_file(log, name, file)
            anchors = len(inventory.anchors)
            log.say(f"\nAnchors: {anchors}, {anchors * (anchors - 1) // 2} pairs")
            show_table(
                ("Anchor", "Grade", "From", "Words", "File"),
                [
                    (one.anchor_id, one.grade, one.grade_source, one.words, one.path)
                    for one in inventory.anchors
                ],
                right=("Words",),
            )
            for text in inventory.grade_notices:
                log.say(f"Note: {text}")
            log.say(f"\nStudents: {len(inventory.students)}")
            show_table(
                ("Student", "Words", "File"),
                [(one.essay_id, one.words, one.path) for one in inventory.students],
                right=("Words",),
            )
            _say_plan(log, settings, paths)
            log_validation_state(log, settings, inventory)
        return 0


def _say_plan(log: RunLog, settings: RunnerSettings, paths: RunnerPaths) -> None:
    """What the runs of experiments.toml would ask and cost."""
    from eng5.console.plan import say_plan
    from eng5.runs.registry import load_runs
    from eng5.settings import load_experiments

    if paths.project.experiments.exists():
        log.say("\nWhat the runs would ask and cost:")
        say_plan(paths.project, load_runs(paths.project, load_experiments(paths.project)).values())


def _say_file(log: RunLog, name: str, file: InventoryFile | None) -> None:
    log.say(f"{name}: {'missing' if file is None else f'{file.path} ({file.bytes} bytes)'}")
