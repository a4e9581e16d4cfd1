"""Tests of `eng5.plots.score`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eng5.contracts.analysis import EssayRow
from eng5.plots import score
from eng5.plots.plot import Palette

Make = Callable[..., EssayRow]


def test_higher_scores_lie_higher_and_better_grades_further_right(make_essay: Make, read: Any) -> None:
    """A judge that agrees gives points that rise from left to right, with their intervals."""
    drawn = read(score.draw([make_essay(g, g, float(n)) for n, g in enumerate("EDCBA")]))
    assert [(*point.x, *point.y) for point in drawn.points()] == [(n, n) for n in range(5)]
    assert drawn.bars() == [(n, n - 1, n + 1) for n in range(5)]
    assert [label.get_text() for label in drawn.axes.get_xticklabels()] == list("EDCBA")


def test_essays_of_one_grade_stand_beside_each_other(make_essay: Make, read: Any) -> None:
    """Equal grades with equal scores do not hide each other."""
    places = [
        point.x[0] for point in read(score.draw([make_essay(str(n), "C", 0.0) for n in range(4)])).points()
    ]
    assert len(set(places)) == 4 and max(map(abs, places)) < 0.5


def test_marked_essays_stand_out_and_unknown_ones_stay_away(make_essay: Make, read: Any) -> None:
    """Only essays with a grade and a score are drawn; the marked ones have their own class."""
    essays = [
        make_essay("a", "A", 1.0),
        make_essay("b", "B", 0.0),
        make_essay("c", None, 2.0),
        make_essay("d", "D", None),
    ]
    colours = [point.colour for point in read(score.draw(essays, {"b"})).points()]
    assert colours == [Palette.ACCENT, Palette.WARN]


def test_nothing_to_draw_is_no_drawing(make_essay: Make) -> None:
    """Without a grade and a score there is no plot."""
    assert score.draw([]) is None
    assert score.draw([make_essay("a", None, 1.0), make_essay("b", "B", None)]) is None
