"""How far a run is, by a look at its files: without their contracts, which take longer to load than the look."""

from __future__ import annotations

from eng5.contracts.plain import glance
from eng5.files import JsonLines
from eng5.paths import RunnerPaths


def artefact_alone(paths: RunnerPaths) -> bool:
    """The artefact is here without the answers that it was folded from: it came from elsewhere, is taken as it is,
    and no judge is asked again.
    """
    return paths.artefact.is_file() and not paths.events.exists()


def how_it_ended(paths: RunnerPaths) -> str | None:
    """`completed` or `failed`, as the journal's closing line says; None while answers are still to come.

    Raises:
        DamagedFileError: the closing line is none.
    """
    last = JsonLines(paths.events).last()
    if last is None:
        return None
    how = glance(last, lambda line: line["end"])
    if how in ("completed", "failed"):
        return str(how)
    from eng5.runs.registry import batch_end

    end = batch_end(paths)
    return None if end is None else end.end
