"""Essays as real writers save them: LibreOffice, python-docx and reportlab, with what each must keep and leave out."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Cm, Pt

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")

SAID = (
    ("My two role models", "heading"),
    ("insertedword", "tracked insertion"),
    ("1. First reason", "numbered list"),
    ("2. Second reason", "numbered list, next number"),
    ("a) Nested reason", "list in a list"),
    ("3. Third reason", "number goes on after the inner list"),
    ("• Bullet point", "bullet list"),
    ("cellone\tcelltwo", "table row"),
    ("cellthree\tcellfour", "table row, next"),
    ("line one\nline two", "line break"),
    ("[1]", "mark of the footnote"),
    ("Footnote words", "footnote"),
    ("Endnote words", "endnote"),
    ("Skåne – “quoted”", "letters and quotation marks"),
    ("linkedword", "words of a link"),
)
"""What the text must hold, and what it stands for."""
NOT_SAID = (
    ("deletedword", "tracked deletion"),
    ("commentword", "comment"),
    ("hiddenword", "hidden text"),
    ("headerword", "header"),
    ("footerword", "footer"),
)

SAVED = Path(__file__).parent / "saved"
EVERYTHING = Path(__file__).parent / "everything.fodt"
"""A flat OpenDocument with everything that `SAID` and `NOT_SAID` name; LibreOffice turns it into the formats."""


LAYOUTS: dict[str, dict[str, Any]] = {
    "single": {"spacing": 1.0, "parted_by": "nothing", "running": True},
    "one_and_a_half": {"spacing": 1.5, "parted_by": "indent", "running": True},
    "double": {"spacing": 2.0, "parted_by": "nothing", "running": True},
    "double_parted": {"spacing": 2.0, "parted_by": "space", "running": True, "justified": True},
    "columns": {"columns": 2, "running": True, "parted_by": "indent"},
    "hyphens": {"hyphenated": True, "columns": 2, "justified": True},
}
"""The layouts in which one essay is printed as PDF."""


def paragraphs() -> list[str]:
    """The essay that is printed: `saved/paragraphs.txt`, a line a paragraph."""
    return (SAVED / "paragraphs.txt").read_text("utf-8").splitlines()


def save_all(folder: Path) -> None:
    """Everything in `saved/`, made anew in `folder`; LibreOffice starts four times."""
    tracked = folder / "tracked.docx"
    tracked.write_bytes(tracked_docx())
    for suffix in ("odt", "rtf"):
        by_libreoffice(folder, suffix, EVERYTHING, tracked)
    by_libreoffice(folder, "docx", EVERYTHING)
    printed = [folder / f"{name}.docx" for name in LAYOUTS]
    for path, layout in zip(printed, LAYOUTS.values(), strict=True):
        path.write_bytes(spaced_docx(paragraphs(), **layout))
    by_libreoffice(folder, "pdf", *printed)
    for path in printed:
        path.unlink()
    shutil.rmtree(folder / ".profile")


def by_libreoffice(folder: Path, suffix: str, *sources: Path) -> list[Path]:
    """The sources as LibreOffice saves them in another format, in `folder`; one start for all of them."""
    assert SOFFICE, "LibreOffice is not installed"
    profile = folder / ".profile"
    command = [SOFFICE, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to"]
    subprocess.run(
        [*command, suffix, "--outdir", str(folder), *map(str, sources)],
        check=True, capture_output=True,
    )  # fmt: skip
    made = [folder / f"{source.stem}.{suffix.partition(':')[0]}" for source in sources]
    assert all(path.is_file() for path in made)
    return made


def tracked_docx() -> bytes:
    """python-docx with Word's own marks: an insertion, a deletion, a move, a comment, content controls, hidden text."""
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "headerword"
    document.sections[0].footer.paragraphs[0].text = "footerword"
    document.add_heading("My two role models", 1)
    who = 'w:id="7" w:author="Åsa" w:date="2026-01-01T10:00:00Z"'
    paragraph = document.add_paragraph("I chose")
    for mark in (
        f"<w:ins {who} NS><w:r><w:t xml:space='preserve'> insertedword</w:t></w:r></w:ins>",
        f"<w:del {who} NS><w:r><w:delText xml:space='preserve'> deletedword</w:delText></w:r></w:del>",
        "<w:r NS><w:rPr><w:vanish/></w:rPr><w:t xml:space='preserve'> hiddenword</w:t></w:r>",
        "<w:sdt NS><w:sdtPr/><w:sdtContent><w:r><w:t xml:space='preserve'> controlword</w:t></w:r></w:sdtContent>"
        "</w:sdt>",
        f"<w:moveFrom {who} NS><w:r><w:t xml:space='preserve'> movedword</w:t></w:r></w:moveFrom>",
    ):
        paragraph._p.append(parse_xml(mark.replace("NS", nsdecls("w"))))
    tail = paragraph.add_run(" them both.")
    document.add_comment(tail, text="commentword", author="T", initials="T")
    other = document.add_paragraph("Here")
    other._p.append(
        parse_xml(
            f"<w:moveTo {who} {nsdecls('w')}><w:r><w:t xml:space='preserve'> movedword</w:t></w:r></w:moveTo>"
        )
    )
    other.add_run(" is its place.")
    block = (
        f"<w:sdt {nsdecls('w')}><w:sdtPr/><w:sdtContent><w:p><w:r><w:t>Blockcontrol words.</w:t></w:r></w:p>"
        "</w:sdtContent></w:sdt>"
    )
    document.element.body.insert(-1, parse_xml(block))
    for text, style in (
        ("First reason", "List Number"),
        ("Second reason", "List Number"),
        ("Bullet point", "List Bullet"),
    ):
        document.add_paragraph(text, style=style)
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        (c for row in table.rows for c in row.cells),
        ("cellone", "celltwo", "cellthree", "cellfour"),
        strict=True,
    ):
        cell.text = text
    broken = document.add_paragraph("line one")
    broken.add_run().add_break()
    broken.add_run("line two")
    return _saved(document)


def _saved(document: Document) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def spaced_docx(
    paragraphs: list[str],
    *,
    spacing: float = 1.0,
    parted_by: str = "space",
    running: bool = False,
    columns: int = 1,
    hyphenated: bool = False,
    justified: bool = False,
    language: str = "en-US",
) -> bytes:
    """An essay as pupils set it; `parted_by` space, indent or nothing; `running` header with a page number below."""
    document = docx.Document()
    section = document.sections[0]
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Liberation Serif", Pt(12)
    normal.element.get_or_add_rPr().append(parse_xml(f'<w:lang w:val="{language}" {nsdecls("w")}/>'))
    for text in paragraphs:
        paragraph = document.add_paragraph(text)
        layout = paragraph.paragraph_format
        layout.line_spacing, layout.space_before = spacing, Pt(0)
        layout.space_after = Pt(10 if parted_by == "space" else 0)
        layout.first_line_indent = Cm(1 if parted_by == "indent" else 0)
        if justified:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    if running:
        section.header.paragraphs[0].text = "Anna Svensson\tEngelska 5\tNationellt prov"
        foot = section.footer.paragraphs[0]
        foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
        foot._p.append(
            parse_xml(f'<w:fldSimple w:instr="PAGE" {nsdecls("w")}><w:r><w:t>1</w:t></w:r></w:fldSimple>')
        )
    if columns > 1:
        section._sectPr.append(parse_xml(f'<w:cols w:num="{columns}" w:space="720" {nsdecls("w")}/>'))
    if hyphenated:
        document.settings.element.insert(0, parse_xml(f"<w:autoHyphenation {nsdecls('w')}/>"))
    return _saved(document)


if __name__ == "__main__":
    save_all(SAVED)
