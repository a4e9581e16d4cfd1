"""The command with which people judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from eng5.cli.completion import run_completions

if TYPE_CHECKING:
    from eng5.cli.values import Given
    from eng5.paths import RunnerPaths
    from eng5.people.panel import Panel
    from eng5.settings import RunnerSettings

NO_PANEL = """\
add to inputs/experiments.toml, for example:
      [human]
      judges = ["anna", "bo", "cy"]
      pairs = 30

      [variant.panel]
      provider = "human\""""


def judge(
    ctx: typer.Context,
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN]",
            autocompletion=run_completions,
            help="A run whose provider is human; may be left out where there is one.",
        ),
    ] = None,
    judges: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,NAME",
            help="Pseudonyms of the judges, in place of those of [human] in experiments.toml.",
        ),
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Listen on this address of this machine; each judge then gets a personal link. Without it only "
            "this machine reaches the page, and judges say who they are.",
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port; the one of the last time, or a free one, when not given."),
    ] = None,
    new_links: Annotated[
        bool, typer.Option("--new-links", help="Make new personal links; earlier ones no longer work.")
    ] = False,
    dispute: Annotated[
        str | None,
        typer.Option(
            metavar="RUN",
            autocompletion=run_completions,
            help="Give people the pairs of this run where their answers would change most.",
        ),
    ] = None,
    forget: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Take this pseudonym out of all that is kept: the verdicts stay, under a name drawn at random.",
        ),
    ] = None,
    close: Annotated[
        bool,
        typer.Option("--close", help="Await no more answers: the run goes on with those that are there."),
    ] = False,
) -> None:
    """Let people judge: serve the page on which they compare two texts at a time.

    Every answer is in the ledger before the page goes on to the next pair. Ctrl-C stops the page; judges go on where
    they stopped when it is served again. When all have answered, doit report:RUN measures the run like any other.
    """
    import asyncio

    from eng5.cli.values import given
    from eng5.environment import one_thread_for_matrices
    from eng5.files import read_bytes
    from eng5.graph.drive import publish
    from eng5.people.open import material_of
    from eng5.people.panel import Panel

    one_thread_for_matrices()
    known = given(ctx)
    _refuse_two(run, dispute=dispute, forget=forget, close=close)
    if forget is not None:
        _forget(known, forget)
        return
    if close and dispute is not None:
        run, dispute = known.project.run(dispute).dispute.name, None
    paths, settings = _run_of_people(known, run) if dispute is None else _disputing(known, dispute, judges)
    _refuse_finished(paths)
    publish(settings, paths)
    material, about = material_of(read_bytes(paths.envelope), known.project.stack)
    panel = Panel(material, known.project.stack)
    if close:
        _close(panel, paths)
        return
    from eng5.people.web_server import serve

    names = _judges(known, judges, list(panel.record.read().file.quotas))
    typer.echo(f"{paths.name}: {panel.in_words(len(names))}")
    if others := panel.under_other_instructions(names):
        typer.echo(
            f"{others} answers of these judges on these texts are kept that were given under other instructions "
            "or on another text; they do not count here",
            err=True,
        )
    asyncio.run(serve(panel, names, about, typer.echo, host=host, port=port, renew_links=new_links))
    _say_how_far(paths)


def _refuse_two(run: str | None, *, dispute: str | None, forget: str | None, close: bool) -> None:
    """The command is about one run, or about one judge."""
    from eng5.errors import InputError

    named = [("'{}'", run), ("--dispute {}", dispute), ("--forget {}", forget)]
    said = [form.format(name) for form, name in named if name is not None]
    if close and forget is not None:
        said.append("--close")
    if len(said) > 1:
        raise InputError(f"both {said[0]} and {said[1]}", remedy="give one of the two")


def _run_of_people(known: Given, run: str | None) -> tuple[RunnerPaths, RunnerSettings]:
    """The run that is named, or the only one that people judge."""
    from eng5.errors import InputError
    from eng5.runs.registry import load_runs

    runs = load_runs(known.project, known.experiments)
    of_people = [name for name, settings in runs.items() if settings.judged_by_people]
    if run is None and not of_people:
        raise InputError("no run has people as judges", remedy=NO_PANEL)
    if run is None and len(of_people) > 1:
        raise InputError(
            f"{len(of_people)} runs have people as judges",
            remedy=f"name one: eng5 judge {of_people[0]}; there are {', '.join(of_people)}",
        )
    run = of_people[0] if run is None else run
    if run not in of_people:
        settings = _settings_of(known, runs, run)
        own = f"only {', '.join(settings.members)}" if settings.members else "the service's own judge"
        asked = " / ".join(filter(None, (settings.judge.provider, settings.judge.model))) or own
        there = f"people judge {', '.join(of_people)}" if of_people else NO_PANEL
        raise InputError(f"'{run}' asks {asked}, not people", remedy=there)
    return known.project.run(run), runs[run]


def _settings_of(known: Given, runs: Mapping[str, RunnerSettings], run: str) -> RunnerSettings:
    """Of a run that this study makes itself."""
    from eng5.errors import InputError
    from eng5.runs.registry import no_run
    from eng5.runs.state import artefact_alone

    if run in runs:
        return runs[run]
    if artefact_alone(known.project.run(run)):
        raise InputError(
            f"the comparisons of '{run}' were made elsewhere",
            remedy='people answer on the page for the runs of this study: a variant with provider = "human", or '
            "--dispute with the run of a model",
        )
    raise no_run(run, runs)


def _refuse_finished(paths: RunnerPaths) -> None:
    from eng5.errors import InputError
    from eng5.runs.registry import batch_end
    from eng5.runs.state import artefact_alone

    if batch_end(paths) is not None or artefact_alone(paths):
        raise InputError(
            f"'{paths.name}' has all its answers",
            where=paths.folder,
            remedy="to ask for more, add a variant of another name with the same rubric: answers of its judges to "
            "the same questions are taken over",
        )


def _disputing(known: Given, dispute: str, judges: str | None) -> tuple[RunnerPaths, RunnerSettings]:
    """The run that disputes another; where it is not there yet, the pairs that it asks about are chosen."""
    from eng5.handlers.dispute import disputing, settings_of_dispute
    from eng5.runs.registry import load_runs

    runs = load_runs(known.project, known.experiments)
    settings = _settings_of(known, runs, dispute)
    paths = known.project.run(dispute)
    if paths.dispute.name in runs:
        return paths.dispute, runs[paths.dispute.name]
    names = _judges(known, judges, [])
    disputed = disputing(paths, len(names), known.experiments.human.pairs)
    typer.echo(f"{len(disputed.pairs)} doubtful pairs of {dispute}, each for every judge")
    return paths.dispute, settings_of_dispute(settings, paths)


def _judges(known: Given, flag: str | None, before: list[str]) -> list[str]:
    """Who judges: by the flag, else by experiments.toml, else who did before."""
    from pydantic import ValidationError

    from eng5.contracts.panel import Human
    from eng5.errors import InputError

    remedy = "name them: --judges anna,bo,cy, or judges = [...] in [human] of experiments.toml"
    if flag is None:
        names = known.experiments.human.judges or before
    else:
        names = [name.strip() for name in flag.split(",") if name.strip()]
    if not names:
        raise InputError("nobody is named as a judge", remedy=remedy)
    try:
        return Human(judges=names).judges
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        which = f"'{first['input']}' is no pseudonym" if first["loc"][1:] else str(first["ctx"]["error"])
        raise InputError(
            f"--judges: {which}", remedy="letters, digits, '.', '_' and '-', at most 40; each judge once"
        ) from None


def _close(panel: Panel, paths: RunnerPaths) -> None:
    from eng5.errors import InputError

    if not panel.record.read().answered():
        raise InputError(f"nobody has answered in '{paths.name}' yet", remedy=f"eng5 judge {paths.name}")
    panel.record.file.append(closed=True)
    _say_how_far(paths)


def _forget(known: Given, name: str) -> None:
    """Rename the judge where verdicts are kept, and take away what was made of them, to be made anew."""
    import json
    from contextlib import ExitStack

    from eng5.errors import InputError
    from eng5.locks import Lock
    from eng5.pages.rendered import remove_all, remove_analyses, remove_answers
    from eng5.people.forgetting import forget
    from eng5.runs.registry import load_runs

    stack = known.project.stack
    locks = [Lock(stack / "lock", "the stand-in's state", "stop that command first")]
    for panel in sorted((stack / "panels").glob("*.jsonl")):
        locks.append(Lock(panel.with_suffix(".lock"), "the page of a panel", "stop it first: Ctrl-C"))
    with ExitStack() as held:
        for lock in locks:
            lock.acquire(0)
            held.callback(lock.release)
        new_name, verdicts, panels = forget(stack, name)
    if not (verdicts or panels):
        raise InputError(
            f"no verdict of '{name}' is kept", remedy="`eng5 ledger` lists the judges: human/NAME"
        )
    typer.echo(f"{verdicts} verdicts of {name} are those of {new_name} now")
    runs = load_runs(known.project, known.experiments)
    people = {each for each, one in runs.items() if one.judged_by_people}
    for run in (known.project.run(each) for each, one in runs.items() if people & {each, *one.members}):
        if remove_answers(run):
            typer.echo(
                f"{run.name}: its artefact and report had the name and are gone: doit report:{run.name}"
            )
    for other in remove_analyses(known.project, json.dumps(name, ensure_ascii=False).encode()):
        typer.echo(f"{other}: its report was held against them and is gone: doit report:{other}")
    project = known.project
    compared = [project.compare, project.compare_boundary]
    remove_all([project.export, *compared, *(page for one in compared for page in project.pages_of(one))])
    if name in known.experiments.human.judges:
        typer.echo(f"inputs/experiments.toml still names {name}: take it out of [human]")


def _say_how_far(paths: RunnerPaths) -> None:
    """How far the panel is, and how to go on."""
    from eng5.services.people import how_far, in_words

    progress = how_far(paths)
    typer.echo(f"{paths.name}: {in_words(progress)}")
    if progress.complete and paths.disputed.exists():
        typer.echo(f"To see what it changes: doit report:{paths.name.removesuffix('.dispute')}")
    elif progress.complete:
        typer.echo(f"To measure it: doit report:{paths.name}")
    else:
        typer.echo(f"To go on: eng5 judge {paths.name}")
