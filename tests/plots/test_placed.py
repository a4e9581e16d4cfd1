"""Tests of `eng5.plots.placed`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eng5.contracts.analysis import EssayRow
from eng5.contracts.judge_quality import GradeBoundary
from eng5.contracts.own import Estimate
from eng5.plots import placed
from eng5.plots.placed import Placed
from eng5.plots.plot import Palette

Make = Callable[..., EssayRow]


def test_from_the_lowest_score_to_the_highest(make_essay: Make, read: Any) -> None:
    """Students and anchors in one row, anchors grey with their grades beside them."""
    rows = [
        Placed(make_essay("best", None, 2.0), False, None),
        Placed(make_essay("anchor", "B", 1.0), True, "B"),
        Placed(make_essay("last", None, -1.0), False, "C"),
    ]
    drawn = read(placed.draw(rows))
    points = {(point.x[0], point.y[0]): point for point in drawn.points()}
    assert sorted(points) == [(0, -1.0), (1, 1.0), (2, 2.0)]
    assert [text.get_text() for text in drawn.axes.texts] == ["B"]
    plot = placed.draw(rows)
    assert plot is not None
    assert "anchor anchor, grade B: 1.00 (0.00 to 2.00)" in plot.tips.values()
    assert "student best, grade n/a: 2.00 (1.00 to 3.00)" in plot.tips.values()


def test_where_grades_meet(make_essay: Make) -> None:
    """A line for each boundary that has a place, named when it is pointed at."""
    rows = [Placed(make_essay("one", None, 2.0), False, None)]
    boundaries = [
        GradeBoundary(lower_grade="C", higher_grade="B", position=Estimate(value=0.5)),
        GradeBoundary(lower_grade="B", higher_grade="A", position=Estimate()),
    ]
    plot = placed.draw(rows, boundaries)
    assert plot is not None
    assert [tip for tip in plot.tips.values() if "between" in tip] == ["between C and B"]
    assert Palette.RULE in {line.get_color() for line in plot.axes.get_lines()}


def test_nothing_to_draw(make_essay: Make) -> None:
    """Without a student that has a score there is no plot."""
    assert placed.draw([Placed(make_essay("a", "B", 1.0), True, "B")]) is None
    assert placed.draw([]) is None


def test_many_essays_keep_their_place(make_essay: Make) -> None:
    """Five hundred fit the page, and every few anchors only have their grade written."""
    rows = [Placed(make_essay(str(n), "B", float(-n)), n % 2 == 0, "B") for n in range(500)]
    plot = placed.draw(rows)
    assert plot is not None
    assert plot.figure.get_figwidth() * plot.figure.dpi <= placed.WIDEST + 1
    assert len(plot.axes.texts) < 60
