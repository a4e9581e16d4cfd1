"""`[privacy]` of experiments.toml: what is replaced in the essays before anything is sent, and what ids are made of."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from eng5.contracts.own import OwnFile

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\w")]
Pattern = Annotated[str, Field(min_length=1, max_length=1000)]


class Privacy(OwnFile):
    """Names are whole words; an entry in small letters fits however it is written, another also in capitals."""

    names: tuple[Name, ...] = Field(default=(), max_length=2000)
    patterns: tuple[Pattern, ...] = Field(default=(), max_length=100, description="regular expressions")
    mark: str = Field(default="[name]", min_length=1, max_length=40)
    ids: Literal["text", "file name"] = Field(
        default="text", description="what the ids of essays are made of that have none in grades.csv"
    )
