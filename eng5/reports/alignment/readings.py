"""The figures of the summary in both readings, and what more would tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from eng5.contracts.analysis import Metric
from eng5.contracts.own import with_fields_of
from eng5.contracts.reach import MoreData
from eng5.reports.alignment.dataset import Dataset, interval
from eng5.stats import inversions
from eng5.stats.asked_again import Reruns
from eng5.stats.comparisons import BoolArray, FloatArray, IntArray
from eng5.stats.design_study import DesignStudy, design_study
from eng5.stats.interval import IntervalResult
from eng5.stats.share_interval import share_interval
from eng5.stats.two_readings import TwoReadings, of_count, of_tau

MOST_ANCHORS = 500
"""Beyond so many anchors a number is no advice."""

Side = Literal["decided", "open", "out of reach"]
Expected = Mapping[str, TwoReadings]
"""Figures by name."""


def expected(
    data: Dataset, level: IntArray, score: FloatArray, again: Reruns, in_band: BoolArray, zero_wins: int
) -> Expected:
    """What is expected of the judge; figures that are undefined are left out. `level` is of the scored anchors."""
    table = again.table
    sign = np.sign(data.level[table.i] - data.level[table.j])
    graded = (data.level[table.i] >= 0) & (data.level[table.j] >= 0) & (sign != 0)
    reversed_ = ((2.0 * table.won.sum(axis=1) - table.asked) * sign < 0).astype(np.float64)
    banded = graded & (in_band[table.i] | in_band[table.j])
    found = {
        "kendall_tau": of_tau(level, score, again),
        "direct_inversions": of_count(
            data.level, again, again.direct_inversions(data.level), reversed_, graded
        ),
        "ab_inversions": of_count(
            data.level, again, again.direct_inversions(data.level, in_band), reversed_, banded, of=in_band
        ),
        "zero_win_anchors": _zero_wins(data, again, zero_wins),
    }
    return {name: one for name, one in found.items() if one is not None}


def _zero_wins(data: Dataset, again: Reruns, count: int) -> TwoReadings | None:
    compared = data.comparisons.wins + data.comparisons.losses > 0
    anchors = int((compared & (data.level >= 0)).sum())
    if not anchors:
        return None
    one, other = again.both(again.zero_wins(data.level))
    share, typical = count / anchors, float(np.concatenate([one, other]).mean()) / anchors
    smoothed = (count + 0.5) / (anchors + 1.0)
    over_reruns = float(np.mean((one - other) ** 2)) / 2.0 / anchors**2
    over_essays = max(over_reruns, smoothed * (1.0 - smoothed) / anchors)

    def scaled(variance: float, at: float, method: str) -> IntervalResult:
        found = share_interval(share, variance, method, typical=at)
        return IntervalResult(found.low * anchors, found.high * anchors, found.level, found.method)

    return TwoReadings(
        these_pairs=scaled(over_reruns, typical, "effective Wilson, reruns of the same questions"),
        like_these=scaled(over_essays, smoothed, "Wilson, other essays of the same grades"),
        error_again=over_reruns**0.5 * anchors,
        error_essays=over_essays**0.5 * anchors,
    )


def with_readings(metric: Metric, found: Expected) -> Metric:
    """The metric with both intervals, where it has a value and the figure has them."""
    one = found.get(metric.name)
    if metric.value is None or one is None:
        return metric
    return metric.model_copy(
        update={"interval": interval(one.these_pairs), "other_essays": interval(one.like_these)}
    )


def with_more(metric: Metric, found: Expected, anchors: int, *, repeats_known: bool) -> Metric:
    """The metric, already held against its target, with what more data would tell."""
    one = found.get(metric.name)
    if metric.value is None or one is None:
        return metric
    target = metric.target
    limit = None if target is None else target.limit
    study = design_study(one, metric.value, limit, anchors, varies=repeats_known)
    side, decides = None, None
    if target is not None:
        side, decides = _decides(metric.value == target.limit, study, anchors, repeats_known=repeats_known)
    more = with_fields_of(
        study,
        MoreData,
        again=study.pairs_now,
        again_twice_repeats=study.pairs_twice_repeats,
        essays=study.essays_now,
        decides=decides,
        side=side,
    )
    return metric.model_copy(update={"more": more})


def _decides(
    on_the_target: bool, study: DesignStudy, anchors: int, *, repeats_known: bool
) -> tuple[Side, str]:
    """Whether the side of the target is known; for each reading: decided, or what would decide."""
    if on_the_target:
        return "out of reach", (
            "The value is the target itself: no number of comparisons decides on which side the judge lies."
        )
    here = study.repeats == 1
    never = study.repeats is None and repeats_known
    if here:
        pairs = "On these pairs it is decided"
    elif study.repeats is not None:
        pairs = f"On these pairs, asking each about {study.repeats} times as often would decide"
    elif never:
        pairs = "On these pairs no reasonable number of comparisons would decide"
    else:
        pairs = "On these pairs, asking each a second time would show whether more comparisons can decide"
    if study.anchors is None:
        return "decided" if here else "open", f"{pairs}."
    if study.anchors <= anchors:
        as_well = " as well" if here else ""
        return "decided" if here else "open", f"{pairs}; for essays like these it is decided{as_well}."
    if study.anchors > MOST_ANCHORS:
        text = f"{pairs}; for essays like these not even {MOST_ANCHORS} anchors would decide."
        return "out of reach" if never else "open", text
    return "open", f"{pairs}; for essays like these it takes more anchors, about {study.anchors}."


def excess(
    found: inversions.BandRegression, again: Reruns, in_band: BoolArray, level: IntArray
) -> IntervalResult:
    """Interval of the true excess over the baseline: what a rerun of one judge differs by is taken off either side.

    At 95 % a rerun of the baseline itself lies above 0 in at most 2.5 % of runs.
    """
    one, other = again.both(again.direct_inversions(level, in_band))
    reach = float(np.quantile(np.concatenate([one - other, other - one]), 0.975, method="higher"))
    difference = found.inversions - found.baseline
    return IntervalResult(
        difference - reach, difference + reach, 0.95, "difference of two reruns of one judge", len(again), again.seed
    )  # fmt: skip
