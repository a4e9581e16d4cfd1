"""The figures of a paper: plots of analyses as SVG and PDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eng5.contracts.analysis import Analysis
from eng5.contracts.boundary_analysis import BoundaryAnalysis
from eng5.plots import rates, trend
from eng5.plots.plot import Plot, standalone
from eng5.reports.alignment import report

Plots = dict[str, Plot]
MOST_LETTERS = 40
"""Of the names below an axis."""


def of_alignment(analysis: Analysis) -> Plots:
    """Scores, win matrix, tau over reruns, position and confidence, as far as there are data."""
    return _there(
        {name: plot for name, plot in report.figures(analysis).items() if name != "rank"}, analysis.run.name
    )


def of_boundary(analysis: BoundaryAnalysis) -> Plots:
    """Win rates of the pairs."""
    return _there(
        {
            "win_rates": rates.draw(
                "win-rates",
                "Win rate of the higher grade",
                "Corrected for position, with intervals; a judge that tells the grades apart lies to the right.",
                [
                    rates.Row(f"{one.higher_name} : {one.lower_name}", one.figures.corrected, one.higher_name)
                    for one in analysis.pairs
                ],
                axis="wins of the higher grade, corrected for position",
            )
        },
        analysis.run.name,
    )


def of_runs(analyses: Sequence[Analysis]) -> Plots:
    """Kendall's tau of several runs with its interval; none of a single run."""
    known = [(one.run.name, one.metric("kendall_tau")) for one in analyses]
    there = [(run, tau_of_run) for run, tau_of_run in known if tau_of_run.value is not None]
    plot = trend.draw("tau-of-runs", "Kendall's tau", there, ticks=_ticks([run for run, _ in there]))
    return {} if plot is None else {"runs_tau": plot}


def _ticks(names: Sequence[str]) -> list[str]:
    """Names of the runs, or their numbers where names would lie over each other."""
    return (
        list(names)
        if sum(map(len, names)) <= MOST_LETTERS
        else [str(place + 1) for place in range(len(names))]
    )


def files(plots: Mapping[str, Plot]) -> dict[str, bytes]:
    """SVG and PDF of each plot by name of the file."""
    found = {}
    for name, plot in plots.items():
        found[f"{name}.svg"] = standalone(plot.drawing()).encode()
        found[f"{name}.pdf"] = plot.pdf()
    return found


def _there(plots: Mapping[str, Plot | None], run: str) -> Plots:
    return {f"{run}_{name}": plot for name, plot in plots.items() if plot is not None}
