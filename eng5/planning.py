"""The plan of several runs, for people: a table, and what stands behind its numbers."""

from __future__ import annotations

from collections.abc import Iterable

from eng5.console.tables import show_table
from eng5.contracts.run import RunnerMode
from eng5.paths import ProjectPaths
from eng5.services.connect import estimator
from eng5.settings import RunnerSettings

__all__ = ["say_plan"]


def say_plan(project: ProjectPaths, runs: Iterable[RunnerSettings]) -> None:
    """Print one line a run; runs of the command line that wait for the platform's own anchors are left out."""
    from eng5.console.plan import COLUMNS, NUMBERS, build, row

    planned = [
        build(project, settings, estimator(project, settings.platform))
        for settings in runs
        if settings.mode is not RunnerMode.EXECUTE
    ]
    show_table(COLUMNS, [row(one) for one in planned], right=NUMBERS)
    for one in planned:
        for note in one.estimate.notes if one.estimate else ():
            print(f"{one.run}: {note}")  # noqa: T201
    print(  # noqa: T201
        "Kept: verdicts in the ledger. Tokens, cost and time are of the calls. Width: of tau's 95 % interval, for a "
        "judge with tau about 0.85."
    )
