"""Tests of `eng5.plots.win_matrix`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eng5.contracts.analysis import LARGEST_MATRIX, EssayRow
from eng5.plots import win_matrix

Make = Callable[..., EssayRow]


def cells(drawn: Any) -> dict[str, list[tuple[int, int]]]:
    """(row, column) of the cells by what they say."""
    return {
        str(collection.get_label()): sorted(
            (int(path.get_extents().y0), int(path.get_extents().x0)) for path in collection.get_paths()
        )
        for collection in drawn.axes.collections
    }


def test_inversions_lie_below_the_diagonal_and_are_marked(make_essay: Make, read: Any) -> None:
    """Of three pairs, one inverted and one even: one marked cell below the diagonal, two even cells."""
    essays = [make_essay(grade, grade, 0.0) for grade in "ABC"]
    found = cells(read(win_matrix.draw(essays, [[0, 2, 0], [0, 0, 1], [2, 1, 0]])))
    assert found == {
        "expected": [(0, 1)],
        "no win": [(0, 2), (1, 0)],
        "even": [(1, 2), (2, 1)],
        "inverted": [(2, 0)],
    }


def test_equal_and_unknown_grades_are_never_inversions(make_essay: Make, read: Any) -> None:
    """A win between equal grades, or over an unknown one, contradicts nobody."""
    essays = [make_essay("a", "B", 0.0), make_essay("b", "B", 0.0), make_essay("c", None, 0.0)]
    assert "inverted" not in cells(read(win_matrix.draw(essays, [[0, 0, 0], [2, 0, 0], [2, 2, 0]])))


def test_nothing_played_or_too_many_is_no_drawing(make_essay: Make) -> None:
    """Without a win, and above the size at which cells can be read, there is no matrix."""
    few = [make_essay(str(n), "B", 0.0) for n in range(3)]
    assert win_matrix.draw(few, [[0] * 3] * 3) is None
    many = LARGEST_MATRIX + 1
    assert win_matrix.draw([make_essay(str(n), "B", 0.0) for n in range(many)], [[1] * many] * many) is None
