"""Step `run`: freeze who the run is. The only step that reads a clock."""

from __future__ import annotations

import platform as machine
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args
from uuid import UUID, uuid5

import eng5
from eng5.contracts.estimate import Spending
from eng5.contracts.inventory import Inventory
from eng5.contracts.judge_code import JudgeStatement
from eng5.contracts.own import with_fields_of
from eng5.contracts.run import MOST_COMPARISONS, ListedPair, RegisteredAnchor, RunFile, RunIdentity, TextFile
from eng5.contracts.wire.vocabulary import CourseCode, Language
from eng5.errors import InputError
from eng5.essays.language import prompts_in_another
from eng5.essays.pairs import listed_pairs
from eng5.files import model_bytes, read_model, read_text, sha256_bytes, sha256_text, write_model
from eng5.paths import ProjectPaths, RunnerPaths
from eng5.runs.attempts import archive, bring_back, differences, last_attempt
from eng5.runs.registry import batch_end
from eng5.settings import RunnerSettings

ERROR_RATE = 0.05
"""Probability that early stopping stops any pair whose essays the judge does not tell apart."""
NAMESPACE = UUID("9d3f5c52-52b7-4f0c-9a0e-3c1c8a4f6e05")


def build(
    settings: RunnerSettings,
    project: ProjectPaths,
    inventory: Inventory,
    *,
    attempt: int = 1,
    own_judge: JudgeStatement | None = None,
) -> RunIdentity:
    """Who this run is: its settings, and the hashes of the texts that decide the verdicts.

    `own_judge` is what a judge that is not eng5's own says of itself.

    A boundary test is its pairs of anchors: their names are resolved here, and other anchors decide nothing.
    """
    if settings.platform.stack == "external":
        _check_known("course code", settings.course_code, get_args(CourseCode))
        _check_known("language", settings.language, get_args(Language))
    boundary = listed_pairs(settings.boundary, inventory) if settings.boundary else None
    refuse_endless(boundary or [])
    return with_fields_of(
        settings,
        RunIdentity,
        attempt=attempt,
        stack=settings.platform.stack,
        own_judge=own_judge,
        system_prompt=_prompt_file(settings.system_prompt, project.root, "system prompt"),
        rubric=_prompt_file(settings.rubric, project.root, "rubric"),
        boundary=boundary,
        pairs_of=_prompt_file(settings.pairs_of, project.root, "artefact"),
        sequential=ERROR_RATE if settings.boundary and settings.boundary.sequential else None,
        essays_sha256=_essays_sha256(settings, inventory, boundary),
    )


def prompt_notices(settings: RunnerSettings) -> list[str]:
    """Which prompts are in another language than the essays: it may be meant, so it is said and not refused."""
    files = {"system prompt": settings.system_prompt, "rubric": settings.rubric}
    texts = {name: read_text(path) if path else None for name, path in files.items()}
    return prompts_in_another(texts, settings.language)


def batch_uuid(identity: RunIdentity) -> UUID:
    """uuid5 of the identity: the same run has the same batch, a deliberate repeat another."""
    return uuid5(NAMESPACE, sha256_bytes(model_bytes(identity)))


def compose(
    settings: RunnerSettings,
    project: ProjectPaths,
    identity: RunIdentity,
    created_at: datetime,
    registered_anchors: Sequence[RegisteredAnchor] = (),
) -> RunFile:
    """The file's content: the identity, and how and where the run was made."""
    changes = _git(project.root, "status", "--porcelain", "--", ".")
    return RunFile(
        origin=settings.origin,
        identity=identity,
        batch_uuid=batch_uuid(identity),
        created_at=created_at,
        **_circumstances(settings),
        fresh_verdicts=settings.fresh_verdicts,
        anchors_folder=project_path(settings.anchors_folder, project.root),
        registered_anchors=list(registered_anchors),
        runner_version=eng5.__version__,
        git_sha=_git(project.root, "rev-parse", "HEAD") or None,
        git_dirty=None if changes is None else bool(changes),
        python=machine.python_version(),
        platform=machine.platform(),
    )


def run(
    paths: RunnerPaths,
    settings: RunnerSettings,
    inventory: Inventory,
    *,
    registered_anchors: Sequence[RegisteredAnchor] = (),
    plan: Callable[[RunFile], Spending | None] = lambda run_file: None,
    own_judge: JudgeStatement | None = None,
) -> None:
    """Write 00_run.json for the inputs that `inventory` names, or leave it when it says the same.

    A run of experiments.toml whose inputs changed becomes a new batch: the earlier chain is kept whole under
    `attempts/`, and comes back when the inputs are again what they were. A batch that the platform failed is kept
    too and gets the next attempt number, as does a run that was asked for afresh. Addresses and the time to wait
    may change until all answers are there. `plan` says what a new batch will ask and cost.

    Raises:
        InputError: a run of the command line whose inputs changed, unless it was asked for afresh. Nothing is
            changed then.
    """
    current = read_model(paths.run, RunFile) if paths.run.exists() else None
    attempt = attempt_of(paths, settings)
    identity = build(settings, paths.project, inventory, attempt=attempt, own_judge=own_judge)
    if current and identity == current.identity:
        if batch_end(paths) is None:
            write_model(paths.run, current.model_copy(update=_circumstances(settings)))
        return
    if current and current.origin == "command-line" and identity.attempt == current.identity.attempt:
        raise InputError(
            f"batch id '{settings.batch_id}' is taken by a run with other inputs or settings "
            f"({differences(current.identity, identity)})",
            where=paths.run,
            remedy="choose another --batch-id, or ask for a new attempt with --fresh",
        )
    created_at = _unused_second(paths, current)
    if current:
        registered_anchors = registered_anchors or current.registered_anchors
    archive(paths, current)
    if bring_back(paths, identity):
        return
    composed = compose(settings, paths.project, identity, created_at, registered_anchors)
    write_model(paths.run, composed.model_copy(update={"planned": plan(composed)}))


def attempt_of(paths: RunnerPaths, settings: RunnerSettings) -> int:
    """The number of the attempt that the run's next command makes or goes on with."""
    current = read_model(paths.run, RunFile) if paths.run.exists() else None
    before = last_attempt(paths)
    attempt = current.identity.attempt if current else max(1, before)
    if (current or before) and (settings.fresh or settings.fresh_verdicts or batch_failed(paths)):
        return max(attempt, before) + 1
    return attempt


def _circumstances(settings: RunnerSettings) -> dict[str, Any]:
    """Where the services are and how the run is waited for: no part of what the run is."""
    return {
        "content_service_url": settings.platform.content_service_url,
        "cj_service_url": settings.platform.cj_service_url,
        "kafka_bootstrap": settings.platform.kafka_bootstrap,
        "await_completion": settings.await_completion,
        "use_kafka": settings.use_kafka,
        "completion_timeout": settings.completion_timeout,
    }


def batch_failed(paths: RunnerPaths) -> bool:
    """The platform gave the batch up; asking again needs a new attempt."""
    end = batch_end(paths)
    return end is not None and end.end == "failed"


def project_path(path: Path, root: Path) -> str:
    """`path` relative to the project, with forward slashes; as it is when outside of it."""
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return path.as_posix()


def refuse_endless(boundary: Sequence[ListedPair]) -> None:
    """InputError where pairs would be asked too often: a slip in a number would keep a judge busy for days."""
    asked = 2 * sum(pair.iterations for pair in boundary)
    if asked > MOST_COMPARISONS:
        raise InputError(
            f"{len(boundary)} pairs would be asked {asked:,} times; {MOST_COMPARISONS:,} are the most",
            remedy="lower iterations, or name fewer pairs",
        )


def _check_known(what: str, name: str, known: Sequence[str]) -> None:
    """Courses and languages are open; the platform has a list of its own."""
    if name not in known:
        raise InputError(
            f"the platform knows no {what} '{name}'",
            remedy=f"use one of: {', '.join(known)}; the stand-in takes any",
        )


def _prompt_file(path: Path | None, root: Path, what: str) -> TextFile | None:
    if path is None:
        return None
    text = read_text(path)
    if not text.strip():
        raise InputError(f"the {what} is empty", where=path, remedy=f"write the {what} into it")
    return TextFile(path=project_path(path, root), sha256=sha256_text(text))


def _essays_sha256(
    settings: RunnerSettings, inventory: Inventory, boundary: Sequence[ListedPair] | None
) -> str:
    """Over id and text of all that is sent, and grades.csv where the judge knows the grades."""
    if settings.mode.about.sends == "students":
        lines = [f"{student.essay_id} {student.text_sha256}" for student in inventory.students]
        others = [] if settings.assignment_id else [inventory.prompt]
    else:
        asked = (
            None if boundary is None else {name for pair in boundary for name in (pair.higher, pair.lower)}
        )
        lines = [
            f"{anchor.essay_id} {anchor.text_sha256}"
            for anchor in inventory.anchors
            if asked is None or anchor.anchor_id in asked
        ]
        others = [inventory.grades] if settings.judge.model == "simulated" else []
    lines += [f"{Path(file.path).name}  {file.sha256}" for file in others if file is not None]
    return sha256_text("\n".join(sorted(lines)))


def _unused_second(paths: RunnerPaths, current: RunFile | None) -> datetime:
    """Now, or the next second that no attempt has: the reports' names carry seconds."""
    taken = {folder.name[:15] for folder in paths.attempts.glob("*/")}
    if current:
        taken.add(current.timestamp)
    moment = datetime.now(UTC)
    while moment.strftime("%Y%m%d_%H%M%S") in taken:
        moment += timedelta(seconds=1)
    return moment


def _git(root: Path, *arguments: str) -> str | None:
    """What git says in a folder; None without git, or where the folder is not under it."""
    try:
        answer = subprocess.run(  # noqa: S603 - no argument is anybody's but ours
            ["git", *arguments],  # noqa: S607 - whichever git the user has
            cwd=root,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None
