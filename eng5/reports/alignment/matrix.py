"""The win matrix of the page: between essays, or between grades where there are too many essays to read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from eng5.contracts.analysis import Analysis
from eng5.pages.rendering import number
from eng5.plots.labels import short

LONGEST_NAME = 16
Look = Literal["expected", "inverted", "even", "none", "same", ""]


@dataclass(frozen=True)
class MatrixCell:
    """Text, how it is coloured, and what it opens; empty where nothing was decided."""

    text: str = ""
    look: Look = ""
    href: str = ""


@dataclass(frozen=True)
class Matrix:
    """Heads, which are the short name and the grade of rows and columns alike, and the cells of each row."""

    heads: tuple[tuple[str, str], ...]
    rows: tuple[tuple[MatrixCell, ...], ...]
    of_grades: bool


def build(analysis: Analysis) -> Matrix | None:
    """Wins of the row over the column, best grade first; None without any."""
    if analysis.grade_matrix is not None:
        return _of_grades(analysis)
    if len(analysis.essays) < 2 or not any(map(any, analysis.win_matrix)):
        return None
    names = short([essay.name for essay in analysis.essays], LONGEST_NAME)
    heads = tuple((name, essay.grade or "–") for name, essay in zip(names, analysis.essays, strict=True))
    return Matrix(heads, tuple(tuple(_of_essays(analysis, row)) for row in range(len(heads))), False)


def _of_essays(analysis: Analysis, row: int) -> Iterator[MatrixCell]:
    level = analysis.essays[row].level
    for column, essay in enumerate(analysis.essays):
        won, lost = analysis.win_matrix[row][column], analysis.win_matrix[column][row]
        if row == column or not (won or lost):
            yield MatrixCell()
            continue
        lower = level is not None and essay.level is not None and level < essay.level
        yield MatrixCell(str(won), _look(won, lost, lower=lower), f"#pair-{row}-{column}")


def _of_grades(analysis: Analysis) -> Matrix | None:
    found = analysis.grade_matrix
    assert found is not None  # noqa: S101 - the caller looked
    rows = []
    for row, one in enumerate(found.groups):
        cells = []
        for column, other in enumerate(found.groups):
            won, lost = found.wins[row][column], found.wins[column][row]
            href = f"#levels-{one.lowest}-{one.highest}-{other.lowest}-{other.highest}"
            if not won + lost:
                cells.append(MatrixCell())
            elif row == column:
                cells.append(MatrixCell(str(won), "same", href))
            else:
                share = f"{number(100 * won / (won + lost), 0)} %"
                cells.append(MatrixCell(share, _look(won, lost, lower=row > column), href))
        rows.append(tuple(cells))
    heads = tuple((one.label, f"{one.essays} essays") for one in found.groups)
    return Matrix(heads, tuple(rows), True)


def _look(won: int, lost: int, *, lower: bool) -> Look:
    if won == lost:
        return "even"
    if won < lost:
        return "none"
    return "inverted" if lower else "expected"
