"""Tests of `eng5.plots.printable`."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.plots.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain åäö – 日本 🎓", "plain åäö – 日本 🎓"),
        ("tab\tand\nnewline", "tab\tand\nnewline"),
        ("a\r\nb", "a\nb"),
        ("bell\x07", "bell⟨U+0007⟩"),
        ("\u202egnp.exe", "⟨U+202E⟩gnp.exe"),
        ("zero\u200bwidth", "zero⟨U+200B⟩width"),
        ("\ud800", "⟨U+D800⟩"),
    ],
)
def test_unseen_characters_are_written_out(text: str, shown: str) -> None:
    """What a reader could not see is written as its code point, everything else is kept."""
    assert printable(text) == shown


@given(st.text())
def test_nothing_that_reorders_or_hides_is_left(text: str) -> None:
    """No control or surrogate survives, and printing twice changes nothing more."""
    shown = printable(text)
    assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"]
    assert not [
        c for c in shown if unicodedata.bidirectional(c) in ("RLO", "LRO", "RLI", "LRI", "FSI", "RLE")
    ]
    assert printable(shown) == shown
