"""How far a run has come, from its files alone."""

from __future__ import annotations

from dataclasses import dataclass

from eng5.contracts.envelope import read_envelope
from eng5.contracts.journal import END_PREFIX
from eng5.contracts.run import RunFile
from eng5.contracts.topics import COMPARISON_RESULT
from eng5.errors import InputError
from eng5.files import JsonLines, read_bytes, read_model
from eng5.paths import RunnerPaths
from eng5.rendered import files_are_there, pages
from eng5.runs import batch_end
from eng5.settings import RunnerSettings

__all__ = ["Overview", "overview"]


@dataclass(frozen=True)
class Overview:
    """A run in one line. `callbacks` counts journalled lines; `expected` is None where it is not known."""

    name: str
    mode: str
    origin: str
    state: str
    callbacks: int
    expected: int | None
    attempt: int | None
    created_at: str | None
    report: str | None

    @property
    def progress(self) -> str:
        """ "40 of 66", or the count alone."""
        return f"{self.callbacks} of {self.expected}" if self.expected else str(self.callbacks)


def overview(paths: RunnerPaths, settings: RunnerSettings) -> Overview:
    """Look at the run's files; none of them has to be there."""
    run = _run_file(paths)
    rendered = pages(paths) if files_are_there(paths) else []
    return Overview(
        name=paths.name,
        mode=settings.mode.value,
        origin=settings.origin,
        state=_state(paths, rendered=bool(rendered)),
        callbacks=_callbacks(paths),
        expected=_expected(paths),
        attempt=run.identity.attempt if run else None,
        created_at=run.created_at.isoformat(timespec="seconds") if run else None,
        report=rendered[0] if rendered else None,
    )


def _run_file(paths: RunnerPaths) -> RunFile | None:
    try:
        return read_model(paths.run, RunFile)
    except InputError:
        return None


def _state(paths: RunnerPaths, *, rendered: bool) -> str:
    end = batch_end(paths)
    if end is not None and end.end == "failed":
        return "failed"
    if rendered:
        return "reported"
    if end is not None:
        return "answered"
    for path, state in (
        (paths.published, "waiting for answers"),
        (paths.envelope, "composed"),
        (paths.uploads, "uploaded"),
        (paths.run, "made"),
        (paths.artefact, "artefact only"),
    ):
        if path.exists():
            return state
    return "not started"


def _callbacks(paths: RunnerPaths) -> int:
    topic = f'"topic": "{COMPARISON_RESULT}"'.encode()
    return sum(topic in line[:400] for line in JsonLines(paths.events) if not line.startswith(END_PREFIX))


def _expected(paths: RunnerPaths) -> int | None:
    from eng5.steps.events import expected_callbacks

    if not paths.envelope.exists():
        return None
    return expected_callbacks(read_envelope(read_bytes(paths.envelope)))
