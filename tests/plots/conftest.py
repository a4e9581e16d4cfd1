"""Rows as an analysis has them, and a plot read back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from eng5.contracts.analysis import EssayRow
from eng5.contracts.own import Estimate, Interval
from eng5.plots.plot import Plot

PIXEL = 1 / 72
"""In inches, the unit of a figure."""
GRADES = ("E", "D", "C", "B", "A")


class Line(NamedTuple):
    """A line or, with one place, a point."""

    x: list[float]
    y: list[float]
    colour: str
    label: str
    size: float


class Drawn:
    """What a reader sees of a plot, in data coordinates."""

    def __init__(self, plot: Plot) -> None:
        self.plot, self.axes = plot, plot.axes

    def lines(self, *, points: bool = False) -> list[Line]:
        """Lines without marks, or with `points` the marks alone."""
        from matplotlib.colors import to_hex

        found = []
        for line in self.axes.lines:
            x, y = (np.asarray(data, dtype=float).tolist() for data in line.get_data())
            if (line.get_marker() == "o" and len(x) == 1) is points:
                colour, label = to_hex(line.get_color()), str(line.get_label())
                found.append(Line(x, y, colour, label, float(line.get_markersize())))
        return found

    def points(self) -> list[Line]:
        return self.lines(points=True)

    def bars(self) -> list[tuple[float, float, float]]:
        """Intervals as (x, low, high), from left to right."""
        from matplotlib.collections import LineCollection

        return sorted(
            (float(start[0]), float(start[1]), float(end[1]))
            for collection in self.axes.collections
            if isinstance(collection, LineCollection)
            for start, end in collection.get_segments()
        )

    def within_its_edges(self) -> bool:
        """Whether everything drawn, texts included, lies within the drawing, give or take a pixel."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        figure = self.plot.figure
        box = figure.get_tightbbox(FigureCanvasAgg(figure).get_renderer())  # type: ignore[no-untyped-call]
        width, height = figure.get_size_inches()
        return bool(
            box.x0 > -PIXEL and box.y0 > -PIXEL and box.x1 < width + PIXEL and box.y1 < height + PIXEL
        )


def interval(low: float, high: float) -> Interval:
    return Interval(low=low, high=high, level=0.95, method="test")


def essay(name: str, grade: str | None, score: float | None, **changes: Any) -> EssayRow:
    """A row of the table of essays; ranks are None unless given."""
    values: dict[str, Any] = {
        "essay_id": name,
        "name": name,
        "source_file": f"{name}.txt",
        "grade": grade,
        "level": None if grade is None else GRADES.index(grade),
        "score": score,
        "standard_error": None if score is None else 0.5,
        "score_interval": None if score is None else interval(score - 1, score + 1),
        "rank": None,
        "rank_last": None,
        "expected_rank": None,
        "expected_rank_first": None,
        "expected_rank_last": None,
        "played": 4,
        "wins": 2,
        "losses": 2,
        "ties": 0,
        "failed": 0,
        "win_rate": Estimate(value=0.5),
        "service_score": None,
        "service_rank": None,
    }
    return EssayRow.model_validate(values | changes)


@pytest.fixture(scope="session")
def make_essay() -> Callable[..., EssayRow]:
    return essay


@pytest.fixture(scope="session")
def make_interval() -> Callable[[float, float], Interval]:
    return interval


@pytest.fixture(scope="session")
def read() -> Callable[[Plot | None], Drawn]:
    """A plot read back; fails when nothing was drawn, or when a text is cut off."""

    def reader(plot: Plot | None) -> Drawn:
        assert plot is not None
        drawn = Drawn(plot)
        assert drawn.within_its_edges()
        return drawn

    return reader
