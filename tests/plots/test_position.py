"""Tests of `eng5.plots.position`."""

from __future__ import annotations

from typing import Any

from eng5.contracts.analysis import Estimate, GapRow
from eng5.plots import position


def test_gaps_that_exclude_one_half_stand_out(make_interval: Any, read: Any) -> None:
    """A share is marked when its interval leaves out one half, and lies above the line when A wins more."""
    rows = [
        GapRow(
            gap=1, decided=20, first_wins=18, share=Estimate(value=0.9, interval=make_interval(0.7, 0.99))
        ),
        GapRow(gap=2, decided=20, first_wins=10, share=Estimate(value=0.5, interval=make_interval(0.3, 0.7))),
    ]
    drawing = read(position.draw(rows))
    (half,) = drawing.shapes("line", "guide")
    biased, fair = drawing.shapes("circle", "point")
    assert biased["cy"] < half["y1"] == fair["cy"]
    assert drawing.shapes("circle", "point off") == [biased]
    assert drawing.outside() == []


def test_undecided_or_unknown_gaps_are_no_drawing() -> None:
    """Without a decided comparison at a known gap there is no plot."""
    assert position.draw([]) is None
    assert position.draw([GapRow(gap=None, decided=5, first_wins=2, share=Estimate(value=0.4))]) is None
    assert position.draw([GapRow(gap=1, decided=0, first_wins=0, share=Estimate())]) is None
