"""How much of the spread of scores is not noise, and what a coin would have scored."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from eng5.stats.bradley_terry.batch_newton import modes
from eng5.stats.bradley_terry.design import PairDesign, pair_design
from eng5.stats.bradley_terry.fit import BradleyTerryFit
from eng5.stats.bradley_terry.likelihood import aggregate
from eng5.stats.comparisons import Comparisons, FloatArray, IntArray
from eng5.stats.interval import Interval
from eng5.stats.posterior import Draws

RIDGE = 0.02
"""Precision that keeps refits finite where an essay wins or loses everything: sd 7 logits."""
SINGULAR = 1e-9
"""Precision that keeps the information of extreme draws invertible."""
HALF_RIDGE = 0.25
"""The same for half the comparisons, sd 2 logits: an essay that won all of a half stays on the scale."""
MATRIX_BUDGET = 5e9
"""Bound on draws · essays³, so that many essays take fewer draws."""
SIGNIFICANCE = 0.05


@dataclass(frozen=True, slots=True)
class CoinFlip:
    """Scale separation of a judge that tosses a coin for every comparison that was decided.

    Attributes:
        mean: mean over resamples.
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
class SplitHalf:
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
class Reliability:
    """Reliability of the scores of one run.

    Attributes:
        ssr: scale separation reliability, 1 - error variance / observed variance; may be negative;
            None when all scores are equal.
        separation: true standard deviation over root mean square error, √(SSR / (1 - SSR)), 0 for a
            negative SSR.
        ssr_interval: interval of the SSR that the true abilities have on these comparisons.
        separation_interval: the same interval in terms of separation.
        coin_flip: what a coin scores on the same comparisons.
        essays: essays that entered, those of the component that outnumbers every other.
    """

    ssr: float | None
    separation: float | None
    ssr_interval: Interval
    separation_interval: Interval
    coin_flip: CoinFlip
    essays: int

    @property
    def reliable(self) -> bool:
        """Whether the scores are more reliable than those of a coin, at 5 %."""
        return self.coin_flip.exceeded


def reliability(
    fit: BradleyTerryFit,
    draws: Draws,
    *,
    level: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> Reliability | None:
    """Scale separation reliability with its interval and its null.

    SSR = 1 - E / S², S² the variance of the scores and E the trace of their covariance, both over n - 1,
    so that SSR is 0 on average when abilities are equal (Wright & Masters 1982, Rating Scale Analysis).
    The interval is for V / (V + E) with V the variance of the true abilities and E at them; it reaches
    down to 0 when the judge cannot be told from a coin. The coin is fair, keeps the pairs, positions and
    ties, and is scored by the same ridge fit as the judge.

    Args:
        fit: its position effect, if any, is part of every refit.
        draws: abilities.
        level: nominal coverage of the intervals.
        resamples: tosses of the whole set of comparisons.
        seed: seed of the generator.

    Returns:
        None when no component outnumbers every other, for there is then no common scale.
    """
    essays = np.asarray(fit.reference, dtype=np.int64)
    if len(essays) < 2:
        return None
    error = float(np.trace(fit.covariance[np.ix_(essays, essays)])) / (len(essays) - 1)
    observed = float(fit.theta[essays].var(ddof=1))
    ssr = 1.0 - error / observed if observed > 1e-12 else None
    coin_flip = _coin_flip(fit, essays, resamples, seed)
    true = draws.interval(true_ssr(fit, draws), level)
    if not coin_flip.exceeded:
        true = replace(true, low=0.0)
    return Reliability(
        ssr=ssr,
        separation=None if ssr is None else _separation(ssr),
        ssr_interval=true,
        separation_interval=Interval(
            _separation(true.low), _separation(true.high), level, true.method, true.resamples, true.seed
        ),
        coin_flip=coin_flip,
        essays=len(essays),
    )


def true_ssr(fit: BradleyTerryFit, draws: Draws) -> FloatArray:
    """Shape (b,): SSR of the abilities of each draw on the comparisons of ``fit``.

    With many essays only the first draws are used, at least 50.
    """
    essays = np.asarray(fit.reference, dtype=np.int64)
    n = len(essays)
    b = min(len(draws.theta), max(50, int(MATRIX_BUDGET / n**3)))
    design, games, _ = _among(fit, essays)
    theta = draws.theta[:b][:, essays]
    x = theta if fit.eta is None else np.hstack([theta, draws.eta[:b, None]])
    e = np.exp(-np.abs(design.logits(x)))
    error = _trace(design, games * e / (1.0 + e) ** 2, n, SINGULAR) / (n - 1)
    variance = theta.var(axis=1, ddof=1)
    return np.asarray(variance / (variance + error))


def split_half(
    comparisons: Comparisons, *, position_effect: bool = False, resamples: int = 200, seed: int = 0
) -> SplitHalf | None:
    """Score random halves of the decided comparisons apart and correlate; None below two comparisons."""
    counts = aggregate(comparisons, positions=position_effect, ties=False)
    cells = np.concatenate([counts.won, counts.lost]).astype(np.int64)
    total = int(cells.sum())
    if total < 2:
        return None
    rng = np.random.default_rng(seed)
    half = rng.multivariate_hypergeometric(cells, total // 2, size=resamples, method="marginals")
    both = np.concatenate([half, cells - half]).astype(np.float64)
    design = pair_design(counts, comparisons.n, position=position_effect)
    q, pairs = design.size, len(counts.i)
    fitted = modes(
        design, both[:, :pairs], both[:, pairs:], np.eye(q) * HALF_RIDGE, start=np.zeros((len(both), q))
    )
    score = fitted.point[:, : comparisons.n]
    score = score - score.mean(axis=1, keepdims=True)
    a, b = score[:resamples], score[resamples:]
    scale = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    correlation = (a * b).sum(axis=1)[scale > 0] / scale[scale > 0]
    if not len(correlation):
        return None
    mean = float(correlation.mean())
    low, high = np.quantile(correlation, [0.025, 0.975])
    return SplitHalf(
        correlation=mean,
        stepped_up=2 * mean / (1 + mean) if mean > 0 else None,
        spread=(float(low), float(high)),
        resamples=resamples,
        seed=seed,
    )


def _separation(ssr: float) -> float:
    return float(np.sqrt(max(ssr, 0.0) / (1.0 - ssr)))


def _among(fit: BradleyTerryFit, essays: IntArray) -> tuple[PairDesign, FloatArray, FloatArray]:
    """Design, decided games (P,) and games won by the first (P,) of the pairs among ``essays``."""
    counts = fit.counts.select(np.isin(fit.counts.i, essays))
    n, position = len(essays), fit.eta is not None
    i, j = np.searchsorted(essays, counts.i), np.searchsorted(essays, counts.j)
    design = PairDesign(i, j, n if position else None, n + position)
    return design, counts.won + counts.lost, counts.won


def _trace(design: PairDesign, weight: FloatArray, n: int, ridge: float) -> FloatArray:
    """Shape (b,): trace of the covariance of the centred abilities, weight of shape (b, P)."""
    penalty = ridge * np.eye(design.size)
    penalty[:n, :n] += 1.0 / n
    inverse = np.linalg.inv(design.information(weight) + penalty)
    return np.asarray(np.trace(inverse[:, :n, :n], axis1=1, axis2=2) - 1.0 / (1.0 + ridge))


def _coin_flip(fit: BradleyTerryFit, essays: IntArray, resamples: int, seed: int) -> CoinFlip:
    design, games, judged = _among(fit, essays)
    n, rng = len(essays), np.random.default_rng(seed)
    tosses = rng.binomial(games.astype(np.int64), 0.5, (resamples, len(games)))
    won = np.concatenate([judged[None, :], tosses])
    ridge = np.eye(design.size) * RIDGE
    fitted = modes(design, won, games - won, ridge, start=np.zeros((len(won), design.size)))
    p = 1.0 / (1.0 + np.exp(-design.logits(fitted.point)))
    error = _trace(design, games * p * (1.0 - p), n, RIDGE) / (n - 1)
    observed = np.maximum(fitted.point[:, :n].var(axis=1, ddof=1), 1e-12)
    ssr = 1.0 - error / observed
    judge, coin = ssr[0], ssr[1:]
    return CoinFlip(
        mean=float(coin.mean()),
        upper=float(np.quantile(coin, 1.0 - SIGNIFICANCE)),
        p_value=float((1 + (coin >= judge).sum()) / (resamples + 1)),
        resamples=resamples,
        seed=seed,
    )
