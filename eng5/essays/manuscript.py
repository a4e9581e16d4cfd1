"""What a reader of one format hands on: paragraphs, notes, and what a teacher has to be told about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

TRACKED = "tracked changes: insertions and moves are read as accepted, deletions are left out"
COMMENTS = "comments are left out"
HIDDEN = "hidden text is left out"
RUNNING = "headers and footers are left out"
PICTURES = "it has pictures: what is written in them is not read"


@dataclass
class Manuscript:
    """Paragraphs in reading order; a note's mark stands in the text as `[1]`, its words after the last paragraph."""

    paragraphs: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def add(self, text: str, label: str = "") -> None:
        """One paragraph, with its number or bullet before it; an empty one is none."""
        lines = [line.strip(" \t\u00a0") for line in text.split("\n")]
        shown = "\n".join(lines).strip("\n")
        if shown.strip():
            self.paragraphs.append(f"{label} {shown}".strip() if label else shown)

    def aside(self, walk: Callable[..., None], *arguments: Any) -> str:
        """The paragraphs that `walk` adds, a line each: they stand elsewhere than in the text."""
        outside, self.paragraphs = self.paragraphs, []
        walk(*arguments)
        inside, self.paragraphs = self.paragraphs, outside
        return "\n".join(inside)

    def say(self, notice: str) -> None:
        """A notice, once."""
        if notice not in self.notices:
            self.notices.append(notice)

    @property
    def text(self) -> str:
        """The whole: paragraphs, then notes, a blank line between two."""
        return "\n\n".join((*self.paragraphs, *self.notes))
