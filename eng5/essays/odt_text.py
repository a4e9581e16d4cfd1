"""The text of an ODT as its author left it. Element names are those of OpenDocument 1.3, part 3.

Readers of OpenDocument keep deletions, comments or hidden text, and none keeps list numbers, so the body is walked
here; lxml parses it.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from eng5.essays.elements import attribute, child, children, local, parse, whole
from eng5.essays.manuscript import COMMENTS, HIDDEN, PICTURES, RUNNING, TRACKED, Manuscript
from eng5.essays.numbering import bullet, numeral

LEFT_OUT = {
    "tracked-changes", "annotation", "annotation-end", "change", "sequence-decls", "variable-decls", "forms",
    "user-field-decls", "hidden-text", "title", "desc", "ruby-text", "note-citation", "table-columns",
}  # fmt: skip
"""Deleted text lies in `tracked-changes`; what was inserted stands in its place."""
MAX_REPEATS = 100
LEVELS = 10


def read(content: bytes) -> Manuscript:
    """The manuscript of an ODT; raises whatever zipfile and lxml raise for a damaged one."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        roots = [parse(archive.read("content.xml"))]
        if "styles.xml" in archive.namelist():
            roots.append(parse(archive.read("styles.xml")))
    return _OdtReader(roots).read()


class _OdtReader:
    """One pass over a body, with what is counted on the way: lists and notes."""

    def __init__(self, roots: list[Any]) -> None:
        bodies = [node for node in roots[0].iter() if local(node) == "text" and _is_office(node)]
        if not bodies:
            raise ValueError("no text document")
        self.body = bodies[0]
        self.roots = roots
        self.styles: dict[tuple[str, str], Any] = {}
        self.lists: dict[str, dict[int, Any]] = {}
        self.outline: dict[int, Any] = {}
        for node in (node for root in roots for node in root.iter()):
            match local(node):
                case "style":
                    key = attribute(node, "family") or "", attribute(node, "name") or ""
                    self.styles.setdefault(key, node)
                case "list-style":
                    self.lists.setdefault(attribute(node, "name") or "", _levels(node))
                case "outline-style":
                    self.outline = _levels(node)
        self.made = Manuscript()
        self.notes: dict[str, list[str]] = {"footnote": [], "endnote": []}
        self.counts: dict[str, list[int | None]] = {}
        self.label = ""
        self.boxes: list[Any] = []

    def read(self) -> Manuscript:
        self._say_left_out()
        self._blocks(self.body, None)
        self.made.notes = self.notes["footnote"] + self.notes["endnote"]
        return self.made

    def _say_left_out(self) -> None:
        names = {local(node) for node in self.body.iter()}
        running = (node for root in self.roots for node in root.iter() if local(node) in ("header", "footer"))
        for found, notice in (
            (names & {"changed-region"}, TRACKED),
            ("annotation" in names, COMMENTS),
            ("image" in names, PICTURES),
            (any("".join(node.itertext()).strip() for node in running), RUNNING),
        ):
            if found:
                self.made.say(notice)

    def _blocks(self, parent: Any, place: tuple[str, str, int] | None) -> None:
        """Paragraphs, lists, tables and sections; `place` is list style, list and level inside of a list."""
        for node in parent:
            match local(node):
                case "p" | "h":
                    self._paragraph(node)
                case "list":
                    self._list(node, place)
                case "table":
                    self._table(node)
                case "section" if attribute(node, "display") in ("none", "condition"):
                    continue
                case name if name not in LEFT_OUT:
                    self._blocks(node, place)

    def _paragraph(self, node: Any) -> None:
        style = attribute(node, "style-name")
        hidden = any(
            local(one) == "hidden-paragraph" and attribute(one, "is-hidden") == "true" for one in node
        )
        text = "".join(self._inline(node, hidden or self._hidden("paragraph", style)))
        label, self.label = self.label, ""
        if local(node) == "h" and not label:
            label = self._outline_label(node)
        self.made.add(text, label)
        boxes, self.boxes = self.boxes, []
        for box in boxes:
            self._blocks(box, None)

    def _outline_label(self, node: Any) -> str:
        level = whole(attribute(node, "outline-level"), 1)
        if not 1 <= level <= LEVELS or not self.outline or attribute(node, "is-list-header") == "true":
            return ""
        return self._count("outline", self.outline, level, None)

    def _inline(self, node: Any, hidden: bool) -> Iterator[str]:
        if not hidden:
            yield _collapsed(node.text)
        for one in node:
            name = local(one)
            if name == "note":
                yield self._note(one) if not hidden else ""
            elif name in ("frame", "custom-shape", "rect", "g"):
                self.boxes += _text_boxes(one)
            elif name == "s":
                yield " " * min(whole(attribute(one, "c"), 1), MAX_REPEATS) if not hidden else ""
            elif name == "tab":
                yield "\t" if not hidden else ""
            elif name == "line-break":
                yield "\n" if not hidden else ""
            elif name == "span":
                concealed = hidden or self._hidden("text", attribute(one, "style-name"))
                if concealed and "".join(one.itertext()).strip():
                    self.made.say(HIDDEN)
                yield from self._inline(one, concealed)
            elif name and name not in LEFT_OUT:
                yield from self._inline(one, hidden)
            if not hidden:
                yield _collapsed(one.tail)

    def _hidden(self, family: str, name: str | None) -> bool:
        """The style, or one that it is made from, hides its text."""
        seen: set[str] = set()
        while name and name not in seen and (style := self.styles.get((family, name))) is not None:
            display = attribute(child(style, "text-properties"), "display")
            if display is not None:
                return display == "none"
            seen.add(name)
            name = attribute(style, "parent-style-name")
        return False

    def _note(self, node: Any) -> str:
        kind = attribute(node, "note-class") or "footnote"
        citation = child(node, "note-citation")
        mark = f"[{''.join(citation.itertext()).strip() if citation is not None else '*'}]"
        label, self.label = self.label, ""
        words = self.made.aside(self._blocks, children(node, "note-body"), None)
        self.label = label
        self.notes.setdefault(kind, []).append(f"{mark} {words}")
        return mark

    def _list(self, node: Any, place: tuple[str, str, int] | None) -> None:
        own = attribute(node, "style-name")
        if place is None:
            style, level = own or "", 1
            goes_on = attribute(node, "continue-numbering") == "true" or attribute(node, "continue-list")
            name = f"style {style}"
            if not goes_on:
                self.counts.pop(name, None)
        else:
            style, level, name = own or place[0], place[2] + 1, place[1]
        for item in node:
            if local(item) not in ("list-item", "list-header"):
                continue
            if local(item) == "list-item" and any(local(one) in ("p", "h") for one in item):
                start = attribute(item, "start-value")
                self.label = self._count(name, self.lists.get(style, {}), level, start)
            self._blocks(item, (style, name, level))
            self.label = ""

    def _count(self, name: str, levels: dict[int, Any], level: int, start: str | None) -> str:
        """The next number of a list at a level, or its bullet."""
        node = levels.get(level)
        counts = self.counts.setdefault(name, [None] * (LEVELS + 1))
        if level > LEVELS:
            return ""
        here = counts[level]
        first = whole(attribute(node, "start-value"), 1)
        counts[level] = whole(start, 1) if start else first if here is None else here + 1
        counts[level + 1 :] = [None] * (LEVELS - level)
        if node is None:
            return ""
        if local(node) == "list-level-style-bullet":
            return bullet(attribute(node, "bullet-char") or "•")
        if local(node) == "list-level-style-image":
            return "•"
        shown = min(whole(attribute(node, "display-levels"), 1), level)
        numbers = [
            numeral(counts[one] or 1, attribute(levels.get(one), "num-format") or "")
            for one in range(level - shown + 1, level + 1)
        ]
        text = ".".join(number for number in numbers if number)
        if not text:
            return ""
        return f"{attribute(node, 'num-prefix') or ''}{text}{attribute(node, 'num-suffix') or ''}".strip()

    def _table(self, table: Any) -> None:
        """A line a row, cells parted by tabs; what a cell covers is not there."""
        for row in _inside(table, "table-row"):
            cells = [self._cell(cell) for cell in _inside(row, "table-cell")]
            for _ in range(min(whole(attribute(row, "number-rows-repeated"), 1), MAX_REPEATS)):
                self.made.add("\t".join(cells).strip())

    def _cell(self, cell: Any) -> str:
        return self.made.aside(self._blocks, cell, None)


def _is_office(node: Any) -> bool:
    return ":office:" in node.tag


def _levels(style: Any) -> dict[int, Any]:
    return {whole(attribute(node, "level"), 0): node for node in style if local(node)}


def _collapsed(text: str | None) -> str:
    """White space of the XML is one space; more of it has elements of its own."""
    return re.sub(r"[ \t\r\n]+", " ", text or "")


def _text_boxes(shape: Any) -> list[Any]:
    """Text boxes stand after the paragraph that they are fixed to."""
    return [node for node in shape.iter() if local(node) == "text-box"] or (
        [shape] if local(shape) in ("custom-shape", "rect") else []
    )


def _inside(parent: Any, wanted: str) -> Iterator[Any]:
    """Rows or cells, also those in groups, not those of a table further in."""
    for node in parent:
        if local(node) == wanted:
            yield node
        elif local(node) in ("table-rows", "table-header-rows", "table-row-group"):
            yield from _inside(node, wanted)
