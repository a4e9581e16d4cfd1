"""Rank by expert grade beside rank by the judge's score, one line an essay."""

from __future__ import annotations

from collections.abc import Sequence

from eng5.contracts.analysis import EssayRow
from eng5.plots.canvas import Canvas, Scale

__all__ = ["MOVED", "draw"]

MOVED = 2.0
"""An essay this many ranks from where its grade puts it stands out."""


def draw(essays: Sequence[EssayRow]) -> Canvas | None:
    """Lines from the expected to the judge's rank; None below two ranked essays with a grade."""
    shown = [e for e in essays if e.rank is not None and e.expected_rank is not None]
    if len(shown) < 2:
        return None
    step = 24.0
    canvas = Canvas(
        "rank-plot",
        "Rank by experts and rank by the judge",
        f"{len(shown)} essays, best at the top: left by expert grade, right by the judge's score. Level "
        "lines are agreement.",
        height=int(76 + step * (len(shown) - 1)),
    )
    left, right, top = 150.0, 330.0, 44.0
    by_judge = sorted(shown, key=lambda e: (e.rank or 0, e.expected_rank or 0.0, e.name))
    place = {essay.essay_id: number for number, essay in enumerate(by_judge)}
    down = Scale(0, max(1, len(shown) - 1), top, top + step * max(1, len(shown) - 1))
    canvas.text(left, 20, "experts", "axis-name", anchor="end")
    canvas.text(right, 20, "judge", "axis-name", anchor="start")
    ends = [
        (essay, down(number), down(place[essay.essay_id]), off(essay)) for number, essay in enumerate(shown)
    ]
    for essay, start, end, moved in sorted(ends, key=lambda line: line[3]):
        kind = " off" if moved else ""
        tip = f"{essay.name}, grade {essay.grade}: expected rank {essay.expected_rank:g}, judged {essay.rank}"
        canvas.line(left, start, right, end, f"slope{kind}", tip)
        canvas.circle(left, start, 3.5, f"point{kind}")
        canvas.circle(right, end, 3.5, f"point{kind}")
        words = "value warn-text" if moved else "value"
        canvas.text(left - 12, start + 4.5, f"{_cut(essay.name)} {essay.grade}", words, anchor="end")
        canvas.text(right + 12, end + 4.5, f"{essay.rank} {_cut(essay.name)}", words, anchor="start")
    return canvas


def off(essay: EssayRow) -> bool:
    """Whether the ranks of the essay's score lie MOVED or more from those of its grade."""
    first, last = essay.expected_rank_first, essay.expected_rank_last
    if essay.rank is None or essay.rank_last is None or first is None or last is None:
        return False
    return max(first - essay.rank_last, essay.rank - last) >= MOVED


def _cut(name: str, length: int = 14) -> str:
    return name if len(name) <= length else f"{name[: length - 1]}…"
