"""Tests of `eng5.plots.rates`."""

from __future__ import annotations

from typing import Any

import pytest

from eng5.contracts.uncertainty import Estimate
from eng5.plots import rates
from eng5.plots.plot import Palette


def drawn(rows: list[rates.Row], **options: Any) -> Any:
    return rates.draw("key", "Title", "Text", rows, axis="wins", **options)


def test_each_row_has_its_mark_its_interval_and_its_name(make_interval: Any, read: Any) -> None:
    """Rows run from the top down; a summary is a diamond in bold, one that stands out is orange."""
    rows = [
        rates.Row("all", Estimate(value=0.7, interval=make_interval(0.6, 0.8)), "all", whole=True),
        rates.Row("one", Estimate(value=0.2, interval=make_interval(0.1, 0.4)), "one", off=True),
    ]
    plot = drawn(rows)
    seen = read(plot)
    (point,) = seen.points()
    assert (point.x, point.y, point.colour) == ([0.2], [1], Palette.WARN)
    segments = [s.tolist() for c in plot.axes.collections for s in c.get_segments()]
    assert segments == [[[0.6, 0], [0.8, 0]], [[0.1, 1], [0.4, 1]]]
    assert [text.get_text() for text in plot.axes.get_yticklabels()] == ["all", "one"]
    assert [text.get_fontweight() for text in plot.axes.get_yticklabels()] == ["bold", "normal"]
    assert plot.axes.yaxis_inverted()
    assert seen.within_its_edges()


def test_shares_have_their_line_at_one_half_and_differences_at_none(make_interval: Any) -> None:
    """The dashed line is where there is nothing to see; differences have it in the middle."""
    shares = drawn([rates.Row("one", Estimate(value=0.9), "one")])
    assert shares.axes.lines[0].get_xdata()[0] == 0.5
    apart = drawn(
        [rates.Row("one", Estimate(value=-0.1, interval=make_interval(-0.4, 0.2)), "one")], signed=True
    )
    assert apart.axes.lines[0].get_xdata()[0] == 0.0
    low, high = apart.axes.get_xlim()
    assert low == pytest.approx(-high) and low < -0.4


def test_a_row_without_a_value_says_so(read: Any) -> None:
    """n/a in its place, and no plot when no row has a value."""
    rows = [rates.Row("one", Estimate(), "one"), rates.Row("two", Estimate(value=0.5), "two")]
    plot = drawn(rows)
    assert [text.get_text().strip() for text in plot.axes.texts] == ["n/a"]
    assert drawn(rows[:1]) is None


def test_many_rows_and_long_names_stay_within_the_drawing(read: Any) -> None:
    """Forty rows make a higher drawing, and a long name is cut."""
    rows = [
        rates.Row(f"anchor_essay_eng_5_17_vt_{n:03} and more", Estimate(value=n / 40), "") for n in range(40)
    ]
    plot = drawn(rows)
    assert read(plot).within_its_edges()
    assert all(text.get_text().endswith("…") for text in plot.axes.get_yticklabels())


def test_a_name_with_markup_stays_text() -> None:
    """An anchor called like an element is escaped in the drawing."""
    text = drawn([rates.Row("<script>alert(1)</script>$x$", Estimate(value=0.5), "<b>")]).drawing().svg
    assert "<script>" not in text and "&lt;script&gt;" in text
