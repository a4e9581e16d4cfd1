"""How much of the spread of scores is not noise, and what a coin would have scored."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import chndtr, chndtrinc, expit

from eng5.stats.bradley_terry.batch_newton import modes, ridge
from eng5.stats.bradley_terry.bias_reduced import bias_reduced
from eng5.stats.bradley_terry.design import pair_design
from eng5.stats.bradley_terry.fit import BradleyTerryFit
from eng5.stats.bradley_terry.likelihood import PairCounts, aggregate
from eng5.stats.comparisons import Comparisons, FloatArray, IntArray, sum_by_essay
from eng5.stats.interval import IntervalResult
from eng5.stats.pair_effects import PairEffects

HALF_RIDGE = 0.25
"""Precision of the fits to half the comparisons, sd 2 logits: an essay that won all of a half stays on the scale."""
HALF_CELLS, FEWEST_HALVES = 250_000, 20
"""Bound on splits · pairs, so that many pairs take fewer splits, and the fewest splits."""
SIGNIFICANCE = 0.05
FEWEST_ESSAYS = 3
"""Two essays have one difference: nothing to compare its size with."""
COIN_CELLS = 5_000_000
BIAS_LIMIT = 128
"""Essays above which scores are taken as they are: a bias-reduced fit inverts a matrix of that size many times."""


@dataclass(frozen=True, slots=True)
class CoinFlip:
    """Scale separation of a judge that prefers by the toss of a coin, and repeats itself as this one does.

    Attributes:
        mean: mean over resamples, each no less than 0.
        upper: the value that a coin exceeds in 5 % of resamples.
        p_value: share of resamples that score at least as high as the judge did.
        resamples: number of resamples.
        seed: seed of the generator.
    """

    mean: float
    upper: float
    p_value: float
    resamples: int
    seed: int

    @property
    def exceeded(self) -> bool:
        """Whether the judge is more reliable than a coin, at 5 %."""
        return self.p_value < SIGNIFICANCE


@dataclass(frozen=True, slots=True)
class SplitHalfResult:
    """Agreement of scores from two random halves of the comparisons.

    Attributes:
        correlation: mean correlation of the scores from the two halves.
        stepped_up: what it implies for all comparisons, 2r / (1 + r), Spearman-Brown; None for r <= 0.
        spread: the middle 95 % of the splits; no confidence interval.
        resamples: number of splits.
        seed: seed of the generator.
    """

    correlation: float
    stepped_up: float | None
    spread: tuple[float, float]
    resamples: int
    seed: int


@dataclass(frozen=True, slots=True)
class ReliabilityResult:
    """Reliability of the scores of one run.

    Attributes:
        ssr: scale separation reliability, 1 - error variance / observed variance, 0 where the errors outweigh
            the spread; None when all scores are equal.
        separation: true standard deviation over root mean square error, √(SSR / (1 - SSR)).
        ssr_interval: interval of the SSR that the true abilities have.
        separation_interval: the same interval in terms of separation.
        coin_flip: what a coin scores on the same comparisons.
        essays: essays that entered, those of the component that outnumbers every other.
    """

    ssr: float | None
    separation: float | None
    ssr_interval: IntervalResult
    separation_interval: IntervalResult
    coin_flip: CoinFlip
    essays: int

    @property
    def reliable(self) -> bool:
        """Whether the scores are more reliable than those of a coin, at 5 %."""
        return self.coin_flip.exceeded


def reliability(
    fit: BradleyTerryFit,
    effects: PairEffects,
    *,
    level: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> ReliabilityResult | None:
    """Scale separation reliability with its interval and its null.

    SSR = 1 - E / S², no less than 0, S² the variance of the scores and E the trace of their covariance, both over
    n - 1 (Wright & Masters 1982, Rating Scale Analysis).
    Verdicts on one pair count as far as they are fresh, so asking again what is always answered alike
    raises nothing. The interval is for V / (V + E), V the variance of the true abilities: given those,
    (n - 1) S² / E is a noncentral chi square with parameter (n - 1) V / E, whose interval is exact and
    knows nothing of grades. Scores of few comparisons are too far out, and their errors more so: S² / E is
    therefore taken as 1 + V / E with both at the scores drawn in by √SSR, which have the variance V. Where a
    strong advantage of the first place leaves verdicts little to tell, maximum likelihood is too far out even
    then, and the bias-reduced scores of `bradley_terry.bias_reduced` too far in: up to BIAS_LIMIT essays the
    interval reaches from the lower end of the one to the upper end of the other. It always takes the SSR itself in.

    The coin tosses for every pair which essay its record belongs to, so it keeps pairs, orders and repeats;
    both are scored by one Newton step from equal abilities.

    Args:
        fit: its position effect, if any, is part of the errors.
        effects: of the same comparisons.
        level: nominal coverage of the intervals.
        resamples: tosses of the whole set of comparisons.
        seed: seed of the generator.

    Returns:
        None when no component of at least three essays outnumbers every other.
    """
    essays = np.asarray(fit.reference, dtype=np.int64)
    n = len(essays)
    if n < FEWEST_ESSAYS:
        return None
    error = float(np.trace(error_covariance(fit, effects)[np.ix_(essays, essays)])) / (n - 1)
    observed = float(fit.theta[essays].var(ddof=1))
    ssr = max(0.0, 1.0 - error / observed) if observed > 1e-12 else None
    ratios = [observed / error if not ssr else _ratio(fit, effects, essays, fit.theta[essays], fit.eta)]
    if n <= BIAS_LIMIT:
        reduced, eta = bias_reduced(_among(fit, essays), n, position=fit.eta is not None)
        ratios.append(_ratio(fit, effects, essays, reduced, eta))
    low = _true_share(min(ratios), n - 1, (1 + level) / 2)
    high = _true_share(max(ratios), n - 1, (1 - level) / 2)
    if ssr is not None:
        low, high = min(low, ssr), max(high, ssr)
    method = "noncentral chi square of the spread over the error"
    return ReliabilityResult(
        ssr=ssr,
        separation=None if ssr is None else _separation(ssr),
        ssr_interval=IntervalResult(low, high, level, method),
        separation_interval=IntervalResult(_separation(low), _separation(high), level, method),
        coin_flip=_coin_flip(effects, essays, resamples, seed),
        essays=n,
    )


def _ratio(
    fit: BradleyTerryFit, effects: PairEffects, essays: IntArray, theta: FloatArray, eta: float | None
) -> float:
    """1 + V / E at these scores of ``essays``, drawn in by the root of their own SSR."""
    counts, fresh = _among(fit, essays), effects.effective / max(float(effects.table.asked.sum()), 1.0)

    def error(drawn_in: float) -> float:
        p = expit((theta[counts.i] - theta[counts.j] + (eta or 0.0)) * drawn_in)
        weight = (counts.won + counts.lost) * p * (1.0 - p) * fresh
        return float(np.trace(_inverse_laplacian(counts.i, counts.j, weight, len(essays)))) / (
            len(essays) - 1
        )

    spread = float(theta.var(ddof=1))
    ssr = max(0.0, 1.0 - error(1.0) / spread) if spread > 1e-12 else 0.0
    return 1.0 + ssr * spread / error(np.sqrt(ssr))


def _among(fit: BradleyTerryFit, essays: IntArray) -> PairCounts:
    """Comparisons of these essays, numbered in their order."""
    counts = fit.counts.select(np.isin(fit.counts.i, essays))
    i, j = np.searchsorted(essays, counts.i), np.searchsorted(essays, counts.j)
    return replace(counts, i=i, j=j)


def _inverse_laplacian(i: IntArray, j: IntArray, weight: FloatArray, n: int) -> FloatArray:
    """Shape (n, n): pseudo-inverse of the Laplacian of a connected graph with these weights of pairs."""
    one_way = np.bincount(i * n + j, weight, n * n).reshape(n, n)
    laplacian = 1.0 / n - one_way - one_way.T
    laplacian[np.arange(n), np.arange(n)] += np.bincount(i, weight, n) + np.bincount(j, weight, n)
    return np.asarray(np.linalg.inv(laplacian) - 1.0 / n)


def error_covariance(fit: BradleyTerryFit, effects: PairEffects) -> FloatArray:
    """Shape (n, n): covariance of the scores, larger than the fit's where verdicts on a pair repeat each other.

    It is for other pairs of the same abilities: what a judge thinks of a single pair counts as error.
    """
    fresh = effects.effective / max(float(effects.table.asked.sum()), 1.0)
    return np.asarray(fit.covariance / fresh)


def _true_share(ratio: float, freedom: int, probability: float) -> float:
    """V / (V + E) at which the observed S² / E lies at ``probability`` of its distribution; 0 where there is none."""
    value = ratio * freedom
    if chndtr(value, freedom, 0.0) <= probability:
        return 0.0
    found = float(chndtrinc(value, freedom, probability))
    if not np.isfinite(found):
        found = value
    return found / (found + freedom)


def split_half(
    comparisons: Comparisons, *, position_effect: bool = False, resamples: int = 200, seed: int = 0
) -> SplitHalfResult | None:
    """Score random halves of the decided comparisons apart and correlate; None below two comparisons.

    With more than 1 250 pairs fewer splits are made, from 200 down to 20: the Monte Carlo error of the mean
    correlation is its standard deviation over the splits (``spread`` is four of them wide) over √splits.
    """
    counts = aggregate(comparisons, positions=position_effect, ties=False)
    cells = np.concatenate([counts.won, counts.lost]).astype(np.int64)
    total = int(cells.sum())
    if total < 2:
        return None
    resamples = int(np.clip(HALF_CELLS // len(counts.i), min(FEWEST_HALVES, resamples), resamples))
    rng = np.random.default_rng(seed)
    half = rng.multivariate_hypergeometric(cells, total // 2, size=resamples, method="marginals")
    both = np.concatenate([half, cells - half]).astype(np.float64)
    design = pair_design(counts, comparisons.n, position=position_effect)
    pairs, precision = len(counts.i), ridge(design.size, HALF_RIDGE)
    whole = modes(
        design, counts.won / 2, counts.lost / 2, precision, start=np.zeros((1, design.size)), tolerance=0.01
    )
    start = np.repeat(whole.point, len(both), axis=0)
    score = modes(design, both[:, :pairs], both[:, pairs:], precision, start=start, tolerance=1e-4).point
    score = score[:, : comparisons.n]
    score = score - score.mean(axis=1, keepdims=True)
    a, b = score[:resamples], score[resamples:]
    scale = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    correlation = (a * b).sum(axis=1)[scale > 0] / scale[scale > 0]
    if not len(correlation):
        return None
    mean = float(correlation.mean())
    low, high = np.quantile(correlation, [0.025, 0.975])
    return SplitHalfResult(
        correlation=mean,
        stepped_up=2 * mean / (1 + mean) if mean > 0 else None,
        spread=(float(low), float(high)),
        resamples=resamples,
        seed=seed,
    )


def _separation(ssr: float) -> float:
    return float(np.sqrt(ssr / max(1.0 - ssr, 1e-12)))


def _coin_flip(effects: PairEffects, essays: IntArray, resamples: int, seed: int) -> CoinFlip:
    """One step from equal abilities: score L⁺ g, error L⁺, with L the Laplacian of a quarter of each verdict."""
    table = effects.table.select(np.flatnonzero(np.isin(effects.table.i, essays)))
    i, j, n = np.searchsorted(essays, table.i), np.searchsorted(essays, table.j), len(essays)
    fresh = effects.information[np.isin(effects.table.i, essays)] / table.asked
    net = fresh * (table.won.sum(axis=1) - table.asked / 2.0)
    inverse = _inverse_laplacian(i, j, fresh * table.asked / 4.0, n)
    error = float(np.trace(inverse)) / (n - 1)
    rng = np.random.default_rng(seed)
    resamples = int(np.clip(COIN_CELLS // max(1, len(i)), 199, resamples))
    spread = []
    step = max(1, COIN_CELLS // max(1, 4 * len(i)))
    for start in range(0, resamples + 1, step):
        rows = min(step, resamples + 1 - start)
        toss = np.where(rng.random((rows, len(i))) < 0.5, 1.0, -1.0)
        if start == 0:
            toss[0] = 1.0
        score = (sum_by_essay(toss * net, i, n) - sum_by_essay(toss * net, j, n)) @ inverse
        spread.append(score.var(axis=1, ddof=1))
    ssr = 1.0 - error / np.maximum(np.concatenate(spread), 1e-12)
    judge, coin = ssr[0], ssr[1:]
    return CoinFlip(
        mean=float(np.maximum(coin, 0.0).mean()),
        upper=max(0.0, float(np.quantile(coin, 1.0 - SIGNIFICANCE))),
        p_value=float((1 + (coin >= judge - 1e-12).sum()) / (resamples + 1)),
        resamples=resamples,
        seed=seed,
    )
