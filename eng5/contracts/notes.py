"""`inputs/notes.toml`: what the author says of attempts. Kept beside the prompts, so that it can be committed."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from eng5.contracts.own import OwnFile

LONGEST_NOTE = 5000
Text = Annotated[str, Field(max_length=LONGEST_NOTE), AfterValidator(lambda text: text.replace("\r\n", "\n"))]
"""A text as a TOML file keeps it: its lines end in one way."""
Tag = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\s,]+$")]


class Note(OwnFile):
    """A note on one attempt of a run."""

    run: str
    batch: UUID = Field(description="which attempt: its batch_uuid")
    text: Text = ""
    tags: list[Tag] = Field(default=[])


class Notes(OwnFile):
    """The whole of `notes.toml`."""

    note: list[Note] = Field(default=[])

    def of(self, batch: UUID) -> Note | None:
        """The note on an attempt."""
        return next((one for one in self.note if one.batch == batch), None)

    def with_note(self, note: Note) -> Notes:
        """With `note` in the place of what was said of its attempt; one that says nothing is taken out."""
        empty = not note.text and not note.tags
        if self.of(note.batch) is None:
            return self if empty else Notes(note=[*self.note, note])
        kept = [note if one.batch == note.batch else one for one in self.note]
        return Notes(note=[one for one in kept if not (empty and one is note)])
