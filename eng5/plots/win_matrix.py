"""Who beat whom, in expert order, inversions marked."""

from __future__ import annotations

from collections.abc import Sequence

from eng5.contracts.analysis import EssayRow
from eng5.plots.canvas import Canvas

__all__ = ["LARGEST", "draw"]

LARGEST = 40
"""Above this many essays the cells would be too small to read."""


def draw(essays: Sequence[EssayRow], wins: Sequence[Sequence[int]]) -> Canvas | None:
    """A cell for each row's wins over each column; None for fewer than 2 or more than LARGEST essays."""
    n = len(essays)
    if not 2 <= n <= LARGEST or not any(map(any, wins)):
        return None
    left, top = 44.0, 30.0
    side = (476 - left) / n
    canvas = Canvas(
        "win-matrix-plot",
        "Win matrix in expert order",
        f"{n} by {n} essays, best grade first. A cell counts the row's wins over the column. Above the "
        "diagonal wins are expected; marked cells are wins of the lower grade.",
        height=int(top + side * n + 8),
    )
    for row, essay in enumerate(essays):
        middle = (row + 0.5) * side
        canvas.text(left - 7, top + middle + 4.5, essay.grade or "–", "value", anchor="end")
        canvas.text(left + middle, top - 9, essay.grade or "–", "value")
        for column, other in enumerate(essays):
            if row == column:
                continue
            won, lost = wins[row][column], wins[column][row]
            x, y = left + column * side, top + row * side
            tip = f"{essay.name} ({essay.grade or 'no grade'}) against {other.name}"
            tip += f" ({other.grade or 'no grade'}): won {won}, lost {lost}"
            canvas.rect(
                x + 1, y + 1, side - 2, side - 2, f"cell {_kind(essay, other, won, lost)}".strip(), tip
            )
            if (won or lost) and side >= 14:
                canvas.text(x + side / 2, y + side / 2 + 4.5, str(won), "value" if won else "label")
    return canvas


def _kind(essay: EssayRow, other: EssayRow, won: int, lost: int) -> str:
    """Class of a cell: nothing played, an even pair, a win of the lower grade, or a win as expected."""
    if not won and not lost:
        return "own"
    if won < lost or not won:
        return "none"
    if won == lost:
        return "even"
    lower = essay.level is not None and other.level is not None and essay.level < other.level
    return "off" if lower else ""
