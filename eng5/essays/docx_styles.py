"""What a DOCX's styles and list definitions say of a paragraph: whether it is hidden, and its number."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from eng5.essays.elements import attribute, child, local, whole
from eng5.essays.numbering import bullet, numeral

OFF, ON = {"0", "false", "off"}, {"1", "true", "on"}
LEVELS = 9


def _number(node: Any, otherwise: int) -> int:
    return whole(attribute(node, "val"), otherwise)


class Styles:
    """Styles by id, each knowing the one that it is based on."""

    def __init__(self, root: Any) -> None:
        self.by_id: dict[str, Any] = {}
        self.usual: str | None = None
        for style in root if root is not None else ():
            if local(style) == "style" and (name := attribute(style, "styleId")):
                self.by_id[name] = style
                if attribute(style, "type") == "paragraph" and attribute(style, "default") in ON:
                    self.usual = name

    def chain(self, name: str | None) -> list[Any]:
        """A style and those that it is based on, nearest first; a circle ends where it closes."""
        found: list[Any] = []
        while name in self.by_id and self.by_id[name] not in found:
            found.append(self.by_id[name])
            name = attribute(child(found[-1], "basedOn"), "val")
        return found

    def of_paragraph(self, properties: Any) -> list[Any]:
        """The styles of a paragraph with these properties."""
        return self.chain(attribute(child(properties, "pStyle"), "val") or self.usual)

    def hides_paragraph(self, properties: Any) -> bool:
        """The paragraph's style hides its text."""
        return self._hidden(self.of_paragraph(properties)) or False

    def hides_run(self, properties: Any, otherwise: bool) -> bool:
        """The run is hidden: by itself, else by its style, else by its paragraph's."""
        own = switch(child(properties, "vanish"))
        if own is None:
            own = self._hidden(self.chain(attribute(child(properties, "rStyle"), "val")))
        return otherwise if own is None else own

    @staticmethod
    def _hidden(styles: list[Any]) -> bool | None:
        switches = (switch(child(child(style, "rPr"), "vanish")) for style in styles)
        return next((switch for switch in switches if switch is not None), None)


def switch(node: Any) -> bool | None:
    """A property that is on or off; None where nothing is said."""
    return None if node is None else attribute(node, "val") not in OFF


class Numbering:
    """List definitions, and how far each list has counted."""

    def __init__(self, root: Any, styles: Styles) -> None:
        self.styles = styles
        self.abstract: dict[str, Any] = {}
        self.lists: dict[str, Any] = {}
        for node in root if root is not None else ():
            if local(node) == "abstractNum":
                self.abstract[attribute(node, "abstractNumId") or ""] = node
            elif local(node) == "num":
                self.lists[attribute(node, "numId") or ""] = node
        self.counts: dict[str, list[int | None]] = defaultdict(lambda: [None] * LEVELS)
        self.begun: set[tuple[str, int]] = set()

    def label(self, properties: Any) -> str:
        """The number or bullet of the next paragraph with these properties; empty when it is in no list."""
        number, level = self._place(properties)
        if number is None or number not in self.lists or not 0 <= level < LEVELS:
            return ""
        definition = self._definition(number)
        levels = {
            _level(node): node
            for node in (definition if definition is not None else ())
            if local(node) == "lvl"
        }
        overrides = {_level(node): node for node in self.lists[number] if local(node) == "lvlOverride"}
        levels |= {
            place: child(node, "lvl") for place, node in overrides.items() if child(node, "lvl") is not None
        }
        if level not in levels:
            return ""
        counts = self.counts[attribute(definition, "abstractNumId") or number]
        restart = child(overrides.get(level), "startOverride")
        if restart is not None and (number, level) not in self.begun:
            counts[level] = None
        self.begun.add((number, level))
        starts = {place: _number(child(node, "start"), 1) for place, node in levels.items()}
        if restart is not None:
            starts[level] = _number(restart, 1)
        here = counts[level]
        counts[level] = starts[level] if here is None else here + 1
        counts[level + 1 :] = [None] * (LEVELS - level - 1)
        return self._shown(
            levels, level, [starts.get(i, 1) if n is None else n for i, n in enumerate(counts)]
        )

    @staticmethod
    def _shown(levels: dict[int, Any], level: int, counts: list[int]) -> str:
        node = levels[level]
        text = attribute(child(node, "lvlText"), "val") or ""
        if attribute(child(node, "numFmt"), "val") == "bullet":
            return bullet(text)
        legal = switch(child(node, "isLgl"))

        def number(match: re.Match[str]) -> str:
            place = int(match[1]) - 1
            form = attribute(child(levels.get(place), "numFmt"), "val") or "decimal"
            return numeral(counts[place], "decimal" if legal else form)

        return re.sub(r"%([1-9])", number, text).strip()

    def _place(self, properties: Any) -> tuple[str | None, int]:
        """List and level: the paragraph's own, else those of its style."""
        own = child(properties, "numPr")
        styles = self.styles.of_paragraph(properties)
        number, level = attribute(child(own, "numId"), "val"), child(own, "ilvl")
        for style in styles:
            of_style = child(child(style, "pPr"), "numPr")
            if number is None and (number := attribute(child(of_style, "numId"), "val")) is not None:
                level = child(of_style, "ilvl") if level is None else level
        if number in (None, "0"):
            return None, 0
        return number, _number(level, 0) if level is not None else self._level_of_style(str(number), styles)

    def _level_of_style(self, number: str, styles: list[Any]) -> int:
        names = {attribute(style, "styleId") for style in styles}
        for node in (
            self._definition(number) if number in self.lists and self._definition(number) is not None else ()
        ):
            if local(node) == "lvl" and attribute(child(node, "pStyle"), "val") in names:
                return _level(node)
        return 0

    def _definition(self, number: str) -> Any:
        """The abstract list behind a list, through a list style where it has one."""
        found = self.abstract.get(attribute(child(self.lists[number], "abstractNumId"), "val") or "")
        linked = attribute(child(found, "numStyleLink"), "val")
        if linked is None:
            return found
        links = (
            node for node in self.abstract.values() if attribute(child(node, "styleLink"), "val") == linked
        )
        return next(links, found)


def _level(node: Any) -> int:
    text = attribute(node, "ilvl") or ""
    return int(text) if re.fullmatch(r"\d", text) else 0
