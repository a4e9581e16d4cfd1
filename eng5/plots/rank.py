"""Rank by expert grade beside rank by the judge's score, one line an essay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eng5.contracts.analysis import EssayRow
from eng5.plots.labels import fitted, width
from eng5.plots.plot import FONT_SIZE, Palette, Plot, Point, new_plot

MOVED = 2.0
"""An essay this many ranks from where its grade puts it stands out."""
FAR = 0.1
"""Of many essays, those stand out that moved by this share of the ranks."""
MOST_LINES = 30
STEP = 24
"""Pixels from one line to the next."""
MARGIN = 150
GAP = 13
"""Pixels between a line's end and its text."""
LONGEST_NAME = 14


def draw(essays: Sequence[EssayRow]) -> Plot | None:
    """Lines from the expected to the judge's rank, or points where they are many; None below two ranked essays."""
    shown = [e for e in essays if e.rank is not None and e.expected_rank is not None]
    if len(shown) < 2:
        return None
    links = {essay.essay_id: f"#essay-{number}" for number, essay in enumerate(essays)}
    return _lines(shown, links) if len(shown) <= MOST_LINES else _points(shown, links)


def _points(shown: Sequence[EssayRow], links: Mapping[str, str]) -> Plot:
    """Expected rank against the judge's, best at the top right."""
    plot = new_plot(
        "rank-plot",
        "Rank by experts and rank by the judge",
        f"{len(shown)} essays, the best at the top right. On the dashed line they agree.",
    )
    axes, last = plot.axes, len(shown)
    axes.plot([1, last], [1, last], color=Palette.MUTED, linestyle="--", linewidth=1.25, zorder=1)
    points = []
    for essay in shown:
        colour, link = Palette.WARN if off(essay, FAR * last) else Palette.ACCENT, links[essay.essay_id]
        points.append(Point(essay.expected_rank or 0.0, essay.rank or 0, None, colour, _tip(essay), 7, link))
    plot.points(points)
    axes.set(xlim=(last + 1, 0), ylim=(last + 1, 0))
    axes.grid(color=Palette.RULE)
    axes.set_xlabel("rank by the experts")
    axes.set_ylabel("rank by the judge")
    return plot


def _lines(shown: Sequence[EssayRow], links: Mapping[str, str]) -> Plot:
    plot = new_plot(
        "rank-plot",
        "Rank by experts and rank by the judge",
        f"{len(shown)} essays, best at the top: left by expert grade, right by the judge's score. Level "
        "lines are agreement.",
        height=76 + STEP * (len(shown) - 1),
        margins=(MARGIN, MARGIN, 32, 44),
    )
    axes = plot.axes
    text: dict[str, Any] = {"va": "center", "fontsize": FONT_SIZE}
    by_judge = sorted(shown, key=lambda e: (e.rank or 0, e.expected_rank or 0.0, e.name))
    beside = max(width(f"{mark} ") for essay in shown for mark in (essay.grade, essay.rank))
    names = fitted([essay.name for essay in shown], LONGEST_NAME, MARGIN - GAP - beside)
    place = {essay.essay_id: number for number, essay in enumerate(by_judge)}
    for number, (essay, name) in enumerate(zip(shown, names, strict=True)):
        moved, end = off(essay), place[essay.essay_id]
        colour, words = (Palette.WARN, Palette.WARN) if moved else (Palette.ACCENT, Palette.INK)
        (line,) = axes.plot(
            [0, 1], [number, end], "o-", color=colour, linewidth=2.5 if moved else 1.75, markersize=7,
            markeredgecolor=Palette.PAPER, clip_on=False, zorder=3 if moved else 2,
        )  # fmt: skip
        plot.tip(line, _tip(essay), links[essay.essay_id])
        axes.text(-0.07, number, f"{name} {essay.grade}", color=words, ha="right", **text)
        axes.text(1.07, end, f"{essay.rank} {name}", color=words, ha="left", **text)
    axes.text(0, -1.1, "experts", color=Palette.INK, ha="right", **text)
    axes.text(1, -1.1, "judge", color=Palette.INK, ha="left", **text)
    axes.set(xlim=(0, 1), ylim=(len(shown) - 1, 0))
    axes.set_axis_off()
    return plot


def _tip(essay: EssayRow) -> str:
    return f"{essay.name}, grade {essay.grade}: expected rank {essay.expected_rank:g}, judged {essay.rank}"


def off(essay: EssayRow, far: float = MOVED) -> bool:
    """Whether the ranks of the essay's score lie `far` or more from those of its grade."""
    first, last = essay.expected_rank_first, essay.expected_rank_last
    if essay.rank is None or essay.rank_last is None or first is None or last is None:
        return False
    return max(first - essay.rank_last, essay.rank - last) >= far
