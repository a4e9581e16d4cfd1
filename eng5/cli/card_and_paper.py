"""Commands that hand a measurement on: a card of a judge, a kit for a paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eng5.cli.completion import RUNS, run_completions

if TYPE_CHECKING:
    from eng5.cli.values import Given
    from eng5.paths import RunnerPaths


def card(
    ctx: typer.Context,
    runs: Annotated[
        list[str] | None, typer.Argument(metavar="[RUN]...", autocompletion=run_completions)
    ] = None,
) -> None:
    """A judge and its prompt on one page: reports/card_RUN.md for people, card_RUN.json for programs.

    What was measured and on what, how well with intervals in both readings, the human ceiling, position and length
    bias, reliability, on whom not, by which version and when, and the SHA-256 of prompts, artefact and log. Every
    figure is one of the run's analysis; what is not known says so. Without a name, of every run that was measured.

    \b
    Examples:
      eng5 card baseline
      eng5 card
    """
    from functools import partial

    from eng5.cli.values import given
    from eng5.reports.card.card import run
    from eng5.steps.analyse import with_analysis

    known = given(ctx)
    for paths in measured(known, runs):
        for path in with_analysis(partial(run, paths), paths, known.experiments):
            typer.echo(f"card: {path.relative_to(known.project.root)}")


def paper(
    ctx: typer.Context,
    runs: RUNS,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FOLDER", help="Where to write; reports/paper by default.")
    ] = None,
) -> None:
    """A kit for a paper about some runs: tables, figures, a methods paragraph and references.

    Tables as LaTeX (booktabs) and CSV, figures as SVG and PDF, the methods with the runs' own numbers as LaTeX and
    Markdown, a bibliography of the sources that they refer to, and paper.tex, which has all of it. With the same runs
    every file is the same to the byte; other files of the folder are left alone.

    \b
    Examples:
      eng5 paper baseline l1 l1.r2
      eng5 paper teachers --to ~/article/eng5
    """
    from functools import partial

    from eng5.cli.values import given
    from eng5.files import relative
    from eng5.reports.card.card import read
    from eng5.reports.paper.paper import run
    from eng5.steps.analyse import with_analysis

    known = given(ctx)
    folder = to or known.project.reports / "paper"
    found = [with_analysis(partial(read, paths), paths, known.experiments) for paths in measured(known, runs)]
    written = run(found, folder)
    for name in ("paper.tex", "methods.tex", "methods.md", "references.bib"):
        typer.echo(f"paper: {relative(folder / name, known.project.root)}")
    for kind in ("tables", "figures"):
        number = sum(name.startswith(f"{kind}/") for name in written)
        typer.echo(f"paper: {relative(folder / kind, known.project.root)} ({number} files)")


def measured(known: Given, names: list[str] | None) -> list[RunnerPaths]:
    """The runs of these names, or all that have an analysis.

    Raises:
        InputError: a run is not there, or was not measured.
    """
    from eng5.errors import InputError
    from eng5.runs.registry import every_run, no_run

    there = every_run(known.project, known.experiments)
    paths = {name: known.project.run(name) for name in there}
    done = [name for name, one in paths.items() if one.artefact.is_file() and one.analysis.is_file()]
    if not names and not done:
        raise InputError(
            "no run was measured yet", remedy="doit anchor_align runs the variants of experiments.toml"
        )
    for name in names or ():
        if name not in there:
            raise no_run(name, there)
        if name not in done:
            raise InputError(
                f"run '{name}' has no analysis yet",
                where=paths[name].analysis,
                remedy=f"doit report:{name}, and then this command again"
                if there[name] is not None
                else "doit rebuild_reports, and then this command again",
            )
    return [paths[name] for name in dict.fromkeys(names or done)]
