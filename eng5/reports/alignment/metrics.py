"""The figures of the summary, those with a target first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eng5.contracts.analysis import Metric
from eng5.pages.rendering import plural
from eng5.reports.alignment.dataset import Dataset, interval
from eng5.reports.alignment.readings import Expected, excess, expected, with_readings
from eng5.stats import kendall, zero_wins
from eng5.stats.asked_again import Reruns, in_perfect_order
from eng5.stats.bradley_terry.fit import BradleyTerryFit
from eng5.stats.comparisons import FloatArray, IntArray
from eng5.stats.inversions import BandRegression, Inversions, band_inversions
from eng5.stats.posterior import Draws

MEANING = {
    "direct_inversions": "Pairs in which the essay with the lower grade won more often than it lost. Expected under "
    "perfect order: by chance alone, of a judge as unsure as this one whose scale has all grades in order.",
    "zero_win_anchors": "Anchors that were compared and never won. The weakest anchor of a perfect order wins nothing.",
    "kendall_tau": "How far the judge's order is the experts': 1 the same order, 0 no relation, −1 the reverse.",
    "ab_regression": "How many more inversions with an A or a B there are than in the baseline run.",
    "inversion_rate": "Direct inversions as a share of the pairs that could have been one.",
    "excess_zero_wins": "Anchors without a win, less those that a perfect order leaves without one.",
    "excess_inversions": "Direct inversions, less those of an equally uncertain judge that has all grades in order.",
    "ab_regression_at_least": "A/B regression, less what two runs of one judge differ by: above 0 it is no chance.",
    "ab_regression_at_most": "The largest A/B regression that these verdicts leave possible.",
    "tau_a_favourable": "Tau as older reports counted it: equal grades in the order that favours the judge.",
    "gamma": "Tau with all ties left out: right orders less wrong ones, as a share of both.",
    "contested_pairs": "Pairs in which each essay won as often as the other.",
    "lower_won_once": "Inversions as older reports counted them: the lower grade won at least once.",
    "ab_inversions": "Direct inversions in which one of the two essays has an A or a B.",
}
"""Each figure in a sentence without jargon."""
PERFECT_LEVEL = 0.95
MOST_OUT_OF_REACH = 0.95
"""Below it the largest tau that equal grades allow is said: a target above it is missed by every judge."""


def band_count(data: Dataset, found: Inversions) -> int | None:
    """Direct inversions that involve a grade of band A or B; None when no essay has such a grade."""
    return band_inversions(found.direct, data.in_band) if data.in_band.any() else None


def figures(
    data: Dataset,
    fit: BradleyTerryFit | None,
    again: Reruns | None,
    found: Inversions,
    in_band_baseline: float | None,
    draws: Draws | None = None,
) -> tuple[list[Metric], Expected]:
    """Every figure of the summary, and what is expected of the judge by figure.

    Values are None where no pair of different grades was decided. Kendall's tau needs scores on one scale: there is
    none where comparisons fall apart into groups.

    Args:
        data: the run.
        fit: of its scores.
        again: reruns of its questions; without them there is no interval.
        found: its inversions.
        in_band_baseline: A/B inversions of the baseline.
        draws: for what a judge in perfect order would show; left out of the note without them.
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
    perfect = _perfect_inversions(data, draws) if decided else None
    sure = expected(data, level, scores, again, in_band, zero.count) if again is not None and decided else {}
    metrics = [
        _metric("direct_inversions", "Direct inversions", "count", len(found.direct) if decided else None,
                _inversions_note(found, perfect) if decided else None),
        _metric("zero_win_anchors", "Zero-win anchors", "count", zero.count if decided else None,
                f"{zero.expected_perfect:.1f} expected under perfect order" if decided else None),
        _metric("kendall_tau", "Kendall's tau", "ratio", tau.tau_b if one_scale else None,
                _tau_note(one_scale, tau) if decided else None),
        _metric("ab_regression", "A/B regression", "count", None if regression is None else regression.regression,
                _no_regression(data, in_band_baseline)),
        _metric("inversion_rate", "Inversion rate", "share",
                len(found.direct) / found.pairs if decided else None,
                f"of {plural(found.pairs, 'pair')} with different grades" if decided else None),
        _metric("excess_zero_wins", "Zero wins beyond perfect order", "count",
                zero.count - zero.expected_perfect if decided else None),
        _metric("excess_inversions", "Inversions beyond perfect order", "count",
                None if perfect is None else len(found.direct) - float(perfect.mean())),
        _metric("ab_regression_at_least", "A/B regression, at least", "count", None,
                None if regression else "no A/B regression to bound"),
        _metric("ab_regression_at_most", "A/B regression, at most", "count", None,
                None if regression else "no A/B regression to bound"),
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
    changes = {
        "inversion_rate": _moved(counted, 0.0, found.pairs),
        "excess_zero_wins": _moved(known["zero_win_anchors"], zero.expected_perfect),
    }
    if perfect is not None:
        changes["excess_inversions"] = _moved(counted, float(perfect.mean()))
    shown = [
        metric.model_copy(update=changes.get(metric.name, {})) if metric.value is not None else metric
        for metric in shown
    ]
    if regression is not None and again is not None:
        shown = with_regression(shown, regression, again, data)
    return shown, sure


def with_regression(
    metrics: Sequence[Metric],
    regression: BandRegression,
    again: Reruns,
    data: Dataset,
    counted: str = "in this run",
) -> list[Metric]:
    """The figures with A/B regression, its interval, and the ends of it as figures of their own."""
    span = excess(regression, again, data.in_band, data.level)
    raised = (
        "more than a rerun of one judge shows" if span.low > 0 else "no more than a rerun of one judge shows"
    )
    low, high = max(0.0, span.low), max(0.0, span.high)
    found = interval(span)
    changes: dict[str, dict[str, object]] = {
        "ab_regression": {
            "value": regression.regression,
            "interval": found and found.model_copy(update={"low": low, "high": high}),
            "note": f"{regression.inversions:.3g} {counted}, {regression.baseline:.3g} in the baseline: {raised}",
        },
        "ab_regression_at_least": {"value": low},
        "ab_regression_at_most": {"value": high},
    }
    return [metric.model_copy(update=changes.get(metric.name, {})) for metric in metrics]


def _metric(name: str, label: str, kind: str, value: float | None, note: str | None = None) -> Metric:
    return Metric.model_validate(
        {"name": name, "label": label, "kind": kind, "value": value, "note": note, "meaning": MEANING[name]}
    )


def _tau_note(one_scale: bool, tau: kendall.Kendall) -> str | None:
    if not one_scale:
        return "groups of anchors that were never compared have no common order"
    if tau.tau_b is None:
        return "all anchors have the same score"
    if tau.largest_untied < MOST_OUT_OF_REACH:
        return f"anchors of equal grade leave {tau.largest_untied:.2f} to the best order without ties"
    return None


def _perfect_inversions(data: Dataset, draws: Draws | None) -> FloatArray | None:
    """Inversions in runs of a judge as uncertain as this one that has all grades in order; None without draws."""
    if draws is None or draws.effects is None:
        return None
    perfect = in_perfect_order(draws, data.level)
    return Reruns(draws.effects, perfect, perfect, draws.seed).direct_inversions(data.level)(perfect)


def _inversions_note(found: Inversions, perfect: FloatArray | None) -> str:
    note = f"of {plural(found.pairs, 'pair')} with different grades"
    if perfect is None:
        return note
    high = float(np.quantile(perfect, PERFECT_LEVEL))
    return f"{note}; {perfect.mean():.1f} expected under perfect order, up to {high:.0f} in 95 of 100 runs"


def _moved(metric: Metric, less: float, per: float = 1.0) -> dict[str, object]:
    """Both intervals of another figure, `less` taken off, as multiples of `per`."""
    return {
        name: span
        and span.model_copy(update={"low": (span.low - less) / per, "high": (span.high - less) / per})
        for name, span in (("interval", metric.interval), ("other_essays", metric.other_essays))
    }


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
