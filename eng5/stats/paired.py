"""Two variants of a judge on the same comparisons: is one better, on these pairs, and on essays like these?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from eng5.stats.comparisons import IntArray
from eng5.stats.dyadic import ROBUST, dyadic_variance
from eng5.stats.exchange import arrangements, exchange_essays
from eng5.stats.interval import IntervalResult
from eng5.stats.matching import Matched
from eng5.stats.multiplicity import holm
from eng5.stats.paired_metrics import PairedMetric, scores

FEWEST_ESSAYS = 5
"""Below this many essays nothing is said about others like them."""


class PairedVerdict(StrEnum):
    """What a paired comparison says of the variant against its reference."""

    BETTER = "better"
    WORSE = "worse"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class PairedReading:
    """What is known of a difference, read in one of two ways.

    Attributes:
        standard_error: None where it is not known.
        interval: of the difference; None where it is not known.
        p_value: two-sided, that there is no difference; None where no test is possible.
        p_adjusted: the same, Holm-adjusted by :func:`adjust`.
        verdict: better or worse only when p_adjusted is at most 1 - level and the interval leaves out 0, so
            that no table contradicts its verdict.
    """

    standard_error: float | None = None
    interval: IntervalResult | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    verdict: PairedVerdict = PairedVerdict.CANNOT_TELL


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """Difference of one metric between a variant and its reference, runs pooled.

    Attributes:
        metric: name of the metric.
        reference: its mean over the reference's runs, on the common comparisons; None where undefined.
        variant: its mean over the variant's runs.
        difference: variant - reference.
        pairs: what both would show, asked again about the same pairs.
        essays: what they would show on other essays of the same grades.
        comparisons: common comparisons of each run.
        differing: units on which not all runs agree; without any nothing is known about a difference.
        level: level of the intervals, and 1 - error rate of the verdicts.
        higher_is_better: direction of an improvement of the metric.
    """

    metric: str
    reference: float | None
    variant: float | None
    difference: float | None
    pairs: PairedReading
    essays: PairedReading
    comparisons: int
    differing: int
    level: float
    higher_is_better: bool


def paired_difference(
    matched: Matched,
    metric: PairedMetric,
    *,
    level: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
    essays: int | None = None,
) -> PairedDifference:
    """Difference of a metric in both readings. They are never mixed, and only the second is a reason to choose.

    **On these pairs**: if both judged alike, the verdicts of any unit could as well have come from any other
    run. The p-value is the share of such exchanges with a difference at least as large, exact when they can
    be enumerated and else with the observed one counted in; the interval has their spread. (A bootstrap over
    comparisons does not do: a resample lacks a third of the pairs.)

    **On essays like these**: pairs that share an essay depend on each other, so the interval is Student's t of
    the dyadic-robust variance, or, for a figure that counts essays, of the variance between essays. For a
    figure of the order of the essays the p-value is by exchange of whole essays between the variants. It is
    never below that of the first reading: what chance may do on these pairs it may do on others as well.

    The delete-one-essay jackknife was tried for tau and is not taken: the pair effects count twice in it, its
    standard error is 1.4 to 2.2 times too large with 12 essays, and tau .82 is told from .95 in 4 to 9 %
    instead of 20 to 30 % (`benchmarks/paired_false_alarms.py`).

    Args:
        matched: the comparisons of all runs.
        metric: what to compare.
        resamples: random exchanges where there are more than that to enumerate.
        seed: seed of the random exchanges.
        essays: how many essays could have been others, where these are not all; a held-out few, for example.

    Source: E. J. G. Pitman (1937), J. R. Stat. Soc. Suppl. 4, 119-130; for the p-value of random exchanges,
    B. Phipson and G. K. Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9, 39; P. M. Aronow, C. Samii and
    V. A. Assenova (2015), Political Analysis 23, 564-577.
    """
    by_run = np.array(
        [metric.evaluate(matched.n, matched.first, matched.second, row[None])[0] for row in matched.outcomes]
    )
    reference, variant = (
        None if np.isnan(side).any() else float(side.mean())
        for side in np.split(by_run, [matched.of_reference])
    )
    difference = None if reference is None or variant is None else variant - reference
    differing = np.unique(matched.unit[(matched.outcomes != matched.outcomes[0]).any(axis=0)])
    of_pairs = of_essays = PairedReading()
    if difference is not None:
        of_pairs = _on_pairs(matched, metric, difference, differing, level, resamples, seed)
        of_essays = _on_essays(matched, metric, difference, level, resamples, seed, essays)
        if of_essays.p_value is not None and of_pairs.p_value is not None:
            of_essays = replace(of_essays, p_value=max(of_essays.p_value, of_pairs.p_value))
    found = PairedDifference(
        metric=metric.name,
        reference=reference,
        variant=variant,
        difference=difference,
        pairs=of_pairs,
        essays=of_essays,
        comparisons=len(matched.unit),
        differing=len(differing),
        level=level,
        higher_is_better=metric.higher_is_better,
    )
    return adjust([found])[0]


def adjust(
    differences: Sequence[PairedDifference], bands: Sequence[float | None] | None = None
) -> list[PairedDifference]:
    """The same differences, with p-values and verdicts Holm-adjusted over them, in each reading by itself.

    Args:
        differences: one family.
        bands: how far apart runs of one prompt may lie, for each; a difference within its band is chance, in
            either reading.
    """
    inside = [
        band is not None and each.difference is not None and abs(each.difference) <= band
        for each, band in zip(differences, bands or [None] * len(differences), strict=True)
    ]
    adjusted = {
        name: holm([getattr(each, name).p_value for each in differences]) for name in ("pairs", "essays")
    }
    return [
        replace(
            each,
            pairs=_judged(each, each.pairs, adjusted["pairs"][place], chance=inside[place]),
            essays=_judged(each, each.essays, adjusted["essays"][place], chance=inside[place]),
        )
        for place, each in enumerate(differences)
    ]


def _judged(
    one: PairedDifference, reading: PairedReading, p_adjusted: float | None, *, chance: bool
) -> PairedReading:
    d, interval = one.difference, reading.interval
    small = p_adjusted is not None and p_adjusted <= round(1 - one.level, 12)
    verdict = PairedVerdict.CANNOT_TELL
    if d and small and not chance and interval is not None and 0 not in interval:
        verdict = PairedVerdict.BETTER if (d > 0) == one.higher_is_better else PairedVerdict.WORSE
    return replace(reading, p_adjusted=p_adjusted, verdict=verdict)


def _on_pairs(
    matched: Matched,
    metric: PairedMetric,
    difference: float,
    differing: IntArray,
    level: float,
    resamples: int,
    seed: int,
) -> PairedReading:
    exchanges = arrangements(len(matched.outcomes), len(differing), resamples, seed)
    rows = np.repeat(np.arange(len(matched.outcomes))[None, :, None], len(exchanges.places), axis=0)
    rows = np.repeat(rows, len(matched.unit), axis=2)
    differs = np.isin(matched.unit, differing)
    rows[:, :, differs] = exchanges.places[:, :, np.searchsorted(differing, matched.unit[differs])]
    columns = np.arange(len(matched.unit))
    by_run = np.stack(
        [
            metric.evaluate(matched.n, matched.first, matched.second, matched.outcomes[rows[:, run], columns])
            for run in range(len(matched.outcomes))
        ]
    )
    exchanged = matched.apart(by_run)
    known = ~np.isnan(exchanged)
    error = float(np.sqrt(np.mean(exchanged[known] ** 2)))
    beyond = max(abs(difference) - metric.continuity, 0.0)
    tail = float(2 * ndtr(-beyond / error)) if error and not exchanges.enumerated else 1.0
    p_value = exchanges.p_value(np.where(known, exchanged, np.inf), difference, tail)
    half = float(ndtri((1 + level) / 2)) * error + metric.continuity
    low, high = _within(metric, difference - half, difference + half)
    seed_used = None if exchanges.enumerated else seed
    interval = IntervalResult(low, high, level, "exchange of variants", len(exchanges.places), seed_used)
    return PairedReading(error, interval, p_value)


def _on_essays(
    matched: Matched,
    metric: PairedMetric,
    difference: float,
    level: float,
    resamples: int,
    seed: int,
    essays: int | None,
) -> PairedReading:
    met = np.unique(np.concatenate([matched.first, matched.second]))
    n = min(len(met), len(met) if essays is None else essays)
    if n < FEWEST_ESSAYS:
        return PairedReading()
    parts = matched.apart(
        np.stack([metric.parts(matched.n, matched.first, matched.second, row) for row in matched.outcomes])
    )
    one, other = np.nonzero(~np.isnan(parts))
    if metric.counts_essays:
        value = parts[one, other]
        error = float(np.sqrt(value.var(ddof=1) / len(value))) if len(value) > 1 else float("nan")
    else:
        error = float(np.sqrt(dyadic_variance(parts[one, other], one, other)))
    if np.isnan(error):
        return PairedReading()
    half = float(stdtrit(n - 1, (1 + level) / 2)) * error + metric.continuity
    low, high = _within(metric, difference - half, difference + half)
    method = "t of the variance between essays" if metric.counts_essays else ROBUST
    t = max(abs(difference) - metric.continuity, 0.0) / error if error else np.inf
    p_value = 1.0 if difference == 0 else float(2 * stdtr(n - 1, -t))
    if difference != 0 and metric.of_scores is not None:
        of_run = np.stack(
            [scores(matched.n, matched.first, matched.second, row[None])[0] for row in matched.outcomes]
        )
        sides = of_run[: matched.of_reference, met], of_run[matched.of_reference :, met]
        p_value = exchange_essays(*sides, metric.of_scores(met), tail=p_value, resamples=resamples, seed=seed)
    return PairedReading(error, IntervalResult(low, high, level, method), p_value)


def _within(metric: PairedMetric, low: float, high: float) -> tuple[float, float]:
    widest = metric.highest - metric.lowest
    return max(low, -widest), min(high, widest)
