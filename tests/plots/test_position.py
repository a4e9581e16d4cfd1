"""Tests of `eng5.plots.position`."""

from __future__ import annotations

from typing import Any

from eng5.contracts.judge_quality import GapRow
from eng5.contracts.own import Estimate
from eng5.plots import position
from eng5.plots.plot import Palette


def test_gaps_that_exclude_one_half_stand_out(make_interval: Any, read: Any) -> None:
    """A share is marked when its interval leaves out one half, and lies above the line when A wins more."""
    rows = [
        GapRow(
            gap=1, decided=20, first_wins=18, share=Estimate(value=0.9, interval=make_interval(0.7, 0.99))
        ),
        GapRow(gap=2, decided=20, first_wins=10, share=Estimate(value=0.5, interval=make_interval(0.3, 0.7))),
    ]
    drawn = read(position.draw(rows))
    biased, fair = drawn.points()
    assert (biased.y, fair.y) == ([0.9], [0.5])
    assert (biased.colour, fair.colour) == (Palette.WARN, Palette.ACCENT)
    assert drawn.bars() == [(1, 0.7, 0.99), (2, 0.3, 0.7)]
    assert [line.y for line in drawn.lines()] == [[0.5, 0.5]]


def test_undecided_or_unknown_gaps_are_no_drawing() -> None:
    """Without a decided comparison at a known gap there is no plot."""
    assert position.draw([]) is None
    assert position.draw([GapRow(gap=None, decided=5, first_wins=2, share=Estimate(value=0.4))]) is None
    assert position.draw([GapRow(gap=1, decided=0, first_wins=0, share=Estimate())]) is None
