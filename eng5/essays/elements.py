"""XML of office documents: parsed without entities and network, read by local names."""

from __future__ import annotations

import re
from typing import Any


def parse(content: bytes) -> Any:
    """The root element; raises lxml's XMLSyntaxError, also where it is nested deeper than 256 levels."""
    from lxml import etree

    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))


def local(node: Any) -> str:
    """The name of an element without its namespace; empty for a comment."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def child(node: Any, name: str) -> Any:
    """The first child of that name; None where there is none, or no node."""
    return None if node is None else next((one for one in node if local(one) == name), None)


def children(node: Any, name: str) -> Any:
    """What stands in the first child of that name; nothing where there is none, or no node."""
    found = child(node, name)
    return () if found is None else found


def attribute(node: Any, name: str) -> str | None:
    """An attribute's value whatever its namespace; None where there is none, or no node."""
    if node is None:
        return None
    return next((str(value) for key, value in node.attrib.items() if key.rpartition("}")[2] == name), None)


def whole(text: str | None, otherwise: int) -> int:
    """A number of at most six digits; `otherwise` where the text is none."""
    return int(text) if text and re.fullmatch(r"\d{1,6}", text) else otherwise
