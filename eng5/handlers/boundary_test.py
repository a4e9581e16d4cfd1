"""Boundary test: listed pairs of anchors across grade boundaries, in both orders, many times."""

from __future__ import annotations

from eng5.contracts.inventory import Inventory
from eng5.errors import InputError
from eng5.essays.pairs import listed_pairs, turns
from eng5.paths import RunnerPaths
from eng5.runs.log import log_validation_state, run_log
from eng5.settings import RunnerSettings


class BoundaryTestHandler:
    """From the names of pairs to a boundary report. The request has no assignment, as in anchor alignment."""

    def execute(self, settings: RunnerSettings, inventory: Inventory, paths: RunnerPaths) -> int:
        """0, once the mode's end is reached.

        Raises:
            InputError: no pairs are named, a name fits no anchor or several, or the budget is too small.
            Eng5Error: whatever a step refuses.
        """
        from eng5.graph.drive import carry_out

        if settings.boundary is None:
            raise InputError(
                "no pairs to compare",
                where="--mode boundary-test",
                remedy="give --boundary-pairs HIGHER:LOWER, --boundary-grades HIGHER:LOWER or --all-adjacent",
            )
        pairs = listed_pairs(settings.boundary, inventory)
        comparisons = len(turns(pairs))
        if settings.max_comparisons is not None and settings.max_comparisons < comparisons:
            raise InputError(
                f"--max-comparisons {settings.max_comparisons} is less than the {comparisons} listed comparisons",
                remedy="raise it, or list fewer pairs or iterations",
            )
        grades = {str(anchor.anchor_id): anchor.grade for anchor in inventory.anchors}
        with run_log(paths, settings) as log:
            log_validation_state(log, settings, inventory, assignment_id=settings.assignment_id, guest=True)
            for pair in pairs:
                log.say(
                    f"Pair: {pair.higher} ({grades[pair.higher]}) and {pair.lower} ({grades[pair.lower]}), "
                    f"{pair.iterations} times in each order"
                )
            log.say(f"Listed comparisons: {comparisons}", comparisons=comparisons)
            return carry_out(log, settings, inventory, paths)
