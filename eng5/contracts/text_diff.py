"""What changed between two texts: lines, and the words within them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from eng5.contracts.own import OwnFile


class DiffPart(OwnFile):
    """Words of a line."""

    text: str
    changed: bool


class DiffLine(OwnFile):
    """A line of the one or the other text; of `skipped` lines the count is the text."""

    kind: Literal["same", "gone", "new", "skipped"]
    parts: list[DiffPart]

    @property
    def text(self) -> str:
        """The whole line."""
        return "".join(part.text for part in self.parts)


class TextDiff(OwnFile):
    """Two texts that a judge was told, one against the other."""

    what: Literal["system prompt", "rubric"]
    before: str | None = Field(description="path of the one text; None: the service's own")
    after: str | None
    same: bool
    lines: list[DiffLine] = Field(description="none where the texts are the same, or where one is not known")
