"""The tables of a paper: cells as they are read for LaTeX, whole numbers for CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from eng5.contracts.analysis import Analysis
from eng5.contracts.boundary_analysis import BoundaryAnalysis
from eng5.contracts.card import Card
from eng5.contracts.own import Interval
from eng5.pages.rendering import count, estimate, number, percent, ranks, shown, span
from eng5.reports.paper import latex

Raw = str | int | float | None


@dataclass(frozen=True)
class PaperTable:
    """A table in both of its forms.

    Attributes:
        name: of its files, without a suffix.
        caption: what it shows.
        heads: of the columns as they are read.
        numbers: which of them stand on the right.
        rows: cells as they are read.
        columns: heads of the CSV file.
        values: rows of the CSV file; None is an empty cell.
    """

    name: str
    caption: str
    heads: Sequence[str]
    numbers: Sequence[bool]
    rows: Sequence[Sequence[str]]
    columns: Sequence[str]
    values: Sequence[Sequence[Raw]]

    def tex(self) -> str:
        """As LaTeX with booktabs."""
        label = f"tab:{self.name}"
        return latex.table(self.heads, self.rows, numbers=self.numbers, caption=self.caption, label=label)

    def csv(self) -> str:
        """With a heading; lines end in a newline."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([self.columns, *self.values])
        return text.getvalue()


def _ends(interval: Interval | None) -> list[Raw]:
    return [None, None] if interval is None else [interval.low, interval.high]


def runs(cards: Sequence[Card]) -> PaperTable:
    """A row a run: who judged, what, and the figures that are asked for first."""
    wanted = {
        "kendall_tau": "Kendall's tau",
        "corrected": "Higher grade wins",
        "direct_inversions": "Inversions",
        "separation_reliability": "SSR",
    }
    known = [
        {figure.name: figure for section in card.sections for figure in section.figures} for card in cards
    ]
    there = [name for name in wanted if any(name in figures for figures in known)]
    rows: list[list[str]] = []
    values: list[list[Raw]] = []
    for card, figures in zip(cards, known, strict=True):
        about, found = card.measured_on, [figures.get(name) for name in wanted]
        cells = [estimate(figures[name], figures[name].kind) if name in figures else "–" for name in there]
        raw = [
            value
            for one in found
            for value in ([None] * 3 if one is None else [one.value, *_ends(one.interval)])
        ]
        prompts = [prompt.sha256 for prompt in card.prompts]
        rows.append([card.run, card.judge, count(about.essays), count(about.comparisons), *cells])
        sizes = [about.essays, about.pairs, about.comparisons, about.decided]
        values.append([card.run, card.judge, *prompts, *sizes, *raw])
    ends = [f"{name}{end}" for name in wanted for end in ("", "_low", "_high")]
    return PaperTable(
        name="runs",
        caption="The runs, with 95 % intervals for the same pairs asked again.",
        heads=["Run", "Judge", "Essays", "Comparisons", *(wanted[name] for name in there)],
        numbers=[False, False, True, True, *[True] * len(there)],
        rows=rows,
        columns=[
            "run",
            "judge",
            "system_prompt",
            "rubric",
            "essays",
            "pairs",
            "comparisons",
            "decided",
            *ends,
        ],
        values=values,
    )


def figures(card: Card) -> PaperTable:
    """Every figure of a run's card, in both readings."""
    listed = [(section.topic, figure) for section in card.sections for figure in section.figures]
    return PaperTable(
        name=f"figures_{card.run}",
        caption=f"Figures of the run {card.run} ({card.judge}): this run, and what is expected of this judge.",
        heads=["Figure", "This run", "These pairs", "Essays like these"],
        numbers=[False, True, True, True],
        rows=[
            [one.label, shown(one.value, one.kind), span(one.interval, one.kind), span(one.other_essays, one.kind)]
            for _, one in listed
        ],
        columns=["topic", "name", "label", "value", "low_these_pairs", "high_these_pairs", "low_essays_like_these",
                 "high_essays_like_these", "method"],
        values=[
            [topic, one.name, one.label, one.value, *_ends(one.interval), *_ends(one.other_essays),
             one.interval.method if one.interval else None]
            for topic, one in listed
        ],
    )  # fmt: skip


def essays(analysis: Analysis) -> PaperTable:
    """Every essay with its grade, score and place."""
    listed = analysis.essays
    return PaperTable(
        name=f"essays_{analysis.run.name}",
        caption=f"Essays of the run {analysis.run.name} by expert grade: scores in logits, ± one standard error.",
        heads=["Essay", "Grade", "Score", "Rank", "Wins", "Losses", "Win rate"],
        numbers=[False, False, *[True] * 5],
        rows=[
            [
                one.name,
                one.grade or "n/a",
                number(one.score) + (f" ± {number(one.standard_error)}" if one.standard_error is not None else ""),
                ranks(one.rank, one.rank_last),
                count(one.wins),
                count(one.losses),
                percent(one.win_rate.value),
            ]
            for one in listed
        ],
        columns=["essay_id", "name", "grade", "level", "score", "standard_error", "rank", "played", "wins", "losses",
                 "ties", "win_rate", "win_rate_low", "win_rate_high"],
        values=[
            [one.essay_id, one.name, one.grade, one.level, one.score, one.standard_error, one.rank, one.played,
             one.wins, one.losses, one.ties, one.win_rate.value, *_ends(one.win_rate.interval)]
            for one in listed
        ],
    )  # fmt: skip


def pairs(analysis: BoundaryAnalysis) -> PaperTable:
    """Every pair of a boundary test."""
    return PaperTable(
        name=f"pairs_{analysis.run.name}",
        caption=f"Pairs of the boundary test {analysis.run.name}; win rates corrected for position.",
        heads=["Higher", "Lower", "Grades", "Decided", "Wins of the higher grade", "p"],
        numbers=[False, False, False, True, True, True],
        rows=[
            [
                one.higher_name,
                one.lower_name,
                f"{one.higher_grade} : {one.lower_grade}",
                count(one.figures.decided),
                estimate(one.figures.corrected, "share"),
                number(one.figures.p_adjusted, 3),
            ]
            for one in analysis.pairs
        ],
        columns=["higher", "lower", "higher_grade", "lower_grade", "decided", "win_rate", "low", "high", "p_value",
                 "p_adjusted"],
        values=[
            [one.higher_name, one.lower_name, one.higher_grade, one.lower_grade, one.figures.decided,
             one.figures.corrected.value, *_ends(one.figures.corrected.interval), one.figures.p_value,
             one.figures.p_adjusted]
            for one in analysis.pairs
        ],
    )  # fmt: skip
