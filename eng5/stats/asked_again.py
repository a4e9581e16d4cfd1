"""This judge on these pairs: how far a figure moves when the same questions are asked again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eng5.stats.bradley_terry.batch_newton import modes, ridge
from eng5.stats.bradley_terry.design import PairDesign, pair_design
from eng5.stats.comparisons import BoolArray, FloatArray, IntArray, sum_by_essay
from eng5.stats.kendall import tau_b_many
from eng5.stats.pair_effects import PairEffects, PairPosterior, chance, spread_over
from eng5.stats.pair_table import PairTable
from eng5.stats.posterior import IMPORTANCE_LIMIT, Draws

CELLS = 800_000
"""Bound on reruns · pairs."""
MOST, FEWEST = 300, 40
RIDGE = 0.002
"""Precision that keeps scores finite where an essay wins or loses everything, sd 22 logits."""

Figure = Callable[[FloatArray], FloatArray]
"""Wins of i, shape (b, P, 2), to a figure, shape (b,)."""


@dataclass(frozen=True, eq=False)
class Reruns:
    """Two reruns of the same questions by each of b judges that the verdicts allow.

    The two share everything that the judge is, and differ by what it would not say twice: half the mean
    square of a figure's difference is its variance over reruns.

    Attributes:
        effects: the verdicts of the run, and how far they repeat each other.
        one: shape (b, P, 2), wins of i in the first rerun, as ``PairTable.won``.
        other: the same in the second.
        seed: seed of the generator.
        position_effect: whether scores take the advantage of the first place out, as those of the run do.
    """

    effects: PairEffects
    one: FloatArray
    other: FloatArray
    seed: int
    position_effect: bool = False

    @property
    def table(self) -> PairTable:
        """The questions."""
        return self.effects.table

    def __len__(self) -> int:
        return len(self.one)

    def both(self, figure: Figure) -> tuple[FloatArray, FloatArray]:
        """The figure in both reruns, shape (b,) each."""
        return figure(self.one), figure(self.other)

    def direct_inversions(self, grade: IntArray, in_band: BoolArray | None = None) -> Figure:
        """Pairs of different known grade in which the lower grade won more than it lost."""
        sign = _toward_j(grade, self.table)
        if in_band is not None:
            sign = sign * (in_band[self.table.i] | in_band[self.table.j])
        chosen = np.flatnonzero(sign)

        def figure(won: FloatArray) -> FloatArray:
            net = 2.0 * either_order(won[:, chosen]) - self.table.asked[chosen]
            return np.asarray((net * sign[chosen] < 0).sum(axis=1), dtype=np.float64)

        return figure

    def zero_wins(self, grade: IntArray) -> Figure:
        """Essays of known grade that were compared and won nothing."""
        compared = np.bincount(self.table.i, minlength=self.table.n) + np.bincount(
            self.table.j, minlength=self.table.n
        )
        counted = (np.asarray(grade) >= 0) & (compared > 0)
        return lambda won: np.asarray((self._wins(won)[:, counted] == 0).sum(axis=1), dtype=np.float64)

    def tau_b(self, grade: IntArray) -> Figure:
        """Kendall's tau-b of grade and score; 0 where all scores are equal."""
        return lambda won: np.nan_to_num(tau_b_many(grade, self.scores(won)))

    def win_rates(self) -> tuple[FloatArray, FloatArray]:
        """Shape (b, n) each: share of its comparisons that each essay wins, 0 without any."""
        t = self.table
        games = np.bincount(t.i, t.asked, t.n) + np.bincount(t.j, t.asked, t.n)
        return self._wins(self.one) / np.maximum(games, 1.0), self._wins(self.other) / np.maximum(games, 1.0)

    def _wins(self, won: FloatArray) -> FloatArray:
        """Shape (b, n), wins of each essay."""
        of_i = either_order(won)
        of_j = self.table.asked - of_i
        n = self.table.n
        return np.asarray(sum_by_essay(of_i, self.table.i, n) + sum_by_essay(of_j, self.table.j, n))

    @cached_property
    def _complete(self) -> bool:
        """Whether every two essays met equally often: the order of abilities is then that of wins."""
        t = self.table
        if self.position_effect and (t.games[:, 0] != t.games[:, 1]).any():
            return False
        return len(t.i) == t.n * (t.n - 1) // 2 and bool((t.asked == t.asked[0]).all())

    def scores(self, won: FloatArray) -> FloatArray:
        """Shape (b, n), scores in the order of the Bradley-Terry abilities; above 48 essays to first order."""
        if self._complete:
            return self._wins(won)
        t = self.table
        if t.n <= IMPORTANCE_LIMIT:
            shown = np.flatnonzero(t.games.T.ravel())
            first, second = np.concatenate([t.i, t.j])[shown], np.concatenate([t.j, t.i])[shown]
            place = t.n if self.position_effect else None
            by_order = PairDesign(first, second, place, t.n + self.position_effect)
            lost = t.games - won
            of_first = np.concatenate([won[:, :, 0], lost[:, :, 1]], axis=1)[:, shown]
            of_second = np.concatenate([lost[:, :, 0], won[:, :, 1]], axis=1)[:, shown]
            start = np.zeros((len(won), by_order.size))
            precision = ridge(by_order.size, RIDGE)
            fitted = modes(by_order, of_first, of_second, precision, start=start, tolerance=1e-3)
            return fitted.point[:, : t.n]
        counts = t.presentations(positions=False)
        design = pair_design(counts, t.n, position=False)
        at = modes(design, counts.won, counts.lost, ridge(t.n, RIDGE), start=np.zeros((1, t.n)))
        moved = either_order(won) - t.won.sum(axis=1)
        score = sum_by_essay(moved, t.i, t.n) - sum_by_essay(moved, t.j, t.n)
        return np.asarray(at.point[0] + np.linalg.solve(at.hessian_of(0), score.T).T)


def either_order(won: FloatArray) -> FloatArray:
    """Shape (b, P): wins of i in both orders; a sum over an axis of two would take most of the time."""
    return np.asarray(won[..., 0] + won[..., 1])


def reruns(draws: Draws, *, position_effect: bool = False, seed: int = 0) -> Reruns:
    """Draw them: a judge from the posterior, its opinion of every pair given its verdicts, then verdicts.

    Where no pair was asked twice every verdict is taken as a fresh draw, the reading that varies most. The
    number b falls with the number of pairs, from 300 to 40; the standard error of a variance so estimated is
    √(2 / b) of it, 8 to 22 %. ``position_effect`` is that of the fit from which the run's scores are.
    """
    effects = draws.effects
    if effects is None:
        raise ValueError("reruns need draws that come from draw(), with their pair effects")
    table, rng = effects.table, np.random.default_rng(seed)
    b = int(np.clip(CELLS // max(1, len(table.i)), FEWEST, MOST))
    chosen = rng.choice(len(draws.theta), b, replace=len(draws.theta) < b)
    gap = draws.theta[chosen][:, table.i] - draws.theta[chosen][:, table.j]
    kind = spread_over(effects.weight, b, rng) if effects.known else np.zeros(b, dtype=np.int64)
    known = PairPosterior(table, float(draws.eta.mean()) if draws.position_effect else 0.0)
    p = np.empty((b, len(table.i), 2))
    for k in np.unique(kind):
        p[kind == k] = known.sample(gap[kind == k], int(k), rng)
    games = table.games.astype(np.int64)
    one, other = (rng.binomial(games, p).astype(np.float64) for _ in range(2))
    return Reruns(effects, one, other, seed, position_effect)


def in_perfect_order(draws: Draws, grade: IntArray, *, seed: int = 0) -> FloatArray:
    """Shape (b, P, 2), wins of i: runs of a judge as uncertain as this one whose scale has the grades in order.

    The abilities of each draw are dealt out anew, the highest to the highest grade; opinions about single
    pairs fall away. Essays of unknown grade keep theirs.
    """
    effects = draws.effects
    if effects is None:
        raise ValueError("reruns need draws that come from draw(), with their pair effects")
    table, rng = effects.table, np.random.default_rng([seed, 1])
    b = min(len(draws.theta), int(np.clip(CELLS // max(1, len(table.i)), FEWEST, MOST)))
    theta = draws.theta[:: len(draws.theta) // b][:b].copy()
    known = np.flatnonzero(np.asarray(grade) >= 0)
    by_grade = known[np.argsort(np.asarray(grade)[known], kind="stable")]
    theta[:, by_grade] = np.sort(theta[:, known], axis=1)
    gap = theta[:, table.i] - theta[:, table.j]
    kind = spread_over(effects.weight, b, rng) if effects.known else np.zeros(b, dtype=np.int64)
    eta = float(draws.eta.mean()) if draws.position_effect else 0.0
    p = np.stack(
        [chance(np.stack([g + eta, g - eta], axis=-1), int(k)) for g, k in zip(gap, kind, strict=True)]
    )
    return rng.binomial(table.games.astype(np.int64), p).astype(np.float64)


def _toward_j(grade: IntArray, table: PairTable) -> FloatArray:
    """Shape (P,): +1 where i has the higher grade, -1 where j has, 0 where equal or unknown."""
    one, other = np.asarray(grade)[table.i], np.asarray(grade)[table.j]
    return np.where((one >= 0) & (other >= 0), np.sign(one - other), 0).astype(np.float64)
