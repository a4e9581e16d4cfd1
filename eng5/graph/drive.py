"""From a handler to the graph: freeze the run, drive doit to the mode's end, say what came of it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from doit.reporter import ConsoleReporter

from eng5.contracts.inventory import Inventory
from eng5.contracts.run import RegisteredAnchor, RunFile
from eng5.errors import Eng5Error
from eng5.files import read_model
from eng5.graph.chain import STEPS
from eng5.graph.graph import Graph
from eng5.locks import hold, let_go
from eng5.pages.rendered import pages
from eng5.paths import ProjectPaths, RunnerPaths
from eng5.runs.log import RunLog, run_log
from eng5.runs.registry import frozen_settings
from eng5.settings import RunnerSettings, load_experiments


def carry_out(
    log: RunLog,
    settings: RunnerSettings,
    inventory: Inventory,
    paths: RunnerPaths,
    *,
    registered_anchors: Sequence[RegisteredAnchor] = (),
) -> int:
    """Freeze the run and do whatever is missing until the mode's end; 0, or the refusal of the step that failed."""
    from eng5.console.plan import spending
    from eng5.graph.action import late_refusals
    from eng5.services.judge_identity import own_judge
    from eng5.steps import run

    hold(paths.lock, f"run '{paths.name}'")
    log.say(f"· {STEPS['identity']}", step="identity")
    run.run(
        paths,
        settings,
        inventory,
        registered_anchors=registered_anchors,
        plan=partial(spending, paths.project, settings, inventory),
        own_judge=own_judge(settings.judge, paths.project),
    )
    frozen = read_model(paths.run, RunFile)
    log.bind(correlation_id=str(frozen.correlation_id), batch_uuid=str(frozen.batch_uuid))
    log.event("run frozen", attempt=frozen.identity.attempt, stack=frozen.identity.stack)
    last_step = _last_step(settings)
    as_frozen = frozen_settings(paths.project, frozen, settings.platform, settings.privacy).model_copy(
        update={"platform": settings.platform, "force_reupload": settings.force_reupload}
    )
    late = len(late_refusals)
    done = _drive(log, _graph_of(as_frozen, paths, inventory), paths, last_step)
    if last_step == "report":
        _say_results(log, paths, news=done > 0)
    elif last_step == "envelope":
        log.say(f"Not published (--no-kafka). The request: {paths.envelope}")
    else:
        log.say(
            f"Published as batch {frozen.batch_uuid}. To wait for its answers, "
            "run the same command with --await-completion."
        )
    if late_refusals[late:]:
        raise late_refusals[late]
    return 0


def run_doit(project: ProjectPaths, arguments: Sequence[str]) -> int:
    """`doit ARGUMENTS` in the study's folder, which was named to the user; its exit code."""
    from doit.doit_cmd import DoitMain

    from eng5.graph.database import BACK_END
    from eng5.graph.reporter import Reporter

    os.chdir(project.root)
    Reporter.names_study = False
    return int(DoitMain(config_filenames=(), extra_config=BACK_END).run(list(arguments)) or 0)


def update_artefact(settings: RunnerSettings, paths: RunnerPaths) -> None:
    """Bring the run's artefact up to date, as doit would on its way to a run that is made from it.

    Raises:
        Eng5Error: whatever a step refuses.
    """
    with run_log(paths, settings) as log:
        _drive(log, Graph.of(paths.project), paths, "artefact")


def publish(settings: RunnerSettings, paths: RunnerPaths) -> None:
    """Bring the run as far as its published request, and let other processes work on it then.

    A run that is not listed in experiments.toml is frozen first. A request that was published is left to whoever
    fetches its answers.

    Raises:
        Eng5Error: whatever a step refuses.
    """
    from eng5.steps import inventory, run

    try:
        with run_log(paths, settings) as log:
            if settings.origin == "command-line" and not paths.run.exists():
                hold(paths.lock, f"run '{paths.name}'")
                run.run(paths, settings, inventory.of_settings(paths.project, settings))
            _drive(log, Graph.of(paths.project), paths, "identity")
            if not paths.published.exists():
                _drive(log, Graph.of(paths.project), paths, "published")
    finally:
        let_go(paths.lock)


def _graph_of(settings: RunnerSettings, paths: RunnerPaths, inventory: Inventory) -> Graph:
    """The graph of one run whose inputs were read already."""
    runs, inputs = {paths.name: settings}, {paths.name: inventory}
    return Graph.told(paths.project, load_experiments(paths.project), runs, inputs)


def _last_step(settings: RunnerSettings) -> str:
    if not settings.use_kafka:
        return "envelope"
    return "report" if settings.await_completion else "published"


def _drive(log: RunLog, graph: Graph, paths: RunnerPaths, step: str) -> int:
    """Run doit up to a step of the run; the count of steps that were done.

    A run whose inputs were handed on is frozen already.

    Raises:
        Eng5Error: what the first step to fail refused.
    """
    from doit.cmd_base import ModuleTaskLoader
    from doit.doit_cmd import DoitMain

    from eng5.graph.action import refusals
    from eng5.graph.database import BACK_END
    from eng5.graph.tasks import Tasks

    progress = StepReporter(log)
    names = Tasks(graph).namespace(without=["identity"] if graph.inputs else [])
    names["DOIT_CONFIG"]["reporter"] = progress
    before = len(refusals)
    target = f"{step}:{paths.name}"
    code = DoitMain(ModuleTaskLoader(names), config_filenames=(), extra_config=BACK_END).run(["run", target])
    if refusals[before:]:
        raise refusals[before]
    if code:
        raise Eng5Error(
            f"{target} failed{': ' + progress.failure if progress.failure else ''}",
            remedy=f"see {paths.log}; if the message does not help, report it as a bug",
        )
    return progress.done


class StepReporter(ConsoleReporter):  # type: ignore[misc]
    """Says and logs each step of a run as it begins and ends."""

    def __init__(self, log: RunLog) -> None:
        super().__init__(sys.stdout, {})
        self._log = log
        self._began = time.monotonic()
        self.done = 0
        self.failure: str | None = None

    def execute_task(self, task: Any) -> None:
        """Say that a step begins."""
        self._began = time.monotonic()
        step = task.name.partition(":")[0]
        self._log.say(f"· {STEPS.get(step, step)}", step=step)

    def add_success(self, task: Any) -> None:
        """Count a step that is done."""
        step, separator, _ = task.name.partition(":")
        if separator:
            self.done += 1
            self._log.event("step done", step=step, seconds=round(time.monotonic() - self._began, 3))

    def add_failure(self, task: Any, fail: Any) -> None:
        """Keep why the first step failed."""
        self._note(task.name, fail.get_msg())

    def skip_uptodate(self, task: Any) -> None:
        """Log a step that has nothing to do."""
        self._log.event("step up to date", step=task.name.partition(":")[0])

    def complete_run(self) -> None:
        """Keep what belongs to no step."""
        for message in self.runtime_errors:
            self._note("doit", message)

    def _note(self, name: str, reason: str) -> None:
        if self.failure is None:
            self.failure = (reason.strip().splitlines() or ["no reason given"])[-1]
        self._log.problem("step failed", step=name, reason=reason)


def _say_results(log: RunLog, paths: RunnerPaths, *, news: bool) -> None:
    """The run summary: comparisons, tokens, cost, and where the report is."""
    from eng5.contracts.artefact import Artefact
    from eng5.pages.rendering import plural
    from eng5.reports.spending import planned_and_real

    artefact = read_model(paths.artefact, Artefact)
    rows = artefact.llm_comparisons
    counts = {status: sum(row.status == status for row in rows) for status in ("succeeded", "tie", "failed")}
    prompt = sum(one.prompt_tokens for one in artefact.costs.token_counts)
    completion = sum(one.completion_tokens for one in artefact.costs.token_counts)
    usd = artefact.costs.total_usd
    if not news:
        log.say("Nothing to do: the report is there.")
    log.say(
        f"Comparisons: {len(rows)} ({counts['succeeded']} decided, {plural(counts['tie'], 'tie')}, "
        f"{counts['failed']} failed)",
        comparisons=len(rows),
        **counts,
    )
    log.say(
        f"Tokens: {prompt} prompt, {completion} completion. Cost: "
        f"{'n/a' if usd is None else f'{usd:.4f} USD'}",
        tokens_prompt=prompt,
        tokens_completion=completion,
        cost_usd=usd,
    )
    costs = artefact.costs
    if costs.planned is not None and costs.spent is not None:
        for what, text in planned_and_real(costs.planned, costs.spent):
            log.say(f"{what}: {text}")
    if artefact.validation.batch_status != "completed":
        log.say(f"The data are partial: the batch is {artefact.validation.batch_status}")
    for page in pages(paths):
        log.say(f"Report: {page}")
