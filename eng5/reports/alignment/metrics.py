"""The figures of the summary, those with a target first."""

from __future__ import annotations

import numpy as np

from eng5.contracts.analysis import Histogram, Metric
from eng5.contracts.own import Interval
from eng5.reports.alignment.dataset import Dataset, interval
from eng5.reports.alignment.readings import Expected, excess, expected, with_readings
from eng5.stats import kendall, zero_wins
from eng5.stats.asked_again import Reruns, in_perfect_order
from eng5.stats.bradley_terry.fit import BradleyTerryFit
from eng5.stats.comparisons import IntArray
from eng5.stats.inversions import BandRegression, Inversions, band_inversions
from eng5.stats.posterior import Draws

__all__ = ["MEANING", "band_count", "build", "figures", "tau_distribution"]

MOST_BINS = 60
WIDEST_BIN = 0.1
MEANING = {
    "direct_inversions": "Pairs in which the essay with the lower grade won more often than it lost.",
    "zero_win_anchors": "Anchors that were compared and never won. The weakest anchor of a perfect order wins nothing.",
    "kendall_tau": "How far the judge's order is the experts': 1 the same order, 0 no relation, −1 the reverse.",
    "ab_regression": "How many more inversions with an A or a B there are than in the baseline run.",
    "inversion_rate": "Direct inversions as a share of the pairs that could have been one.",
    "excess_zero_wins": "Anchors without a win, less those that a perfect order leaves without one.",
    "tau_a_favourable": "Tau as older reports counted it: equal grades in the order that favours the judge.",
    "gamma": "Tau with all ties left out: right orders less wrong ones, as a share of both.",
    "contested_pairs": "Pairs in which each essay won as often as the other.",
    "lower_won_once": "Inversions as older reports counted them: the lower grade won at least once.",
    "ab_inversions": "Direct inversions in which one of the two essays has an A or a B.",
}
"""Each figure in a sentence without jargon."""
PERFECT_LEVEL = 0.95


def band_count(data: Dataset, found: Inversions) -> int | None:
    """Direct inversions that involve a grade of band A or B; None when no essay has such a grade."""
    return band_inversions(found.direct, data.in_band) if data.in_band.any() else None


def build(
    data: Dataset,
    fit: BradleyTerryFit | None,
    again: Reruns | None,
    found: Inversions,
    in_band_baseline: float | None,
    draws: Draws | None = None,
) -> list[Metric]:
    """Every figure of the summary; values are None where no pair of different grades was decided.

    Args:
        data: the run.
        fit: of its scores.
        again: reruns of its questions; without them there is no interval.
        found: its inversions.
        in_band_baseline: A/B inversions of the baseline.
        draws: for what a judge in perfect order would show; left out of the note without them.
    """
    return figures(data, fit, again, found, in_band_baseline, draws)[0]


def figures(
    data: Dataset,
    fit: BradleyTerryFit | None,
    again: Reruns | None,
    found: Inversions,
    in_band_baseline: float | None,
    draws: Draws | None = None,
) -> tuple[list[Metric], Expected]:
    """The same, and what is expected of the judge by figure.

    Kendall's tau needs scores on one scale: there is none where comparisons fall apart into groups.
    """
    scores = fit.theta if fit is not None else np.zeros(len(data.subjects))
    level, in_band = ranked_level(data), data.in_band
    tau = kendall.kendall(level, scores)
    zero = zero_wins.zero_wins(data.comparisons, data.level)
    of_band = band_count(data, found)
    decided = found.pairs > 0
    one_scale = decided and fit is not None and sum(len(part) > 1 for part in fit.components) == 1
    regression = None
    if decided and of_band is not None and in_band_baseline is not None:
        regression = BandRegression(of_band, in_band_baseline)
    sure = expected(data, level, scores, again, in_band, zero.count) if again is not None and decided else {}
    metrics = [
        _metric("direct_inversions", "Direct inversions", "count", len(found.direct) if decided else None,
                _inversions_note(data, found, draws) if decided else None),
        _metric("zero_win_anchors", "Zero-win anchors", "count", zero.count if decided else None,
                f"{zero.expected_perfect:.1f} expected under perfect order" if decided else None),
        _metric("kendall_tau", "Kendall's tau", "ratio", tau.tau_b if one_scale else None,
                None if one_scale or not decided
                else "groups of anchors that were never compared have no common order"),
        _metric("ab_regression", "A/B regression", "count", None if regression is None else regression.regression,
                _no_regression(data, in_band_baseline)),
        _metric("inversion_rate", "Inversion rate", "share",
                len(found.direct) / found.pairs if decided else None,
                f"of {found.pairs} pairs with different grades" if decided else None),
        _metric("excess_zero_wins", "Zero wins beyond perfect order", "count",
                zero.count - zero.expected_perfect if decided else None),
        _metric("tau_a_favourable", "Tau, older definition", "ratio",
                tau.tau_a_favourable if one_scale else None,
                "equal grades in the order that favours the judge"),
        _metric("gamma", "Goodman–Kruskal gamma", "ratio", tau.gamma if one_scale else None, "tied pairs left out"),
        _metric("contested_pairs", "Contested pairs", "count", len(found.contested) if decided else None,
                "won as often as lost"),
        _metric("lower_won_once", "Inversions, older count", "count", found.lower_won_once if decided else None,
                "pairs in which the lower grade won at least once"),
        _metric("ab_inversions", "A/B inversions", "count", of_band if decided else None,
                "direct inversions with an A or a B"),
    ]  # fmt: skip
    shown = [with_readings(metric, sure) for metric in metrics]
    known = {metric.name: metric for metric in shown}
    counted = known["direct_inversions"]
    changes: dict[str, dict[str, object]] = {
        "inversion_rate": {
            "interval": _moved(counted.interval, 0.0, found.pairs),
            "other_essays": _moved(counted.other_essays, 0.0, found.pairs),
        },
        "excess_zero_wins": {
            "interval": _moved(known["zero_win_anchors"].interval, zero.expected_perfect, 1),
            "other_essays": _moved(known["zero_win_anchors"].other_essays, zero.expected_perfect, 1),
        },
    }
    if regression is not None and again is not None:
        span = excess(regression, again, in_band, data.level)
        raised = (
            "more than a rerun of one judge shows"
            if span.low > 0
            else "no more than a rerun of one judge shows"
        )
        note = f"{regression.inversions:g} in this run, {regression.baseline:g} in the baseline: {raised}"
        changes["ab_regression"] = {"interval": _at_least_zero(interval(span)), "note": note}
    return [
        metric.model_copy(update=changes.get(metric.name, {})) if metric.value is not None else metric
        for metric in shown
    ], sure


def _metric(name: str, label: str, kind: str, value: float | None, note: str | None = None) -> Metric:
    return Metric.model_validate(
        {"name": name, "label": label, "kind": kind, "value": value, "note": note, "meaning": MEANING[name]}
    )


def _inversions_note(data: Dataset, found: Inversions, draws: Draws | None) -> str:
    note = f"of {found.pairs} pairs with different grades"
    if draws is None or draws.effects is None:
        return note
    perfect = in_perfect_order(draws, data.level)
    count = Reruns(draws.effects, perfect, perfect, draws.seed).direct_inversions(data.level)(perfect)
    high = float(np.quantile(count, PERFECT_LEVEL))
    return (
        f"{note}; a judge as uncertain as this one that has all grades in order would show {count.mean():.1f} on "
        f"average, and up to {high:.0f} in 95 of 100 runs"
    )


def _moved(span: Interval | None, less: float, per: float) -> Interval | None:
    if span is None:
        return None
    return span.model_copy(update={"low": (span.low - less) / per, "high": (span.high - less) / per})


def _at_least_zero(span: Interval | None) -> Interval | None:
    if span is None:
        return None
    return span.model_copy(update={"low": max(0.0, span.low), "high": max(0.0, span.high)})


def ranked_level(data: Dataset) -> IntArray:
    """Shape (n,), the grades of the anchors that have a score: -1 where no comparison was decided, too."""
    played = data.comparisons.wins + data.comparisons.losses > 0
    return np.where(played, data.level, -1)


def _no_regression(data: Dataset, in_band_baseline: float | None) -> str | None:
    if not data.scale.bands:
        return "the grade scale declares no bands A and B"
    if not data.in_band.any():
        return "no anchor of band A or B"
    return "no baseline run to compare with" if in_band_baseline is None else None


def tau_distribution(data: Dataset, again: Reruns) -> Histogram | None:
    """Kendall's tau in simulated reruns of the same questions; None where it is undefined.

    Tau-b takes few values when essays are few: each bin with any holds the same number of them.
    """
    tau = np.concatenate(again.both(again.tau_b(ranked_level(data))))
    if not len(tau) or np.isnan(tau).any():
        return None
    values = np.unique(tau.round(9))
    step = float(np.diff(values).min()) if len(values) > 1 else 0.05
    step *= np.ceil((values[-1] - values[0]) / step / MOST_BINS) or 1.0
    step /= np.ceil(step / WIDEST_BIN)
    bins = round((values[-1] - values[0]) / step) + 1
    edges = values[0] + step * (np.arange(bins + 1) - 0.5)
    return Histogram(edges=edges.tolist(), counts=np.histogram(tau, bins=edges)[0].tolist())
