"""What each step of the chain is handed when doit runs it. Steps are imported when they are run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from eng5.errors import BatchAwaitedError, BatchFailedError, DamagedFileError, InputError, PartialDataError
from eng5.files import read_bytes, read_model, sha256_bytes
from eng5.pages.rendered import say, say_where
from eng5.paths import RunnerPaths
from eng5.runs.state import artefact_alone, how_it_ended
from eng5.steps.analyse import analyse, measure_baseline, rebuild_analysis, with_analysis

if TYPE_CHECKING:
    from eng5.graph.graph import Graph
    from eng5.settings import RunnerSettings

    Step = Callable[[Graph, RunnerPaths, RunnerSettings], None]


DAMAGED = "damaged"


def step(done: Step, graph: Graph, paths: RunnerPaths) -> None:
    """One of the steps below, for a run of the graph."""
    done(graph, paths, graph.runs[paths.name])


def identity(graph: Graph, paths: RunnerPaths, settings: RunnerSettings) -> None:
    from eng5.console.plan import spending
    from eng5.services.judge_identity import own_judge
    from eng5.steps import run

    before = read_bytes(paths.run) if paths.run.exists() else None
    found = graph.found(paths.name)
    run.run(
        paths,
        settings,
        found,
        plan=partial(spending, graph.project, settings, found),
        own_judge=own_judge(settings.judge, graph.project),
    )
    if read_bytes(paths.run) != before:
        for notice in run.prompt_notices(settings):
            print(f"   {notice}")  # noqa: T201


def inventory(graph: Graph, paths: RunnerPaths, settings: RunnerSettings) -> None:
    from eng5.steps import inventory

    inventory.run(paths, graph.found(paths.name))


def uploads(graph: Graph, paths: RunnerPaths, settings: RunnerSettings) -> None:
    from eng5.console.progress import progress
    from eng5.services.connect import services_of
    from eng5.steps import uploads

    if answered(paths, paths.uploads) and not settings.force_reupload:
        return
    with services_of(graph.project, settings.platform).content() as content:
        shown = partial(progress, f"essays of {paths.name} at the Content Service")
        uploads.run(paths, content, shown, privacy=settings.privacy, force=settings.force_reupload)


def envelope(graph: Graph, paths: RunnerPaths, settings: RunnerSettings) -> None:
    from eng5.steps import envelope

    envelope.run(paths)


def published(graph: Graph, paths: RunnerPaths, settings: RunnerSettings) -> None:
    from eng5.services.connect import services_of
    from eng5.steps import published

    if answered(paths, paths.published):
        return
    with services_of(graph.project, settings.platform).broker() as broker:
        published.run(paths, broker)


def events(graph: Graph, paths: RunnerPaths, settings: RunnerSettings) -> None:
    from eng5.console.progress import progress
    from eng5.services.connect import services_of
    from eng5.steps import events

    if answered(paths, paths.events):
        return
    if settings.judged_by_people:
        from eng5.services.people import wait_is_over

        wait_is_over(paths)
    services = services_of(graph.project, settings.platform)
    try:
        with services.broker() as broker:
            events.run(paths, broker, partial(progress, f"judging {paths.name}"), check=services.check)
    except (BatchFailedError, PartialDataError) as error:
        batches = services.waiting_for()
        if batches is not None and isinstance(error, PartialDataError):
            raise BatchAwaitedError(
                f"run '{paths.name}' awaits its batch: {batches}",
                remedy="run the same command again later; `eng5 batches` shows how far it is, "
                f"`eng5 batches wait {paths.name}` waits for its end",
            ) from None
        report_what_came(graph, paths)
        raise


def report_what_came(graph: Graph, paths: RunnerPaths) -> None:
    """The report of a run that did not come to its end, which doit would not get to."""
    from eng5.contracts.failures import Failures
    from eng5.reports.failures import failure_lines
    from eng5.steps import artefact
    from eng5.steps.render import rebuild

    artefact.run(paths)
    rebuild(paths, graph.experiments)
    say_where(paths)
    for line in failure_lines(read_model(paths.analysis, Failures).failures):
        print(f"   {line['count']} failed: {line['name']}. Try next: {line['next']}")  # noqa: T201


def artefact(graph: Graph, paths: RunnerPaths, settings: RunnerSettings) -> None:
    from eng5.steps import artefact

    artefact.run(paths)


def panel(graph: Graph, paths: RunnerPaths, settings: RunnerSettings) -> None:
    from eng5.steps import variant_panel

    check_foreign(graph, settings.members)
    variant_panel.run(graph.project, paths.name, settings.members, settings.panel_verdict)


def analysis(graph: Graph, paths: RunnerPaths, settings: RunnerSettings) -> None:
    analyse(paths, settings.mode, graph.experiments)


def report(graph: Graph, paths: RunnerPaths, settings: RunnerSettings) -> None:
    from eng5.steps.render import render

    with_analysis(lambda: render(paths, settings.mode), paths, graph.experiments)


def rebuild(graph: Graph, paths: RunnerPaths) -> None:
    from eng5.steps.render import rebuild

    rebuild(paths, graph.experiments)


def baseline(graph: Graph) -> None:
    measure_baseline(graph.project.run(graph.experiments.baseline))


def index(graph: Graph) -> None:
    from eng5.contracts.analysis import Analysis
    from eng5.reports import history, index

    def analysis_of(paths: RunnerPaths) -> Analysis:
        return with_analysis(lambda: read_model(paths.analysis, Analysis), paths, graph.experiments)

    index.run(graph.project, analysis_of)
    history.run(graph.project)


def imports(graph: Graph) -> str:
    """The imported runs and the hashes of their artefacts: what doit compares to see that one is new."""
    if not any(map(artefact_alone, graph.made)):
        return ""
    from eng5.runs.registry import imported_runs

    names = imported_runs(graph.project)
    return " ".join(f"{name}:{sha256_bytes(read_bytes(graph.project.run(name).artefact))}" for name in names)


def compare(graph: Graph, left_out: Mapping[str, str] | None = None) -> None:
    """Variants side by side, from artefacts; `left_out` says of runs why they are not among them."""
    from eng5.console.progress import progress
    from eng5.reports.variants import compare

    waiting = [name for name in graph.variants if name not in graph.answered_variants]
    if waiting:
        print(f"   left out until people have answered: {', '.join(waiting)}")  # noqa: T201
    not_there = compare.run(
        graph.project,
        graph.experiments,
        graph.compared_variants,
        partial(progress, "comparing"),
        left_out=left_out or {},
    )
    if not_there:
        listed = ", ".join(f"{name} ({why})" for name, why in not_there.items())
        print(f"   left out: {listed}; `doit --continue compare` runs what it can")  # noqa: T201


def compare_what_is_there(graph: Graph) -> bool:
    """Compare the runs that have an artefact of today's settings, and name the others; False where too few have."""
    from eng5.runs.registry import check_current

    left_out = {}
    for name in graph.answered_variants:
        paths = graph.project.run(name)
        try:
            if paths.artefact.exists() and not graph.runs[name].members:
                check_current(paths, graph.runs[name])
        except InputError as error:
            left_out[name] = error.problem
        if not paths.artefact.exists():
            left_out[name] = "no artefact yet"
    there = {variant for name, variant in graph.answered_variants.items() if name not in left_out}
    if graph.experiments.baseline not in there or len(there) < 2:
        print("   no comparison: it takes the baseline and another variant")  # noqa: T201
        return False
    print("   comparing the runs that are there")  # noqa: T201
    compare(graph, left_out)
    say(*graph.project.pages_of(graph.project.compare))
    return True


def compare_boundary(graph: Graph, names: Sequence[str]) -> None:
    """Boundary tests side by side, from artefacts."""
    from eng5.reports.boundary import compare

    compare.run(graph.project, names)


def gate(graph: Graph, names: Sequence[str], *, refuse: bool = True) -> None:
    """Hold runs against the targets; `refuse`: a target that is missed ends the process."""
    from eng5.reports import gate

    check_foreign(graph, names)
    for name in names:
        if artefact_alone(graph.project.run(name)):
            rebuild_analysis(graph.project.run(name), graph.experiments)
    variants: dict[str, list[str]] = {}
    for name in names:
        variants.setdefault(graph.variants[name] if len(names) > 1 else name, []).append(name)
    gates = gate.write(graph.project, graph.experiments, variants)
    say(graph.project.reports / "gate.md")
    if refuse:
        gate.refuse(gates)


def gate_files(graph: Graph, names: Sequence[str]) -> None:
    """The gate's files alone; left out, with the reason, where an artefact is not of today's prompts."""
    try:
        gate(graph, names, refuse=False)
    except InputError as error:
        print(f"   left out, the gate: {error}")  # noqa: T201


def export(graph: Graph) -> None:
    from eng5.reports import table

    table.run(graph.project)


def plan(graph: Graph) -> None:
    from eng5.console.plan import say_plan

    say_plan(graph.project, graph.runs.values(), graph.experiments)


def check_foreign(graph: Graph, names: Sequence[str]) -> None:
    """Refuse artefacts that came alone and are not of these settings."""
    from eng5.runs.registry import check_current

    for name in names:
        if artefact_alone(graph.project.run(name)) and not graph.runs[name].members:
            check_current(graph.project.run(name), graph.runs[name])


def has_its_answers(paths: RunnerPaths) -> bool:
    """All answers of the batch are journalled: nothing has to be uploaded or published for it."""
    return _ended(paths) not in (None, DAMAGED)


def answered(paths: RunnerPaths, target: Path) -> bool:
    """No service is needed for `target` any more, whatever doit remembers."""
    return target.exists() and has_its_answers(paths) and not_failed(paths)


def not_failed(paths: RunnerPaths) -> bool:
    """The platform did not give the batch up."""
    return _ended(paths) not in ("failed", DAMAGED)


def _ended(paths: RunnerPaths) -> str | None:
    """How the batch ended; of a damaged journal the step that is done then says what is wrong."""
    try:
        return how_it_ended(paths)
    except DamagedFileError:
        return DAMAGED
