"""Tests of `eng5.plots.labels`."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eng5.plots.labels import fitted, lines, short, width

NAMES = st.lists(st.text(alphabet="ab_ …1", max_size=14), max_size=12)
BEGINNINGS = st.sampled_from(["", "a", "anchor_essay_", "long_beginning_of_name "])


@given(NAMES, BEGINNINGS, st.integers(1, 20))
@example(["_" * 10 + "a", "_" * 10 + "b", "_" * 5 + "a" + "_" * 5], "", 4)
@example(["aaaA", "aaaB"], "", 2)
def test_short_names_are_as_long_as_told_and_as_different_as_can_be(
    ends: list[str], beginning: str, length: int
) -> None:
    """Names that fit stay; the others stay different as far as there are numbers to tell them apart."""
    names = [beginning + end for end in ends]
    found = short(names, length)
    assert len(found) == len(names)
    assert all(len(label) <= length for label in found)
    assert all(label == name for name, label in zip(names, found, strict=True) if len(name) <= length)
    one_each = dict(zip(names, found, strict=True))
    assert [one_each[name] for name in names] == found
    if len(one_each) < 10 ** (length - 1):
        assert len(set(found)) == len(one_each)


@pytest.mark.parametrize(
    ("names", "length", "expected"),
    [
        (["anchor_essay_vt_012_A", "anchor_essay_vt_003_E-"], 14, ["…012_A", "…003_E-"]),
        (["ANCHOR_1", "anchor_essay_vt_012_A", "anchor_essay_vt_011_A"], 14,
         ["ANCHOR_1", "anchor_…_012_A", "anchor_…_011_A"]),
        (["prompt_with_examples", "prompt_with_examples_reworded"], 20,
         ["prompt_with_examples", "…examples_reworded"]),
        (["samebeginning1", "samebeginning2"], 6, ["sam…g1", "sam…g2"]),
        (["aaaA", "aaaB"], 2, ["…A", "…B"]),
        (["one_name_that_goes_on"], 14, ["one_name_that…"]),
        (["a_b_c", "a_b_c"], 4, ["a_b…", "a_b…"]),
        (["aXaaaaaaaaa", "aaaaaXaaaaa", "aaaaaaaaaXa"], 4, ["aX…1", "aa…1", "aa…2"]),
    ],
)  # fmt: skip
def test_what_differs_is_kept(names: list[str], length: int, expected: list[str]) -> None:
    """What all begin with goes first, in whole parts; then the middle; numbers are the last resort."""
    assert short(names, length) == expected


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("letter", ["i", "W", "評"])
def test_labels_fit_their_pixels(letter: str, bold: bool) -> None:
    """Whatever their letters; an unseen letter is written out."""
    names = [f"{n}{40 * letter}" for n in range(9)]
    found = fitted(names, 30, 100, bold=bold)
    assert all(width(label, bold=bold) <= 100 for label in found) and len(set(found)) == 9
    assert fitted(["two\nlines", "a\u202eb"], 30, 200) == ["two lines", "a⟨U+202E⟩b"]
    assert fitted(["WWW"], 30, 1) == ["…"]


@given(st.text(alphabet="ab ", max_size=60), st.integers(1, 200))
def test_lines_hold_every_word_once(text: str, pixels: int) -> None:
    """None is wider than told unless it is one word."""
    found = lines(text, pixels)
    assert " ".join(found).split() == text.split()
    assert all(width(line) <= pixels or " " not in line for line in found)
