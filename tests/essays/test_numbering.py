"""Numbers of lists and notes."""

from __future__ import annotations

import pytest

from eng5.essays.numbering import bullet, numeral


@pytest.mark.parametrize(
    ("number", "form", "shown"),
    [
        (4, "decimal", "4"), (4, "1", "4"), (4, "decimalZero", "04"), (3, "lowerLetter", "c"),
        (27, "upperLetter", "AA"), (29, "a", "cc"), (4, "lowerRoman", "iv"), (1999, "upperRoman", "MCMXCIX"),
        (4, "none", ""), (4, "", ""),
        (0, "i", "0"), (9999, "I", "9999"), (99999, "a", "99999"), (5, "chineseCounting", "5"),
    ],
)  # fmt: skip
def test_numerals(number: int, form: str, shown: str) -> None:
    """As Word and LibreOffice write them; what has no such numeral is written in decimal."""
    assert numeral(number, form) == shown


@pytest.mark.parametrize(
    ("text", "shown"), [("\uf0b7", "•"), ("o", "o"), ("–", "–"), ("\uf0ff", "•"), ("\ue123", "•")]
)
def test_bullets(text: str, shown: str) -> None:
    """Private characters of symbol fonts become signs that every font has."""
    assert bullet(text) == shown
