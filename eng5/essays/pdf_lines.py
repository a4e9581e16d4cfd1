"""The lines of a PDF's pages, with their places: pdfminer.six finds the letters, columns are told apart here."""

from __future__ import annotations

import io
import re
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pdfminer.layout import LTItem, LTPage, LTTextLine

LIGATURES = {
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "st",
    0xFB06: "st",
}
MAX_PAGES = 200
LEAST_LINES = 3
"""A column has at least so many lines on either side of the gap."""
STRADDLING = 0.25
"""At most this share of a page's lines may run across the gap between columns: titles and pictures' captions."""
FILLED = 0.55
"""The lines of a column fill this share of its width; the cells of a table do not."""


@dataclass(frozen=True)
class PdfLine:
    """A line, or a part of one: text, left and right end, base line, size of its letters (points); y grows upwards."""

    text: str
    left: float
    right: float
    base: float
    size: float
    first_word: float
    """Width of its first word."""


@dataclass
class Block:
    """The lines of one column of a page, from top to bottom; `columns` stand beside each other there."""

    page: int
    columns: int
    lines: list[PdfLine] = field(default_factory=list)


@dataclass
class Page:
    """The lines of a page in no order, and the share of it that pictures cover."""

    number: int
    height: float
    lines: list[PdfLine]
    pictures: float


class TooManyPagesError(ValueError):
    """The PDF has more pages than an essay can have."""


def pages_of(content: bytes) -> list[Page]:
    """Every page; raises whatever pdfminer raises for a damaged or encrypted file, and TooManyPagesError."""
    from pdfminer.high_level import extract_pages
    from pdfminer.layout import LAParams

    found = []
    for number, page in enumerate(
        extract_pages(io.BytesIO(content), laparams=LAParams(boxes_flow=None, all_texts=True)), 1
    ):
        if number > MAX_PAGES:
            raise TooManyPagesError(f"more than {MAX_PAGES} pages")
        found.append(Page(number, page.height, list(_lines(page)), _pictures(page)))
    return found


def _inside(container: Iterable[LTItem]) -> Iterator[LTItem]:
    from pdfminer.layout import LTFigure, LTTextBox

    for item in container:
        yield item
        if isinstance(item, LTTextBox | LTFigure):
            yield from _inside(item)


def _lines(page: LTPage) -> Iterator[PdfLine]:
    from pdfminer.layout import LTTextLine

    for item in _inside(page):
        if isinstance(item, LTTextLine) and (line := _line(item)):
            yield line


def _line(found: LTTextLine) -> PdfLine | None:
    """None for white space and for letters that do not stand upright, such as a watermark."""
    from pdfminer.layout import LTChar

    letters = [item for item in found if isinstance(item, LTChar) and item.get_text().strip()]
    upright = [letter for letter in letters if abs(letter.matrix[1]) < 0.2 * abs(letter.matrix[0])]
    text = re.sub(r"[ \t\n]+", " ", found.get_text().translate(LIGATURES)).strip()
    if not text or len(upright) * 2 <= len(letters):
        return None
    size = statistics.median(letter.size for letter in letters)
    if len(letters) > 1 and letters[-1].x0 - letters[-2].x1 < 0.15 * size:
        # A justified line may set its hyphen a little apart.
        text = re.sub(r"(?<=\w) ([-\u00ad\u2010])$", r"\1", text)
    base = statistics.median(letter.y0 for letter in letters)
    left, right = min(letter.x0 for letter in letters), max(letter.x1 for letter in letters)
    first = len(text.split(" ", 1)[0])
    return PdfLine(text, left, right, base, size, letters[min(first, len(letters)) - 1].x1 - letters[0].x0)


def _pictures(page: LTPage) -> float:
    from pdfminer.layout import LTImage

    area = sum(float(item.width * item.height) for item in _inside(page) if isinstance(item, LTImage))
    return min(1.0, area / (float(page.width * page.height) or 1.0))


def rows(lines: Sequence[PdfLine]) -> list[list[PdfLine]]:
    """Parts on one base line together, from left to right; rows from top to bottom.

    A raised letter, such as a note's mark, belongs to the line that it stands on.
    """
    found: list[list[PdfLine]] = []
    for line in sorted(lines, key=lambda one: (-one.base, one.left)):
        for row in reversed(found[-3:]):
            apart = abs(row[0].base - line.base)
            if apart < 0.45 * max(row[0].size, line.size) and all(_beside(line, part) for part in row):
                row.append(line)
                break
        else:
            found.append([line])
    for row in found:
        row.sort(key=lambda one: one.left)
    return sorted(found, key=lambda row: -max(row, key=lambda one: one.size).base)


def _beside(one: PdfLine, other: PdfLine) -> bool:
    return one.right <= other.left + 1 or other.right <= one.left + 1


def common_gap(pages: list[Page]) -> float | None:
    """Where columns are parted on the page that shows it best; None where no page has columns."""
    gaps = [(len(page.lines), gap) for page in pages if (gap := _gap(page.lines)) is not None]
    return max(gaps)[1] if gaps else None


def blocks(page: Page, usual_gap: float | None = None) -> tuple[list[Block], bool]:
    """The page's columns in reading order, and whether there seem to be columns that could not be told apart.

    `usual_gap` parts a page whose last column is too short to show it.
    """
    found: list[Block] = []
    _split(page.lines, page.number, 1, found, usual_gap)
    mixed = any(_read_across(block.lines) for block in found)
    for block in found:
        block.lines = [_joined(row) for row in rows(block.lines)]
    return [block for block in found if block.lines], mixed


def _split(
    lines: list[PdfLine], page: int, columns: int, found: list[Block], usual: float | None = None
) -> None:
    gap = _gap(lines) if columns < 4 else None
    if gap is None and usual is not None and sum(one.left < usual < one.right for one in lines) <= 1:
        gap = usual
    if gap is None:
        found.append(Block(page, columns, lines))
        return
    across = sorted((one for one in lines if one.left < gap < one.right), key=lambda one: -one.base)
    rest = [one for one in lines if not one.left < gap < one.right]
    for title in [*across, None]:
        band = [one for one in rest if title is None or one.base > title.base]
        rest = [one for one in rest if not (title is None or one.base > title.base)]
        for side in ([one for one in band if one.right <= gap], [one for one in band if one.left >= gap]):
            if side:
                _split(side, page, columns + 1, found)
        if title is not None:
            if found and found[-1].page == page and found[-1].columns == columns:
                found[-1].lines.append(title)
            else:
                found.append(Block(page, columns, [title]))


def _gap(lines: list[PdfLine]) -> float | None:
    """The middle of the white strip between two columns; None where there is none."""
    if len(lines) < 2 * LEAST_LINES:
        return None
    left, right = min(one.left for one in lines), max(one.right for one in lines)
    size = statistics.median(one.size for one in lines)
    best: tuple[int, float, float] | None = None
    for place in _places(lines, left, right):
        before = [one for one in lines if one.right <= place]
        after = [one for one in lines if one.left >= place]
        straddling = len(lines) - len(before) - len(after)
        if min(len(before), len(after)) < LEAST_LINES or straddling > STRADDLING * len(lines):
            continue
        edges = _edge(before, left), min(one.left for one in after)
        if edges[1] - edges[0] < 0.8 * size or not (
            _fills(before, left, edges[0]) and _fills(after, edges[1], right)
        ):
            continue
        if not _side_by_side(before, after):
            continue
        score = (straddling, -(edges[1] - edges[0]), (edges[0] + edges[1]) / 2)
        best = score if best is None or score < best else best
    return best[2] if best else None


def _edge(lines: list[PdfLine], left: float) -> float:
    return max((one.right for one in lines), default=left)


def _places(lines: list[PdfLine], left: float, right: float) -> list[float]:
    """Just before the places where several lines begin, in the middle seven tenths."""
    low, high = left + 0.15 * (right - left), left + 0.85 * (right - left)
    starts: dict[int, int] = {}
    for one in lines:
        starts[round(one.left)] = starts.get(round(one.left), 0) + 1
    return [start - 1.5 for start, count in sorted(starts.items()) if count >= 2 and low < start < high]


def _fills(lines: list[PdfLine], left: float, right: float) -> bool:
    """The lines of a column reach across it, a row's parts taken together."""
    widths = [row[-1].right - row[0].left for row in rows(lines)]
    return statistics.median(widths) > FILLED * (right - left)


def _side_by_side(before: list[PdfLine], after: list[PdfLine]) -> bool:
    """Columns stand beside each other for some lines."""
    top = min(max(one.base for one in before), max(one.base for one in after))
    bottom = max(min(one.base for one in before), min(one.base for one in after))
    return top > bottom


def _read_across(lines: list[PdfLine]) -> bool:
    """Several rows have a wide gap at one place, and long parts on both sides of it."""
    gaps = []
    for row in rows(lines):
        for one, other in pairwise(row):
            wide = 1.5 * one.size
            if (
                other.left - one.right > wide
                and min(one.right - one.left, other.right - other.left) > 8 * one.size
            ):
                gaps.append((one.right, other.left))
    shared = [
        sum(low < middle < high for low, high in gaps) for middle in ((low + high) / 2 for low, high in gaps)
    ]
    return max(shared, default=0) >= 4


def _joined(row: list[PdfLine]) -> PdfLine:
    """One line; a tab where its parts stand wide apart."""
    text, main = row[0].text, max(row, key=lambda one: len(one.text))
    for one, other in pairwise(row):
        gap = other.left - one.right
        text += ("\t" if gap > 2.5 * main.size else " " if gap > 0.15 * main.size else "") + other.text
    return PdfLine(text, row[0].left, row[-1].right, main.base, main.size, row[0].first_word)
