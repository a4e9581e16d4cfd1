"""The loop: wait for a save, say what changed and what it will cost, run what is stale."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eng5.console.plan import COLUMNS, NUMBERS, Planned, row
from eng5.console.plan import build as plan
from eng5.console.tables import show_table
from eng5.contracts.modes import RunnerMode
from eng5.errors import Eng5Error, InputError
from eng5.graph.graph import Graph
from eng5.graph.why import why
from eng5.paths import ProjectPaths
from eng5.runs.registry import check_current, no_run
from eng5.runs.state import artefact_alone
from eng5.services.connect import estimator
from eng5.settings import RunnerSettings
from eng5.watch.saved import Texts, folders, is_input

MILLISECONDS_OF_SILENCE = 500
DOIT = """
import sys
from pathlib import Path
from eng5.graph.drive import run_doit
from eng5.paths import ProjectPaths

sys.exit(run_doit(ProjectPaths.at(Path(sys.argv[1])), sys.argv[2:]))
"""
"""`eng5 doit` without naming the study, which `eng5 watch` has done."""
SECONDS_TO_END = 3
"""How long a run that was interrupted may take to end by itself."""


@dataclass(frozen=True)
class Watch:
    """Runs again whatever a save makes stale.

    Attributes:
        project: the study.
        names: runs to look after; none: every variant of experiments.toml.
        may_spend: asked before a judge that may cost is asked; with the question in words.
        say: writes a line.
    """

    project: ProjectPaths
    names: Sequence[str]
    may_spend: Callable[[str], bool]
    say: Callable[[str], None]

    def forever(self) -> None:
        """Bring everything up to date, then again after each save, until Ctrl-C.

        Raises:
            InputError: at the beginning, where a name is none of a run.
        """
        texts = Texts(self.project)
        graph = Graph.of(self.project)
        for name in self.names:
            if name not in graph.runs:
                raise no_run(name, graph.runs)
        places = folders(self.project, self._settings(graph))
        begun = False
        while True:
            for changes in _saves(self.project, places):
                said = list(texts.changes(changes))
                if said:
                    self.say("\n" + "\n".join(said))
                if said or not begun:
                    self.update()
                if not begun:
                    self.say("Waiting for a prompt, a rubric or experiments.toml to be saved; Ctrl-C ends.")
                begun = True
                moved = self._folders() if said else None
                if moved and moved != places:
                    places = moved
                    break

    def _folders(self) -> list[Path] | None:
        """Where to look now; None while experiments.toml cannot be read."""
        try:
            return folders(self.project, self._settings(Graph.of(self.project)))
        except Eng5Error:
            return None

    def update(self) -> bool:
        """Run what is stale, as far as it may cost what it does; whether all is up to date now."""
        try:
            graph = Graph.of(self.project)
            stale = self._stale(graph)
        except Eng5Error as error:
            self.say(f"{error}")
            return False
        planned = [
            plan(self.project, settings, estimator(self.project, settings.platform))
            for settings in (graph.runs[name] for name in stale)
        ]
        for one in planned:
            if one.estimate is None:
                self.say(f"{one.run}: {one.problem}")
        possible = [one for one in planned if one.estimate is not None]
        if possible:
            show_table(COLUMNS, [row(one) for one in possible], right=NUMBERS)
        allowed = self._allowed(possible)
        done = not allowed or self._doit([f"anchor_align:{one.run}" for one in allowed])
        whole = done and len(allowed) == len(stale)
        if whole and not self.names and len(graph.answered_variants) > 1:
            return self._doit(["compare"])
        return whole

    def _runs(self, graph: Graph) -> list[str]:
        """The runs to look after; people are not asked again because a file was saved."""
        return [
            name
            for name in (self.names or graph.variants)
            if name in graph.runs
            and graph.runs[name].mode is RunnerMode.ANCHOR_ALIGN_TEST
            and not graph.runs[name].judged_by_people
        ]

    def _settings(self, graph: Graph) -> list[RunnerSettings]:
        return [graph.runs[name] for name in self._runs(graph)]

    def _stale(self, graph: Graph) -> list[str]:
        return [
            name
            for name in self._runs(graph)
            if not _as_it_came(graph, name) and any(link.state != "up to date" for link in why(graph, name))
        ]

    def _allowed(self, planned: Sequence[Planned]) -> list[Planned]:
        """Those that cost nothing, and the others when they may."""
        paid = [one for one in planned if _may_cost(one)]
        if not paid:
            return list(planned)
        costs = [one.estimate.cost_usd for one in paid if one.estimate]
        calls = sum(one.estimate.calls for one in paid if one.estimate)
        known = [cost for cost in costs if cost is not None]
        price = f"about {sum(known):.2f} USD" if len(known) == len(costs) else "a price that is not known"
        names = ", ".join(one.run for one in paid)
        if self.may_spend(f"Ask {calls} questions for {price} ({names})?"):
            return list(planned)
        self.say(f"Not run: {names}.")
        return [one for one in planned if not _may_cost(one)]

    def _doit(self, tasks: Sequence[str]) -> bool:
        """Run doit in a process of its own, so that nothing of it stays; what is up to date is not said."""
        command = [sys.executable, "-u", "-P", "-c", DOIT, str(self.project.root), *tasks]
        with subprocess.Popen(  # noqa: S603 - this very program
            command, stdout=subprocess.PIPE, text=True, errors="replace", stdin=subprocess.DEVNULL
        ) as child:
            try:
                for line in child.stdout or ():
                    if not line.startswith("-- "):
                        self.say(line.rstrip("\n"))
                return child.wait() == 0
            except KeyboardInterrupt:
                _end(child)
                raise


def _saves(project: ProjectPaths, places: Sequence[Path]) -> Iterator[set[Path]]:
    """The files of each save; at first, and now and then, none: what is saved from then on is not missed."""
    from watchfiles import watch

    for changes in watch(
        *places,
        watch_filter=lambda _, path: is_input(project, Path(path)),
        yield_on_timeout=True,
        rust_timeout=MILLISECONDS_OF_SILENCE,
    ):
        yield {Path(path) for _, path in changes}


def _may_cost(one: Planned) -> bool:
    """A judge is to be asked that is no part of eng5."""
    return one.estimate is not None and one.estimate.calls > 0 and one.estimate.basis != "no model"


def _as_it_came(graph: Graph, name: str) -> bool:
    """An artefact from elsewhere that is of today's prompts: no judge is asked for it again."""
    if not artefact_alone(graph.project.run(name)):
        return False
    try:
        check_current(graph.project.run(name), graph.runs[name])
    except InputError:
        return False
    return True


def _end(child: subprocess.Popen[str]) -> None:
    """A terminal interrupts both of us; a signal to this process alone has to be handed on."""
    try:
        child.wait(timeout=SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGINT)
