"""Expert grade against Bradley-Terry score, with error bars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from eng5.contracts.analysis import EssayRow
from eng5.plots.plot import Palette, Plot, Point, new_plot

MOST_LETTERS = 60
"""Of the grades below the axis; of more only every second has its name, or every third …"""


def draw(essays: Sequence[EssayRow], marked: Collection[str] = ()) -> Plot | None:
    """A point for every essay with a grade and a score; `marked` essay ids stand out. None without points."""
    shown = [essay for essay in essays if essay.level is not None and essay.score is not None]
    if not shown:
        return None
    plot = new_plot(
        "score-plot",
        "Expert grade against Bradley–Terry score",
        f"{len(shown)} essays. A judge that agrees with the experts gives scores that rise from left to "
        "right. Bars are the intervals of the scores; essays that take part in an inversion stand out.",
    )
    grades = sorted({(essay.level, essay.grade) for essay in shown if essay.level is not None})
    column = {level: place for place, (level, _) in enumerate(grades)}
    same, seen = Counter(essay.level for essay in shown), Counter[int | None]()
    points = []
    for number, essay in enumerate(essays):
        if essay.level is None or essay.score is None:
            continue
        offset = (seen[essay.level] - (same[essay.level] - 1) / 2) * min(0.28, 0.8 / same[essay.level])
        seen[essay.level] += 1
        x = column[essay.level] + offset
        colour = Palette.WARN if essay.essay_id in marked else Palette.ACCENT
        tip, link = f"{essay.name}, grade {essay.grade}: {score_said(essay)}", f"#essay-{number}"
        points.append(Point(x, essay.score, essay.score_interval, colour, tip, link=link))
    plot.points(points)
    plot.axes.set_xlim(-0.5, len(grades) - 0.5)
    step = 1 + sum(len(str(grade)) + 1 for _, grade in grades) // MOST_LETTERS
    named = [str(grade) if place % step == 0 else "" for place, (_, grade) in enumerate(grades)]
    plot.axes.set_xticks(range(len(grades)), named)
    plot.axes.grid(axis="y", color=Palette.RULE)
    plot.axes.set_xlabel("expert grade")
    plot.axes.set_ylabel("score (logits)")
    return plot


def score_said(essay: EssayRow) -> str:
    """Its score in figures, with the interval."""
    interval = essay.score_interval
    return f"{essay.score:.2f}" + (
        "" if interval is None else f" ({interval.low:.2f} to {interval.high:.2f})"
    )
