"""Runs that people judge: how far they are, and whether the answers can be fetched."""

from __future__ import annotations

from eng5.contracts.run import RunFile
from eng5.errors import PeopleAwaitedError
from eng5.files import read_model
from eng5.judges.human import PanelProgress, PanelRecord
from eng5.paths import RunnerPaths


def how_far(paths: RunnerPaths) -> PanelProgress:
    """The panel of a run that is made."""
    batch = str(read_model(paths.run, RunFile).batch_uuid)
    return PanelRecord(paths.project.stack, batch).read().progress()


def in_words(progress: PanelProgress) -> str:
    """ "31 of 120 comparisons are answered (anna 20 of 40, bo 11 of 40, cy 0 of 40)"."""
    if not progress.quotas:
        return "no comparison is answered"
    each = [f"{name} {progress.answered.get(name, 0)} of {quota}" for name, quota in progress.quotas.items()]
    each += [f"{name} {done}" for name, done in progress.answered.items() if name not in progress.quotas]
    return f"{progress.done} of {progress.total} comparisons are answered ({', '.join(each)})"


def wait_is_over(paths: RunnerPaths) -> None:
    """Return when nothing more is awaited.

    Raises:
        PeopleAwaitedError: says how far the panel is, how to serve its page, and how to go on.
    """
    progress = how_far(paths)
    if not progress.complete:
        raise PeopleAwaitedError(
            f"'{paths.name}' awaits people: {in_words(progress)}",
            remedy=f"`eng5 judge {paths.name}` serves the page on which they answer; when they have, `doit "
            f"report:{paths.name}` goes on from here. `eng5 judge {paths.name} --close` does with what there is",
        )
