"""DOCX: what its author left standing, whoever saved it."""

from __future__ import annotations

import io

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from eng5.essays.docx_text import read
from eng5.essays.manuscript import COMMENTS, HIDDEN, RUNNING, TRACKED
from tests.essays.writers import NOT_SAID, SAID, SAVED, tracked_docx

WHO = 'w:id="7" w:author="Åsa" w:date="2026-01-01T10:00:00Z"'


def saved(document: Document) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def text_of(*paragraphs: str) -> str:
    """The text of a document with these paragraphs, given as the XML inside of `w:p`."""
    document = docx.Document()
    for inside in paragraphs:
        paragraph = parse_xml(f"<w:p {nsdecls('w')}>{inside}</w:p>")
        document.element.body.insert(len(document.element.body) - 1, paragraph)
    return read(saved(document)).text


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t xml:space='preserve'>{text}</w:t></w:r>"


def test_everything_that_libreoffice_saves() -> None:
    """Insertions, lists with their numbers, tables, breaks and notes are kept; the rest is not, and that is said."""
    made = read((SAVED / "everything.docx").read_bytes())
    assert [what for words, what in SAID if words not in made.text] == []
    assert [what for words, what in NOT_SAID if words in made.text] == []
    assert made.notices == [TRACKED, COMMENTS, RUNNING, HIDDEN]


TRACKED_TEXT = """\
My two role models

I chose insertedword controlword them both.

Here movedword is its place.

Blockcontrol words.

1. First reason

2. Second reason

• Bullet point

cellone\tcelltwo

cellthree\tcellfour

line one
line two"""


def test_tracked_changes_of_word() -> None:
    """A move counts where it went to, content controls are text, list numbers come from the paragraph's style."""
    made = read(tracked_docx())
    assert made.text == TRACKED_TEXT
    assert made.notices == [TRACKED, COMMENTS, RUNNING, HIDDEN]


def test_an_end_of_a_paragraph_that_was_deleted() -> None:
    """Joins it with the next one, as Word does when the change is accepted."""
    deleted = f"<w:pPr><w:rPr><w:del {WHO}/></w:rPr></w:pPr>"
    assert text_of(deleted + run("She is "), run("kind.")) == "She is kind."


def test_a_field_shows_its_result() -> None:
    """What stands between `begin` and `separate` is the field's code."""
    kinds = {name: f'<w:r><w:fldChar w:fldCharType="{name}"/></w:r>' for name in ("begin", "separate", "end")}
    code = "<w:r><w:instrText> DATE </w:instrText></w:r>" + run("never shown")
    assert (
        text_of(kinds["begin"] + code + kinds["separate"] + run("1 May") + kinds["end"] + run("."))
        == "1 May."
    )


@pytest.mark.parametrize(
    ("inside", "shown"),
    [
        ("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r>", "a\tb\nc"),
        ("<w:r><w:t>well</w:t><w:noBreakHyphen/><w:t>kno</w:t><w:softHyphen/><w:t>wn</w:t></w:r>", "well-known"),
        ('<w:r><w:sym w:font="Wingdings" w:char="F04A"/></w:r>', "☺"),
        ('<w:r><w:sym w:font="Odd" w:char="zz"/></w:r>' + run("x"), "•x"),
        (run("seen", '<w:vanish w:val="0"/>'), "seen"),
        (f"<w:smartTag>{run('in a tag')}</w:smartTag>", "in a tag"),
        (f"<w:hyperlink>{run('a link')}</w:hyperlink>", "a link"),
        (f"<w:ins {WHO}><w:del {WHO}>{run('in and out')}</w:del>{run('in')}</w:ins>", "in"),
    ],
)  # fmt: skip
def test_what_a_run_holds(inside: str, shown: str) -> None:
    """Signs are shown as a reader sees them."""
    assert text_of(inside) == shown


def test_lists_count_as_word_counts() -> None:
    """Levels restart under a new number, numbers of outer levels are repeated, a bullet is a sign."""
    document = docx.Document()
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for level, form, text in (
            (0, "upperRoman", "%1."),
            (1, "lowerLetter", "%1.%2)"),
            (2, "bullet", "\uf0b7"),
        )
    )
    numbering = document.part.numbering_part.element
    numbering.insert(
        0, parse_xml(f'<w:abstractNum w:abstractNumId="90" {nsdecls("w")}>{levels}</w:abstractNum>')
    )
    numbering.append(parse_xml(f'<w:num w:numId="90" {nsdecls("w")}><w:abstractNumId w:val="90"/></w:num>'))
    for text, level in (("a", 0), ("b", 0), ("c", 1), ("d", 1), ("e", 2), ("f", 0), ("g", 1)):
        paragraph = document.add_paragraph(text)
        paragraph._p.get_or_add_pPr().append(
            parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="90"/></w:numPr>')
        )
    assert read(saved(document)).paragraphs == [
        "I. a", "II. b", "II.a) c", "II.b) d", "• e", "III. f", "III.a) g",
    ]  # fmt: skip


def test_a_text_box_is_read_once() -> None:
    """Word writes a text box twice, for itself and for older versions."""
    words = f"<w:txbxContent><w:p>{run('in a box')}</w:p></w:txbxContent>"
    spaces = (
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
        'xmlns:v="urn:schemas-microsoft-com:vml"'
    )
    box = (
        f"<w:r><mc:AlternateContent {spaces}><mc:Choice Requires='wps'><w:drawing><wps:txbx>{words}</wps:txbx>"
        f"</w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>{words}</v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )
    assert text_of(run("Beside") + box) == "Beside\n\nin a box"
