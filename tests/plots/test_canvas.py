"""Tests of `eng5.plots.canvas`."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.plots.canvas import Canvas, Scale, tick_text

VALUES = st.floats(-1e6, 1e6)


@given(low=VALUES, span=st.floats(1e-3, 1e6), about=st.integers(2, 12))
def test_ticks_are_round_ascending_and_within(low: float, span: float, about: int) -> None:
    """Ticks lie within the scale, evenly, with a step of 1, 2 or 5 times a power of ten."""
    ticks = Scale(low, low + span, 0, 100).ticks(about)
    assert len(ticks) <= about + 1
    assert all(low - 1e-6 * span <= tick <= low + span * (1 + 1e-6) for tick in ticks)
    steps = [after - before for before, after in pairwise(ticks)]
    for step in steps:
        assert f"{step:.3g}".replace(".", "").lstrip("0").split("e")[0].rstrip("0") in ("1", "2", "5")


@given(low=VALUES, span=st.floats(1e-3, 1e6), share=st.floats(0, 1))
def test_scale_is_linear(low: float, span: float, share: float) -> None:
    """A value at a share of the range lies at that share of the way, also when the axis points up."""
    assert Scale(low, low + span, 300, 20)(low + share * span) == pytest.approx(300 - share * 280, abs=1e-3)


def test_scale_without_width_is_its_middle() -> None:
    """One value only is drawn in the middle, and is its own tick."""
    scale = Scale(3, 3, 0, 100)
    assert scale(3) == 50 and scale.ticks() == [3]


def test_negative_ticks_have_a_minus_sign() -> None:
    """A tick is written with a true minus sign."""
    assert tick_text(-0.5) == "−0.5"


@given(text=st.text(), title=st.text())
def test_any_text_gives_well_formed_svg(text: str, title: str) -> None:
    """Markup, control characters and surrogates in names leave both forms readable XML."""
    canvas = Canvas("key", title, text)
    canvas.text(10, 10, text)
    canvas.circle(5, 5, 2, "point", text or "x")
    for drawn in (canvas.inline(), canvas.standalone()):
        root = ElementTree.fromstring(drawn.encode())
        assert not [child for child in root.iter() if child.tag.rpartition("}")[2] == "script"]


def test_a_file_stands_alone_and_an_element_does_not() -> None:
    """The file has its namespace, size and style; drawing it changes neither form."""
    canvas = Canvas("key", "Title", "Text")
    canvas.line(0, 0, 10, 10, "axis")
    inline, alone = canvas.inline(), canvas.standalone()
    root = ElementTree.fromstring(alone)
    assert root.tag == "{http://www.w3.org/2000/svg}svg" and root.get("width") == "480"
    assert "prefers-color-scheme: dark" in alone and "prefers-color-scheme" not in inline
    assert (canvas.inline(), canvas.standalone()) == (inline, alone)


def test_screen_readers_get_title_and_description() -> None:
    """The drawing is one image, named by its title and described by its text."""
    root = ElementTree.fromstring(Canvas("key", "Title", "Text").inline())
    named = [root.find(f"*[@id='{key}']") for key in (root.get("aria-labelledby") or "").split()]
    assert root.get("role") == "img"
    assert [element.text for element in named if element is not None] == ["Title", "Text"]
