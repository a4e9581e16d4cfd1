"""Exchange of what two variants said: how large a difference would be if they were one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np

from eng5.stats.comparisons import BoolArray, FloatArray, IntArray

ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Arrangements:
    """Which run's verdicts stand in the place of which.

    Attributes:
        places: shape (b, runs, units).
        enumerated: these are all that there are.
    """

    places: IntArray
    enumerated: bool

    def p_value(self, exchanged: FloatArray, observed: float, tail: float = 1.0) -> float:
        """Share of the exchanges, shape (b,), with a difference at least as large as the observed one.

        Where there is none among random ones, ``tail`` says how far beyond them the observed one lies: a family of
        many tests asks for smaller p-values than there are exchanges.
        """
        return _share(exchanged, observed, enumerated=self.enumerated, tail=tail)


def arrangements(runs: int, units: int, resamples: int, seed: int) -> Arrangements:
    """All exchanges of two runs over some units where there are at most ``resamples``, else random ones."""
    if runs == 2 and 2**units <= resamples:
        swapped = _patterns(units)[:, None, :]
        both = np.concatenate([swapped, ~swapped], axis=1)
        return Arrangements(both.astype(np.int64), enumerated=True)
    drawn = np.random.default_rng(seed).random((resamples, runs, units)).argsort(axis=1)
    return Arrangements(drawn, enumerated=False)


def exchange_essays(
    one: FloatArray,
    other: FloatArray,
    figure: Callable[[FloatArray], FloatArray],
    *,
    tail: float = 1.0,
    resamples: int = 1000,
    seed: int = 0,
) -> float:
    """Two-sided p-value that two judges are equally good, whatever their opinions about single essays.

    What a judge thinks of an essay beyond its grade is drawn with the essay. If two judges draw it alike, the
    standardised scores of any essay could as well have come the other way round; the p-value is the share of
    such exchanges whose difference of the figure is at least as large. Scores of every run of one judge are
    exchanged with those of every run of the other. The result holds for judges of different spread, whose
    scores are comparable once they are standardised.

    Args:
        one: shape (k, n), scores of each run of one judge.
        other: shape (l, n), of the other.
        figure: from scores, shape (b, n), to a number each, shape (b,).
        tail: p-value of a difference that no exchange but the observed one reaches.
        resamples: random exchanges where there are more than that to enumerate.
        seed: seed of the random exchanges.
    """
    n = one.shape[1]
    # Exchanging all essays turns the difference round, so half of the patterns say everything.
    enumerated = 2 ** (n - 1) <= max(resamples, 2048)
    swap = _patterns(n)[: 2 ** (n - 1)] if enumerated else _random(n, resamples, seed)
    left, right = _standardised(one), _standardised(other)
    exchanged, observed = np.zeros(len(swap)), 0.0
    for a, b in product(left, right):
        exchanged += figure(np.where(swap, a, b)) - figure(np.where(swap, b, a))
        observed += float((figure(b[None]) - figure(a[None]))[0])
    return _share(exchanged, observed, enumerated=enumerated, tail=tail)


def _share(exchanged: FloatArray, observed: float, *, enumerated: bool, tail: float) -> float:
    as_large = int(np.sum(np.abs(exchanged) >= abs(observed) - ROUNDING))
    if enumerated:
        return as_large / len(exchanged) if as_large > 1 else min(1 / len(exchanged), tail)
    return (as_large + 1) / (len(exchanged) + 1) if as_large else min(1 / (len(exchanged) + 1), tail)


def _standardised(scores: FloatArray) -> FloatArray:
    spread = scores.std(axis=1, keepdims=True)
    centred = scores - scores.mean(axis=1, keepdims=True)
    return np.asarray(np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 0))


def _patterns(units: int) -> BoolArray:
    """Shape (2^units, units)."""
    return np.asarray((np.arange(2**units)[:, None] >> np.arange(units)) & 1 == 1)


def _random(units: int, resamples: int, seed: int) -> BoolArray:
    return np.random.default_rng(seed).random((resamples, units)) < 0.5
