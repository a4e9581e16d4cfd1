"""What doit says of our tasks, in our words: the nearest name of one that is not there, and why a whole chain is stale.

doit takes commands of others from the environment only, which would change it for every project of that environment;
this changes it in the process that loads a study.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, wraps
from typing import Any

from doit.cmd_clean import Clean
from doit.cmd_info import Info
from doit.exceptions import InvalidCommand
from doit.task import Task

from eng5.graph.action import or_exit
from eng5.paths import ProjectPaths


def speak_of(project: ProjectPaths, names: Callable[[], Iterable[str]]) -> None:
    """Let doit's messages know the tasks, by their names, and the chain that a task is the end of."""

    def not_found(error: Any) -> str:
        if error.not_found is None:
            return Exception.__str__(error)
        return f"no task and no file of a task is called '{error.not_found}'{_near(error.not_found, names())}"

    usual, usual_clean = _usual()

    def info(self: Any, pos_args: list[str], hide_status: bool = False) -> int:
        tasks = {task.name: task for task in self.task_list}
        if len(pos_args) == 1 and pos_args[0] not in tasks:
            raise InvalidCommand(not_found=pos_args[0])
        if hide_status or len(pos_args) != 1:
            return int(usual(self, pos_args, hide_status))
        real = self.dep_manager
        before = _stale_before(tasks[pos_args[0]], tasks, real, project)
        self.dep_manager = _WithWhatIsBefore(real, stale=bool(before))
        try:
            code = int(usual(self, pos_args, hide_status))
        finally:
            self.dep_manager = real
        if before:
            self.outstream.write("\nwhat comes before it would be done first:\n")
            self.outstream.writelines(f" - {name}: {reason}\n" for name, reason in before)
        return code

    @wraps(usual_clean)
    def clean(self: Any, *arguments: Any, **options: Any) -> Any:
        return or_exit(usual_clean, self, *arguments, **options)

    InvalidCommand.__str__ = not_found
    Info._execute, Clean._execute = info, clean


class _WithWhatIsBefore:
    """doit's notes, in which a task is not up to date when one before it is not."""

    def __init__(self, notes: Any, *, stale: bool) -> None:
        self._notes, self._stale = notes, stale

    def get_status(self, task: Task, tasks: Mapping[str, Task], get_log: bool = False) -> Any:
        status = self._notes.get_status(task, tasks, get_log=get_log)
        if self._stale and status.status == "up-to-date":
            status.status = "run"
        return status


@cache
def _usual() -> tuple[Callable[..., Any], Callable[..., Any]]:
    return Info._execute, Clean._execute


def _near(name: str, names: Iterable[str]) -> str:
    """The nearest task; of a run that is not there, among the tasks of that kind."""
    from eng5.contracts.refusals import nearest

    known = list(names)
    kind = name.partition(":")[0]
    among = [one for one in known if one.startswith(f"{kind}:")] if ":" in name else []
    return nearest(name, among or [one for one in known if ":" not in one])


def _stale_before(
    task: Task, tasks: Mapping[str, Task], notes: Any, project: ProjectPaths
) -> list[tuple[str, str]]:
    """Task and reason of everything that the task waits for and that would be done, the first first."""
    from eng5.graph.why import reasons_of

    makes = {target: one.name for one in tasks.values() for target in one.targets}
    order: list[str] = []
    seen: set[str] = set()

    def walk(name: str) -> None:
        if name in seen or name not in tasks:
            return
        seen.add(name)
        one = tasks[name]
        for before in sorted({*one.task_dep, *(makes[file] for file in one.file_dep if file in makes)}):
            walk(before)
        order.append(name)

    walk(task.name)
    return [
        (name, reason) for name in order[:-1] for reason in reasons_of(tasks[name], tasks, notes, project)
    ]
