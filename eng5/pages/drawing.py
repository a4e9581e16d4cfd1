"""Plots are drawn once: kept for as long as their figures, and the code that draws them, stay the same."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from pydantic_core import to_json

from eng5.contracts.drawing import Drawing, KeptDrawings
from eng5.errors import InputError
from eng5.files import read_bytes, read_model, sha256_bytes, write_model

Figures = TypeVar("Figures")
PACKAGE = Path(__file__).parents[1]
CODE = ("contracts", "plots", "reports", "stats")
"""The parts of the package that a drawing comes from."""


def drawn_once(
    kept: Path, draw: Callable[[Figures], dict[str, Drawing]], figures: Figures
) -> dict[str, Drawing]:
    """The drawings of `figures`: those in the file `kept`, when they were made from the same; otherwise new ones.

    A page with its plots at hand takes half the time: importing the plotting library is what is slow.
    """
    made_from = _hash(figures)
    try:
        known = read_model(kept, KeptDrawings)
    except InputError:
        known = None
    if known is None or known.made_from != made_from:
        known = KeptDrawings(made_from=made_from, drawings=draw(figures))
        write_model(kept, known)
    return known.drawings


def _hash(figures: object) -> str:
    """SHA-256 of what a drawing depends on: figures, code, version of the library."""
    modules = [module for part in CODE for module in sorted((PACKAGE / part).rglob("*.py"))]
    parts = [to_json(figures), *map(read_bytes, modules), version("matplotlib").encode()]
    return sha256_bytes("".join(map(sha256_bytes, parts)).encode())
