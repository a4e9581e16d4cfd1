"""Tests of `eng5.plots.plot`."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from eng5.plots.plot import STYLE, Palette, Plot, Point, new_plot, standalone
from eng5.plots.printable import printable


def example(text: str = "Text", title: str = "Title", key: str = "key") -> Plot:
    plot = new_plot(key, title, text)
    plot.points([Point(1, 2, None, Palette.ACCENT, text)])
    plot.axes.text(1, 2, text, color=Palette.INK)
    plot.axes.set_xticks([1], [printable(text)])
    return plot


@pytest.mark.parametrize(
    "text",
    [
        "$x^2$",
        "$",
        "<script>alert(1)</script>",
        "]]>",
        "-->",
        "&amp;",
        "日本 🎓",
        "\x00\x08\ud800",
        "\u202e",
        "%s {0}",
    ],
)
def test_any_text_gives_well_formed_svg_that_shows_it(text: str) -> None:
    """Markup, mathematics, control characters and foreign scripts in a name stay text in both forms."""
    plot = example(text, text)
    for drawn in (plot.drawing().svg, standalone(plot.drawing())):
        root = ElementTree.fromstring(drawn.encode())
        assert not [element for element in root.iter() if element.tag.rpartition("}")[2] == "script"]
    shown = [
        "".join(element.itertext()) for element in ElementTree.fromstring(plot.drawing().svg).iter("text")
    ]
    assert shown.count(printable(text)) == 2, "the text in the drawing and the label of the tick"


def test_every_colour_follows_the_theme() -> None:
    """No fixed colour is left, and plot.css has each of them for light and for dark."""
    drawn = example().drawing().svg
    assert not re.search(r"#[0-9a-f]{6}", drawn)
    light, dark = STYLE.read_text(encoding="utf-8").split("@media", 1)
    for name in re.findall(r"var\((--[\w-]+)\)", drawn):
        assert f"{name}:" in light and f"{name}:" in dark
    for name, colour in vars(Palette).items():
        if name.isupper():
            assert f"--{name.lower().replace('_', '-')}: {colour}" in light


def test_same_figure_same_bytes_without_clock_or_address() -> None:
    """Drawing again gives the same bytes; no date, no metadata, no address but the SVG name space."""
    assert standalone(example().drawing()) == standalone(example().drawing())
    for drawn in (example().drawing().svg, standalone(example().drawing())):
        assert "metadata" not in drawn
        assert re.findall(r"https?://[^\"]+", drawn) in ([], ["http://www.w3.org/2000/svg"])


def test_two_plots_of_a_page_share_no_id() -> None:
    """Ids come from the key, and every reference leads to one in the same plot."""
    ids = []
    for key in ("one", "two"):
        drawn = example(key=key).drawing().svg
        own = re.findall(r'\bid="([^"]+)"', drawn)
        assert set(re.findall(r'(?:href="|url\()#([\w-]+)', drawn)) <= set(own)
        ids += own
    assert len(ids) == len(set(ids))


def test_a_file_stands_alone() -> None:
    """The file has its size, name space, sheet and style; a page's element has none of them."""
    root = ElementTree.fromstring(standalone(example().drawing()))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("480", "360", "0 0 480 360")
    assert "prefers-color-scheme: dark" in standalone(example().drawing())
    assert "<style" not in example().drawing().svg


def test_screen_readers_and_pointers_get_texts() -> None:
    """The plot is one image, named by its title and described by its text; a point shows its tip."""
    root = ElementTree.fromstring(example("What it shows").drawing().svg)
    named = [root.find(f"*[@id='{key}']") for key in (root.get("aria-labelledby") or "").split()]
    assert root.get("role") == "img"
    assert [element.text for element in named if element is not None] == ["Title", "What it shows"]
    assert [element.text for element in root.iterfind(".//g/title")] == ["What it shows"]


def test_text_is_text_in_the_fonts_of_the_page() -> None:
    """Words are not turned into outlines, and no font is named that a reader may not have."""
    drawn = example("Words").drawing().svg
    assert "Words</text>" in drawn
    assert "DejaVu" not in drawn and "font:" not in drawn


@pytest.mark.parametrize("count", [1, 5])
def test_points_keep_their_places(count: int) -> None:
    """Every point is drawn, in its colour, at its place."""
    plot = new_plot("key", "Title", "Text")
    plot.points([Point(n, n * n, None, Palette.WARN, "") for n in range(count)])
    assert [np.asarray(line.get_xydata()).tolist() for line in plot.axes.lines] == [
        [[n, n * n]] for n in range(count)
    ]
