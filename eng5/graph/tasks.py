"""The graph of eng5: which file follows which. `doit list` shows the tasks, `doit info TASK` why one would run.

A run is a folder `build/<run>/`; a step reads files there and writes the next one. Pure steps depend on their code;
steps that upload, publish or judge do not: editing a comment must never pay a judge twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from doit.task import Task, clean_targets
from doit.tools import config_changed

from eng5.contracts.modes import RunnerMode
from eng5.graph import perform
from eng5.graph.action import action, named
from eng5.graph.chain import Chain, TaskDicts, changed_by_then
from eng5.graph.doit_messages import speak_of
from eng5.graph.outline import RunOutline
from eng5.pages.rendered import (
    files_are_there,
    plots_are_there,
    remove_all,
    remove_files,
    remove_plots,
    remove_run,
    say,
    say_where,
)
from eng5.steps.analyse import analysis_module
from eng5.steps.render import report_modules


class Tasks(Chain):
    """The chain first, one step a task, in the order of the files; then what is made of several runs."""

    def namespace(self, *, without: Sequence[str] = ()) -> dict[str, Any]:
        """DOIT_CONFIG and the tasks, by the names that doit looks for."""
        tasks = {name: getattr(self, name) for name in dir(self) if name.startswith("task_")}
        speak_of(self.graph.project, self.names)
        left_out = {f"task_{name}" for name in without}
        return {
            "DOIT_CONFIG": self.graph.config,
            **{name: task for name, task in tasks.items() if name not in left_out},
        }

    def names(self) -> Iterator[str]:
        """What may be asked for: tasks, and those of one run."""
        for task in (name.removeprefix("task_") for name in dir(self) if name.startswith("task_")):
            yield task
            if task not in ("baseline", "compare", "compare_boundary", "export", "plan"):
                yield from (f"{task}:{run}" for run in self._runs_of(task))

    def _runs_of(self, task: str) -> list[str]:
        mode = {"anchor_align": RunnerMode.ANCHOR_ALIGN_TEST, "boundary": RunnerMode.BOUNDARY_TEST}.get(task)
        if mode is None:
            return list(self.graph.variants if task == "gate" else self.graph.outline.runs)
        return [
            name
            for name, one in self.graph.outline.runs.items()
            if one.mode is mode and one.origin == "experiments"
        ]

    def task_identity(self) -> TaskDicts:
        """00_run.json: who the run is, frozen"""
        return self.each(
            "identity",
            writes="run",
            reads=lambda r, o: o.input_files(self.graph.project),
            uptodate=lambda r, o: [
                config_changed(o.frozen + self.graph.judge_code(r.name)),
                partial(perform.not_failed, r),
            ],
            clean=lambda r: [named(f"remove {r.folder}", remove_run, r)],
        )

    def task_inventory(self) -> TaskDicts:
        """10_inventory.json: essays, ids, grades and hashes"""
        return self.pure("inventory", reads=lambda r, o: [r.run, *o.input_files(self.graph.project)])

    def task_uploads(self) -> TaskDicts:
        """20_uploads.json: every essay at the Content Service"""
        return self.outside(
            "uploads",
            reads=lambda r, o: [r.run, r.inventory],
            uptodate=lambda r, o: [not o.force_reupload],
        )

    def task_envelope(self) -> TaskDicts:
        """30_envelope.json: the exact request"""
        return self.pure("envelope", reads=lambda r, o: [r.run, r.inventory, r.uploads, *o.prompts])

    def task_published(self) -> TaskDicts:
        """40_published.json: the request in the broker's log"""
        return self.outside("published", reads=lambda r, o: [r.envelope])

    def task_events(self) -> TaskDicts:
        """45_events.jsonl: every callback and event, as received"""
        return self.outside("events", reads=lambda r, o: [r.run, r.published])

    def task_artefact(self) -> TaskDicts:
        """50_artefact.json: what was asked and what came back"""
        yield from self.pure("artefact", reads=lambda r, o: [r.run, r.inventory, r.envelope, r.events])
        yield from self.panels()

    def task_baseline(self) -> dict[str, Any]:
        """build/baseline.json: what A/B regression is counted against; makes the baseline run if it is missing"""
        name = self.graph.outline.baseline
        chain = self.graph.chains([name])
        return {
            "actions": [action(None, perform.baseline, self.graph)],
            "file_dep": [*(paths.artefact for paths in chain), *self.graph.code("reports.baseline")],
            "targets": [self.graph.project.baseline],
            "uptodate": [bool(chain), config_changed(name)],
            "clean": True,
        }

    def task_analysis(self) -> TaskDicts:
        """60_analysis.json: every number of the report, with intervals"""

        def waits_for_baseline(outline: RunOutline) -> bool:
            """A run of the command line is counted against what is there, and waits for nothing."""
            return outline.mode.about.has_targets and outline.origin == "experiments"

        return self.pure(
            "analysis",
            reads=lambda r, o: [
                r.artefact,
                *([self.graph.project.baseline] if waits_for_baseline(o) else []),
                *self.graph.answers_on(r),
            ],
            modules=lambda mode: (analysis_module(mode),),
            chosen_by="steps.analyse",
            uptodate=lambda r, o: [
                changed_by_then(
                    lambda: (
                        self.graph.outline.measured
                        + ("" if waits_for_baseline(o) else self.graph.baseline_now)
                        + (self.graph.beside_now(r.name) if o.mode.about.has_targets else "")
                    )
                )
            ],
        )

    def task_report(self) -> TaskDicts:
        """70_report.json and the pages under reports/"""
        outline = self.graph.outline
        return self.pure(
            "report",
            reads=lambda r, o: [
                r.artefact,
                r.analysis,
                *(o.input_files(self.graph.project) if outline.essays_in_reports else []),
            ],
            modules=report_modules,
            chosen_by="steps.render",
            uptodate=lambda r, o: [
                partial(files_are_there, r),
                self.graph.project.index.exists,
                self.graph.project.history_page.exists,
                config_changed(outline.shown),
            ],
            teardown=[self.render_index],
            clean=lambda r: [named(f"remove the reports of {r.name}", remove_files, r)],
        )

    def task_anchor_align(self) -> TaskDicts:
        """Run every variant of experiments.toml, from essays to a report"""
        return self._whole_runs("anchor_align")

    def task_boundary(self) -> TaskDicts:
        """Run every boundary test of experiments.toml, from essays to a report"""
        return self._whole_runs("boundary")

    def task_compare(self) -> dict[str, Any]:
        """Set all variants side by side: better, worse or cannot tell, and the pairs that flipped"""
        return self._side_by_side(
            partial(perform.compare, self.graph),
            list(self.graph.compared_variants),
            self.graph.project.compare,
            "reports.variants.compare",
            self.graph.outline.compared + perform.imports(self.graph),
        )

    def task_compare_boundary(self) -> dict[str, Any]:
        """Set the boundary tests side by side: difference in win rate on the same pairs"""
        names = self.graph.boundary_tests
        return self._side_by_side(
            partial(perform.compare_boundary, self.graph, names),
            names,
            self.graph.project.compare_boundary,
            "reports.boundary.compare",
            " ".join(names),
        )

    def task_gate(self) -> Iterator[Task]:
        """Hold every variant against the targets of experiments.toml; `doit gate:RUN` holds one"""
        # A group of subtasks would end with the first run that fails; this checks all of them.
        yield self._gate("gate", list(self.graph.answered_variants))
        for name in self.graph.variants:
            yield self._gate(f"gate:{name}", [name], subtask_of="gate")

    def task_export(self) -> dict[str, Any]:
        """build/export/comparisons.csv: every comparison of every run that has an artefact"""
        return {
            "actions": [action(None, perform.export, self.graph)],
            "targets": [self.graph.project.export],
            "uptodate": [False],
            "clean": True,
        }

    def task_rebuild_reports(self) -> TaskDicts:
        """Render every report from its artefact alone: no service, no broker, no doit database"""
        graph = self.graph

        def has_artefact(name: str) -> bool:
            return graph.project.run(name).artefact.exists()

        tests = [name for name in graph.boundary_tests if has_artefact(name)]
        rebuilt = {
            name: action(graph.project.run(name), perform.rebuild, graph, graph.project.run(name))
            for name in graph.project.runs()
            if has_artefact(name)
        }
        made = [name for name in graph.variants if has_artefact(name)]
        if not graph.compared_variants or any(graph.variants[one] == graph.outline.baseline for one in made):
            rebuilt["(compare)"] = action(None, perform.compare, graph)
        if made and graph.outline.has_targets:
            rebuilt["(gate)"] = action(None, perform.gate_files, graph, made)
        if len(tests) > 1:
            rebuilt["(compare_boundary)"] = action(None, perform.compare_boundary, graph, tests)
        for name, rebuild in rebuilt.items():
            yield {"name": name, "actions": [rebuild], "uptodate": [False], "teardown": [self.render_index]}

    def task_plan(self) -> dict[str, Any]:
        """What every run would ask and cost, and how wide tau's interval would be; nothing is spent"""
        return {"actions": [action(None, perform.plan, self.graph)], "uptodate": [False]}

    def _whole_runs(self, task: str) -> TaskDicts:
        """The end of the chain for every run of experiments.toml in the task's mode, and where its report is."""
        for name in self._runs_of(task):
            yield {
                "name": name,
                "actions": [action(None, say_where, self.graph.project.run(name))],
                "task_dep": [f"report:{name}"],
                "uptodate": [False],
            }

    def _side_by_side(
        self, compare: partial[None], names: list[str], compared: Path, module: str, settings: str
    ) -> dict[str, Any]:
        """A comparison of several runs: its numbers under build/ and a page under reports/ of the same name."""
        chains = self.graph.chains(names)
        pages = self.graph.project.pages_of(compared)

        def write() -> None:
            perform.check_foreign(self.graph, names)
            compare()
            say(*pages)

        return {
            "actions": [action(None, write)],
            "file_dep": [*(paths.artefact for paths in chains), *self.graph.code(module)],
            "targets": [compared, *pages],
            "uptodate": [
                len(chains) == len(names),
                partial(plots_are_there, pages[1]),
                config_changed(settings),
            ],
            "teardown": [self.render_index],
            "clean": [named("remove the plots of the comparison", remove_plots, pages[1]), clean_targets],
        }

    def _gate(self, name: str, runs: list[str], *, subtask_of: str | None = None) -> Task:
        reports = self.graph.project.reports
        # The gate of all variants has the files of those too that are not in experiments.toml any more.
        those = ["*"] if subtask_of is None else runs
        files = [f"gate_{run}.{suffix}" for run in those for suffix in ("json", "xml")]
        made = [path for name in files for path in sorted(reports.glob(name))]
        return Task(
            name,
            [action(None, perform.gate, self.graph, runs)],
            file_dep=[paths.analysis for paths in self.graph.chains(runs)],
            uptodate=[False],
            clean=[named("remove the files of the gate", remove_all, [reports / "gate.md", *made])],
            subtask_of=subtask_of,
            doc=self.task_gate.__doc__,
        )
