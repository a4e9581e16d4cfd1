"""Tasks over several runs: side by side, against the targets, exported, planned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from doit.task import Task, clean_targets, dict_to_task
from doit.tools import config_changed

from eng5.contracts.experiments import Experiments
from eng5.contracts.run import RunnerMode
from eng5.graph.action import action, named
from eng5.graph.code import code_behind
from eng5.pages.rendered import plots_are_there, remove_all, remove_plots, say
from eng5.paths import ProjectPaths
from eng5.runs.registry import artefact_alone, check_current
from eng5.settings import RunnerSettings, run_names
from eng5.steps.analyse import rebuild_analysis


@dataclass(frozen=True)
class Graph:
    """What the tasks are made from: the folders, experiments.toml, and every run by name."""

    project: ProjectPaths
    experiments: Experiments
    runs: Mapping[str, RunnerSettings]

    @property
    def variants(self) -> dict[str, str]:
        """Run → variant, for the runs of experiments.toml."""
        return {run: variant for run, (variant, _) in run_names(self.experiments).items()}


def boundary_tests(graph: Graph) -> list[str]:
    """The boundary tests of experiments.toml, the baseline variant's first, and those that have an artefact."""
    tests = graph.experiments.boundary
    names = [
        name
        for name, settings in graph.runs.items()
        if settings.mode is RunnerMode.BOUNDARY_TEST
        and (name in tests or graph.project.run(name).artefact.exists())
    ]
    return sorted(
        names, key=lambda name: name not in tests or tests[name].variant != graph.experiments.baseline
    )


def compare_tests(graph: Graph, names: Sequence[str]) -> None:
    from eng5.reports.boundary import compare as compare_boundary

    compare_boundary.run(graph.project, names)


def compare_boundary(graph: Graph) -> dict[str, Any]:
    """Set the boundary tests side by side: difference in win rate on the same pairs"""
    names = boundary_tests(graph)
    chains = [name for name in names if not artefact_alone(graph.project.run(name))]
    pages = [graph.project.reports / f"compare_boundary.{suffix}" for suffix in ("html", "md")]

    def compare() -> None:
        for name in names:
            if name not in chains:
                check_current(graph.project.run(name), graph.runs[name])
        compare_tests(graph, names)
        say(*pages)

    return {
        "actions": [action(None, compare)],
        "file_dep": [
            *(graph.project.run(name).artefact for name in chains),
            *code_behind("reports.boundary.compare", kept=graph.project.code),
        ],
        "targets": [graph.project.compare_boundary, *pages],
        "uptodate": [
            len(chains) == len(names),
            partial(plots_are_there, pages[1]),
            config_changed(" ".join(names)),
        ],
        "clean": [named("remove the plots of the comparison", remove_plots, pages[1]), clean_targets],
    }


def compare_variants(graph: Graph) -> None:
    from eng5.console.progress import progress
    from eng5.reports.variants import compare

    compare.run(graph.project, graph.experiments, graph.variants, partial(progress, "comparing"))


def compare(graph: Graph) -> dict[str, Any]:
    """Set all variants side by side: better, worse or cannot tell, and the pairs that flipped"""
    chains = [
        graph.project.run(name) for name in graph.variants if not artefact_alone(graph.project.run(name))
    ]
    pages = [graph.project.reports / f"compare.{suffix}" for suffix in ("html", "md")]

    def compare() -> None:
        for name in graph.variants:
            if graph.project.run(name) not in chains:
                check_current(graph.project.run(name), graph.runs[name])
        compare_variants(graph)
        say(*pages)

    return {
        "actions": [action(None, compare)],
        "file_dep": [
            *(paths.artefact for paths in chains),
            *code_behind("reports.variants.compare", kept=graph.project.code),
        ],
        "targets": [graph.project.compare, *pages],
        "uptodate": [
            len(chains) == len(graph.variants),
            partial(plots_are_there, pages[1]),
            config_changed(graph.experiments.model_dump_json(exclude={"boundary", "completion_timeout"})),
        ],
        "clean": [named("remove the plots of the comparison", remove_plots, pages[1]), clean_targets],
    }


def gate(graph: Graph, doc: str) -> Iterator[Task]:
    """Hold every variant against the targets of experiments.toml; `doit gate:RUN` holds one"""

    def check(names: list[str]) -> None:
        from eng5.reports import gate

        for name in names:
            if artefact_alone(graph.project.run(name)):
                check_current(graph.project.run(name), graph.runs[name])
                rebuild_analysis(graph.project.run(name), graph.experiments)
        gate.run(graph.project, names)
        say(graph.project.reports / "gate.md")

    def task(full_name: str, names: list[str]) -> Task:
        chains = [graph.project.run(name) for name in names if not artefact_alone(graph.project.run(name))]
        made = [
            graph.project.reports / f"gate_{name}.{suffix}" for name in names for suffix in ("json", "xml")
        ]
        return dict_to_task(
            {
                "name": full_name,
                "doc": doc,
                "actions": [action(None, check, names)],
                "file_dep": [paths.analysis for paths in chains],
                "uptodate": [False],
                "clean": [
                    named(
                        "remove the files of the gate", remove_all, [graph.project.reports / "gate.md", *made]
                    )
                ],
            }
        )

    # A group of subtasks would end with the first run that fails; this checks all of them.
    yield task("gate", list(graph.variants))
    for name in graph.variants:
        of_one = task(f"gate:{name}", [name])
        of_one.subtask_of = "gate"
        yield of_one


def export(graph: Graph) -> dict[str, Any]:
    """build/export/comparisons.csv: every comparison of every run that has an artefact"""

    def export() -> None:
        from eng5.reports import table

        table.run(graph.project)

    return {
        "actions": [action(None, export)],
        "targets": [graph.project.export],
        "uptodate": [False],
        "clean": True,
    }


def plan(graph: Graph) -> dict[str, Any]:
    """What every run would ask and cost, and how wide tau's interval would be; nothing is spent"""

    def say() -> None:
        from eng5.console.plan import say_plan

        say_plan(graph.project, graph.runs.values())

    return {"actions": [action(None, say)], "uptodate": [False]}
