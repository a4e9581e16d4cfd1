"""Who beat whom, in expert order, inversions marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eng5.contracts.analysis import LARGEST_MATRIX, EssayRow
from eng5.plots.plot import FONT_SIZE, Palette, Plot, new_plot


@dataclass(frozen=True)
class CellLook:
    """How a cell is drawn, and what that says."""

    name: str
    fill: str
    edge: str
    text: str


EXPECTED = CellLook("expected", Palette.ACCENT_WASH, Palette.PAPER, Palette.INK)
NONE = CellLook("no win", Palette.WASH, Palette.PAPER, Palette.MUTED)
EVEN = CellLook("even", Palette.WASH, Palette.MUTED, Palette.INK)
INVERTED = CellLook("inverted", Palette.WARN_WASH, Palette.WARN, Palette.INK)


def draw(essays: Sequence[EssayRow], wins: Sequence[Sequence[int]]) -> Plot | None:
    """A cell for each row's wins over each column; None for fewer than 2 or more than LARGEST_MATRIX essays."""
    n = len(essays)
    if not 2 <= n <= LARGEST_MATRIX or not any(map(any, wins)):
        return None
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    plot = new_plot(
        "win-matrix-plot",
        "Win matrix in expert order",
        f"{n} by {n} essays, best grade first. A cell counts the row's wins over the column. Above the "
        "diagonal wins are expected; marked cells are wins of the lower grade.",
        height=470,
        margins=(44, 6, 10, 30),
    )
    axes = plot.axes
    cells: dict[CellLook, list[Rectangle]] = {}
    for row, essay in enumerate(essays):
        for column, other in enumerate(essays):
            won, lost = wins[row][column], wins[column][row]
            if row == column or not (won or lost):
                continue
            look = _look(essay, other, won, lost)
            cells.setdefault(look, []).append(Rectangle((column + 0.04, row + 0.04), 0.92, 0.92))
            number = axes.text(
                column + 0.5, row + 0.52, str(won),
                color=look.text, ha="center", va="center", fontsize=min(FONT_SIZE, 260 / n),
            )  # fmt: skip
            plot.tip(number, f"{_named(essay)} against {_named(other)}: won {won}, lost {lost}")
    for look, rectangles in cells.items():
        axes.add_collection(
            PatchCollection(rectangles, facecolor=look.fill, edgecolor=look.edge, label=look.name)
        )
    axes.set(xlim=(0, n), ylim=(n, 0))
    names: dict[str, Any] = {
        "color": Palette.INK,
        "fontsize": min(FONT_SIZE, 400 / n),
        "textcoords": "offset points",
    }
    for place, essay in enumerate(essays):
        grade = essay.grade or "–"
        axes.annotate(grade, (0, place + 0.5), (-7, 0), ha="right", va="center", **names)
        axes.annotate(grade, (place + 0.5, 0), (0, 7), ha="center", va="bottom", **names)
    axes.set_axis_off()
    return plot


def _look(essay: EssayRow, other: EssayRow, won: int, lost: int) -> CellLook:
    if won < lost:
        return NONE
    if won == lost:
        return EVEN
    lower = essay.level is not None and other.level is not None and essay.level < other.level
    return INVERTED if lower else EXPECTED


def _named(essay: EssayRow) -> str:
    return f"{essay.name} ({essay.grade or 'no grade'})"
