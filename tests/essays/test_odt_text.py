"""ODT: what its author left standing, whoever saved it."""

from __future__ import annotations

import io
import zipfile

import pytest

from eng5.essays.manuscript import COMMENTS, HIDDEN, RUNNING, TRACKED
from eng5.essays.odt_text import read
from tests.essays.test_docx_text import TRACKED_TEXT
from tests.essays.writers import NOT_SAID, SAID, SAVED

SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "style", "table")
)


def text_of(inside: str, styles: str = "") -> str:
    """The text of a document with this body and these styles."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(
            "content.xml",
            f"<office:document-content {SPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:text>{inside}</office:text></office:body></office:document-content>",
        )
    return read(buffer.getvalue()).text


def test_everything_that_libreoffice_saves() -> None:
    """Insertions, lists with their numbers, tables, breaks and notes are kept; the rest is not, and that is said."""
    made = read((SAVED / "everything.odt").read_bytes())
    assert [what for words, what in SAID if words not in made.text] == []
    assert [what for words, what in NOT_SAID if words in made.text] == []
    assert made.notices == [TRACKED, COMMENTS, RUNNING, HIDDEN]


def test_tracked_changes() -> None:
    """A DOCX with tracked changes is the same text after LibreOffice saved it as ODT."""
    assert read((SAVED / "tracked.odt").read_bytes()).text == TRACKED_TEXT


@pytest.mark.parametrize(
    ("inside", "shown"),
    [
        ("<text:p>a<text:s text:c='3'/>b\n  c<text:tab/>d</text:p>", "a   b c\td"),
        ("<text:section text:display='none'><text:p>no</text:p></text:section><text:p>yes</text:p>", "yes"),
        ("<text:p><text:hidden-paragraph text:is-hidden='true'/>no</text:p><text:p>yes</text:p>", "yes"),
        ("<text:p>a<text:hidden-text text:is-hidden='true'>no</text:hidden-text></text:p>", "a"),
        ("<text:p>on <text:date>1 May</text:date></text:p>", "on 1 May"),
        ("<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>"
         "<table:covered-table-cell/></table:table-row></table:table>", "a"),
    ],
)  # fmt: skip
def test_what_a_body_holds(inside: str, shown: str) -> None:
    """White space, fields, hidden sections and merged cells are shown as a reader sees them."""
    assert text_of(inside) == shown


def test_lists_count_as_libreoffice_counts() -> None:
    """A list goes on where it says so, else begins anew; a start value counts; inner levels repeat outer ones."""
    style = (
        "<text:list-style style:name='L'><text:list-level-style-number text:level='1' style:num-format='1' "
        "style:num-suffix='.'/><text:list-level-style-number text:level='2' style:num-format='a' "
        "style:num-suffix=')' text:display-levels='2'/></text:list-style>"
    )

    def item(words: str, inner: str = "", start: str = "") -> str:
        return f"<text:list-item {start}><text:p>{words}</text:p>{inner}</text:list-item>"

    inner, seventh = f"<text:list>{item('c')}</text:list>", "text:start-value='7'"
    body = (
        f"<text:list text:style-name='L'>{item('a')}{item('b', inner)}</text:list>"
        "<text:p>between</text:p>"
        f"<text:list text:style-name='L' text:continue-numbering='true'>{item('d')}</text:list>"
        f"<text:list text:style-name='L'>{item('e', start=seventh)}{item('f')}</text:list>"
    )
    assert text_of(body, style).split("\n\n") == ["1. a", "2. b", "2.a) c", "between", "3. d", "7. e", "8. f"]
