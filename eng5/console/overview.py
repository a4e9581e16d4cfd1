"""How far a run has come, from its files alone."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ValidationError

from eng5.contracts.journal import END_PREFIX
from eng5.contracts.run import RunFile
from eng5.contracts.wire.cj_request import ELSCJAssessmentRequestV1
from eng5.contracts.wire.envelope import EventEnvelope
from eng5.contracts.wire.topics import COMPARISON_RESULT
from eng5.errors import DamagedFileError, InputError
from eng5.files import JsonLines, read_model
from eng5.pages.rendered import files_are_there, pages
from eng5.paths import RunnerPaths
from eng5.runs.registry import ArtefactHead, artefact_head, batch_end
from eng5.runs.state import artefact_alone
from eng5.settings import RunnerSettings

NOT_KNOWN = "not known"
WAITING = "waiting for answers"


@dataclass(frozen=True)
class Overview:
    """A run in one line.

    `callbacks` counts answered requests, each once, or of an artefact that came alone its answers; `expected` is None
    where it is not known. `damage` names the file that cannot be read, and what to do about it.
    """

    name: str
    mode: str
    origin: str
    state: str
    callbacks: int
    expected: int | None
    attempt: int | None
    created_at: str | None
    report: str | None
    damage: str | None = None

    @property
    def progress(self) -> str:
        """ "40 of 66", or the count alone."""
        return f"{self.callbacks} of {self.expected}" if self.expected else str(self.callbacks)


def overview(paths: RunnerPaths, settings: RunnerSettings | None) -> Overview:
    """Look at the run's files; none of them has to be there. Without settings the artefact says what it is."""
    run = _run_file(paths)
    rendered = pages(paths) if files_are_there(paths) else []
    callbacks, expected, damage, head = _callbacks(paths), None, None, None
    try:
        state = _state(paths, rendered=bool(rendered))
        head = artefact_head(paths) if artefact_alone(paths) else None
        if state == WAITING and settings is not None and settings.judged_by_people:
            from eng5.services.people import how_far

            panel = how_far(paths)
            state, callbacks, expected = "waiting for people", panel.done, panel.total or None
        else:
            expected = _expected(paths)
    except DamagedFileError as error:
        state, damage = "damaged", in_one_line(error)
    if head is not None:
        expected = len(head.llm_comparisons)
        callbacks = sum(each.status != "failed" for each in head.llm_comparisons)
    created_at = run.created_at if run else head.metadata.generated_at if head else None
    return Overview(
        name=paths.name,
        mode=settings.mode.value if settings else head.metadata.runner_mode.value if head else NOT_KNOWN,
        origin=settings.origin if settings else _origin(head),
        state=state,
        callbacks=callbacks if expected is None else min(callbacks, expected),
        expected=expected,
        attempt=run.identity.attempt if run else head.metadata.attempt if head else None,
        created_at=created_at.isoformat(timespec="seconds") if created_at else None,
        report=rendered[0] if rendered else None,
        damage=damage,
    )


def _origin(head: ArtefactHead | None) -> str:
    if head is None:
        return NOT_KNOWN
    imported = head.metadata.imported
    if imported is None:
        return "an artefact alone"
    return "comparisons by people" if imported.get("people") else "comparisons of another tool"


def in_one_line(error: DamagedFileError) -> str:
    """File, problem and remedy, for a table or a program."""
    return " ".join(str(error).split())


def _run_file(paths: RunnerPaths) -> RunFile | None:
    try:
        return read_model(paths.run, RunFile)
    except InputError:
        return None


def _state(paths: RunnerPaths, *, rendered: bool) -> str:
    end = batch_end(paths)
    if end is not None and end.end == "failed":
        return "failed"
    if rendered and (end is not None or not paths.events.exists()):
        return "reported"
    if end is not None:
        return "answered"
    for path, state in (
        (paths.published, WAITING),
        (paths.envelope, "composed"),
        (paths.uploads, "uploaded"),
        (paths.run, "made"),
        (paths.artefact, "artefact only"),
    ):
        if path.exists():
            return state
    return "not started"


class _Answered(BaseModel):
    request_id: str


class _Value(BaseModel):
    data: _Answered


class _Callback(BaseModel):
    """As much of a journal line as says which request it answers."""

    value: _Value


def _callbacks(paths: RunnerPaths) -> int:
    """How many requests have an answer: an interrupted stand-in repeats its callbacks."""
    topic = f'"topic": "{COMPARISON_RESULT}"'.encode()
    answered = set()
    for line in JsonLines(paths.events):
        if topic in line[:400] and not line.startswith(END_PREFIX):
            try:
                answered.add(_Callback.model_validate_json(line).value.data.request_id)
            except ValidationError:
                continue
    return len(answered)


class _Request(EventEnvelope):
    data: ELSCJAssessmentRequestV1


def _expected(paths: RunnerPaths) -> int | None:
    from eng5.steps.events import expected_callbacks

    if not paths.envelope.exists():
        return None
    return expected_callbacks(read_model(paths.envelope, _Request))
