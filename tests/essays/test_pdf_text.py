"""PDF: paragraphs at any line spacing, columns, hyphens, and what stands on every page."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from eng5.essays.pdf_text import read
from tests.essays.writers import LAYOUTS, SAVED, paragraphs

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import BaseDocTemplate

A4 = (210 * 72 / 25.4, 297 * 72 / 25.4)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_of_libreoffice(layout: str) -> None:
    """Every paragraph of the essay comes out as it was written, and nothing else."""
    assert read((SAVED / f"{layout}.pdf").read_bytes()).paragraphs == paragraphs()


def test_what_is_left_out_is_said() -> None:
    """Running headers, page numbers, columns and hyphens are named."""
    notices = " ".join(read((SAVED / "columns.pdf").read_bytes()).notices)
    assert "lines that repeat at the top or bottom" in notices
    assert "page numbers" in notices
    assert "columns; they were read one after the other" in notices
    assert "parted by a hyphen" in " ".join(read((SAVED / "hyphens.pdf").read_bytes()).notices)


HEADER = "Anna Svensson 9B"


def by_reportlab(
    texts: list[str], *, spacing: float, indent: float = 0, after: float = 0, columns: int = 1, align: int = 0
) -> bytes:
    """The essay as reportlab sets it: another writer, another way to place letters."""
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph

    buffer = io.BytesIO()
    width = (A4[0] - 144 - 24 * (columns - 1)) / columns
    frames = [Frame(72 + at * (width + 24), 72, width, A4[1] - 144, 0, 0, 0, 0) for at in range(columns)]

    def running(canvas: Canvas, document: BaseDocTemplate) -> None:
        canvas.setFont("Helvetica", 9)
        canvas.drawString(72, A4[1] - 40, HEADER)
        canvas.drawCentredString(A4[0] / 2, 36, f"Sida {document.page} (2)")

    template = BaseDocTemplate(buffer, pagesize=A4)
    template.addPageTemplates([PageTemplate(frames=frames, onPage=running)])
    style = ParagraphStyle(
        "body", fontName="Times-Roman", fontSize=12, leading=14.4 * spacing, spaceAfter=after,
        firstLineIndent=indent, alignment=align,
    )  # fmt: skip
    template.build([Paragraph(text, style) for text in texts])
    return buffer.getvalue()


@pytest.mark.parametrize("spacing", [1.0, 1.5, 2.0])
@pytest.mark.parametrize(("indent", "after"), [(0, 12), (28, 0), (0, 0)])
@pytest.mark.parametrize("columns", [1, 2])
def test_layouts_of_reportlab(spacing: float, indent: float, after: float, columns: int) -> None:
    """The same for another writer; the header and "Sida 1 (2)" are left out."""
    made = read(by_reportlab(paragraphs(), spacing=spacing, indent=indent, after=after, columns=columns))
    written = paragraphs()
    if "repeat" not in str(made.notices):
        written.insert(0, HEADER)  # there is one page, so nothing tells its header from a title
    assert " ".join(made.paragraphs) == " ".join(written)
    if indent or after:
        assert made.paragraphs == written
    else:  # a paragraph whose last line is full shows no end
        assert len(made.paragraphs) >= len(written) - 2


def drawn(draw: Callable[[Canvas], None], pages: int = 1) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4)
    for _ in range(pages):
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def test_a_page_number_on_the_only_page() -> None:
    """Left out where it stands well apart from the text; a number within the text is none."""

    def draw(canvas: Canvas) -> None:
        for row, text in enumerate(
            ("Courage is a long word for", "a small thing, said my aunt.", "1", "That was in 1945.")
        ):
            canvas.drawString(72, 700 - 14 * row, text)
        canvas.drawString(290, 40, "1")

    made = read(drawn(draw))
    assert (
        " ".join(made.text.split())
        == "Courage is a long word for a small thing, said my aunt. 1 That was in 1945."
    )
    assert made.notices == ["left out: page numbers (1 in all)"]


def test_a_watermark_is_no_text() -> None:
    """Letters that do not stand upright are passed over."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "She is kind.")
        canvas.rotate(45)
        canvas.drawString(300, 200, "DRAFT")

    assert read(drawn(draw)).text == "She is kind."


def test_notes_at_the_foot_come_last() -> None:
    """Small lines at the foot that begin with a number are notes."""

    def draw(canvas: Canvas) -> None:
        for row in range(4):
            canvas.drawString(72, 700 - 14 * row, "She is kind and brave and she never, ever gives up on us.")
        canvas.setFont("Helvetica", 8)
        canvas.drawString(72, 80, "1 So says my father.")

    made = read(drawn(draw))
    assert made.notes == ["[1] So says my father."]
    assert "father" not in "".join(made.paragraphs)


def test_a_table_is_no_pair_of_columns() -> None:
    """Short cells stay in their rows, parted by tabs."""

    def draw(canvas: Canvas) -> None:
        for row in range(5):
            canvas.drawString(72, 700 - 14 * row, f"name {row}")
            canvas.drawString(320, 700 - 14 * row, f"value {row}")

    assert read(drawn(draw)).paragraphs == [f"name {row}\tvalue {row}" for row in range(5)]


def test_columns_too_close_are_named() -> None:
    """Where columns cannot be told apart, the teacher is told to look."""

    def draw(canvas: Canvas) -> None:
        for row in range(12):
            shift = 40 if row % 2 else 0
            canvas.drawString(72 - shift / 2, 700 - 14 * row, "words of the left one, and so on")
            canvas.drawString(290 - shift, 700 - 14 * row, "words of the right one, and so on")
        for row in range(12, 24):
            canvas.drawString(
                72, 700 - 14 * row, "a line over the whole width of the page that nobody can part in two"
            )

    made = read(drawn(draw))
    assert any("read across" in notice or "one after the other" in notice for notice in made.notices)


def test_a_page_that_is_a_picture() -> None:
    """A scanned page among others is named by its number."""
    from PIL import Image

    number = iter(range(2))

    def draw(canvas: Canvas) -> None:
        if next(number) == 0:
            canvas.drawString(72, 700, "She is kind and brave and never gives up.")
        else:
            canvas.drawInlineImage(Image.new("L", (40, 60), 128), 0, 0, *A4)

    assert read(drawn(draw, pages=2)).notices == [
        "page 2 is a picture (scanned?): what is written there is not read"
    ]
