"""The author's notes on attempts, in inputs/notes.toml: `doit clean` and rebuilding leave them alone."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from eng5.contracts.notes import LONGEST_NOTE, Note, Notes
from eng5.errors import InputError
from eng5.files import write_text
from eng5.paths import ProjectPaths
from eng5.settings import read_toml

HEAD = "# Notes on attempts of runs. `eng5 note RUN` writes this file; it may be edited and committed.\n\n"


def load_notes(project: ProjectPaths) -> Notes:
    """All notes; none where the file is not there.

    Raises:
        InputError: the file says something else than notes.
    """
    if not project.notes.is_file():
        return Notes()
    return read_toml(project.notes, Notes, remedy="mend the file, or write the note again with `eng5 note`")


def checked_note(run: str, batch: UUID, text: str, tags: Sequence[str]) -> Note:
    """A note as somebody gave it.

    Raises:
        InputError: the text or a tag is too long, or a tag has a space or a comma.
    """
    from pydantic import ValidationError

    readable = text.encode("utf-8", "replace").decode("utf-8").strip()
    try:
        return Note(run=run, batch=batch, text=readable, tags=list(tags))
    except ValidationError as error:
        place = error.errors()[0]["loc"]
        if place[0] == "text":
            raise InputError(
                f"the note has {len(readable):,} characters",
                remedy=f"at most {LONGEST_NOTE:,}; put more into a file of its own",
            ) from None
        raise InputError(
            f"'{tags[int(place[1])]}' is no tag",
            remedy="1 to 40 characters without spaces and commas",
        ) from None


def save_note(project: ProjectPaths, note: Note) -> None:
    """Put a note in the place of what was said of its attempt; one without text and tags removes it."""
    import tomli_w

    notes = load_notes(project).with_note(note)
    if not notes.note:
        project.notes.unlink(missing_ok=True)
        return
    document = notes.model_dump(mode="json")
    write_text(project.notes, HEAD + tomli_w.dumps(document, multiline_strings=True))
