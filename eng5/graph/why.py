"""Why a run would be done again: every step of its chain, from the first that is stale, with what changed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from doit.dependency import Dependency
from doit.loader import generate_tasks
from doit.task import Task
from doit.tools import config_changed

from eng5.contracts.artefact import Artefact, PromptText
from eng5.contracts.inventory import Essay, Inventory
from eng5.contracts.run import RunFile
from eng5.errors import Eng5Error
from eng5.files import read_model, read_text, relative
from eng5.graph.chain import STEPS
from eng5.graph.code import PACKAGE
from eng5.graph.database import Database
from eng5.graph.graph import Graph
from eng5.graph.tasks import Tasks
from eng5.paths import ProjectPaths, RunnerPaths
from eng5.runs.attempts import differences

CONDITIONS = {
    "has_its_answers": "not all of its answers are journalled yet",
    "not_failed": "the platform gave the batch up; it is asked for again, as the next attempt",
    "files_are_there": "a page under reports/ was changed or removed",
    "exists": "reports/index.html is not there",
}
"""What it means that a condition of a task does not hold, by the name of its function."""
NO_NOTES = "doit has no notes of it: it looks at its files again, and keeps what is current"
MOST_LINES = 40
MOST_NAMES = 5


@dataclass(frozen=True)
class Link:
    """A step of a run's chain: its file, whether it would be done, and why. `follows`: a step before it is stale."""

    step: str
    file: Path
    state: Literal["up to date", "stale", "follows", "not yet made"]
    reasons: tuple[str, ...] = ()


def why(graph: Graph, run: str) -> list[Link]:
    """Every step of a run of the graph, in order; of a panel of variants those from its artefact on."""
    paths, tasks = graph.project.run(run), _tasks(graph)
    notes = _notes(graph)
    links: list[Link] = []
    said: set[str] = set()
    for step, file in zip(STEPS, paths.chain(), strict=True):
        task = tasks.get(f"{step}:{run}")
        if task is None:
            continue
        found = reasons_of(task, tasks, notes, graph.project) if notes else (NO_NOTES,)
        reasons = tuple(reason for reason in found if reason not in said)
        said.update(reasons)
        follows = any(link.state != "up to date" for link in links)
        if not file.exists():
            links.append(Link(step, file, "not yet made"))
        elif reasons and not (follows and step in ("uploads", "published", "events")):
            links.append(Link(step, file, "stale", (*reasons, *_changes(graph, run, step))))
        else:
            links.append(Link(step, file, "follows" if follows else "up to date"))
    return links


def reasons_of(
    task: Task, tasks: Mapping[str, Task], notes: Dependency, project: ProjectPaths
) -> tuple[str, ...]:
    """In words why doit would do this one task; nothing when it would not."""
    status = notes.get_status(task, tasks, get_log=True)
    if status.status == "up-to-date":
        return ()
    if notes._get(task.name, "deps:") is None:
        return (NO_NOTES,)
    found = status.reasons
    changed = set(found.get("changed_file_dep", ())) - set(found.get("added_file_dep", ()))
    said = [f"{relative(Path(path), project.root)} is not there" for path in found.get("missing_target", ())]
    said += _files(changed, "changed", project)
    for kind, words in (
        ("added_file_dep", "is new"),
        ("removed_file_dep", "is gone"),
        ("missing_file_dep", "is not there"),
    ):
        said += _files(found.get(kind, ()), words, project)
    for condition, _, _ in found.get("uptodate_false", ()):
        said.append(_condition(condition))
    return tuple(dict.fromkeys(filter(None, said)))


def _tasks(graph: Graph) -> dict[str, Task]:
    made, tasks = Tasks(graph), {}
    for step in STEPS:
        for task in generate_tasks(step, getattr(made, f"task_{step}")()):
            tasks[task.name] = task
    return tasks


def _notes(graph: Graph) -> Dependency | None:
    """What doit remembers; None before its first run. Nothing is written."""
    file = Path(graph.config["dep_file"])
    return Dependency(Database, str(file)) if file.exists() else None


def _files(paths: Iterable[str], words: str, project: ProjectPaths) -> Iterator[str]:
    """Each file of the study, and the files of the package together."""
    every = sorted(map(Path, paths))
    code = [path.relative_to(PACKAGE).as_posix() for path in every if path.is_relative_to(PACKAGE)]
    yield from (
        f"{relative(path, project.root)} {words}" for path in every if not path.is_relative_to(PACKAGE)
    )
    if code:
        more = f" and {len(code) - MOST_NAMES} more" if len(code) > MOST_NAMES else ""
        yield f"the code of eng5 changed: {', '.join(code[:MOST_NAMES])}{more}"


def _condition(condition: Any) -> str:
    if isinstance(condition, config_changed):
        return "its settings changed"
    function = condition.func if isinstance(condition, partial) else condition
    return CONDITIONS.get(getattr(function, "__name__", ""), "it is asked for each time")


def _changes(graph: Graph, run: str, step: str) -> Iterator[str]:
    """What the change of the inputs means for a frozen run: the texts and grades that differ, and the batch."""
    if step != "identity":
        return
    paths = graph.project.run(run)
    try:
        yield from _changed_lines(paths)
        if paths.inventory.exists():
            yield from _changed_essays(read_model(paths.inventory, Inventory), graph.found(run))
        yield _batch(graph, paths)
    except Eng5Error as error:
        yield f"it cannot be frozen: {error}"


def _batch(graph: Graph, paths: RunnerPaths) -> str:
    from eng5.steps import run as step

    before = read_model(paths.run, RunFile).identity
    settings, found = graph.runs[paths.name], graph.found(paths.name)
    after = step.build(settings, graph.project, found, attempt=before.attempt)
    if before == after:
        return "→ the same batch: nothing is asked again"
    differs = re.sub("([0-9a-f]{8})[0-9a-f]{56}", r"\1", differences(before, after))
    return f"→ another batch ({differs}); verdicts that are kept are not paid for again"


def _changed_lines(paths: RunnerPaths) -> Iterator[str]:
    """The lines of prompts that differ from what was sent."""
    if not paths.artefact.exists():
        return
    about = read_model(paths.artefact, Artefact).metadata
    for sent in (about.system_prompt, about.rubric):
        file = None if sent is None else paths.project.root / sent.path
        if sent is not None and file is not None and file.is_file():
            yield from _diff(sent, file)


def _diff(sent: PromptText, file: Path) -> Iterator[str]:
    before, after = sent.text.splitlines(), read_text(file).splitlines()
    lines = [
        line
        for line in difflib.unified_diff(before, after, n=0, lineterm="")
        if line[:3] not in ("---", "+++")
    ]
    if lines:
        yield f"{sent.path}, against what was sent:"
        yield from (f"  {line}" for line in lines[:MOST_LINES] if not line.startswith("@@"))
        if len(lines) > MOST_LINES:
            yield f"  … and {len(lines) - MOST_LINES} lines more"


def _changed_essays(before: Inventory, after: Inventory) -> Iterator[str]:
    """Essays that came, went, or have another text or grade."""
    old, new = (_by_path(inventory) for inventory in (before, after))
    for path in sorted(old.keys() | new.keys()):
        if path not in new:
            yield f"{path} was taken away"
        elif path not in old:
            yield f"{path} came in"
        else:
            if old[path].text_sha256 != new[path].text_sha256:
                yield f"{path}: another text, {old[path].words} → {new[path].words} words"
            if old[path].grade != new[path].grade:
                yield f"{path}: grade {old[path].grade or 'n/a'} → {new[path].grade or 'n/a'}"


def _by_path(inventory: Inventory) -> dict[str, Essay]:
    return {essay.path: essay for essay in (*inventory.anchors, *inventory.students)}
