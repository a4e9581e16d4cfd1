"""The figures of the summary, those with a target first."""

from __future__ import annotations

import numpy as np

from eng5.contracts.analysis import Histogram, Metric
from eng5.contracts.own import Interval
from eng5.reports.alignment.dataset import Dataset, interval
from eng5.stats import inversions, kendall, zero_wins
from eng5.stats.bradley_terry.fit import BradleyTerryFit
from eng5.stats.comparisons import IntArray
from eng5.stats.inversions import BandRegression, Inversions, band_inversions
from eng5.stats.posterior import Draws

__all__ = ["band_count", "build", "tau_distribution"]

MOST_BINS = 60
WIDEST_BIN = 0.1


def band_count(data: Dataset, found: Inversions) -> int | None:
    """Direct inversions that involve a grade of band A or B; None when no essay has such a grade."""
    return band_inversions(found.direct, data.in_band) if data.in_band.any() else None


def build(
    data: Dataset,
    fit: BradleyTerryFit | None,
    draws: Draws | None,
    found: Inversions,
    in_band_baseline: float | None,
) -> list[Metric]:
    """Every figure of the summary; values are None where no pair of different grades was decided.

    Kendall's tau needs scores on one scale: there is none where comparisons fall apart into groups.
    """
    scores = fit.theta if fit is not None else np.zeros(len(data.subjects))
    tau = kendall.kendall(ranked_level(data), scores)
    zero = zero_wins.zero_wins(data.comparisons, data.level)
    in_band = band_count(data, found)
    decided = found.pairs > 0
    one_scale = decided and fit is not None and sum(len(part) > 1 for part in fit.components) == 1
    regression = None
    if decided and in_band is not None and in_band_baseline is not None:
        regression = BandRegression(in_band, in_band_baseline).regression
    intervals = _intervals(data, draws) if draws is not None and decided else {}
    metrics = [
        Metric(
            name="direct_inversions",
            label="Direct inversions",
            kind="count",
            value=len(found.direct) if decided else None,
            note=f"of {found.pairs} pairs with different grades" if decided else None,
        ),
        Metric(
            name="zero_win_anchors",
            label="Zero-win anchors",
            kind="count",
            value=zero.count if decided else None,
            note=f"{zero.expected_perfect:.1f} expected under perfect order" if decided else None,
        ),
        Metric(
            name="kendall_tau",
            label="Kendall's tau",
            kind="ratio",
            value=tau.tau_b if one_scale else None,
            note=_below(tau.tau_b, intervals.get("kendall_tau"))
            if one_scale or not decided
            else "groups of anchors that were never compared have no common order",
        ),
        Metric(
            name="ab_regression",
            label="A/B regression",
            kind="count",
            value=regression,
            note=_no_regression(data, in_band_baseline),
        ),
        Metric(
            name="tau_a_favourable",
            label="Tau, older definition",
            note="equal grades in the order that favours the judge",
            kind="ratio",
            value=tau.tau_a_favourable if one_scale else None,
        ),
        Metric(
            name="gamma",
            label="Goodman–Kruskal gamma",
            note="tied pairs left out",
            kind="ratio",
            value=tau.gamma if one_scale else None,
        ),
        Metric(
            name="contested_pairs",
            label="Contested pairs",
            note="won as often as lost",
            kind="count",
            value=len(found.contested) if decided else None,
        ),
        Metric(
            name="lower_won_once",
            label="Inversions, older count",
            note="pairs in which the lower grade won at least once",
            kind="count",
            value=found.lower_won_once if decided else None,
        ),
        Metric(
            name="ab_inversions",
            label="A/B inversions",
            note="direct inversions with an A or a B",
            kind="count",
            value=in_band if decided else None,
        ),
    ]
    return [
        metric if metric.value is None else metric.model_copy(update={"interval": intervals.get(metric.name)})
        for metric in metrics
    ]


def ranked_level(data: Dataset) -> IntArray:
    """Shape (n,), the grades of the anchors that have a score: -1 where no comparison was decided, too."""
    played = data.comparisons.wins + data.comparisons.losses > 0
    return np.where(played, data.level, -1)


def _below(value: float | None, span: Interval | None) -> str | None:
    if value is None or span is None or value >= span.low:
        return None
    return "noise of few comparisons lowers the value below the interval, which is for endless ones"


def _no_regression(data: Dataset, in_band_baseline: float | None) -> str | None:
    if not data.scale.bands:
        return "the grade scale declares no bands A and B"
    if not data.in_band.any():
        return "no anchor of band A or B"
    return "no baseline run to compare with" if in_band_baseline is None else None


def _intervals(data: Dataset, draws: Draws) -> dict[str, Interval | None]:
    comparisons, level = data.comparisons, data.level
    return {
        "direct_inversions": interval(inversions.count_interval(comparisons, level, draws)),
        "zero_win_anchors": interval(zero_wins.count_interval(comparisons, level, draws)),
        "kendall_tau": interval(kendall.tau_b_interval(ranked_level(data), draws)),
    }


def tau_distribution(data: Dataset, draws: Draws) -> Histogram | None:
    """Kendall's tau over the draws; None where it is undefined.

    Tau-b takes few values when essays are few: each bin with any holds the same number of them.
    """
    tau = kendall.tau_b_many(ranked_level(data), draws.theta)
    if not len(tau) or np.isnan(tau).any():
        return None
    values = np.unique(tau.round(9))
    step = float(np.diff(values).min()) if len(values) > 1 else 0.05
    step *= np.ceil((values[-1] - values[0]) / step / MOST_BINS) or 1.0
    step /= np.ceil(step / WIDEST_BIN)
    bins = round((values[-1] - values[0]) / step) + 1
    edges = values[0] + step * (np.arange(bins + 1) - 0.5)
    return Histogram(edges=edges.tolist(), counts=np.histogram(tau, bins=edges)[0].tolist())
