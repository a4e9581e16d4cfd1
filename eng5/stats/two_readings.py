"""How sure a figure is, in two readings: this judge on these pairs, and this judge on essays like these.

Every figure here is, by definition, an unbiased estimate of what is expected of the judge: its mean over runs
of the same questions (first reading), and over runs with other essays of the same grades (second reading).
An interval therefore needs the variance of the figure in each reading, and no model of the figure itself: it
is Wilson's interval of the share that the figure is, on as many trials as have that variance. What the model
of the verdicts gets wrong moves the width of the interval, and not its place.

Variance over reruns is that of `asked_again`, variance over essays a jackknife (tau) or dyadic-robust (shares
of pairs). How far the scores of a judge scatter is learned from its essays, so the variance over reruns has one
degree of freedom less than there are essays (Student's t): a judge that sees no difference between many essays
varies more than the scores of one run let expect.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import stdtrit

from eng5.stats.asked_again import Figure, Reruns
from eng5.stats.comparisons import BoolArray, FloatArray, IntArray
from eng5.stats.dyadic import dyadic_variance
from eng5.stats.interval import IntervalResult
from eng5.stats.jackknife import jackknife_variance, tau_b_leave_one_out
from eng5.stats.kendall import kendall, tau_b_and_largest
from eng5.stats.share_interval import share_interval

AGAIN = "effective Wilson, reruns of the same questions"
OTHERS = "effective Wilson, other essays of the same grades"
FEWEST_ESSAYS = 5
"""Below this many graded essays nothing is said of others like them."""


@dataclass(frozen=True, slots=True)
class TwoReadings:
    """Uncertainty of one figure.

    Attributes:
        these_pairs: interval of the mean over runs of the same questions.
        like_these: interval of the mean over runs with other essays of the same grades; None with
            fewer than five essays of known grade.
        error_again: standard deviation over reruns, in the unit of the figure.
        error_essays: standard deviation over essays and reruns; None as ``like_these``.
    """

    these_pairs: IntervalResult
    like_these: IntervalResult | None
    error_again: float
    error_essays: float | None


def of_tau(grade: IntArray, score: FloatArray, again: Reruns, level: float = 0.95) -> TwoReadings | None:
    """Kendall's tau-b; None where it is undefined.

    Tau-b is k (1 - 2 d), d the share of discordant among the concordant and discordant pairs, and k the largest
    tau-b that the ties of grades and scores allow. The intervals are those of d; what k differs by from rerun to
    rerun is added to either side, in quadrature. Over essays the variance is no less than half of that over
    reruns, for a perfect order has none of its own.

    Args:
        grade: shape (n,), -1 unknown and left out.
        score: shape (n,), of this run.
        again: reruns of its questions.
    """
    found = kendall(grade, score)
    if found.tau_b is None:
        return None
    pairs = found.n * (found.n - 1) // 2
    decided = found.concordant + found.discordant
    largest = decided / float(np.sqrt((pairs - found.tied_grade) * (pairs - found.tied_score)))
    (tau, most), (tau_2, most_2) = (
        np.nan_to_num(tau_b_and_largest(grade, scores)) for scores in again.both(again.scores)
    )
    wrong, wrong_2 = (_discordant(*one) for one in ((tau, most), (tau_2, most_2)))
    share = found.discordant / decided if decided else 0.5
    over_reruns = _half_mean_square(wrong - wrong_2)
    of_essays = jackknife_variance(tau_b_leave_one_out(grade, score))
    over_essays = max(of_essays, _half_mean_square(tau - tau_2) / 2.0)
    parts = _readings(
        share,
        over_reruns,
        np.concatenate([wrong, wrong_2]),
        over_essays / (4.0 * largest**2) if largest else over_reruns,
        (share * decided + 0.5) / (decided + 1.0),
        found.n,
        None,
        level,
        again,
    )
    # Where ties do not raise tau-b on average, no more than an order without ties can have is expected.
    raised = np.concatenate([most, most_2]).mean() > found.largest_untied
    most_expected = 1.0 if raised else max(found.largest_untied, found.tau_b)
    by_ties = float(stdtrit(found.n - 1, (1 + level) / 2)) * float(np.sqrt(_half_mean_square(most - most_2)))

    def around(interval: IntervalResult) -> IntervalResult:
        value = found.tau_b or 0.0
        below, above = value - largest * (1 - 2 * interval.high), largest * (1 - 2 * interval.low) - value
        low, high = value - float(np.hypot(below, by_ties)), value + float(np.hypot(above, by_ties))
        return replace(interval, low=max(-1.0, low), high=min(most_expected, high))

    return TwoReadings(
        these_pairs=around(parts.these_pairs),
        like_these=parts.like_these and around(parts.like_these),
        error_again=float(np.sqrt(_half_mean_square(tau - tau_2))),
        error_essays=None if parts.error_essays is None else float(np.sqrt(over_essays)),
    )


def _discordant(tau: FloatArray, largest: FloatArray) -> FloatArray:
    """Share of discordant among the decided pairs; one half where none is decided."""
    return np.asarray((1.0 - np.divide(tau, largest, out=np.zeros(len(tau)), where=largest > 0)) / 2.0)


def _half_mean_square(difference: FloatArray) -> float:
    """Variance over reruns, from the differences of two of one judge."""
    return float(np.mean(difference**2)) / 2.0


def of_count(
    grade: IntArray,
    again: Reruns,
    figure: Figure,
    counted: FloatArray,
    chosen: BoolArray,
    *,
    of: BoolArray | None = None,
    level: float = 0.95,
) -> TwoReadings | None:
    """Number of pairs of which something is true in this run, such as direct inversions; None without pairs.

    Args:
        grade: shape (n,).
        again: reruns.
        figure: the count in reruns.
        counted: shape (P,), 1 where it is true of a pair of ``again.table``.
        chosen: shape (P,), the pairs of which it could be.
        of: shape (n,), essays of which each of these pairs has at least one; few of them are few degrees of
            freedom, however many others they met.
    """
    pairs = int(chosen.sum())
    if not pairs:
        return None
    value, i, j = counted[chosen], again.table.i[chosen], again.table.j[chosen]
    one, other = again.both(figure)
    over_reruns = _half_mean_square(one - other) / pairs**2
    met = len(np.union1d(i, j))
    drawn = met if of is None else int((of & (np.asarray(grade) >= 0)).sum())
    # Of nothing or everything the dyadic variance is 0, and yet other essays may differ.
    smoothed = float(value.sum() + 0.5) / (pairs + 1.0)
    share = _readings(
        float(value.mean()),
        over_reruns,
        np.concatenate([one, other]) / pairs,
        max(dyadic_variance(value, i, j), over_reruns, smoothed * (1.0 - smoothed) / pairs),
        smoothed,
        met,
        max(1, drawn - 1),
        level,
        again,
    )
    return _scaled(share, lambda d: pairs * d, float(pairs))


def _readings(
    share: float, over_reruns: float, simulated: FloatArray, over_essays: float, smoothed: float, essays: int,
    freedom: int | None, level: float, again: Reruns,
) -> TwoReadings:  # fmt: skip
    typical = float(simulated.mean())
    freedom_again = max(1, essays - 1)
    these = share_interval(share, over_reruns, AGAIN, typical=typical, freedom=freedom_again, level=level)
    these = _no_wider(these, share, simulated)
    enough = essays >= FEWEST_ESSAYS and np.isfinite(over_essays)
    like = share_interval(share, over_essays, OTHERS, typical=smoothed, freedom=freedom, level=level)
    like = replace(like, low=min(like.low, these.low), high=max(like.high, these.high))
    return TwoReadings(
        these_pairs=replace(these, resamples=len(again), seed=again.seed),
        like_these=like if enough else None,
        error_again=float(np.sqrt(over_reruns)),
        error_essays=float(np.sqrt(over_essays)) if enough else None,
    )


def _no_wider(interval: IntervalResult, share: float, simulated: FloatArray) -> IntervalResult:
    """The interval as far as single reruns reach: Wilson's takes a share of 0 for as uncertain as its trials are few.

    It is cut only where it leaves 99 of 100 reruns, and what lies as far from this run as they from their middle.
    """
    low, middle, high = np.quantile(simulated, [0.005, 0.5, 0.995])
    least, most = min(low, share - (middle - low)), max(high, share + (high - middle))
    return replace(interval, low=max(interval.low, float(least)), high=min(interval.high, float(most)))


def _scaled(found: TwoReadings, to: Callable[[float], float], unit: float) -> TwoReadings:
    def moved(interval: IntervalResult | None) -> IntervalResult | None:
        if interval is None:
            return None
        low, high = sorted((to(interval.low), to(interval.high)))
        return replace(interval, low=low, high=high)

    these = moved(found.these_pairs)
    assert these is not None  # noqa: S101 - it had an interval
    return TwoReadings(
        these,
        moved(found.like_these),
        found.error_again * unit,
        None if found.error_essays is None else found.error_essays * unit,
    )
