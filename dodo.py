"""The graph of eng5: which file follows which. `doit list` shows the tasks, `doit info TASK` why one would run.

A run is a folder `build/<run>/`; a step reads files there and writes the next one. Pure steps depend on their code;
steps that upload, publish or judge do not: editing a comment must never pay a judge twice.
"""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from doit.task import Task, clean_targets, dict_to_task
from doit.tools import config_changed

import eng5
from eng5.action import (
    Reporter,
    action,
    do_without_unwritable_database,
    end_quietly_on_interrupt,
    or_exit,
)
from eng5.contracts.run import RunnerMode
from eng5.paths import ProjectPaths, RunnerPaths
from eng5.rendered import (
    files_are_there,
    plots_are_there,
    remove_all,
    remove_files,
    remove_plots,
    remove_run,
    say,
    say_where,
)
from eng5.runs import artefact_alone, batch_end, check_current, load_runs, mode_of
from eng5.services import services_of
from eng5.settings import RunnerSettings, load_experiments, run_names

PROJECT = ProjectPaths.at(Path(__file__).parent)
PROJECT.build.mkdir(exist_ok=True)
EXPERIMENTS = or_exit(load_experiments, PROJECT)
RUNS = or_exit(load_runs, PROJECT, EXPERIMENTS)
VARIANTS = {run: variant for run, (variant, _) in run_names(EXPERIMENTS).items()}
CODE = Path(eng5.__file__).parent
DOIT_CONFIG = {
    "default_tasks": ["anchor_align"],
    "backend": "sqlite3",
    "dep_file": str(PROJECT.build / ".doit.db"),
    "par_type": "thread",
    "reporter": Reporter,
    "verbosity": 2,
    "sort": "definition",
}
end_quietly_on_interrupt()
do_without_unwritable_database()

# Matrices of a dozen essays are slower on several threads, and their sums may differ between machines.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

Tasks = Iterator[dict[str, Any]]
Subject = TypeVar("Subject")
Perform = Callable[[RunnerPaths, RunnerSettings], None]


def for_each_run(
    perform: Perform, describe: Callable[[RunnerPaths, RunnerSettings], dict[str, Any]]
) -> Tasks:
    """One subtask a run: `perform` under the run's lock, with the files that `describe` names."""
    for name, settings in RUNS.items():
        paths = PROJECT.run(name)
        yield {
            "name": name,
            "actions": [action(paths, perform, paths, settings)],
            "clean": True,
            **describe(paths, settings),
        }


def code(*patterns: str) -> list[Path]:
    """The modules and templates that a pure step is made of."""
    return sorted(path for pattern in patterns for path in CODE.glob(pattern))


def named(what: str, function: Callable[[Subject], None], subject: Subject) -> Callable[[], None]:
    """A clean action that `doit clean` shows as `what`."""

    def perform() -> None:
        function(subject)

    perform.__qualname__ = what
    return perform


def captured(paths: RunnerPaths) -> bool:
    """All answers of the batch are journalled: nothing has to be uploaded or published for it."""
    return batch_end(paths) is not None


def not_failed(paths: RunnerPaths) -> bool:
    end = batch_end(paths)
    return end is None or end.end != "failed"


def task_identity() -> Tasks:
    """00_run.json: who the run is, frozen"""

    def perform(paths: RunnerPaths, settings: RunnerSettings) -> None:
        from eng5.steps import run

        run.run(paths, settings)

    def describe(paths: RunnerPaths, settings: RunnerSettings) -> dict[str, Any]:
        return {
            "file_dep": [path for path in settings.identity_files(PROJECT) if path.is_file()],
            "targets": [paths.run],
            "clean": [named(f"remove {paths.folder}", remove_run, paths)],
            "uptodate": [config_changed(settings.frozen_part()), partial(not_failed, paths)],
        }

    return for_each_run(perform, describe)


def task_inventory() -> Tasks:
    """10_inventory.json: essays, ids, grades and hashes"""

    def perform(paths: RunnerPaths, settings: RunnerSettings) -> None:
        from eng5.steps import inventory

        inventory.run(paths, settings.anchors_folder)

    def describe(paths: RunnerPaths, settings: RunnerSettings) -> dict[str, Any]:
        return {
            "file_dep": [
                paths.run,
                *(path for path in settings.input_files(PROJECT) if path.is_file()),
                *code(
                    *("steps/inventory.py", "extract.py", "injection.py"),
                    *("contracts/inventory.py", "contracts/identifiers.py"),
                ),
            ],
            "targets": [paths.inventory],
        }

    return for_each_run(perform, describe)


def task_uploads() -> Tasks:
    """20_uploads.json: every essay at the Content Service"""

    def perform(paths: RunnerPaths, settings: RunnerSettings) -> None:
        from eng5.steps import uploads

        with services_of(PROJECT, settings.platform).content() as content:
            uploads.run(paths, content, force=settings.force_reupload)

    def describe(paths: RunnerPaths, settings: RunnerSettings) -> dict[str, Any]:
        return {
            "file_dep": [paths.run, paths.inventory],
            "targets": [paths.uploads],
            "uptodate": [partial(captured, paths)],
            "teardown": [services_of(PROJECT, settings.platform).stop],
        }

    return for_each_run(perform, describe)


def task_envelope() -> Tasks:
    """30_envelope.json: the exact request"""

    def perform(paths: RunnerPaths, settings: RunnerSettings) -> None:
        from eng5.steps import envelope

        envelope.run(paths)

    def describe(paths: RunnerPaths, settings: RunnerSettings) -> dict[str, Any]:
        prompts = [path for path in (settings.system_prompt, settings.rubric) if path]
        return {
            "file_dep": [
                *(paths.run, paths.inventory, paths.uploads),
                *prompts,
                *code("steps/envelope.py", "contracts/cj_request.py", "contracts/envelope.py"),
            ],
            "targets": [paths.envelope],
        }

    return for_each_run(perform, describe)


def task_published() -> Tasks:
    """40_published.json: the request in the broker's log"""

    def perform(paths: RunnerPaths, settings: RunnerSettings) -> None:
        from eng5.steps import published

        with services_of(PROJECT, settings.platform).broker() as broker:
            published.run(paths, broker)

    def describe(paths: RunnerPaths, settings: RunnerSettings) -> dict[str, Any]:
        return {
            "file_dep": [paths.envelope],
            "targets": [paths.published],
            "uptodate": [partial(captured, paths)],
            "teardown": [services_of(PROJECT, settings.platform).stop],
        }

    return for_each_run(perform, describe)


def task_events() -> Tasks:
    """45_events.jsonl: every callback and event, as received"""

    def perform(paths: RunnerPaths, settings: RunnerSettings) -> None:
        from eng5.progress import progress
        from eng5.steps import events

        services = services_of(PROJECT, settings.platform)
        with services.broker() as broker:
            events.run(paths, broker, partial(progress, f"judging {paths.name}"), check=services.check)

    def describe(paths: RunnerPaths, settings: RunnerSettings) -> dict[str, Any]:
        return {
            "file_dep": [paths.run, paths.published],
            "targets": [paths.events],
            "uptodate": [partial(captured, paths)],
            "teardown": [services_of(PROJECT, settings.platform).stop],
        }

    return for_each_run(perform, describe)


def task_artefact() -> Tasks:
    """50_artefact.json: what was asked and what came back"""

    def perform(paths: RunnerPaths, settings: RunnerSettings) -> None:
        from eng5.steps import artefact

        artefact.run(paths)

    def describe(paths: RunnerPaths, settings: RunnerSettings) -> dict[str, Any]:
        return {
            "file_dep": [
                *(paths.run, paths.inventory, paths.envelope, paths.events),
                *code(
                    "steps/artefact.py",
                    "steps/folding.py",
                    "contracts/artefact.py",
                    "contracts/comparison_result.py",
                ),
            ],
            "targets": [paths.artefact],
        }

    return for_each_run(perform, describe)


ANALYSIS_CODE = {
    RunnerMode.ANCHOR_ALIGN_TEST: (
        "steps/analysis.py",
        "steps/alignment/*.py",
        "contracts/analysis.py",
        "contracts/baseline.py",
    ),
    RunnerMode.BOUNDARY_TEST: (
        "steps/boundary_analysis.py",
        "steps/boundary/*.py",
        "steps/alignment/run.py",
        "contracts/boundary_analysis.py",
    ),
}
REPORT_CODE = {
    RunnerMode.ANCHOR_ALIGN_TEST: "steps/report.py",
    RunnerMode.BOUNDARY_TEST: "steps/boundary_report.py",
    RunnerMode.EXECUTE: "steps/execute_report.py",
}


def analyse(paths: RunnerPaths, mode: RunnerMode) -> None:
    if mode is RunnerMode.BOUNDARY_TEST:
        from eng5.steps import boundary_analysis

        boundary_analysis.run(paths)
    else:
        from eng5.steps import analysis

        if mode is RunnerMode.EXECUTE:
            analysis.run(paths, {})
        else:
            analysis.run(paths, EXPERIMENTS.targets, baseline=PROJECT.baseline)


def render(paths: RunnerPaths, mode: RunnerMode) -> None:
    if mode is RunnerMode.BOUNDARY_TEST:
        from eng5.steps import boundary_report

        boundary_report.run(paths)
    elif mode is RunnerMode.EXECUTE:
        from eng5.steps import execute_report

        execute_report.run(paths)
    else:
        from eng5.steps import report

        report.run(paths)


def measure_baseline(paths: RunnerPaths) -> None:
    from eng5.steps import baseline

    baseline.run(paths)


def task_baseline() -> dict[str, Any]:
    """build/baseline.json: what A/B regression is counted against; makes the baseline run if it is missing"""
    paths = PROJECT.run(EXPERIMENTS.baseline)
    alone = artefact_alone(paths)
    return {
        "actions": [action(None, measure_baseline, paths)],
        "file_dep": [
            *([] if alone else [paths.artefact]),
            *code("steps/baseline.py", "contracts/baseline.py", "steps/alignment/*.py", "stats/*.py"),
        ],
        "targets": [PROJECT.baseline],
        "uptodate": [not alone, config_changed(EXPERIMENTS.baseline)],
        "clean": True,
    }


def is_variant(settings: RunnerSettings) -> bool:
    """A run of a variant of experiments.toml, as opposed to one from the command line or a boundary test."""
    return settings.mode is RunnerMode.ANCHOR_ALIGN_TEST and settings.origin == "experiments"


def task_analysis() -> Tasks:
    """60_analysis.json: every number of the report, with intervals"""

    def perform(paths: RunnerPaths, settings: RunnerSettings) -> None:
        analyse(paths, settings.mode)

    def describe(paths: RunnerPaths, settings: RunnerSettings) -> dict[str, Any]:
        modules = ANALYSIS_CODE.get(settings.mode, ANALYSIS_CODE[RunnerMode.ANCHOR_ALIGN_TEST])
        return {
            "file_dep": [
                *(paths.artefact, *([PROJECT.baseline] if is_variant(settings) else [])),
                *code(*modules, "stats/*.py"),
            ],
            "targets": [paths.analysis],
            "uptodate": [config_changed(EXPERIMENTS.model_dump_json(include={"targets"}))],
        }

    return for_each_run(perform, describe)


def task_report() -> Tasks:
    """70_report.json and the pages under reports/"""

    def perform(paths: RunnerPaths, settings: RunnerSettings) -> None:
        render(paths, settings.mode)

    def describe(paths: RunnerPaths, settings: RunnerSettings) -> dict[str, Any]:

        module = REPORT_CODE.get(settings.mode, REPORT_CODE[RunnerMode.ANCHOR_ALIGN_TEST])
        return {
            "file_dep": [
                *(paths.artefact, paths.analysis),
                *code(module, "steps/rendering.py", "plots/*", "templates/*"),
            ],
            "targets": [paths.report],
            "uptodate": [partial(files_are_there, paths)],
            "clean": [named(f"remove the reports of {paths.name}", remove_files, paths)],
        }

    return for_each_run(perform, describe)


def task_anchor_align() -> Tasks:
    """Run every variant of experiments.toml, from essays to a report"""
    yield from whole_runs(RunnerMode.ANCHOR_ALIGN_TEST)


def task_boundary() -> Tasks:
    """Run every boundary test of experiments.toml, from essays to a report"""
    yield from whole_runs(RunnerMode.BOUNDARY_TEST)


def whole_runs(mode: RunnerMode) -> Tasks:
    """The end of the chain for every run of a mode, and where its report is."""
    for name, settings in RUNS.items():
        if settings.mode is mode and settings.origin == "experiments":
            yield {
                "name": name,
                "actions": [action(None, say_where, PROJECT.run(name))],
                "task_dep": [f"report:{name}"],
                "uptodate": [False],
            }


def task_compare_boundary() -> dict[str, Any]:
    """Set the boundary tests side by side: difference in win rate on the same pairs"""
    tests = EXPERIMENTS.boundary
    names = [
        name
        for name, settings in RUNS.items()
        if settings.mode is RunnerMode.BOUNDARY_TEST
        and (name in tests or PROJECT.run(name).artefact.exists())
    ]
    names.sort(key=lambda name: name not in tests or tests[name].variant != EXPERIMENTS.baseline)
    chains = [name for name in names if not artefact_alone(PROJECT.run(name))]
    pages = [PROJECT.reports / f"compare_boundary.{suffix}" for suffix in ("html", "md")]

    def compare() -> None:
        from eng5.steps import compare_boundary

        for name in names:
            if name not in chains:
                check_current(PROJECT.run(name), RUNS[name])
        compare_boundary.run(PROJECT, names)
        say(*pages)

    return {
        "actions": [action(None, compare)],
        "file_dep": [
            *(PROJECT.run(name).artefact for name in chains),
            *code("steps/compare_boundary.py", "contracts/compare_boundary.py", "steps/boundary/*.py"),
            *code("stats/*.py", "steps/rendering.py", "plots/*", "templates/*"),
        ],
        "targets": [PROJECT.compare_boundary, *pages],
        "uptodate": [
            len(chains) == len(names),
            partial(plots_are_there, pages[1]),
            config_changed(" ".join(names)),
        ],
        "clean": [named("remove the plots of the comparison", remove_plots, pages[1]), clean_targets],
    }


def compare_variants() -> None:
    from eng5.steps import compare

    compare.run(PROJECT, EXPERIMENTS, VARIANTS)


def task_compare() -> dict[str, Any]:
    """Set all variants side by side: better, worse or cannot tell, and the pairs that flipped"""
    chains = [PROJECT.run(name) for name in VARIANTS if not artefact_alone(PROJECT.run(name))]
    pages = [PROJECT.reports / f"compare.{suffix}" for suffix in ("html", "md")]

    def compare() -> None:
        for name in VARIANTS:
            if PROJECT.run(name) not in chains:
                check_current(PROJECT.run(name), RUNS[name])
        compare_variants()
        say(*pages)

    return {
        "actions": [action(None, compare)],
        "file_dep": [
            *(paths.artefact for paths in chains),
            *code(
                "steps/compare.py", "steps/compare_report.py", "steps/variants/*.py", "steps/alignment/*.py"
            ),
            *code("contracts/compare.py", "stats/*.py", "steps/rendering.py", "plots/*", "templates/*"),
        ],
        "targets": [PROJECT.compare, *pages],
        "uptodate": [
            len(chains) == len(VARIANTS),
            partial(plots_are_there, pages[1]),
            config_changed(EXPERIMENTS.model_dump_json(exclude={"boundary", "completion_timeout"})),
        ],
        "clean": [named("remove the plots of the comparison", remove_plots, pages[1]), clean_targets],
    }


def task_gate() -> Iterator[Task]:
    """Hold every variant against the targets of experiments.toml; `doit gate:RUN` holds one"""

    def check(names: list[str]) -> None:
        from eng5.steps import gate

        for name in names:
            if artefact_alone(PROJECT.run(name)):
                check_current(PROJECT.run(name), RUNS[name])
                rebuild_analysis(PROJECT.run(name))
        gate.run(PROJECT, names)
        say(PROJECT.reports / "gate.md")

    def task(full_name: str, names: list[str]) -> Task:
        chains = [PROJECT.run(name) for name in names if not artefact_alone(PROJECT.run(name))]
        made = [PROJECT.reports / f"gate_{name}.{suffix}" for name in names for suffix in ("json", "xml")]
        return dict_to_task(
            {
                "name": full_name,
                "doc": task_gate.__doc__,
                "actions": [action(None, check, names)],
                "file_dep": [paths.analysis for paths in chains],
                "uptodate": [False],
                "clean": [
                    named("remove the files of the gate", remove_all, [PROJECT.reports / "gate.md", *made])
                ],
            }
        )

    # A group of subtasks would end with the first run that fails; this checks all of them.
    yield task("gate", list(VARIANTS))
    for name in VARIANTS:
        of_one = task(f"gate:{name}", [name])
        of_one.subtask_of = "gate"
        yield of_one


def task_export() -> dict[str, Any]:
    """build/export/comparisons.csv: every comparison of every run that has an artefact"""

    def export() -> None:
        from eng5.steps import export

        export.run(PROJECT)

    return {
        "actions": [action(None, export)],
        "targets": [PROJECT.export],
        "uptodate": [False],
        "clean": True,
    }


def rebuild_analysis(paths: RunnerPaths) -> None:
    """60 from the artefacts alone."""
    baseline = PROJECT.run(EXPERIMENTS.baseline)
    if baseline.artefact.exists():
        measure_baseline(baseline)
    analyse(paths, mode_of(paths))


def task_rebuild_reports() -> Tasks:
    """Render every report from its artefact alone: no service, no broker, no doit database"""

    def rebuild(paths: RunnerPaths) -> None:
        rebuild_analysis(paths)
        render(paths, mode_of(paths))

    for name in PROJECT.runs():
        paths = PROJECT.run(name)
        if paths.artefact.exists():
            yield {"name": name, "actions": [action(paths, rebuild, paths)], "uptodate": [False]}
    if all(PROJECT.run(name).artefact.exists() for name in VARIANTS):
        yield {"name": "(compare)", "actions": [action(None, compare_variants)], "uptodate": [False]}


def task_plan() -> dict[str, Any]:
    """What every run would ask and cost, and how wide tau's interval would be; nothing is spent"""

    def say() -> None:
        from eng5.planning import say_plan

        say_plan(PROJECT, RUNS.values())

    return {"actions": [action(None, say)], "uptodate": [False]}
