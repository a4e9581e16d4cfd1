"""Tests of `eng5.plots.win_matrix`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eng5.contracts.analysis import EssayRow
from eng5.plots import win_matrix

Make = Callable[..., EssayRow]


def test_inversions_lie_below_the_diagonal_and_are_marked(make_essay: Make, read: Any) -> None:
    """Of three pairs, one inverted and one even: one marked cell below the diagonal, two even cells."""
    essays = [make_essay(grade, grade, 0.0) for grade in "ABC"]
    drawing = read(win_matrix.draw(essays, [[0, 2, 0], [0, 0, 1], [2, 1, 0]]))
    (marked,) = drawing.shapes("rect", "cell off")
    assert marked["y"] > marked["x"]
    assert len(drawing.shapes("rect", "cell even")) == 2
    assert len(drawing.shapes("rect", "cell")) == 6
    assert drawing.outside() == []


def test_equal_and_unknown_grades_are_never_inversions(make_essay: Make, read: Any) -> None:
    """A win between equal grades, or over an unknown one, contradicts nobody."""
    essays = [make_essay("a", "B", 0.0), make_essay("b", "B", 0.0), make_essay("c", None, 0.0)]
    drawing = read(win_matrix.draw(essays, [[0, 0, 0], [2, 0, 0], [2, 2, 0]]))
    assert drawing.shapes("rect", "cell off") == []


def test_nothing_played_or_too_many_is_no_drawing(make_essay: Make) -> None:
    """Without a win, and above the size at which cells can be read, there is no matrix."""
    few = [make_essay(str(n), "B", 0.0) for n in range(3)]
    assert win_matrix.draw(few, [[0] * 3] * 3) is None
    many = win_matrix.LARGEST + 1
    assert win_matrix.draw([make_essay(str(n), "B", 0.0) for n in range(many)], [[1] * many] * many) is None
