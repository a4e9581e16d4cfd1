"""A drawing in SVG: shapes carry a class, colours come from the style sheet of the page or the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from pathlib import Path
from xml.etree import ElementTree

from eng5.plots.printable import printable

__all__ = ["Canvas", "Scale", "tick_text"]

STYLE = Path(__file__).with_name("plot.css")
NAMESPACE = "http://www.w3.org/2000/svg"


@dataclass(frozen=True)
class Scale:
    """Maps the values low … high linearly to the places start … end (pixels)."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of `value`; the middle when the scale has no width."""
        if self.high == self.low:
            return (self.start + self.end) / 2
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self, about: int = 7) -> list[float]:
        """Round values within the scale, about as many as asked for, in steps of 1, 2 or 5 times 10^k."""
        span = self.high - self.low
        if span <= 0:
            return [self.low]
        rough = span / about
        power = 10.0 ** floor(log10(rough))
        step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
        first, last = ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9)
        return [round(number * step, 10) for number in range(first, last + 1)]


def tick_text(value: float) -> str:
    """A tick's number, with a true minus sign."""
    return f"{value:g}".replace("-", "−")


class Canvas:
    """An SVG drawing of `width` by `height` pixels with a title and a description for screen readers.

    `key` makes the ids unique within a page. `kind` is the CSS class of a shape, see plot.css; `tip` is
    shown when the pointer rests on it.
    """

    def __init__(
        self, key: str, title: str, description: str, *, width: int = 480, height: int = 360
    ) -> None:
        self.key, self.width, self.height = key, width, height
        self.title, self.description = printable(title), printable(description)
        self._root = ElementTree.Element(
            "svg",
            {
                "viewBox": f"0 0 {width} {height}",
                "class": "plot",
                "role": "img",
                "aria-labelledby": f"{key}-title {key}-text",
            },
        )
        ElementTree.SubElement(self._root, "title", {"id": f"{key}-title"}).text = self.title
        ElementTree.SubElement(self._root, "desc", {"id": f"{key}-text"}).text = self.description

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str, tip: str | None = None) -> None:
        self._add("line", kind, tip, x1=x1, y1=y1, x2=x2, y2=y2)

    def circle(self, x: float, y: float, radius: float, kind: str, tip: str | None = None) -> None:
        self._add("circle", kind, tip, cx=x, cy=y, r=radius)

    def rect(
        self, x: float, y: float, width: float, height: float, kind: str, tip: str | None = None
    ) -> None:
        self._add("rect", kind, tip, x=x, y=y, width=width, height=height)

    def polyline(self, points: Sequence[tuple[float, float]], kind: str, tip: str | None = None) -> None:
        element = self._add("polyline", kind, tip)
        element.set("points", " ".join(f"{_place(x)},{_place(y)}" for x, y in points))

    def text(
        self, x: float, y: float, text: str, kind: str = "label", *, anchor: str = "middle", turn: int = 0
    ) -> None:
        """`anchor` is start, middle or end; `turn` rotates by degrees about the text's own place."""
        element = self._add("text", kind, None, x=x, y=y)
        element.set("text-anchor", anchor)
        if turn:
            element.set("transform", f"rotate({turn} {_place(x)} {_place(y)})")
        element.text = printable(text)

    def horizontal_axis(self, scale: Scale, y: float, marks: Sequence[tuple[float, str]], label: str) -> None:
        """Ticks with their texts below `y`, and the axis' name below them."""
        self.line(scale.start, y, scale.end, y, "axis")
        for value, text in marks:
            self.line(scale(value), y, scale(value), y + 4, "axis")
            self.text(scale(value), y + 18, text)
        self.text((scale.start + scale.end) / 2, y + 38, label, "axis-name")

    def vertical_axis(self, scale: Scale, x: float, marks: Sequence[tuple[float, str]], label: str) -> None:
        """Ticks with their texts left of `x`, and the axis' name along the left edge."""
        self.line(x, scale.start, x, scale.end, "axis")
        for value, text in marks:
            self.line(x - 4, scale(value), x, scale(value), "axis")
            self.text(x - 8, scale(value) + 4.5, text, anchor="end")
        self.text(13, (scale.start + scale.end) / 2, label, "axis-name", turn=-90)

    def inline(self) -> str:
        """The drawing as an element of an HTML page, which has plot.css among its styles."""
        return ElementTree.tostring(self._root, encoding="unicode")

    def standalone(self) -> str:
        """The drawing as a file of its own, with its style sheet."""
        copy = ElementTree.Element(
            "svg",
            {
                "xmlns": NAMESPACE,
                "width": str(self.width),
                "height": str(self.height),
                **self._root.attrib,
            },
        )
        ElementTree.SubElement(copy, "style").text = STYLE.read_text(encoding="utf-8")
        ElementTree.SubElement(copy, "rect", {"width": "100%", "height": "100%", "class": "sheet"})
        copy.extend(list(self._root))
        return ElementTree.tostring(copy, encoding="unicode") + "\n"

    def _add(self, tag: str, kind: str, tip: str | None, **places: float) -> ElementTree.Element:
        element = ElementTree.SubElement(self._root, tag, {"class": kind})
        for name, value in places.items():
            element.set(name, _place(value))
        if tip:
            ElementTree.SubElement(element, "title").text = printable(tip)
        return element


def _place(value: float) -> str:
    return f"{round(value, 1) + 0.0:g}"
