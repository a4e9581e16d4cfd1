"""Commands about a study as a whole: make one, and say why a run of it would go on."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eng5.cli.completion import RUN

if TYPE_CHECKING:
    from eng5.study.make import Choices, Made


def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The study's folder, new or empty.")],
    example: Annotated[bool, typer.Option("--example", help="With the essays that come with eng5.")] = False,
    scale: Annotated[
        str | None,
        typer.Option(
            help="Grades from low to high: '1 to 6', '4.0 to 9.0 by 0.5', F,E,D,C,B,A or a shipped name."
        ),
    ] = None,
    language: Annotated[str | None, typer.Option(help="Language of the essays, such as en or sv.")] = None,
    course: Annotated[str | None, typer.Option(help="Course code, such as ENG5.")] = None,
) -> None:
    """Make a study: a folder with dodo.py, experiments.toml, a first prompt and rubric, and places for the essays.

    What no option says is asked in a terminal, and takes its default elsewhere. A folder that is not empty is
    refused, unless it is this very study.
    """
    from eng5.errors import InputError
    from eng5.study.make import make

    if example and (scale or language or course):
        raise InputError(
            "--example has a scale, a language and a course of its own",
            remedy="leave out --scale, --language and --course, or --example",
        )
    choices = None if example else _choices(scale, language, course)
    _say(make(folder, choices), choices, folder)


def why(
    ctx: typer.Context,
    run: RUN,
) -> None:
    """Why a run would be done again: each step of its chain, which file made it stale, and what changed in it.

    Nothing is done and nothing is written.
    """
    from eng5.cli.values import study_of
    from eng5.graph.graph import Graph
    from eng5.graph.why import why as links_of
    from eng5.runs.registry import no_run

    graph = Graph.of(study_of(ctx))
    if run not in graph.runs:
        raise no_run(run, graph.runs)
    links = links_of(graph, run)
    for link in links:
        typer.echo(f"{link.file.name:18} {link.state}")
        for reason in link.reasons:
            typer.echo(f"    {reason}")
    current = all(link.state == "up to date" for link in links)
    typer.echo("\nNothing would be done." if current else f"\n`doit report:{run}` does what is to be done.")


def run_doit(ctx: typer.Context) -> None:
    """Run `doit` with what follows, in the study that this folder is in: `eng5 doit anchor_align`, `eng5 doit list`.

    The same as `doit` in the study's own folder; for where only `eng5` is on the path, as pipx has it.
    """
    from eng5.cli.values import study_of
    from eng5.graph.drive import run_doit as run

    raise typer.Exit(run(study_of(ctx), ctx.args))


def _choices(scale: str | None, language: str | None, course: str | None) -> Choices:
    from eng5.contracts.grade_scales import DEFAULT_GRADE_SCALE
    from eng5.study.make import Choices, scale_on_the_command_line

    return Choices(
        scale=_chosen(
            "--scale", "Grades, from low to high", scale, DEFAULT_GRADE_SCALE, scale_on_the_command_line
        ),
        language=_chosen("--language", "Language of the essays", language, "en", _language),
        course=_chosen("--course", "Course code", course, "ENG5", _course),
    )


def _chosen(flag: str, question: str, given: str | None, default: str, read: Callable[[str], Any]) -> Any:
    """What the option says, what the terminal answers, or the default."""
    from eng5.errors import InputError

    if given is None and sys.stdin.isatty():

        def answer(text: str) -> Any:
            try:
                return read(text)
            except ValueError as error:
                raise typer.BadParameter(str(error)) from None

        return typer.prompt(question, default=default, value_proc=answer)
    try:
        return read(default if given is None else given)
    except ValueError as error:
        raise InputError(
            f"{flag}: {error}", remedy="`eng5 init --help` shows what each option takes"
        ) from None


def _language(text: str) -> str:
    from eng5.contracts.experiments import LANGUAGE_TAG

    if not re.fullmatch(LANGUAGE_TAG, text):
        raise ValueError(f"'{text}' is no language tag: write one such as en or sv")
    return text


def _course(text: str) -> str:
    if not 0 < len(text.strip()) <= 100 or not text.isprintable():
        raise ValueError(f"'{text[:20]}' is no course code: 1 to 100 letters and digits")
    return text.strip()


def _say(made: Made, choices: Choices | None, typed: Path) -> None:
    """What there is now, and what comes next."""
    typer.echo(f"study: {made.folder}", err=True)
    if not made.written:
        typer.echo("It is there already; nothing was changed.")
    else:
        typer.echo(f"{len(made.written)} files written.")
    if choices is not None and choices.language.split("-")[0].lower() != made.prompt_language:
        typer.echo(
            f"There is no first prompt in '{choices.language}': inputs/prompts/ is in English, for you to translate."
        )
    if choices is not None:
        typer.echo("Put graded essays into inputs/anchors/ and their grades into inputs/grades.csv. Then:")
    doit = "doit" if shutil.which("doit") else "eng5 doit"
    if made.folder != Path.cwd():
        typer.echo(f"  cd {shlex.quote(str(typed))}")
    typer.echo(f"  {doit} anchor_align")
