"""Tests of `eng5.plots.score`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eng5.contracts.analysis import EssayRow
from eng5.plots import score

Make = Callable[..., EssayRow]


def test_higher_scores_lie_higher_and_better_grades_further_right(make_essay: Make, read: Any) -> None:
    """A judge that agrees gives points that rise from left to right, with their intervals."""
    drawing = read(score.draw([make_essay(g, g, float(n)) for n, g in enumerate("EDCBA")]))
    points = drawing.shapes("circle", "point")
    assert [p["cx"] for p in points] == sorted(p["cx"] for p in points)
    assert [p["cy"] for p in points] == sorted((p["cy"] for p in points), reverse=True)
    for point, bar in zip(points, drawing.shapes("line", "error"), strict=True):
        assert bar["y2"] < point["cy"] < bar["y1"] and bar["x1"] == point["cx"]
    assert drawing.outside() == []


def test_essays_of_one_grade_stand_beside_each_other(make_essay: Make, read: Any) -> None:
    """Equal grades with equal scores do not hide each other."""
    drawing = read(score.draw([make_essay(str(n), "C", 0.0) for n in range(4)]))
    assert len({point["cx"] for point in drawing.shapes("circle", "point")}) == 4


def test_marked_essays_stand_out_and_unknown_ones_stay_away(make_essay: Make, read: Any) -> None:
    """Only essays with a grade and a score are drawn; the marked ones have their own class."""
    essays = [
        make_essay("a", "A", 1.0),
        make_essay("b", "B", 0.0),
        make_essay("c", None, 2.0),
        make_essay("d", "D", None),
    ]
    drawing = read(score.draw(essays, {"b"}))
    assert len(drawing.shapes("circle", "point")) == 2
    assert len(drawing.shapes("circle", "point off")) == 1


def test_nothing_to_draw_is_no_drawing(make_essay: Make) -> None:
    """Without a grade and a score there is no plot."""
    assert score.draw([]) is None
    assert score.draw([make_essay("a", None, 1.0), make_essay("b", "B", None)]) is None
