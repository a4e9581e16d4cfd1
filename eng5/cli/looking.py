"""Commands that look: runs, settings, health."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from eng5.cli.completion import RUN, run_completions

if TYPE_CHECKING:
    from eng5.cli.values import Given
    from eng5.contracts.notes import Note
    from eng5.paths import RunnerPaths
    from eng5.services.doctor import Fault

NOT_USED = "not used: the stand-in is embedded"


def runs(ctx: typer.Context) -> None:
    """All runs of the project: their state, progress and report."""
    from eng5.cli.values import given
    from eng5.console.overview import overview
    from eng5.console.tables import show_table
    from eng5.runs.registry import every_run

    known = given(ctx)
    every = every_run(known.project, known.experiments)
    found = [overview(known.project.run(name), settings) for name, settings in every.items()]
    show_table(
        ("Run", "Mode", "State", "Verdicts", "Report"),
        [(one.name, one.mode, one.state, one.progress, one.report) for one in found],
        right=("Verdicts",),
    )
    for one in found:
        if one.damage:
            typer.echo(one.damage, err=True)


def show(
    ctx: typer.Context,
    run: RUN,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """One run: what was asked for, how far it is, and its figures."""
    from dataclasses import asdict, replace

    from eng5.cli.values import given
    from eng5.console.overview import in_one_line, overview
    from eng5.console.tables import show_table
    from eng5.errors import DamagedFileError
    from eng5.plots.printable import printable
    from eng5.runs.registry import every_run, no_run

    known = given(ctx)
    found = every_run(known.project, known.experiments)
    if run not in found:
        raise no_run(run, found)
    paths = known.project.run(run)
    seen = overview(paths, found[run])
    try:
        verdict, figures = _findings(paths)
    except DamagedFileError as error:
        verdict, figures = None, []
        seen = replace(seen, state="damaged", damage=seen.damage or in_one_line(error))
    note = _note(paths)
    if as_json:
        document = asdict(seen) | {
            "verdict": verdict,
            "metrics": {name: value for name, _, value in figures},
            "note": None if note is None else {"text": note.text, "tags": note.tags},
            "files": [path.name for path in paths.chain() if path.exists()],
        }
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    rows: list[tuple[str, object]] = [
        ("run", seen.name),
        ("mode", seen.mode),
        ("from", seen.origin),
        ("state", seen.state),
        *([("damage", seen.damage)] if seen.damage else []),
        ("verdicts", seen.progress),
        ("attempt", seen.attempt),
        ("created", seen.created_at),
        ("report", seen.report),
        ("log", paths.log if paths.log.exists() else None),
        ("files", ", ".join(path.name for path in paths.chain() if path.exists()) or None),
    ]
    rows += [(label, "n/a" if value is None else f"{value:.3g}") for _, label, value in figures]
    if verdict:
        rows.append(("verdict", verdict))
    if note is not None:
        rows.append(
            ("note", " ".join([printable(" ".join(note.text.split())), *(f"[{tag}]" for tag in note.tags)]))
        )
    show_table(("Field", "Value"), rows)


def config(ctx: typer.Context) -> None:
    """Every setting with its value and where that comes from. Flags stand before the word config."""
    from eng5.cli.flags import FLAGS
    from eng5.cli.values import given
    from eng5.console.tables import show_table
    from eng5.environment import kafka_config, llm_settings, stack, variables
    from eng5.settings import anchors_folder

    known = given(ctx)
    platform = known.platform()
    llm_settings()
    rows: list[tuple[object, object, object]] = [
        ("project", known.project.root, known.values["project"].origin),
        ("stack", platform.stack, "environment (ENG5_STACK)" if platform.stack == stack() else "flag"),
    ]
    addresses = ("content_service_url", "cj_service_url", "kafka_bootstrap", "kafka_client_id")
    for flag in FLAGS:
        value, origin = known.values[flag.name]
        if flag.name in addresses and platform.stack == "embedded":
            origin = NOT_USED
        if flag.name != "project":
            rows.append((flag.name, value, origin))
    scale_origin = "experiments.toml" if "grade_scale" in known.experiments.model_fields_set else "default"
    rows.append(("grade_scale", known.experiments.grade_scale.name, scale_origin))
    folder = anchors_folder(known.project)
    overridden = folder != known.project.anchors
    rows.append(("anchors", folder, "environment (ENG5_ANCHOR_DIR_OVERRIDE)" if overridden else "default"))
    for name, (shown, is_given) in variables().items():
        rows.append((name, shown, f"environment ({name})" if is_given else "default"))
    secret_names = ("password", "secret", "key", "token", "jaas")
    for name, text in sorted(kafka_config().items()):
        hidden = any(word in name for word in secret_names)
        rows.append((f"kafka {name}", "set (hidden)" if hidden else text, "environment (ENG5_KAFKA_*)"))
    show_table(("Setting", "Value", "From"), rows)


def doctor(
    ctx: typer.Context,
    make_topics: Annotated[
        bool, typer.Option("--make-topics", help="Make the topics that the broker has not.")
    ] = False,
    judge: Annotated[
        bool,
        typer.Option("--judge", help="Ask a variant's judge one small question, and check nothing else."),
    ] = False,
    variant: Annotated[
        str | None,
        typer.Argument(
            metavar="[VARIANT]",
            help="With --judge: whose judge is asked; the baseline's without it.",
            autocompletion=run_completions,
        ),
    ] = None,
) -> None:
    """Check inputs, services, broker and token, and say what to do about each.

    With --judge, one question of two sentences goes to the judge: address, key, model, structured output, speed.
    """
    from eng5.cli.values import given
    from eng5.console.tables import show_table
    from eng5.environment import credentials
    from eng5.errors import InputError
    from eng5.services.doctor import check_all

    known = given(ctx)
    if judge:
        findings = _check_judge(known, variant)
    elif variant is not None:
        raise InputError(f"'{variant}' is given without --judge", remedy=f"eng5 doctor --judge {variant}")
    else:
        findings = check_all(
            known.project, known.experiments, known.platform(), credentials(), make_topics=make_topics
        )
    show_table(
        ("Check", "State", "Found"),
        [(one.what, "ok" if one.ok else "PROBLEM", one.found) for one in findings],
    )
    for remedy in dict.fromkeys(one.remedy for one in findings if one.remedy):
        mended = ", ".join(one.what for one in findings if one.remedy == remedy)
        typer.echo(f"{mended}: {remedy}", err=True)
    raise typer.Exit(max((one.exit_code for one in findings), default=0))


def _check_judge(known: Given, variant: str | None) -> list[Fault]:
    from eng5.contracts.refusals import nearest
    from eng5.environment import llm_settings
    from eng5.errors import InputError
    from eng5.services.judge_check import check_judge
    from eng5.settings import run_names, settings_of_run

    name = variant or known.experiments.baseline
    names = run_names(known.experiments)
    if name not in names:
        raise InputError(f"no variant '{name}'{nearest(name, names)}", where=known.project.experiments)
    settings = settings_of_run(known.project, known.experiments, name, known.platform())
    return check_judge(settings, llm_settings(), known.project.root)


def _findings(paths: RunnerPaths) -> tuple[str | None, list[tuple[str, str, float | None]]]:
    """The verdict, and name, label and value of each figure; nothing before the analysis is there."""
    from eng5.contracts.analysis import Analysis
    from eng5.contracts.boundary_analysis import BoundaryAnalysis
    from eng5.files import read_model
    from eng5.runs.registry import mode_of

    if not (paths.artefact.exists() and paths.analysis.exists()):
        return None, []
    if mode_of(paths).about.measures == "boundary":
        test = read_model(paths.analysis, BoundaryAnalysis)
        return test.verdict, [
            ("win_rate", "Wins of the higher grade, corrected", test.overall.corrected.value),
            ("position", "Wins of Essay A", test.overall.position.value),
            ("agreement", "Agreement of repeats", test.overall.agreement.value),
        ]
    analysis = read_model(paths.analysis, Analysis)
    return analysis.verdict, [(metric.name, metric.label, metric.value) for metric in analysis.metrics]


def _note(paths: RunnerPaths) -> Note | None:
    """What the author says of the run's present attempt."""
    from eng5.runs.attempts import present_batch
    from eng5.runs.notes import load_notes

    batch = present_batch(paths)
    return None if batch is None else load_notes(paths.project).of(batch)
