"""How a step of the chain becomes doit's tasks: one a run, under the run's lock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from doit.task import Task
from doit.tools import config_changed

from eng5.contracts.modes import RunnerMode
from eng5.graph import perform
from eng5.graph.action import action, afterwards, outstanding, refusals
from eng5.graph.outline import RunOutline
from eng5.paths import RunnerPaths

if TYPE_CHECKING:
    from eng5.graph.graph import Graph

STEPS = {
    "identity": "freezing the run",
    "inventory": "reading the inputs",
    "uploads": "making sure that every essay is uploaded",
    "envelope": "composing the request",
    "published": "making sure that the request is published, once",
    "events": "waiting for verdicts",
    "artefact": "folding the answers",
    "analysis": "measuring",
    "report": "rendering the report",
}
"""The steps in the order of their files, and what a run says when one begins."""
TaskDicts = Iterator[dict[str, Any]]
Describe = Callable[[RunnerPaths, RunOutline], list[Any]]


AFTER_THE_ARTEFACT = ("analysis", "report")


def nothing(paths: RunnerPaths, outline: RunOutline) -> list[Any]:
    """No further conditions."""
    return []


def changed_by_then(config: Callable[[], str]) -> Callable[[Task, Mapping[str, str]], bool]:
    """doit's `config_changed`, of what is so when the task's turn comes: what it waits for has been made by then."""

    def check(task: Task, values: Mapping[str, str]) -> bool:
        changed = config_changed(config())
        changed.configure_task(task)
        return bool(changed(task, values))

    return check


class Chain:
    """Subtasks of a step over all runs of a graph. `step` is a function of `eng5.graph.perform`."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.render_index = afterwards(partial(perform.index, graph))
        self._compare_once = afterwards(self._compare_what_is_there)

    def each(
        self, step: str, *, writes: str, reads: Describe, uptodate: Describe = nothing, **more: Any
    ) -> TaskDicts:
        """`step` for each run, from the files that `reads` names to the one of the chain that it writes.

        A panel of variants has no judge to ask: its chain begins with the artefact.
        """
        for name, outline in self.graph.outline.runs.items():
            paths = self.graph.project.run(name)
            if outline.members and step not in AFTER_THE_ARTEFACT:
                continue
            yield {
                "name": name,
                "actions": [action(paths, perform.step, getattr(perform, step), self.graph, paths)],
                "file_dep": reads(paths, outline),
                "targets": [getattr(paths, writes)],
                "uptodate": uptodate(paths, outline),
                "clean": True,
                **{key: of_run(paths) if callable(of_run) else of_run for key, of_run in more.items()},
            }

    def pure(
        self,
        step: str,
        *,
        reads: Describe,
        modules: Callable[[RunnerMode], tuple[str, ...]] | None = None,
        chosen_by: str | None = None,
        uptodate: Describe = nothing,
        **more: Any,
    ) -> TaskDicts:
        """A step whose result follows from files alone: done again when one of them or the code behind it changed.

        `modules` names where that code begins, and `chosen_by` what chooses it by the mode; without them it begins
        with the step's own module.
        """

        def reads_code(paths: RunnerPaths, outline: RunOutline) -> list[Any]:
            begin = modules(outline.mode) if modules else (f"steps.{step}",)
            return [*reads(paths, outline), *self.graph.code(*begin, alone=chosen_by)]

        return self.each(step, writes=step, reads=reads_code, uptodate=uptodate, **more)

    def panels(self) -> TaskDicts:
        """The artefact of each panel of variants, from those of its members."""
        for name, outline in self.graph.outline.runs.items():
            if outline.members:
                paths, made = self.graph.project.run(name), self.graph.chains(outline.members)
                yield {
                    "name": name,
                    "actions": [action(paths, perform.step, perform.panel, self.graph, paths)],
                    "file_dep": [
                        *(member.artefact for member in made),
                        *self.graph.code("steps.variant_panel"),
                    ],
                    "targets": [paths.artefact],
                    "uptodate": [config_changed(self.graph.panel_now(outline))],
                    "clean": True,
                }

    def outside(self, step: str, *, reads: Describe, uptodate: Describe = nothing) -> TaskDicts:
        """A step that uploads, publishes or asks: done once, until all answers are journalled; whatever its code."""

        def captured(paths: RunnerPaths, outline: RunOutline) -> list[Any]:
            return [partial(perform.has_its_answers, paths), *uptodate(paths, outline)]

        end = [self.graph.stop_services, self.compare_what_is_there]
        return self.each(step, writes=step, reads=reads, uptodate=captured, teardown=end)

    def compare_what_is_there(self) -> None:
        """The comparison that was asked for, where a run that failed keeps doit from it.

        With `doit -n` the threads end one by one; the main one does so when all runs have ended.
        """
        at_the_end = threading.current_thread() is threading.main_thread()
        if at_the_end and "compare" in outstanding and refusals:
            self._compare_once()

    def _compare_what_is_there(self) -> None:
        if perform.compare_what_is_there(self.graph):
            self.render_index()
