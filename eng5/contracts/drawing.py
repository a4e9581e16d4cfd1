"""Plots as they go into pages, and as they are kept for the next page: `build/.plots/`."""

from __future__ import annotations

from pydantic import Field

from eng5.contracts.own import OwnFile


class Drawing(OwnFile):
    """A plot, with the name that stands for it where it cannot be seen."""

    title: str
    svg: str = Field(description="an element for an HTML page that has plot.css among its styles")


class KeptDrawings(OwnFile):
    """The drawings of one page, by name."""

    made_from: str = Field(description="hash of the figures, of the drawing code and of its library")
    drawings: dict[str, Drawing]
