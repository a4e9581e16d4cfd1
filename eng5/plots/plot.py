"""From a matplotlib figure to SVG that fits its page: themed, described, without an address or a clock.

Figures are drawn in the light colours of `Palette`. In the SVG each of them becomes the custom property
of plot.css with the same name, so that a page, or the file by itself, shows light and dark.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from eng5.contracts.drawing import Drawing
from eng5.contracts.own import Interval
from eng5.plots.printable import printable

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STYLE = Path(__file__).with_name("plot.css")
SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
FONT_SIZE = 13.0
"""Pixels, in a drawing 480 wide."""
DOTS = 72


class Palette:
    """The light theme; the names are those of the custom properties in plot.css."""

    INK = "#1d2329"
    MUTED = "#5b6570"
    RULE = "#d8dce1"
    WASH = "#f3f5f7"
    PAPER = "#ffffff"
    ACCENT = "#2b5fb0"
    ACCENT_WASH = "#dbe6f6"
    WARN = "#b0441c"
    WARN_WASH = "#fbe3d8"
    GOOD = "#1d7448"


PROPERTY = {
    colour: f"var(--{name.lower().replace('_', '-')})"
    for name, colour in vars(Palette).items()
    if name.isupper()
}
COLOUR = re.compile("|".join(PROPERTY))
FONT = re.compile(r"font: (?:\S+ )*?([\d.]+)px [^;]*")
FAMILY = re.compile(r"font-family: [^;]*; ?")
REFERENCE = re.compile(r"#([\w-]+)\)?")


@dataclass(frozen=True)
class Point:
    """A value with its interval, in a colour of the palette; `size` in pixels."""

    x: float
    y: float
    interval: Interval | None
    colour: str
    tip: str
    size: float = 10
    link: str | None = None


@dataclass(frozen=True, eq=False)
class Plot:
    """A figure with what a screen reader says of it. `key` makes its ids unique within a page."""

    key: str
    title: str
    description: str
    figure: Figure
    axes: Axes
    tips: dict[str, str] = field(default_factory=dict)

    def tip(self, artist: Artist, text: str, link: str | None = None) -> None:
        """Show `text` when the pointer rests on the artist; `link` is what it opens within a page."""
        artist.set_url(link)
        name = f"{self.key}-tip-{len(self.tips)}"
        artist.set_gid(name)
        self.tips[name] = printable(text)

    def points(self, points: Sequence[Point]) -> None:
        """Draw points with their intervals."""
        for colour in sorted({point.colour for point in points}):
            bars = [(p.x, p.interval) for p in points if p.colour == colour and p.interval is not None]
            if bars:
                self.axes.vlines(
                    [x for x, _ in bars], [each.low for _, each in bars], [each.high for _, each in bars],
                    color=colour, linewidth=1.75, alpha=0.65,
                )  # fmt: skip
        for point in points:
            (drawn,) = self.axes.plot(
                [point.x], [point.y], "o", color=point.colour, markersize=point.size,
                markeredgecolor=Palette.PAPER, clip_on=False, zorder=3,
            )  # fmt: skip
            self.tip(drawn, point.tip, point.link)

    def drawing(self) -> Drawing:
        """Title, description, then what matplotlib drew, in themed colours."""
        themed = COLOUR.sub(lambda found: PROPERTY[found[0]], self._saved("svg", "Date").decode())
        drawn = ElementTree.fromstring(themed)  # noqa: S314 - what matplotlib has just written
        used = {
            name
            for element in drawn.iter()
            for value in (element.get("clip-path"), element.get(LINK))
            for name in REFERENCE.findall(value or "")
        }
        for element in drawn.iter():
            tip = self.tips.get(element.get("id", ""))
            if element.get("id") not in used:
                element.attrib.pop("id", None)
            if (address := element.attrib.pop(LINK, None)) is not None:
                element.set("href", address)
            if style := element.get("style"):
                element.set("style", FAMILY.sub("", FONT.sub(r"font-size: \1px", style)))
            if tip is not None:
                _insert_text(element, 0, "title", tip)
                for link in element.iter(f"{SVG}a"):
                    link.attrib.pop("target", None)
                    link.set("aria-label", tip)
        root = ElementTree.Element(
            f"{SVG}svg",
            {
                "viewBox": drawn.attrib["viewBox"],
                "class": "plot",
                "role": "img" if drawn.find(f".//{SVG}a") is None else "group",
                "aria-labelledby": f"{self.key}-title {self.key}-text",
            },
        )
        _insert_text(root, 0, "title", printable(self.title), f"{self.key}-title")
        _insert_text(root, 1, "desc", printable(self.description), f"{self.key}-text")
        root.extend(child for child in drawn if child.tag not in (f"{SVG}metadata", f"{SVG}defs"))
        root.extend(
            child for child in drawn if child.tag == f"{SVG}defs" and child.find(f"{SVG}style") is None
        )
        for element in root.iter():
            element.tag = element.tag.removeprefix(SVG)
        return Drawing(
            title=self.title,
            svg=ElementTree.tostring(root, encoding="unicode"),
        )

    def pdf(self) -> bytes:
        """The figure as a PDF for print: fonts inside, no links, no date."""
        for artist in self.figure.findobj():
            artist.set_url(None)
        return self._saved("pdf", "CreationDate", "Creator", "Producer")

    def _saved(self, form: str, *untold: str) -> bytes:
        """What matplotlib writes: text as text, ids from the key, nothing about what is `untold`.

        Foreign text is no mathematics. The texts of ticks come from their formatter: foreign ones have to be
        printable before.
        """
        from matplotlib import rc_context
        from matplotlib.text import Text

        for text in self.figure.findobj(Text):
            assert isinstance(text, Text)  # noqa: S101 - what was asked for
            text.set_parse_math(False)
            text.set_text(printable(text.get_text()))
        stream = io.BytesIO()
        with (
            rc_context({"pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": self.key}),
            warnings.catch_warnings(),
        ):
            warnings.filterwarnings("ignore", r"Glyph .* missing from")
            self.figure.savefig(stream, format=form, metadata=dict.fromkeys(untold))
        return stream.getvalue()

    def rows(self, labels: Sequence[str]) -> None:
        """A labelled row each, the first on top."""
        self.axes.set_ylim(len(labels) - 0.5, -0.5)
        self.axes.set_yticks(range(len(labels)), labels)
        self.axes.tick_params(axis="y", length=0)


def new_plot(
    key: str,
    title: str,
    description: str,
    *,
    width: int = 480,
    height: int = 360,
    margins: Sequence[float] = (68, 12, 54, 16),
) -> Plot:
    """An empty plot with one pair of axes; sizes and margins (left, right, bottom, top) in pixels."""
    from matplotlib.figure import Figure

    left, right, bottom, top = margins
    figure = Figure(figsize=(width / DOTS, height / DOTS), dpi=DOTS, facecolor="none")
    axes = figure.add_axes(
        (left / width, bottom / height, (width - left - right) / width, (height - bottom - top) / height),
        facecolor="none",
    )
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(Palette.MUTED)
    axes.tick_params(color=Palette.MUTED, labelcolor=Palette.MUTED, labelsize=FONT_SIZE)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set(color=Palette.INK, fontsize=FONT_SIZE)
    axes.set_axisbelow(True)
    return Plot(key, title, description, figure, axes)


def drawings(plots: Mapping[str, Plot | None]) -> dict[str, Drawing]:
    """Draw those plots that there are data for."""
    return {name: plot.drawing() for name, plot in plots.items() if plot is not None}


def standalone(drawing: Drawing) -> str:
    """The drawing as a file of its own, with its style sheet; what it opens within a page, it does not open here."""
    inner = ElementTree.fromstring(drawing.svg)  # noqa: S314 - what `Plot.drawing` wrote
    for link in inner.iter("a"):
        link.tag, link.attrib = "g", {}
    _, _, width, height = inner.attrib["viewBox"].split()
    root = ElementTree.Element(
        "svg", {"xmlns": SVG.strip("{}"), "width": width, "height": height, **inner.attrib}
    )
    sheet = ElementTree.Element("rect", {"width": "100%", "height": "100%", "class": "sheet"})
    style = ElementTree.Element("style")
    style.text = STYLE.read_text(encoding="utf-8")
    root.extend([*inner[:2], style, sheet, *inner[2:]])
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _insert_text(
    parent: ElementTree.Element, place: int, tag: str, text: str, name: str | None = None
) -> None:
    element = ElementTree.Element(f"{SVG}{tag}", {} if name is None else {"id": name})
    element.text = text
    parent.insert(place, element)
