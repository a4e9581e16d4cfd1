"""`10_inventory.json`: every input file, its hashes, its essay id and its expert grade."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from eng5.contracts.grade_scales import Scale
from eng5.contracts.own import OwnFile


class InventoryFile(OwnFile):
    """One input file."""

    path: str
    bytes: int = Field(ge=0)
    sha256: str


class Essay(InventoryFile):
    """An anchor or a student essay. `text_sha256` is over the text that is sent, in UTF-8."""

    file_name: str
    essay_id: str = Field(description="the id that the judge's service sees")
    id_source: Literal["grades.csv", "file name", "text"] = "file name"
    anchor_id: str | None = Field(default=None, description="the id in grades.csv; None for students")
    text_sha256: str
    words: int = Field(ge=0)
    encoding: str | None = Field(default=None, description="of a text file; None for other formats")
    language: str | None = Field(default=None, description="ISO 639-1; None where it cannot be said")
    names_replaced: int = Field(
        default=0, ge=0, description="how often a name gave way to the mark of [privacy]"
    )
    notices: list[str] = Field(
        default=[], description="what was left out, and what the teacher should look at"
    )
    addresses_judge: list[str] = Field(
        default=[], description="kinds of words with which the essay seems to address its judge"
    )
    grade: str | None = None
    grade_source: Literal["grades.csv", "file name"] | None = None
    grades: dict[str, str] = Field(default={}, description="grader to grade, where several graded")


class Inventory(OwnFile):
    """The whole of `10_inventory.json`."""

    schema_version: Literal["1"] = "1"
    grade_scale: Scale
    anchors: list[Essay]
    students: list[Essay]
    instructions: InventoryFile | None = None
    prompt: InventoryFile | None = None
    grades: InventoryFile | None = None
    grade_notices: list[str] = Field(default=[], description="what grades.csv says that counts for nothing")
