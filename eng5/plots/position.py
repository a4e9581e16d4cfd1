"""Share of comparisons won by the essay shown first, by gap in grade."""

from __future__ import annotations

from collections.abc import Sequence

from eng5.contracts.analysis import GapRow
from eng5.plots.canvas import Canvas, Scale

__all__ = ["draw"]


def draw(rows: Sequence[GapRow]) -> Canvas | None:
    """A point with its interval for each gap; None when no gap has a decided comparison."""
    shown = [row for row in rows if row.gap is not None and row.share.value is not None]
    if not shown:
        return None
    canvas = Canvas(
        "position-plot",
        "Wins of the essay shown first, by gap in grade",
        "A judge without position bias wins half of them: the dashed line. "
        + "; ".join(f"gap {row.gap}: {row.first_wins} of {row.decided}" for row in shown)
        + ".",
    )
    gaps = [row.gap or 0 for row in shown]
    across = Scale(min(gaps) - 0.6, max(gaps) + 0.6, 62, 468)
    up = Scale(0, 1, 306, 28)
    for tick in (0.0, 0.25, 0.75, 1.0):
        canvas.line(across.start, up(tick), across.end, up(tick), "grid")
    canvas.line(across.start, up(0.5), across.end, up(0.5), "guide")
    for row in shown:
        x, value, interval = across(row.gap or 0), row.share.value or 0.0, row.share.interval
        off = ""
        if interval is not None:
            off = "" if interval.low <= 0.5 <= interval.high else " off"
            canvas.line(x, up(interval.low), x, up(interval.high), f"error{off}")
        tip = f"gap {row.gap}: position A won {row.first_wins} of {row.decided}"
        canvas.circle(x, up(value), 5, f"point{off}", tip)
        canvas.text(x, 20, str(row.decided))
    canvas.text(across.start - 8, 20, "n", anchor="end")
    marks = [(tick, f"{100 * tick:g} %") for tick in (0.0, 0.25, 0.5, 0.75, 1.0)]
    canvas.vertical_axis(up, across.start, marks, "won by position A")
    canvas.horizontal_axis(across, 310, [(float(gap), str(gap)) for gap in gaps], "gap in grade, levels")
    return canvas
