"""RTF: what its author left standing, whoever saved it."""

from __future__ import annotations

import pytest

from eng5.essays.manuscript import COMMENTS, HIDDEN, RUNNING, TRACKED
from eng5.essays.rtf_text import read
from tests.essays.test_docx_text import TRACKED_TEXT
from tests.essays.writers import NOT_SAID, SAID, SAVED


def text_of(inside: str) -> str:
    return read(("{\\rtf1\\ansi\\ansicpg1252 " + inside + "}").encode("latin-1")).text


def test_everything_that_libreoffice_saves() -> None:
    """Insertions, lists with their numbers, tables, breaks and notes are kept; the rest is not, and that is said."""
    made = read((SAVED / "everything.rtf").read_bytes())
    assert [what for words, what in SAID if words not in made.text] == []
    assert [what for words, what in NOT_SAID if words in made.text] == []
    assert set(made.notices) == {TRACKED, COMMENTS, RUNNING, HIDDEN}


def test_tracked_changes() -> None:
    """A DOCX with tracked changes is the same text after LibreOffice saved it as RTF."""
    assert read((SAVED / "tracked.rtf").read_bytes()).text == TRACKED_TEXT


@pytest.mark.parametrize(
    ("inside", "shown"),
    [
        ("Sk\\'e5ne \\u8211\\'96 \\u8220?quoted\\u8221?", "Skåne – “quoted”"),
        ("{\\uc0\\u229}{\\uc2\\u246 xy}z", "åöz"),
        ("\\u-10179?\\u-8704?", "\U0001f600"),
        ("a\\par b\\line c\\tab d", "a\n\nb\nc\td"),
        ("a\\~b\\_c\\-d\\{\\}\\\\", "a\u00a0b-cd{}\\"),
        ("{\\v hidden}seen{\\v\\v0 again}", "seenagain"),
        ("kept {\\deleted gone}{\\revised new}{\\mvf away}{\\mvt here}", "kept newhere"),
        ('see {\\field{\\*\\fldinst HYPERLINK "https://example.org"}{\\fldrslt a link}}.', "see a link."),
        ("{\\*\\unheardof words}{\\info{\\title T}}{\\pict 89504e47}text", "text"),
        ("a{\\bin5 {}{}}}b", "ab"),
        ("x{\\super\\chftn{\\footnote\\chftn  Words.}} y", "x[1] y\n\n[1] Words."),
        ("\\trowd\\intbl a\\cell b\\cell\\row after", "a\tb\n\nafter"),
        ("{\\fonttbl{\\f0 A;}{\\f1\\fcharset204 B;}}{\\f1 \\'cf\\'f0}{\\f0 \\'e5}", "Прå"),
        ("{\\fonttbl{\\f3\\fcharset128 B;}}{\\f3 \\'93\\'fa\\'96\\'7b}", "日本"),
    ],
)  # fmt: skip
def test_what_a_group_holds(inside: str, shown: str) -> None:
    """Letters in every spelling, fields, notes and tables are shown as a reader sees them."""
    assert text_of(inside) == shown


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"plain text", "no RTF"),
        (b"{\\rtf1 never closed", "within a group"),
        (b"{\\rtf1" + b"{" * 3000, "without end"),
    ],
)
def test_what_is_no_rtf(content: bytes, problem: str) -> None:
    """A file that cannot be followed is refused, not guessed at."""
    with pytest.raises(ValueError, match=problem):
        read(content)
