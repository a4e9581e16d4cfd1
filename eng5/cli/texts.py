"""The command that shows the texts as the judge will see them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from eng5.reports.texts import Text


def texts(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Show this text: an id, an anchor id or a file name.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write every text as a plain file into FOLDER.")
    ] = None,
    html: Annotated[bool, typer.Option("--html", help="Write reports/texts.html, with every text.")] = False,
) -> None:
    """Show what the judge will see: every essay's file, id, grade, words, language and notices, or one text.

    Tracked changes are accepted, headers, comments and hidden text are left out, and the names of [privacy] in
    experiments.toml are replaced, just as when the essays are sent. A text alone goes to standard output, what is
    said about it to standard error. Nothing is sent. The exit code is 2 when an essay cannot be used.
    """
    from functools import partial

    from eng5.cli.values import given
    from eng5.console.progress import progress
    from eng5.reports.texts import find, read_all, write_folder, write_page
    from eng5.settings import anchors_folder

    known = given(ctx)
    found = read_all(
        known.project,
        anchors_folder(known.project),
        known.experiments,
        partial(progress, "reading essays"),
    )
    if name is not None:
        _show_text(find(found, name))
        return
    _show_all(found)
    if out is not None:
        typer.echo(f"{write_folder(out, found)} texts in {out}")
    if html:
        typer.echo(str(write_page(known.project, found, known.experiments.language)))
    refused = [one for one in found if one.refusal is not None]
    for one in refused:
        typer.echo(str(one.refusal), err=True)
    if refused:
        raise typer.Exit(max(one.refusal.exit_code for one in refused if one.refusal is not None))


def _show_all(found: list[Text]) -> None:
    from eng5.console.tables import show_table

    show_table(
        ("File", "Id", "Grade", "Words", "Language", "Notices"),
        [
            (
                _visible(one.file),
                one.short_id,
                one.essay.grade if one.essay else None,
                one.essay.words if one.essay else None,
                one.essay.language if one.essay else None,
                "; ".join(one.notices) or None,
            )
            for one in found
        ],
        right=("Words",),
    )
    if not found:
        typer.echo("No essays: put them into inputs/anchors and inputs/students.", err=True)


def _show_text(one: Text) -> None:
    if one.essay is not None:
        grade = f", grade {one.essay.grade}" if one.essay.grade else ""
        language = f", language {one.essay.language}" if one.essay.language else ""
        typer.echo(
            f"{_visible(one.file)}: {one.essay.essay_id}, {one.essay.words} words{grade}{language}", err=True
        )
    for notice in one.notices:
        typer.echo(f"  {notice}", err=True)
    shown = _visible(one.text, keep="\n\t") if sys.stdout.isatty() else one.text
    sys.stdout.write(f"{shown}\n")


def _visible(text: str, keep: str = "") -> str:
    """What a terminal would obey, or turn round, is shown by its number."""
    return "".join(
        sign if sign.isprintable() or sign in keep else sign.encode("unicode_escape").decode()
        for sign in text
    )
