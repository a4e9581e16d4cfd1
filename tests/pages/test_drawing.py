"""Plots are drawn once for the same figures and the same code."""

from __future__ import annotations

from pathlib import Path

import pytest

from eng5.contracts.drawing import Drawing
from eng5.pages import drawing
from eng5.pages.drawing import drawn_once


class Pen:
    """Draws figures as text, and counts how often."""

    def __init__(self) -> None:
        self.drawn = 0

    def draw(self, figures: list[float]) -> dict[str, Drawing]:
        self.drawn += 1
        return {"plot": Drawing(title="T", svg=f"<svg>{figures}</svg>")}


def test_same_figures_are_drawn_once(tmp_path: Path) -> None:
    """The second time the drawing comes from the file; other figures are drawn, and then kept instead."""
    pen, kept = Pen(), tmp_path / "folder" / "run.json"
    first = drawn_once(kept, pen.draw, [1.0])
    assert drawn_once(kept, pen.draw, [1.0]) == first
    assert first["plot"].svg == "<svg>[1.0]</svg>"
    assert pen.drawn == 1
    assert drawn_once(kept, pen.draw, [2.0])["plot"].svg == "<svg>[2.0]</svg>"
    assert drawn_once(kept, pen.draw, [1.0]) == first
    assert pen.drawn == 3


@pytest.mark.parametrize("content", ["", "{", '{"made_from": "x"}', '{"made_from": 1, "drawings": []}'])
def test_a_file_that_cannot_be_read_is_made_anew(tmp_path: Path, content: str) -> None:
    """A damaged file costs a drawing, and nothing else."""
    pen, kept = Pen(), tmp_path / "run.json"
    kept.write_text(content, encoding="utf-8")
    drawn_once(kept, pen.draw, [1.0])
    drawn_once(kept, pen.draw, [1.0])
    assert pen.drawn == 1


def test_another_release_of_the_library_draws_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept was made by the library that is installed."""
    pen, kept = Pen(), tmp_path / "run.json"
    drawn_once(kept, pen.draw, [1.0])
    monkeypatch.setattr(drawing, "version", lambda name: f"{name} of tomorrow")
    drawn_once(kept, pen.draw, [1.0])
    assert pen.drawn == 2


def test_other_code_draws_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Editing a module that a drawing may come from is another drawing; editing a template is not."""
    pen, kept, package = Pen(), tmp_path / "run.json", tmp_path / "package"
    monkeypatch.setattr(drawing, "PACKAGE", package)
    for number, part in enumerate(("plots", "reports/boundary", "stats", "contracts", "templates"), start=1):
        module = package / part / ("page.html" if part == "templates" else "rank.py")
        module.parent.mkdir(parents=True)
        module.write_text("RANK = 1", encoding="utf-8")
        drawn_once(kept, pen.draw, [1.0])
        assert pen.drawn == min(number, 4)
