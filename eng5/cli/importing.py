"""The command that takes comparisons of other tools in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer


def import_comparisons(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE.csv", help="Comparisons, one a line, with a heading.")
    ],
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="FIELD=COLUMN", help="Which column is what; may be given several times."
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="Name of the run; the file's by default.")
    ] = None,
    grades: Annotated[
        Path | None,
        typer.Option(help="Grades of essays whose texts are not here: anchor_id,file_name,grade."),
    ] = None,
    people: Annotated[
        bool,
        typer.Option("--people", help="The judges are people: every report says so, and names are replaced."),
    ] = False,
    keep_names: Annotated[
        bool, typer.Option("--keep-names", help="With --people: leave the judges' names as they are.")
    ] = False,
) -> None:
    """Take in comparisons of another tool, measure them and make their report.

    The file is a CSV table with a heading, separated by commas, semicolons, tabs or bars. Columns of No More Marking
    (judgeId, chosen, notChosen, timeTaken, createdAt), of Comproved and other usual names are known. Others are
    named: --map judge=Teacher --map left=TextA --map right=TextB --map chosen=Winner.

    Fields: judge, left, right, chosen, not_chosen, time, seconds, milliseconds, comment. In place of left and right,
    chosen and not_chosen will do; which text was on the left is then unknown. A choice is one of the two names, left
    or right, A or B, 1 or 2, or tie; an empty cell counts as a comparison without an answer.

    A text that is called like an anchor of inputs/anchors is that anchor; others have the grade that
    inputs/grades.csv, or --grades, gives to their name.

    With --people the run is one of human experts: it is labelled so, an LLM's report is held against it, and the
    judges are called judge-1, judge-2 … from here on. Which is whom is said once, here, and stored nowhere; the same
    file gives the same pseudonyms again. Afterwards doit compare sets the run beside the variants,
    and doit export has its comparisons.
    """
    from eng5 import __version__
    from eng5.cli.values import given
    from eng5.contracts.experiments import RUN_NAME
    from eng5.errors import InputError
    from eng5.pages.rendered import pages
    from eng5.pages.rendering import plural
    from eng5.settings import anchors_folder
    from eng5.steps import imported
    from eng5.steps.render import rebuild

    known = given(ctx)
    run_name = name or re.sub(r"[^A-Za-z0-9._-]+", "_", file.stem).strip("_.-")[:80]
    if not re.fullmatch(RUN_NAME, run_name):
        raise InputError(
            f"'{run_name}' is no name of a run",
            remedy="--as NAME: letters, digits, '.', '_' and '-', at most 80",
        )
    if keep_names and not people:
        raise InputError("--keep-names is about people", remedy="give --people as well, or neither")
    paths, artefact, pseudonyms = imported.run(
        known.project,
        known.experiments,
        file,
        dict(_pair(text) for text in mapping or []),
        name=run_name,
        grades=grades,
        anchors_folder=anchors_folder(known.project),
        version=__version__,
        people=people,
        keep_names=keep_names,
    )
    rebuild(paths, known.experiments)
    about = artefact.metadata.imported
    rows = artefact.llm_comparisons
    grades_of = [one.grade for one in artefact.inputs.anchors] + [one.grade for one in artefact.inputs.named]
    graded = sum(grade is not None for grade in grades_of)
    judges, states = {row.model for row in rows}, [row.status for row in rows]
    who = ("person", "people") if people else ("judge", "judges")
    typer.echo(
        f"{paths.name}: {plural(len(rows), 'comparison')} of {plural(len(grades_of), 'essay')} by "
        f"{len(judges)} {who[len(judges) != 1]}; {plural(states.count('tie'), 'tie')}, "
        f"{states.count('failed')} without an answer; "
        f"{len(artefact.inputs.anchors)} essays are anchors of this project, {graded} have a grade"
    )
    if about is not None:
        typer.echo(
            "read: " + ", ".join(f"{field} from '{column}'" for field, column in about.columns.items())
        )
        if {"seconds", "milliseconds"} & about.columns.keys() and "time" not in about.columns:
            typer.echo(
                "no column says when a comparison was made, so how long it took is not kept: --map time=COLUMN",
                err=True,
            )
    for judge, pseudonym in pseudonyms.items():
        typer.echo(f"{pseudonym} is {judge}")
    if not graded:
        typer.echo(
            "no essay has a grade: scores and judges are measured, agreement with experts is not", err=True
        )
    for page in pages(paths):
        typer.echo(f"report: {page}")


def _pair(text: str) -> tuple[str, str]:
    from eng5.errors import InputError

    field, separator, column = text.partition("=")
    if not (field.strip() and separator and column.strip()):
        raise InputError(f"--map {text}: no FIELD=COLUMN", remedy="write for example --map judge=Teacher")
    return field.strip(), column.strip()
