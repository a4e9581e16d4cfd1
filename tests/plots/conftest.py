"""Rows as an analysis has them, and a drawing read back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

from eng5.contracts.analysis import EssayRow, Estimate, Interval
from eng5.plots.canvas import Canvas

GRADES = ("E", "D", "C", "B", "A")


class Drawing:
    """The shapes of a canvas, by class."""

    def __init__(self, canvas: Canvas) -> None:
        self.root = ElementTree.fromstring(canvas.inline())
        self.width, self.height = canvas.width, canvas.height

    def shapes(self, tag: str, kind: str) -> list[dict[str, float]]:
        """Numbers of the elements `tag` whose class holds every word of `kind`."""
        wanted = set(kind.split())
        return [
            {name: float(value) for name, value in element.attrib.items() if _is_number(value)}
            for element in self.root.iter(tag)
            if wanted <= set(element.get("class", "").split())
        ]

    def texts(self) -> list[str]:
        return [element.text or "" for element in self.root.iter("text")]

    def outside(self) -> list[tuple[str, float]]:
        """Coordinates that lie beyond the drawing's edges."""
        found = []
        for element in self.root.iter():
            for name, value in element.attrib.items():
                limit = self.width if name in ("x", "x1", "x2", "cx") else self.height
                if name in ("x", "x1", "x2", "cx", "y", "y1", "y2", "cy") and not 0 <= float(value) <= limit:
                    found.append((name, float(value)))
        return found


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


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
        "ability": Estimate(),
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
def read() -> Callable[[Canvas | None], Drawing]:
    """A drawing read back; fails when nothing was drawn."""

    def reader(canvas: Canvas | None) -> Drawing:
        assert canvas is not None
        return Drawing(canvas)

    return reader
