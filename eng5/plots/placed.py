"""Students among the anchors, in the order of their scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from eng5.contracts.analysis import EssayRow
from eng5.contracts.judge_quality import GradeBoundary
from eng5.plots.plot import FONT_SIZE, Palette, Plot, Point, new_plot
from eng5.plots.score import score_said

STEP = 18
"""Pixels from one essay to the next."""
FRAME = 100
"""Pixels of the margins left and right together."""
NARROWEST, WIDEST = 480, 1600


class Placed(NamedTuple):
    """An essay, whether it is an anchor, and its grade: the experts' of an anchor, what was read off of a student."""

    essay: EssayRow
    is_anchor: bool
    grade: str | None


def draw(placed: Sequence[Placed], boundaries: Sequence[GradeBoundary] = ()) -> Plot | None:
    """A point an essay, the lowest score left, anchors with their grades; None without a student that has a score."""
    shown = [one for one in reversed(placed) if one.essay.score is not None]
    if all(one.is_anchor for one in shown):
        return None
    step = min(STEP, (WIDEST - FRAME) / len(shown))
    plot = new_plot(
        "placed-plot",
        "Students among the anchors",
        f"{sum(not one.is_anchor for one in shown)} students and {sum(one.is_anchor for one in shown)} anchors from "
        "the lowest score to the highest. Bars are the intervals of the scores; an anchor has its grade beside it, "
        "and grades that do not rise from left to right are anchors out of order.",
        width=max(NARROWEST, round(FRAME + step * len(shown))),
        margins=(68, 32, 40, 16),
    )
    on_page = {one.essay.essay_id: number for number, one in enumerate(placed)}
    points = []
    for place, one in enumerate(shown):
        essay, colour = one.essay, Palette.MUTED if one.is_anchor else Palette.ACCENT
        link = f"#essay-{on_page[essay.essay_id]}"
        points.append(Point(place, essay.score or 0.0, essay.score_interval, colour, _tip(one), 7, link))
    plot.points(points)
    axes = plot.axes
    every = max(1, round(16 / step))
    for place, one in [pair for pair in enumerate(shown) if pair[1].is_anchor][::every]:
        interval = one.essay.score_interval
        top = one.essay.score if interval is None else interval.high
        axes.annotate(
            one.grade or "?", (place, top or 0.0), (0, 4), textcoords="offset pixels", ha="center", va="bottom",
            color=Palette.INK, fontsize=FONT_SIZE,
        )  # fmt: skip
    for boundary in boundaries:
        if boundary.position.value is not None:
            line = axes.axhline(boundary.position.value, color=Palette.RULE, linewidth=1, zorder=0)
            plot.tip(line, f"between {boundary.lower_grade} and {boundary.higher_grade}")
    axes.set_xlim(-1, len(shown))
    axes.set_xticks([])
    axes.margins(y=0.1)
    axes.set_xlabel("essays, the lowest score first")
    axes.set_ylabel("score (logits)")
    return plot


def _tip(one: Placed) -> str:
    kind = "anchor" if one.is_anchor else "student"
    return f"{kind} {one.essay.essay_id}, grade {one.grade or 'n/a'}: {score_said(one.essay)}"
