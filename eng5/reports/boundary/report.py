"""60 of a boundary test and the artefact → the pages that people read, and 70, which names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from eng5.contracts.artefact import Artefact
from eng5.contracts.boundary_analysis import BoundaryAnalysis, BoundaryFigures, BoundaryPair, EssaysRate, Rate
from eng5.contracts.drawing import Drawing
from eng5.contracts.own import Estimate
from eng5.pages.rendering import Kind, count, method, p_value, percent, shown, span
from eng5.paths import RunnerPaths
from eng5.reports import spending
from eng5.reports.around import NOTHING, Around
from eng5.reports.boundary import first_screen
from eng5.reports.boundary.plotted import essays_of, plots
from eng5.reports.boundary.verdicts import for_essays, outcome, shown_p
from eng5.reports.failures import answer_facts
from eng5.reports.frame import run_files, said, write_report
from eng5.reports.read_pair import href_of

__all__ = ["FigureRow", "build", "conclusion", "figure_rows", "plots", "run"]

MOST_UNFOLDED = 20
"""Pairs above which a page begins with its sections folded."""


class FigureRow(NamedTuple):
    """A line of a table of figures, as text."""

    label: str
    value: str
    counts: str = ""
    interval: str = ""
    note: str = ""


def build(
    artefact: Artefact, analysis: BoundaryAnalysis, drawn: Mapping[str, Drawing], around: Around = NOTHING
) -> dict[str, str]:
    """The text of every file, by its path under reports/: Markdown, HTML page, and the plots of the analysis."""
    essays = essays_of(analysis)
    href = href_of(essays)
    return run_files(
        ("boundary.md", "boundary.html"),
        artefact,
        analysis,
        drawn,
        around,
        essays,
        conclusion=conclusion,
        for_essays=for_essays,
        facts=_facts(analysis),
        boundary_tables=[figure_rows(boundary.figures, analysis) for boundary in analysis.boundaries],
        pair_tables=[figure_rows(pair.figures, analysis, pair) for pair in analysis.pairs],
        overall_table=figure_rows(analysis.overall, analysis),
        verdicts=said(artefact, essays),
        href=href,
        screen=first_screen.build(analysis, href),
        unfolded=len(analysis.pairs) <= MOST_UNFOLDED,
    )


def run(paths: RunnerPaths) -> None:
    """50 and 60 → the pages and 70."""
    write_report(paths, BoundaryAnalysis, plots, build)


def figure_rows(
    figures: BoundaryFigures, analysis: BoundaryAnalysis, pair: BoundaryPair | None = None
) -> list[FigureRow]:
    """All figures of a pair, a boundary or the run. Corrected: both orders of every pair weigh the same."""
    rows = [
        _rate("Wins of the higher grade", figures.win_rate),
        _rate("… shown as Essay A", figures.higher_first),
        _rate("… shown as Essay B", figures.higher_second),
        _estimated("… corrected for position", figures.corrected, note=_p_values(figures, analysis, pair)),
        _rate("Wins of Essay A, whatever its grade", figures.position, _test_of(figures.position_p_value)),
        _estimated("… both orders weighing the same", figures.position_balanced),
        _rate(
            "Agreement with the majority of the pair",
            figures.agreement,
            "" if figures.agreement_coin is None else f"a coin: {percent(figures.agreement_coin)}",
        ),
        _rate("Same winner in both orders, pairs", figures.swap_pairs),
        _rate("Same winner in both orders, repeat by repeat", figures.swap_repeats),
        _estimated("Mean confidence, 1 to 5", figures.confidence, kind="ratio"),
        FigureRow("Ties", count(figures.ties), f"of {count(figures.listed)} listed"),
        FigureRow("Failures", count(figures.failed), f"of {count(figures.listed)} listed"),
    ]
    if figures.missing:
        rows.append(FigureRow("Never answered", count(figures.missing), f"of {count(figures.listed)} listed"))
    if analysis.sequential is not None:
        stopped = (
            "" if pair is None or pair.stopped_at is None else f"known after iteration {pair.stopped_at}"
        )
        listed = f"of {count(figures.listed)} listed"
        rows.append(FigureRow("Not asked, stopped early", count(figures.skipped), listed, note=stopped))
    rows.append(FigureRow("Higher grade told from lower, these pairs", outcome(figures)))
    rows.append(FigureRow("Iterations still needed, these pairs", *_needed(figures)))
    if (essays := figures.essays) is not None:
        counts = f"{essays.higher} and {essays.lower} essays"
        note = _p_of_essays(essays)
        rows.append(_estimated("Wins of the higher grade, other essays", essays, counts, note))
        rows.append(FigureRow("Higher grade told from lower, other essays", for_essays(figures)))
    return rows


def conclusion(figures: BoundaryFigures) -> str:
    """Told apart or not, and what is missing to know."""
    if figures.needed is None or figures.needed.more is None:
        return outcome(figures)
    return f"{outcome(figures)}; about {count(figures.needed.more)} more"


def _estimated(
    label: str, found: Estimate, counts: str = "", note: str = "", kind: Kind = "share"
) -> FigureRow:
    return FigureRow(label, shown(found.value, kind), counts, span(found.interval, kind), note)


def _rate(label: str, rate: Rate, note: str = "") -> FigureRow:
    row = _estimated(label, rate, f"{count(rate.count)} of {count(rate.of)}", note)
    return row if rate.interval else row._replace(interval="")


def _test_of(p: float | None) -> str:
    return "" if p is None else f"{shown_p(p)} against 50 %"


def _p_values(figures: BoundaryFigures, analysis: BoundaryAnalysis, pair: BoundaryPair | None) -> str:
    if figures.p_value is None:
        return ""
    family = len(analysis.boundaries if pair is None else analysis.pairs)
    if family == 1 or figures is analysis.overall:
        return _test_of(figures.p_value)
    correction = "Holm" if analysis.sequential is None else "Bonferroni"
    return f"{shown_p(figures.p_value)}; by {correction} for {family}: {p_value(figures.p_adjusted)}"


def _p_of_essays(essays: EssaysRate) -> str:
    if essays.wanted is not None:
        return f"too few essays to tell; possible from {essays.wanted} of either grade on"
    return "" if essays.p_adjusted is None else _test_of(essays.p_adjusted)


def _needed(figures: BoundaryFigures) -> tuple[str, str]:
    if figures.needed is None:
        return ("none", "") if figures.discrimination in ("shown", "reversed", "excluded") else ("n/a", "")
    if figures.needed.more is None:
        return "n/a", ""
    power = percent(figures.needed.power)
    return f"about {count(figures.needed.more)}", f"to {figures.needed.aim} it at {power} power"


def _facts(analysis: BoundaryAnalysis) -> list[tuple[str, str]]:
    run, overall = analysis.run, analysis.overall
    facts = [
        ("Pairs", count(len(analysis.pairs))),
        ("Comparisons listed", count(overall.listed)),
        ("Decided", count(overall.decided)),
        ("Ties", count(overall.ties)),
        ("Failed", count(overall.failed)),
        ("Not asked, stopped early", count(overall.skipped)),
        ("Listed and never answered", count(overall.missing)),
        *spending.facts(run),
        *answer_facts(run),
    ]
    intervals = {
        "Interval of the raw win rate": overall.win_rate.interval,
        "Interval of the corrected win rate": overall.corrected.interval,
        "Interval of the wins of Essay A": overall.position.interval,
        "… both orders weighing the same": overall.position_balanced.interval,
        "Interval of the mean confidence": overall.confidence.interval,
    }
    facts += [(label, method(interval)) for label, interval in intervals.items() if interval is not None]
    return facts
