"""The text of a DOCX as its author left it: insertions accepted, deletions, comments and hidden text left out.

python-docx opens the file. Its own `paragraph.text` loses insertions, content controls, notes and list numbers, so
the body is walked here. Element names are those of ECMA-376, part 1, chapter 17.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from eng5.essays.docx_styles import Numbering, Styles, switch
from eng5.essays.elements import attribute, child, children, local, parse
from eng5.essays.manuscript import COMMENTS, HIDDEN, PICTURES, RUNNING, TRACKED, Manuscript
from eng5.essays.numbering import bullet, numeral

if TYPE_CHECKING:
    from docx.document import Document

LEFT_OUT = {
    "del", "moveFrom", "rPr", "pPr", "sdtPr", "sdtEndPr", "instrText", "delText", "delInstrText", "rt",
}  # fmt: skip
"""With what is deleted, moved away or no text. What is inserted or moved here is walked as everything else."""
SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}
NOTES = {"footnote": "decimal", "endnote": "lowerRoman"}


def read(content: bytes) -> Manuscript:
    """The manuscript of a DOCX; raises whatever python-docx and lxml raise for a damaged one."""
    import docx

    return _DocxReader(docx.Document(io.BytesIO(content))).read()


class _DocxReader:
    """One pass over a document, with what is counted on the way: lists, notes, fields."""

    def __init__(self, document: Document) -> None:
        self.body = document.element.body
        self.parts = {
            relation.reltype.rpartition("/")[2]: relation.target_part
            for relation in document.part.rels.values()
            if not relation.is_external
        }
        self.styles = Styles(self._root("styles"))
        self.numbering = Numbering(self._root("numbering"), self.styles)
        self.made = Manuscript()
        self.notes: dict[str, list[str]] = {"footnote": [], "endnote": []}
        self.forms = NOTES | self._note_forms()
        self.fields: list[bool] = []
        self.carried = ""
        self.boxes: list[Any] = []

    def read(self) -> Manuscript:
        self._say_left_out()
        self._blocks(self.body)
        self._end_paragraph("", None)
        for kind, form in self.forms.items():
            self._add_notes(kind, form)
        return self.made

    def _say_left_out(self) -> None:
        names = {local(node) for node in self.body.iter()}
        texts = [part for name in ("header", "footer") if (part := self._root(name)) is not None]
        for found, notice in (
            (names & {"ins", "del", "moveFrom", "moveTo"}, TRACKED),
            ("commentReference" in names, COMMENTS),
            ("blip" in names or "imagedata" in names, PICTURES),
            (any("".join(part.itertext()).strip() for part in texts), RUNNING),
        ):
            if found:
                self.made.say(notice)

    def _root(self, part: str) -> Any:
        if part not in self.parts:
            return None
        # Parts that python-docx knows are parsed already; the others are bytes.
        element = getattr(self.parts[part], "element", None)
        return parse(self.parts[part].blob) if element is None else element

    def _note_forms(self) -> dict[str, str]:
        """How notes are numbered, where the document says so: its settings, then its last section."""
        forms: dict[str, str] = {}
        sections = [self._root("settings"), child(self.body, "sectPr")]
        for kind in NOTES:
            for place in sections:
                form = attribute(child(child(place, f"{kind}Pr"), "numFmt"), "val")
                forms |= {kind: form} if form else {}
        return forms

    def _blocks(self, parent: Any) -> None:
        """Paragraphs and tables, also those inside of content controls and other wrappers."""
        for node in parent:
            match local(node):
                case "p":
                    self._paragraph(node)
                case "tbl":
                    self._table(node)
                case "AlternateContent":
                    self._blocks(children(node, "Choice"))
                case name if name not in LEFT_OUT and name != "sectPr":
                    self._blocks(node)

    def _paragraph(self, node: Any) -> None:
        properties = child(node, "pPr")
        mark = child(properties, "rPr")
        text = "".join(self._inline(node, self.styles.hides_paragraph(properties)))
        # The end of a paragraph that was deleted, moved away or hidden joins it with the next one.
        if any(child(mark, name) is not None for name in ("del", "moveFrom")) or switch(
            child(mark, "vanish")
        ):
            self.carried += text
        else:
            self._end_paragraph(text, properties)
        boxes, self.boxes = self.boxes, []
        for box in boxes:
            self._blocks(box)

    def _end_paragraph(self, text: str, properties: Any) -> None:
        text, self.carried = self.carried + text, ""
        self.made.add(text, self.numbering.label(properties) if properties is not None else "")

    def _inline(self, parent: Any, hidden: bool) -> Iterator[str]:
        for node in parent:
            name = local(node)
            if name == "r":
                if not self.styles.hides_run(child(node, "rPr"), hidden):
                    yield from self._run(node)
                else:
                    if child(node, "t") is not None:
                        self.made.say(HIDDEN)
                    self._follow_fields(node)
            elif name == "AlternateContent":
                yield from self._inline(children(node, "Choice"), hidden)
            elif name == "t":
                yield node.text or ""
            elif name not in LEFT_OUT:
                yield from self._inline(node, hidden)

    def _follow_fields(self, run: Any) -> None:
        for node in run:
            if local(node) == "fldChar":
                self._field(attribute(node, "fldCharType"))

    def _field(self, kind: str | None) -> None:
        """Between `begin` and `separate` stands a field's code, after it what the reader sees."""
        if kind == "begin":
            self.fields.append(True)
        elif kind == "separate" and self.fields:
            self.fields[-1] = False
        elif kind == "end" and self.fields:
            self.fields.pop()

    def _run(self, run: Any) -> Iterator[str]:
        for node in run:
            name = local(node)
            if name == "fldChar":
                self._field(attribute(node, "fldCharType"))
            elif any(self.fields):
                continue
            elif name == "t":
                yield node.text or ""
            elif name in SIGNS:
                yield SIGNS[name]
            elif name == "sym":
                yield self._symbol(node)
            elif name in ("footnoteReference", "endnoteReference"):
                yield self._mark(name.removesuffix("Reference"), node)
            elif name in ("drawing", "pict", "object"):
                self._keep_boxes(node)
            elif name == "AlternateContent":
                yield from self._run(children(node, "Choice"))
            elif name == "ruby":
                yield from self._inline(node, hidden=False)

    def _symbol(self, node: Any) -> str:
        text = attribute(node, "char") or ""
        code = int(text, 16) if re.fullmatch(r"[0-9a-fA-F]{2,5}", text) else ord("•")
        return bullet(chr(code if code > 0xFF else 0xF000 + code))

    def _keep_boxes(self, drawing: Any) -> None:
        """Text boxes stand after the paragraph that they are fixed to."""
        boxes = [node for node in drawing.iter() if local(node) == "txbxContent"]
        self.boxes += [box for box in boxes if not any(local(up) == "Fallback" for up in box.iterancestors())]

    def _mark(self, kind: str, node: Any) -> str:
        self.notes[kind].append(attribute(node, "id") or "")
        if attribute(node, "customMarkFollows") in ("1", "true", "on"):
            return ""
        return f"[{numeral(len(self.notes[kind]), self.forms[kind])}]"

    def _add_notes(self, kind: str, form: str) -> None:
        root = self._root(f"{kind}s")
        if root is None:
            return
        by_id = {attribute(note, "id"): note for note in root}
        for number, identity in enumerate(self.notes[kind], start=1):
            if (note := by_id.get(identity)) is None:
                continue
            self.made.notes.append(f"[{numeral(number, form)}] {self.made.aside(self._blocks, note)}")

    def _table(self, table: Any) -> None:
        """A line a row, cells parted by tabs; rows inside of a cell become lines of it."""
        self._end_paragraph("", None)
        for row in _through_wrappers(table, "tr"):
            if child(child(row, "trPr"), "del") is not None:
                continue
            cells = [self._cell(cell) for cell in _through_wrappers(row, "tc")]
            self.made.add("\t".join(cell for cell in cells if cell is not None).strip())

    def _cell(self, cell: Any) -> str | None:
        """None for a cell that was deleted or continues the one above it."""
        properties = child(cell, "tcPr")
        merged = child(properties, "vMerge")
        continues = merged is not None and attribute(merged, "val") != "restart"
        if continues or child(properties, "cellDel") is not None:
            return None
        return self.made.aside(self._blocks, cell)


def _through_wrappers(parent: Any, wanted: str) -> Iterator[Any]:
    for node in parent:
        if local(node) == wanted:
            yield node
        elif local(node) in ("sdt", "sdtContent", "customXml", "ins", "moveTo"):
            yield from _through_wrappers(node, wanted)
