"""What the tasks are made from: the folders, experiments.toml, every run, and what was read already."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eng5.contracts.modes import RunnerMode
from eng5.errors import Eng5Error
from eng5.files import read_bytes, sha256_bytes
from eng5.graph import database
from eng5.graph.action import or_exit
from eng5.graph.code import code_behind
from eng5.graph.outline import Outline, RunOutline, outline_of, read_kept, read_outlined, read_settings
from eng5.graph.reporter import Reporter
from eng5.paths import ProjectPaths, RunnerPaths, essay_files
from eng5.runs.state import artefact_alone, how_it_ended

if TYPE_CHECKING:
    from eng5.contracts.experiments import Experiments
    from eng5.contracts.inventory import Inventory
    from eng5.graph.outline import Told
    from eng5.settings import RunnerSettings


@dataclass(frozen=True)
class Graph:
    """A study as doit sees it.

    Attributes:
        project: where everything lies.
        outline: what the tasks are made from.
        read: the study in full, for steps that are done.
        inputs: what was found under inputs/, by run, once it was read; a step takes it from here.
    """

    project: ProjectPaths
    outline: Outline
    read: Callable[[], Told]
    inputs: dict[str, Inventory] = field(default_factory=dict)

    @classmethod
    def here(cls, dodo_file: str | Path) -> Graph:
        """The study in the folder of a dodo.py; what it refuses is printed and ends the process with its exit code."""
        project = ProjectPaths.at(Path(dodo_file).parent)
        outline, told = or_exit(read_kept, project)
        return cls(
            project, outline, partial(read_outlined, project, outline) if told is None else lambda: told
        )

    @classmethod
    def of(cls, project: ProjectPaths) -> Graph:
        """The study in a folder.

        Raises:
            InputError: experiments.toml or the environment says what cannot be.
        """
        return cls.told(project, *read_settings(project))

    @classmethod
    def told(
        cls,
        project: ProjectPaths,
        experiments: Experiments,
        runs: Mapping[str, RunnerSettings],
        inputs: Mapping[str, Inventory] | None = None,
    ) -> Graph:
        """A study of such settings, with inputs that were read already."""
        return cls(project, outline_of(experiments, runs), lambda: (experiments, runs), dict(inputs or {}))

    @cached_property
    def _told(self) -> Told:
        return self.read()

    @property
    def experiments(self) -> Experiments:
        """What experiments.toml says."""
        return self._told[0]

    @property
    def runs(self) -> Mapping[str, RunnerSettings]:
        """Settings of every run, by name, in the order in which they are listed."""
        return self._told[1]

    def judge_code(self, name: str) -> str:
        """The hash of the code of a run's judge that is not eng5's own; empty where it cannot be read."""
        if not self.outline.runs[name].own_judge:
            return ""
        from eng5.services.judge_identity import own_judge

        try:
            stated = own_judge(self.runs[name].judge, self.project)
        except Eng5Error:
            return ""
        return stated.sha256 if stated else ""

    @property
    def config(self) -> dict[str, Any]:
        """DOIT_CONFIG."""
        return {
            "default_tasks": ["anchor_align"],
            "backend": database.NAME,
            "dep_file": str(self.project.build / ".doit.db"),
            "par_type": "thread",
            "reporter": Reporter,
            "verbosity": 2,
            "sort": "definition",
            "cleanall": True,
            # Who waits for people keeps no other run from being made.
            "continue": bool(self.waiting_for_people),
        }

    @property
    def variants(self) -> dict[str, str]:
        """Run → variant, for the runs of experiments.toml."""
        return self.outline.variants

    @cached_property
    def waiting_for_people(self) -> set[str]:
        """Runs whose judges are people who have not answered all yet."""
        return {
            name
            for name, run in self.outline.runs.items()
            if run.by_people and not _people_answered(self.project.run(name))
        }

    def answers_on(self, paths: RunnerPaths) -> list[Path]:
        """What the experts' answers on the run's doubtful pairs are read from, once they are there."""
        experts = paths.dispute
        if experts.name not in self.outline.runs or experts.name in self.waiting_for_people:
            return []
        return [experts.artefact, experts.disputed]

    @property
    def answered_variants(self) -> dict[str, str]:
        """The variants' runs as `variants`, without those that people are still answering; the baseline's always."""
        waiting = self.waiting_for_people - {self.outline.baseline}
        return {run: variant for run, variant in self.variants.items() if run not in waiting}

    @cached_property
    def compared_variants(self) -> dict[str, str]:
        """The answered variants; none where no judge was asked, no essay is there to ask about, and imports are."""
        if any(self.project.run(name).artefact.exists() for name in self.variants):
            return self.answered_variants
        from eng5.runs.registry import imported_runs
        from eng5.settings import anchors_folder

        imports_alone = not any(essay_files(anchors_folder(self.project))) and imported_runs(self.project)
        return {} if imports_alone else self.answered_variants

    @property
    def boundary_tests(self) -> list[str]:
        """The boundary tests of experiments.toml, the baseline variant's first, and those that have an artefact."""
        of_baseline = self.outline.boundary_tests
        names = [
            name
            for name, run in self.outline.runs.items()
            if run.mode is RunnerMode.BOUNDARY_TEST
            and name not in self.waiting_for_people
            and (name in of_baseline or self.project.run(name).artefact.exists())
        ]
        return sorted(names, key=lambda name: not of_baseline.get(name, False))

    @property
    def baseline_now(self) -> str:
        """The hash of build/baseline.json; empty without one."""
        return sha256_bytes(read_bytes(self.project.baseline)) if self.project.baseline.is_file() else ""

    def panel_now(self, panel: RunOutline) -> str:
        """How a panel of variants judges, and the hashes of its members' artefacts that came alone."""
        members = (self.project.run(name) for name in panel.members)
        alone = [sha256_bytes(read_bytes(paths.artefact)) for paths in members if artefact_alone(paths)]
        return " ".join([panel.panel_verdict, *panel.members, *alone])

    def beside_now(self, name: str) -> str:
        """The run that stands beside a run, and the hash of its artefact; empty without one."""
        if not (self.outline.may_have_experts or any(map(artefact_alone, self.made))):
            return ""
        from eng5.runs.beside import run_beside

        beside = or_exit(lambda: run_beside(self.project, self.experiments, name))
        return "" if beside is None else f"{beside.name} {sha256_bytes(read_bytes(beside.artefact))}"

    @cached_property
    def made(self) -> list[RunnerPaths]:
        """The runs that have a folder under build/, imported ones too."""
        return [self.project.run(name) for name in self.project.runs()]

    def found(self, name: str) -> Inventory:
        """What is under inputs/ for a run, read once a process.

        Raises:
            InputError: as the inventory does.
        """
        from eng5.steps import inventory

        if name not in self.inputs:
            self.inputs[name] = inventory.of_settings(self.project, self.runs[name])
        return self.inputs[name]

    def chains(self, names: Iterable[str]) -> list[RunnerPaths]:
        """The runs that are made here, as opposed to those whose artefact came alone."""
        panels = {name for name, run in self.outline.runs.items() if run.members}
        every = (self.project.run(name) for name in names)
        return [paths for paths in every if paths.name in panels or not artefact_alone(paths)]

    def code(self, *modules: str, alone: str | None = None) -> tuple[Path, ...]:
        """The files that the modules are made of; `alone` without what it imports."""
        return or_exit(code_behind, *modules, alone=alone, kept=self.project.code)

    def stop_services(self) -> None:
        """Stop the stand-in, if this process started it; without a setting that was read it has not."""
        if "_told" not in self.__dict__:
            return
        from eng5.services.connect import services_of

        for platform in {
            settings.platform.stack: settings.platform for settings in self.runs.values()
        }.values():
            services_of(self.project, platform).stop()


def _people_answered(paths: RunnerPaths) -> bool:
    """All that people said is here, or can be fetched."""
    if paths.artefact.exists() or how_it_ended(paths) is not None:
        return True
    from eng5.services.people import how_far

    return paths.run.exists() and how_far(paths).complete
