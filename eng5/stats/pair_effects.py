"""A judge's opinions about single pairs: how far repeats of a question are repeats of an answer.

    P(i beats j, i shown first) = σ(θ_i - θ_j + γ_ij + η),   γ_ij = -γ_ji ~ N(0, σ_γ²)

The effect γ belongs to the pair, in either order. At σ_γ = 0 every verdict is a fresh draw; as σ_γ grows the
judge says about a pair what it said before, and at infinity it always does (a judge at temperature 0). One
verdict a pair fits any σ_γ equally well, so σ_γ is known only from pairs that were asked at least twice, in
either order (Böckenholt 2001, Psychometrika 66:269-291; Cattelan 2012, Statist. Sci. 27:412-433).

Abilities are kept on the scale on which one verdict on a new pair follows σ(θ_i - θ_j + η), whatever σ_γ:

    P = σ(c (θ_i - θ_j + δ_ij ± η)),   δ ~ N(0, (1 - c⁻²) / k²),   c = √(1 + k² σ_γ²),   k = 16 √3 / (15 π)

(the logistic-normal approximation of Zeger, Liang and Albert 1988, Biometrics 44:1049-1060), so that one fit
of abilities serves every σ_γ; a small share of slips λ makes it λ + (1 - 2 λ) P. δ is integrated out on a
grid, and as a function of θ_i - θ_j it is worked out once for all pairs of the same record.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit, ndtr

from eng5.stats.comparisons import FloatArray, IntArray
from eng5.stats.pair_table import PairTable

SD = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.5, 7.0, 12.0, 25.0, 100.0, 3.0, 4.5, 7.0, 12.0, 25.0, 100.0])
"""Grid of σ_γ, logits; 100 stands for a judge that always repeats itself."""
LAPSE = np.where(np.arange(len(SD)) < 11, 0.0, 0.03)
"""Beside each σ_γ the share λ of verdicts that come out the other way by accident, whatever the essays: a judge
that repeats itself but for a slip now and then has no doubts about the pair on which it slipped."""
PRIOR = np.where(LAPSE > 0, 0.5, 1.0) * np.where(SD < 100.0, 1.0 / (1.0 + SD / 3.0), 0.5)
"""Weight of each before the data: large opinions are less likely, but models are asked at temperature 0."""
APPROXIMATION = 16.0 * np.sqrt(3.0) / (15.0 * np.pi)
SHARPNESS = np.sqrt(1.0 + (APPROXIMATION * SD) ** 2)
"""c of each σ_γ."""
SPREAD = np.sqrt(1.0 - SHARPNESS**-2.0) / APPROXIMATION
"""Standard deviation of δ at each σ_γ."""
NODES = np.linspace(-4.0, 4.0, 34)
"""Edges of the grid of δ, in standard deviations."""
GAPS = np.linspace(-12.0, 12.0, 97)
"""Differences of ability at which a record is worked out, logits."""
FEWEST_REPEATED = 3
"""Pairs asked more than once below which σ_γ counts as unknown."""


@dataclass(frozen=True, eq=False)
class PairEffects:
    """What the repeats say about σ_γ.

    Attributes:
        table: the verdicts.
        weight: shape (len(SD),), probability of each σ_γ given the verdicts; the prior where nothing repeats.
        correlation: correlation of two verdicts on one pair beyond what the abilities explain; None
            where fewer than ``FEWEST_REPEATED`` pairs were asked twice.
    """

    table: PairTable
    weight: FloatArray
    correlation: float | None

    @property
    def known(self) -> bool:
        """Whether enough pairs were asked more than once to tell opinions from chance."""
        return self.correlation is not None

    @property
    def sd(self) -> float | None:
        """Posterior median of σ_γ, logits; None where it is not known."""
        if not self.known:
            return None
        order = np.argsort(SD, kind="stable")
        return float(SD[order][np.searchsorted(np.cumsum(self.weight[order]), 0.5)])

    @cached_property
    def information(self) -> FloatArray:
        """Shape (P,), how many fresh verdicts the r verdicts on each pair are worth: r / (1 + (r - 1) ρ).

        Where ρ is not known the verdicts on one pair count as one.
        """
        rho, r = 1.0 if self.correlation is None else self.correlation, self.table.asked
        return np.asarray(r / (1.0 + (r - 1.0) * rho))

    @property
    def effective(self) -> float:
        """Effective number of comparisons."""
        return float(self.information.sum())


class PairPosterior:
    """What is known of pairs, by their record and as a function of their difference of ability.

    Args:
        table: P pairs.
        eta: advantage of being shown first, logits.
    """

    def __init__(self, table: PairTable, eta: float) -> None:
        records, self.record = table.records
        self.eta = eta
        self._records = records
        self._by_sd: dict[int, tuple[FloatArray, FloatArray]] = {}

    def log_likelihood(self, gap: FloatArray, k: int) -> FloatArray:
        """Shape (…, P) as ``gap``, θ_i - θ_j: log-likelihood of each pair's verdicts at the k-th σ_γ."""
        return self._read(self._tables(k)[0], gap)

    def lean(self, gap: FloatArray, k: int) -> tuple[FloatArray, FloatArray]:
        """Shape (…, P) each: chance that i wins if asked again, in either order; and that it wins most askings."""
        posterior, logit = self._posterior(k)
        shift = SHARPNESS[k] * self.eta
        again = (posterior * (_chance(logit + shift, k) + _chance(logit - shift, k)) / 2.0).sum(axis=2)
        most = (posterior * ((logit > 0) + (logit == 0) / 2.0)).sum(axis=2)
        return self._read(again, gap), self._read(most, gap)

    def sample(self, gap: FloatArray, k: int, rng: np.random.Generator) -> FloatArray:
        """Shape (b, P, 2): a draw of the chance that i wins, where it is shown first and second; gap (b, P)."""
        posterior, _ = self._posterior(k)
        place = nodes(k)[0]
        nearest = np.rint((np.clip(gap, GAPS[0], GAPS[-1]) - GAPS[0]) / (GAPS[1] - GAPS[0])).astype(np.int64)
        reached = np.cumsum(posterior, axis=2).reshape(-1, len(place))
        row = self.record * len(GAPS) + nearest
        # One search in all rows at once: each row's shares lie one above those of the row before.
        level = (reached + np.arange(len(reached))[:, None]).ravel()
        chosen = np.searchsorted(level, row + rng.random(gap.shape) * reached[row, -1]) - row * len(place)
        logit = gap + place[np.clip(chosen, 0, len(place) - 1)]
        sides = np.stack([logit + self.eta, logit - self.eta], axis=-1)
        return _chance(SHARPNESS[k] * sides, k)

    def _read(self, table: FloatArray, gap: FloatArray) -> FloatArray:
        """Entries of a table, shape (A, G), at the record of each pair and its gap, linearly between."""
        step = (np.clip(gap, GAPS[0], GAPS[-1]) - GAPS[0]) / (GAPS[1] - GAPS[0])
        low = np.minimum(step.astype(np.int64), len(GAPS) - 2)
        share = step - low
        flat, place = table.ravel(), self.record * len(GAPS) + low
        return np.asarray(flat[place] * (1.0 - share) + flat[place + 1] * share)

    def _tables(self, k: int) -> tuple[FloatArray, FloatArray]:
        """Shapes (A, G) and (A, G, K): log-likelihood of each record, and by place of δ with its prior."""
        if k not in self._by_sd:
            place, weight = nodes(k)
            logit = SHARPNESS[k] * (GAPS[:, None] + place)
            total = np.zeros((len(self._records), *logit.shape))
            for order, sign in enumerate((1.0, -1.0)):
                x = logit + sign * SHARPNESS[k] * self.eta
                won, lost = self._records[:, order, 0], self._records[:, order, 1]
                total += won[:, None, None] * _log_chance(x, k) + lost[:, None, None] * _log_chance(-x, k)
            total += np.log(weight)
            top = total.max(axis=2)
            self._by_sd[k] = top + np.log(np.exp(total - top[..., None]).sum(axis=2)), total
        return self._by_sd[k]

    def _posterior(self, k: int) -> tuple[FloatArray, FloatArray]:
        """Shape (A, G, K), posterior of δ by record and gap; and the logits of i over j, shape (G, K)."""
        whole, total = self._tables(k)
        return np.exp(total - whole[..., None]), SHARPNESS[k] * (GAPS[:, None] + nodes(k)[0])


def nodes(k: int) -> tuple[FloatArray, FloatArray]:
    """Places of δ at the k-th σ_γ and their probabilities; one place, 0, where σ_γ is 0."""
    if SPREAD[k] == 0:
        return np.zeros(1), np.ones(1)
    mass = np.diff(ndtr(NODES))
    return SPREAD[k] * (NODES[:-1] + NODES[1:]) / 2.0, mass / mass.sum()


def chance(gap: FloatArray, k: int) -> FloatArray:
    """Chance of winning at θ_i - θ_j, plus or less η, for a pair without an effect of its own."""
    return _chance(SHARPNESS[k] * gap, k)


def _chance(logit: FloatArray, k: int) -> FloatArray:
    return np.asarray(LAPSE[k] + (1.0 - 2.0 * LAPSE[k]) * expit(logit))


def _log_chance(logit: FloatArray, k: int) -> FloatArray:
    return np.log(_chance(logit, k)) if LAPSE[k] else -np.logaddexp(0.0, -logit)


def pair_effects(
    table: PairTable, gap: FloatArray, eta: float, reference: FloatArray | None = None
) -> PairEffects:
    """Posterior of σ_γ over the grid ``SD``.

    Args:
        table: P pairs.
        gap: shape (b, P), θ_i - θ_j in b draws.
        eta: advantage of being shown first, logits.
        reference: shape (b,), log density from which the draws come where that is not flat: the likelihood
            of each σ_γ is then averaged over them by its ratio to that density.
    """
    again = np.flatnonzero(table.asked > 1)
    log_weight, rho = np.log(PRIOR), np.zeros(len(SD))
    if len(again):
        repeated = table.select(again)
        known, gap = PairPosterior(repeated, eta), gap[:, again]
        start = np.zeros(len(gap)) if reference is None else reference
        for k in range(len(SD)):
            each = known.log_likelihood(gap, k).sum(axis=1) - start
            log_weight[k] += np.logaddexp.reduce(each) - np.log(len(each))
            rho[k] = _correlation(gap, k)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    return PairEffects(table, weight, float(weight @ rho) if len(again) >= FEWEST_REPEATED else None)


def _correlation(gap: FloatArray, k: int) -> float:
    """Correlation of two verdicts on a pair, mean over the pairs by the variance of a verdict."""
    place, weight = nodes(k)
    p = _chance(SHARPNESS[k] * (GAPS[:, None] + place), k)
    mean = p @ weight
    between, whole = (p - mean[:, None]) ** 2 @ weight, mean * (1.0 - mean)
    return float(np.interp(gap, GAPS, between).sum() / np.interp(gap, GAPS, whole).sum())


def spread_over(weight: FloatArray, count: int, rng: np.random.Generator) -> IntArray:
    """Shape (count,): a place of the grid ``SD`` for each draw, in proportion to ``weight``, in random order."""
    chosen = np.searchsorted(np.cumsum(weight), (np.arange(count) + rng.random()) / count)
    return rng.permutation(chosen.clip(max=len(weight) - 1))
