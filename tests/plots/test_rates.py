"""Tests of `eng5.plots.rates`."""

from __future__ import annotations

from typing import Any

import pytest

from eng5.contracts.own import Estimate
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


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(
    "label",
    [
        pytest.param("many_reworded", marks=pytest.mark.slow),
        pytest.param("prompt_with_examples_one_low", marks=pytest.mark.slow),
        pytest.param("W" * 30, marks=pytest.mark.slow),
        "{:03}" + 40 * "W",
        pytest.param("anchor_essay_eng_5_17_vt_{:03} and more", marks=pytest.mark.slow),
        "{:03}\u202e",
    ],
)
def test_many_rows_and_wide_labels_stay_within_the_drawing(read: Any, label: str, whole: bool) -> None:
    """Forty rows make a higher drawing; different labels stay different, in bold too."""
    names = [label.format(n) for n in range(40)]
    plot = drawn([rates.Row(name, Estimate(value=0.5), "", whole) for name in names])
    read(plot)
    assert len({text.get_text() for text in plot.axes.get_yticklabels()}) == len(set(names))
    assert plot.drawing().svg


def test_a_long_label_keeps_its_end(read: Any) -> None:
    """The run before the boundary is what many labels share."""
    runs = ("many_reworded", "prompt_with_examples_one_low")
    names = [f"{run}{boundary}" for run in runs for boundary in ("", " A/B", " B/C")]
    plot = drawn([rates.Row(name, Estimate(value=0.1), "") for name in names], signed=True)
    read(plot)
    labels = [text.get_text() for text in plot.axes.get_yticklabels()]
    assert labels[:4] == names[:4]
    assert all(label.startswith("prompt_with_") for label in labels[4:])
    assert [label[-4:] for label in labels[4:]] == [" A/B", " B/C"]


@pytest.mark.parametrize("label", ["a", "prompt_with_examples_one_low"])
@pytest.mark.parametrize("times", [1, 2, 4])
def test_a_long_axis_title_stays_within_the_drawing(read: Any, label: str, times: int) -> None:
    """Off the middle of the axes and, when longer than the drawing is wide, on several lines."""
    title = " ".join(["wins of the higher grade, corrected for position"] * times)
    plot = rates.draw("key", "Title", "Text", [rates.Row(label, Estimate(value=0.5), "")], axis=title)
    shown = read(plot).axes.get_xlabel()
    assert shown.split() == title.split()
    assert ("\n" in shown) == (times > 1)


def test_ticks_of_differences_are_signed_apart_from_zero(make_interval: Any) -> None:
    """Points as they are: 2.5 is not 2."""
    plot = drawn([rates.Row("one", Estimate(value=0.0), "")], signed=True)
    text = plot.axes.xaxis.get_major_formatter()
    assert [text(x, 0) for x in (-0.1, -1e-17, 0, 0.025, 0.1, 1)] == ["−10", "0", "0", "+2.5", "+10", "+100"]


def test_a_name_with_markup_stays_text() -> None:
    """An anchor called like an element is escaped in the drawing."""
    text = drawn([rates.Row("<script>alert(1)</script>$x$", Estimate(value=0.5), "<b>")]).drawing().svg
    assert "<script>" not in text and "&lt;script&gt;" in text
