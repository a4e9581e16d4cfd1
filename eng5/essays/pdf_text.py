"""The text of a PDF in paragraphs, whatever the space between its lines.

The libraries for PDF end a paragraph at every line of a double-spaced essay, or nowhere. Here a new one begins where
the space is wider than around it, where a line is indented, or where the line before broke although the next word had
room: a word processor breaks a line only when the next word does not fit.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter, defaultdict

from eng5.essays.manuscript import Manuscript
from eng5.essays.pdf_lines import Block, Page, PdfLine, blocks, common_gap, pages_of, rows

PAGE_NUMBER = re.compile(
    r"\W*(?:page|sida|sidan|sid|seite|side|p|s)?\W*(\d{1,4})(?:\s*(?:of|av|von|/|\()\s*\d{1,4}\)?)?\W*",
    re.IGNORECASE,
)
BULLET = re.compile(r"[•●◦▪■□➢✓❖‣·○–—-]\s")
NUMBER = re.compile(r"(?:\d{1,2}|[a-zA-Z]|[ivxIVX]{1,4})[.)]\s")
OUTER_ROWS = 3
"""A header or footer has at most so many rows."""
FEW_WORDS = 5
SHARE_AT_EDGE = 0.08
"""Of a column's lines, so many end near its right edge."""
MARGIN = 54
"""Points from a page's edge within which only headers and footers stand."""
PARTED = re.compile(r"(\w[\w-]*|\w)([-\u00ad\u2010])\n(\w[\w-]*|\w)")
LINES_WITHOUT_ANOTHER = 25
"""A word processor that hyphenates does it more often; a single hyphen in so many lines is the author's own."""
LETTERLESS = re.compile(r"\(cid:\d+\)")


def read(content: bytes) -> Manuscript:
    """The manuscript of a PDF; raises whatever pdfminer raises for a damaged or encrypted one."""
    made = Manuscript()
    pages = pages_of(content)
    _say_pictures(pages, made)
    _leave_out_running(pages, made)
    found: list[Block] = []
    gap = common_gap(pages)
    for page in pages:
        of_page, mixed = blocks(page, gap)
        found += of_page
        if mixed:
            made.say(
                f"page {page.number} seems to have columns that were read across: compare it with the file"
            )
        if any(block.columns > 1 for block in of_page):
            made.say(f"page {page.number} has columns; they were read one after the other")
    _set_notes_apart(found, made)
    for lines in _paragraphs(found):
        made.add(lines)
    _join_hyphens(made)
    if LETTERLESS.search(made.text):
        made.say("some letters of its fonts have no meaning and show as (cid:…): save the text as .docx")
    return made


def _say_pictures(pages: list[Page], made: Manuscript) -> None:
    scanned = [
        page.number
        for page in pages
        if page.pictures > 0.4 and sum(len(line.text.split()) for line in page.lines) < FEW_WORDS
    ]
    if scanned and len(scanned) < len(pages):
        made.say(f"{_pages(scanned)} a picture (scanned?): what is written there is not read")


def _pages(numbers: list[int]) -> str:
    listed = ", ".join(map(str, numbers))
    return f"page {listed} is" if len(numbers) == 1 else f"pages {listed} are each"


def _leave_out_running(pages: list[Page], made: Manuscript) -> None:
    """Rows at the top or bottom that say the same on several pages, and numbers of pages."""
    by_page = [rows(page.lines) for page in pages]
    headers, numbered = 0, 0
    for at_top in (True, False):
        edges = [_edge_rows(found, at_top) for found in by_page]
        seen = Counter(key for edge in edges for key in {_key(row) for row in edge})
        for page, edge in zip(pages, edges, strict=True):
            for place, row in enumerate(edge):
                is_number = _is_page_number(row, page, edge[place + 1 :], len(pages), seen)
                if not is_number and seen[_key(row)] < 2:
                    break
                numbered, headers = numbered + is_number, headers + (not is_number)
                page.lines = [line for line in page.lines if line not in row]
    if len(pages) == 1 and not headers and by_page[0] and pages[0].height - by_page[0][0][0].base < MARGIN:
        made.say("its first line stands in the margin (a header?); on a single page it is read as text")
    if headers:
        made.say(f"left out: lines that repeat at the top or bottom of pages ({headers} in all)")
    if numbered:
        made.say(f"left out: page numbers ({numbered} in all)")


def _edge_rows(found: list[list[PdfLine]], at_top: bool) -> list[list[PdfLine]]:
    """The outer rows, outermost first; half of a page at most."""
    return (found if at_top else found[::-1])[: min(OUTER_ROWS, len(found) // 2)]


def _key(row: list[PdfLine]) -> tuple[str, int]:
    """What a running row says on every page: its words without numbers, and its height."""
    text = " ".join(line.text for line in row)
    return re.sub(r"\d+", "#", text).casefold(), round(row[0].base / 4)


def _is_page_number(
    row: list[PdfLine], page: Page, inner: list[list[PdfLine]], pages: int, seen: Counter[tuple[str, int]]
) -> bool:
    """A number alone: on several pages at one height, or on its only page that page's own, well apart from the text."""
    match = PAGE_NUMBER.fullmatch(" ".join(line.text for line in row))
    if match is None:
        return False
    if pages > 1 and seen[_key(row)] > 1:
        return True
    apart = abs(row[0].base - inner[0][0].base) if inner else 0.0
    return int(match[1]) == page.number and apart > 1.8 * row[0].size


def _set_notes_apart(found: list[Block], made: Manuscript) -> None:
    """Small lines at the foot of a page are its notes; they come after the text."""
    sizes = Counter(round(line.size, 1) for block in found for line in block.lines for _ in line.text)
    if not sizes:
        return
    body = sizes.most_common(1)[0][0]
    for block in found:
        small: list[PdfLine] = []
        while len(block.lines) > 1 and block.lines[-1].size < 0.9 * body and len(small) < 20:
            small.insert(0, block.lines.pop())
        if small and not re.match(r"\W{0,2}(?:\d{1,3}|[ivx]{1,5}|\*)", small[0].text):
            block.lines += small
            continue
        note = ""
        for line in small:
            starts = re.match(r"\W{0,2}(\d{1,3}|[ivx]{1,5}|\*)\W{0,2}\s", line.text)
            if starts and note:
                made.notes.append(note)
                note = ""
            note = (
                f"[{starts[1]}] {line.text[starts.end() :]}"
                if starts and not note
                else f"{note} {line.text}".strip()
            )
        if note:
            made.notes.append(note)


def _paragraphs(found: list[Block]) -> list[str]:
    """Lines joined to paragraphs, over the ends of columns and pages."""
    rights = _right_edges(found)
    paragraphs: list[list[PdfLine]] = []
    before: tuple[Block, PdfLine] | None = None
    for block in found:
        for place, line in enumerate(block.lines):
            inside = place > 0
            if before is None or (
                _breaks(block, place, rights, paragraphs[-1])
                if inside
                else _broke_early(before[1], line, rights[id(before[0])])
                or _differs(before[1], line)
                or _indented(line, block)
            ):
                paragraphs.append([])
            paragraphs[-1].append(line)
            before = block, line
    return ["\n".join(line.text for line in lines) for lines in paragraphs]


def _left_edge(block: Block) -> float:
    """Where most lines begin."""
    starts = Counter(round(line.left) for line in block.lines)
    return float(max(starts.items(), key=lambda one: (one[1], -one[0]))[0])


def _right_edges(found: list[Block]) -> dict[int, float]:
    """How far lines reach in columns like this one, over all pages."""
    kinds: dict[tuple[int, int], list[Block]] = defaultdict(list)
    for block in found:
        kinds[block.columns, round(min(line.left for line in block.lines) / 40)].append(block)
    edges: dict[int, float] = {}
    for alike in kinds.values():
        edge = _edge([line for block in alike for line in block.lines])
        edges |= {id(block): edge for block in alike}
    return edges


def _edge(lines: list[PdfLine]) -> float:
    """Where several lines end: a header, or a word that did not fit, may reach further."""
    ends = sorted((line.right for line in lines), reverse=True)
    enough = max(2, round(SHARE_AT_EDGE * len(lines)))
    near = 2 * statistics.median(line.size for line in lines)
    return next((end for end in ends if sum(end - near < other <= end for other in ends) >= enough), ends[0])


def _breaks(block: Block, place: int, rights: dict[int, float], paragraph: list[PdfLine]) -> bool:
    """A paragraph begins at this line, which is not the first of its column."""
    above, line = block.lines[place - 1], block.lines[place]
    gap = above.base - line.base
    around = [one.base - two.base for one, two in zip(block.lines, block.lines[1:], strict=False)]
    beside = [around[at] for at in (place - 2, place) if 0 <= at < len(around)]
    early = _broke_early(above, line, rights[id(block)])
    if "\t" in above.text + line.text:
        return True
    if _differs(above, line) or BULLET.match(line.text) or (NUMBER.match(line.text) and early):
        return True
    if beside and gap > min(beside) + 0.2 * line.size:
        return True
    if _hangs(paragraph, line):
        return early
    return early or _indented(line, block)


def _hangs(paragraph: list[PdfLine], line: PdfLine) -> bool:
    """The words of a list's item stand right of its number, and under each other."""
    first = paragraph[0]
    labelled = bool(BULLET.match(first.text) or NUMBER.match(first.text))
    return (
        labelled
        and line.left > first.left + 2
        and all(abs(one.left - line.left) < 2 for one in paragraph[1:])
    )


def _differs(one: PdfLine, other: PdfLine) -> bool:
    return abs(one.size - other.size) > 0.12 * max(one.size, other.size)


def _indented(line: PdfLine, block: Block) -> bool:
    return line.left - _left_edge(block) > 0.7 * line.size


def _broke_early(line: PdfLine, below: PdfLine, right: float) -> bool:
    """The line ends although the next word had room; a hyphen says that it goes on."""
    if re.search(r"\w[-\u00ad\u2010]$", line.text):
        return False
    return right - line.right > below.first_word + 0.25 * line.size + 2


def _join_hyphens(made: Manuscript) -> None:
    """Lines of a paragraph become one; a word that was parted at the end of a line is whole again."""
    lines = [line for paragraph in made.paragraphs for line in paragraph.split("\n")]
    words = Counter(word.casefold() for line in lines for word in re.findall(r"\w[\w-]*\w|\w", line))
    parted = sum(PARTED.search(f"{line}\na") is not None for line in lines)
    set_by_hand = parted == 1 and len(lines) > LINES_WITHOUT_ANOTHER

    def whole(match: re.Match[str]) -> str:
        first, hyphen, second = match[1], match[2], match[3]
        parts = f"{first}-{second}"
        if hyphen == "-" and (
            "-" in first + second
            or words[parts.casefold()]
            or not second[0].islower()
            or (set_by_hand and not words[f"{first}{second}".casefold()])
        ):
            return parts
        return first + second

    for number, paragraph in enumerate(made.paragraphs):
        made.paragraphs[number] = PARTED.sub(whole, paragraph).replace("\u00ad", "").replace("\n", " ")
    made.notes = [note.replace("\u00ad", "") for note in made.notes]
    if parted:
        made.say(f"words parted by a hyphen at the end of a line: {parted}; look over how they were joined")
