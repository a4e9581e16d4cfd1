"""The author's notes on attempts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from eng5.cli.completion import RUN

if TYPE_CHECKING:
    from eng5.contracts.history import Attempt
    from eng5.paths import ProjectPaths


def note(
    ctx: typer.Context,
    run: RUN,
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help="The note; it takes the place of the one before.")
    ] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", help="Add a tag; may be given again.")] = None,
    untag: Annotated[
        list[str] | None, typer.Option("--untag", help="Take a tag away; may be given again.")
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Remove the note with its tags.")] = False,
    attempt: Annotated[
        str | None,
        typer.Option(
            metavar="ATTEMPT",
            help="An earlier attempt: its number in the history, or how its date (20261126_1) or batch begins.",
        ),
    ] = None,
) -> None:
    """Say what an attempt of a run was for, or what came of it; without a text, show what is said.

    Notes stand in reports/history.html beside the attempt's figures and the diff of its prompts. They are kept in
    inputs/notes.toml, which may be edited and committed; `doit clean` leaves it alone.

    \b
    Examples:
      eng5 note l1 "Names Swedish interference; fewer inversions at E/F" --tag keep
      eng5 note l1
      eng5 note l1 --attempt 2 "The typo in the rubric" --untag keep
      eng5 note l1 --remove
    """
    from eng5.cli.values import study_of
    from eng5.contracts.notes import Note
    from eng5.errors import InputError
    from eng5.reports import history
    from eng5.runs.notes import checked_note, load_notes, save_note

    project = study_of(ctx)
    attempts = _attempts(project, run)
    changes = text is not None or bool(tag) or bool(untag) or remove
    if not changes and attempt is None:
        _show([one for one in attempts if one.note] or attempts[-1:])
        return
    one = _chosen(run, attempts, attempt)
    if remove and (text is not None or tag):
        raise InputError("--remove with a text or a tag", remedy="leave one of them out")
    if not changes:
        _show([one])
        return
    before = load_notes(project).of(one.batch) or Note(run=run, batch=one.batch)
    tags = [each for each in dict.fromkeys([*before.tags, *(tag or [])]) if each not in (untag or [])]
    after = checked_note(
        run, one.batch, "" if remove else before.text if text is None else text, [] if remove else tags
    )
    save_note(project, after)
    if project.history_page.is_file():
        history.run(project)
    _show([one.model_copy(update={"note": after if after.text or after.tags else None})])


def _attempts(project: ProjectPaths, run: str) -> list[Attempt]:
    """Attempts of a run, the earliest first, with their numbers in the history."""
    from eng5.contracts.refusals import nearest
    from eng5.errors import InputError
    from eng5.reports import history

    every = [one for life in history.read(project).lives for one in life.attempts]
    found = [one for one in every if one.run == run]
    if not found:
        known = {one.run for one in every}
        raise InputError(f"no run '{run}' has been made{nearest(run, known)}", remedy="`eng5 runs` shows all")
    return found


def _chosen(run: str, attempts: list[Attempt], named: str | None) -> Attempt:
    """The attempt that a number, a date or a batch names; the present one without."""
    from eng5.errors import InputError

    if named is None:
        return next((one for one in attempts if one.present), attempts[-1])
    number = named.removeprefix("#")
    fitting = [one for one in attempts if str(one.number) == number] or [
        one
        for one in attempts
        if one.created_at.strftime("%Y%m%d_%H%M%S").startswith(named) or str(one.batch).startswith(named)
    ]
    if len(fitting) != 1:
        known = ", ".join(f"{one.number} ({one.created_at:%Y%m%d_%H%M%S})" for one in attempts)
        raise InputError(
            f"{'several attempts' if fitting else 'no attempt'} of '{run}' for '{named}'",
            remedy=f"there are: {known}",
        )
    return fitting[0]


def _show(attempts: list[Attempt]) -> None:
    from eng5.console.tables import show_table
    from eng5.plots.printable import printable

    show_table(
        ("Attempt", "Run", "Note", "Tags"),
        [
            (
                f"#{one.number} {one.title}",
                one.run,
                printable(" ".join(one.note.text.split())) or None if one.note else None,
                ", ".join(one.note.tags) or None if one.note else None,
            )
            for one in attempts
        ],
    )
