"""The graph of eng5: which file follows which. `doit list` shows the tasks, `doit info TASK` why one would run.

A run is a folder `build/<run>/`; a step reads files there and writes the next one. Pure steps depend on their code;
steps that upload, publish or judge do not: editing a comment must never pay a judge twice.
"""

import atexit
import gc
import os
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

from doit.task import Task
from doit.tools import config_changed

from eng5.contracts.run import RunnerMode
from eng5.files import read_bytes, sha256_bytes
from eng5.graph import over_runs
from eng5.graph.action import (
    Reporter,
    action,
    afterwards,
    do_without_unwritable_database,
    end_quietly_on_interrupt,
    escape_what_cannot_be_printed,
    named,
    or_exit,
)
from eng5.graph.code import code_behind
from eng5.pages.rendered import files_are_there, remove_files, remove_run, say_where
from eng5.paths import ProjectPaths, RunnerPaths
from eng5.runs.registry import artefact_alone, batch_end, load_runs
from eng5.services.connect import services_of
from eng5.settings import RunnerSettings, load_experiments
from eng5.steps.analyse import analyse, analysis_module, measure_baseline
from eng5.steps.render import rebuild, render, report_modules

PROJECT = ProjectPaths.at(Path(__file__).parent)
PROJECT.build.mkdir(exist_ok=True)
EXPERIMENTS = or_exit(load_experiments, PROJECT)
RUNS = or_exit(load_runs, PROJECT, EXPERIMENTS)
GRAPH = over_runs.Graph(PROJECT, EXPERIMENTS, RUNS)
DOIT_CONFIG = {
    "default_tasks": ["anchor_align"],
    "backend": "sqlite3",
    "dep_file": str(PROJECT.build / ".doit.db"),
    "par_type": "thread",
    "reporter": Reporter,
    "verbosity": 2,
    "sort": "definition",
    "cleanall": True,
}
end_quietly_on_interrupt()
escape_what_cannot_be_printed()
do_without_unwritable_database()

# Matrices of a dozen essays are slower on several threads, and their sums may differ between machines.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# These processes are short: at the usual threshold, collecting takes a tenth of their time and frees nothing, and the
# interpreter's last search takes another.
gc.set_threshold(100_000)
atexit.register(gc.freeze)

code = partial(code_behind, kept=PROJECT.code)

Tasks = Iterator[dict[str, Any]]
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


def captured(paths: RunnerPaths) -> bool:
    """All answers of the batch are journalled: nothing has to be uploaded or published for it."""
    return batch_end(paths) is not None


def answered(paths: RunnerPaths, target: Path) -> bool:
    """No service is needed for `target` any more, whatever doit remembers."""
    return target.exists() and captured(paths) and not_failed(paths)


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
                *code("steps.inventory"),
            ],
            "targets": [paths.inventory],
        }

    return for_each_run(perform, describe)


def task_uploads() -> Tasks:
    """20_uploads.json: every essay at the Content Service"""

    def perform(paths: RunnerPaths, settings: RunnerSettings) -> None:
        from eng5.steps import uploads

        if answered(paths, paths.uploads) and not settings.force_reupload:
            return
        with services_of(PROJECT, settings.platform).content() as content:
            uploads.run(paths, content, force=settings.force_reupload)

    def describe(paths: RunnerPaths, settings: RunnerSettings) -> dict[str, Any]:
        return {
            "file_dep": [paths.run, paths.inventory],
            "targets": [paths.uploads],
            "uptodate": [partial(captured, paths), not settings.force_reupload],
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
                *code("steps.envelope"),
            ],
            "targets": [paths.envelope],
        }

    return for_each_run(perform, describe)


def task_published() -> Tasks:
    """40_published.json: the request in the broker's log"""

    def perform(paths: RunnerPaths, settings: RunnerSettings) -> None:
        from eng5.steps import published

        if answered(paths, paths.published):
            return
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
        from eng5.console.progress import progress
        from eng5.steps import events

        if answered(paths, paths.events):
            return
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
                *code("steps.artefact"),
            ],
            "targets": [paths.artefact],
        }

    return for_each_run(perform, describe)


def task_baseline() -> dict[str, Any]:
    """build/baseline.json: what A/B regression is counted against; makes the baseline run if it is missing"""
    paths = PROJECT.run(EXPERIMENTS.baseline)
    alone = artefact_alone(paths)
    return {
        "actions": [action(None, measure_baseline, paths)],
        "file_dep": [
            *([] if alone else [paths.artefact]),
            *code("reports.baseline"),
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
        analyse(paths, settings.mode, EXPERIMENTS)

    def describe(paths: RunnerPaths, settings: RunnerSettings) -> dict[str, Any]:
        # A run of the command line is counted against what is there, and waits for nothing.
        counted_against, there = ([PROJECT.baseline], "") if is_variant(settings) else ([], baseline_now())
        return {
            "file_dep": [paths.artefact, *counted_against, *code(analysis_module(settings.mode))],
            "targets": [paths.analysis],
            "uptodate": [config_changed(EXPERIMENTS.model_dump_json(include={"targets"}) + there)],
        }

    return for_each_run(perform, describe)


@cache
def baseline_now() -> str:
    """The hash of build/baseline.json as doit found it; empty without one."""
    return sha256_bytes(read_bytes(PROJECT.baseline)) if PROJECT.baseline.is_file() else ""


def write_index() -> None:
    """reports/index.html: every run with its figures"""
    from eng5.reports import index

    index.run(PROJECT)


render_index = afterwards(write_index)
"""After the last report."""


def task_report() -> Tasks:
    """70_report.json and the pages under reports/"""

    def perform(paths: RunnerPaths, settings: RunnerSettings) -> None:
        render(paths, settings.mode)

    def describe(paths: RunnerPaths, settings: RunnerSettings) -> dict[str, Any]:
        return {
            "file_dep": [paths.artefact, paths.analysis, *code(*report_modules(settings.mode))],
            "targets": [paths.report],
            "uptodate": [partial(files_are_there, paths), PROJECT.index.exists],
            "teardown": [render_index],
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
    return {**over_runs.compare_boundary(GRAPH), "teardown": [render_index]}


def task_compare() -> dict[str, Any]:
    """Set all variants side by side: better, worse or cannot tell, and the pairs that flipped"""
    return {**over_runs.compare(GRAPH), "teardown": [render_index]}


def task_gate() -> Iterator[Task]:
    """Hold every variant against the targets of experiments.toml; `doit gate:RUN` holds one"""
    return over_runs.gate(GRAPH, str(task_gate.__doc__))


def task_export() -> dict[str, Any]:
    """build/export/comparisons.csv: every comparison of every run that has an artefact"""
    return over_runs.export(GRAPH)


def task_rebuild_reports() -> Tasks:
    """Render every report from its artefact alone: no service, no broker, no doit database"""
    for name in PROJECT.runs():
        paths = PROJECT.run(name)
        if paths.artefact.exists():
            yield {
                "name": name,
                "actions": [action(paths, rebuild, paths, EXPERIMENTS)],
                "uptodate": [False],
                "teardown": [render_index],
            }
    if all(PROJECT.run(name).artefact.exists() for name in GRAPH.variants):
        compare = action(None, over_runs.compare_variants, GRAPH)
        yield {"name": "(compare)", "actions": [compare], "uptodate": [False]}
    tests = [name for name in over_runs.boundary_tests(GRAPH) if PROJECT.run(name).artefact.exists()]
    if len(tests) > 1:
        compare = action(None, over_runs.compare_tests, GRAPH, tests)
        yield {"name": "(compare_boundary)", "actions": [compare], "uptodate": [False]}


def task_plan() -> dict[str, Any]:
    """What every run would ask and cost, and how wide tau's interval would be; nothing is spent"""
    return over_runs.plan(GRAPH)
