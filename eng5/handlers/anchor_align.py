"""Anchor alignment: the anchors alone, sent as students of a guest batch."""

from __future__ import annotations

from eng5.contracts.inventory import Inventory
from eng5.errors import InputError
from eng5.paths import RunnerPaths
from eng5.runs.log import log_validation_state, run_log
from eng5.settings import RunnerSettings


class AnchorAlignHandler:
    """From essays to an alignment report. The request has no assignment; the log keeps the one that was given."""

    def execute(self, settings: RunnerSettings, inventory: Inventory, paths: RunnerPaths) -> int:
        """0, once the mode's end is reached.

        Raises:
            InputError: there are no anchors, or a prompt file is missing or empty.
            Eng5Error: whatever a step refuses.
        """
        from eng5.graph.drive import carry_out

        if not inventory.anchors:
            raise InputError(
                "no anchor essays",
                where=settings.anchors_folder,
                remedy="put graded essays there, or name another folder in ENG5_ANCHOR_DIR_OVERRIDE",
            )
        with run_log(paths, settings) as log:
            log_validation_state(log, settings, inventory, assignment_id=settings.assignment_id, guest=True)
            return carry_out(log, settings, inventory, paths)
