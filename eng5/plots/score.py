"""Expert grade against Bradley-Terry score, with error bars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from eng5.contracts.analysis import EssayRow
from eng5.plots.canvas import Canvas, Scale, tick_text

__all__ = ["draw"]


def draw(essays: Sequence[EssayRow], marked: Collection[str] = ()) -> Canvas | None:
    """A point for every essay with a grade and a score; `marked` essay ids stand out. None without points."""
    shown = [essay for essay in essays if essay.level is not None and essay.score is not None]
    if not shown:
        return None
    canvas = Canvas(
        "score-plot",
        "Expert grade against Bradley–Terry score",
        f"{len(shown)} essays. A judge that agrees with the experts gives scores that rise from left to "
        "right. Bars are the intervals of the scores; essays that take part in an inversion stand out.",
    )
    grades = sorted({(essay.level, essay.grade) for essay in shown if essay.level is not None})
    across = Scale(-0.5, len(grades) - 0.5, 56, 468)
    lows, highs = zip(*(_span(essay) for essay in shown), strict=True)
    up = Scale(min(lows), max(highs), 306, 16)
    for value in up.ticks():
        canvas.line(across.start, up(value), across.end, up(value), "grid")
    column = {level: place for place, (level, _) in enumerate(grades)}
    same, seen = Counter(essay.level for essay in shown), Counter[int | None]()
    for essay in shown:
        offset = (seen[essay.level] - (same[essay.level] - 1) / 2) * min(0.28, 0.8 / same[essay.level])
        seen[essay.level] += 1
        x = across(column[essay.level or 0] + offset)
        off = " off" if essay.essay_id in marked else ""
        low, high = _span(essay)
        canvas.line(x, up(low), x, up(high), f"error{off}")
        canvas.circle(x, up(essay.score or 0.0), 5, f"point{off}", _tip(essay))
    canvas.vertical_axis(
        up, across.start, [(value, tick_text(value)) for value in up.ticks()], "score (logits)"
    )
    marks = [(float(place), grade or "") for place, (_, grade) in enumerate(grades)]
    canvas.horizontal_axis(across, 310, marks, "expert grade")
    return canvas


def _span(essay: EssayRow) -> tuple[float, float]:
    score = essay.score or 0.0
    interval = essay.score_interval
    return (score, score) if interval is None else (min(interval.low, score), max(interval.high, score))


def _tip(essay: EssayRow) -> str:
    interval = essay.score_interval
    spread = "" if interval is None else f" ({interval.low:.2f} to {interval.high:.2f})"
    return f"{essay.name}, grade {essay.grade}: {essay.score:.2f}{spread}"
