"""Bradley-Terry abilities of many sets of verdicts on the same comparisons."""

from __future__ import annotations

import numpy as np

from eng5.stats.bradley_terry.batch_newton import SEPARATE_LIMIT, modes
from eng5.stats.bradley_terry.design import PairDesign
from eng5.stats.bradley_terry.fit import fit
from eng5.stats.bradley_terry.jeffreys_many import place_many
from eng5.stats.bradley_terry.newton import ConvergenceError
from eng5.stats.comparisons import BoolArray, Comparisons, FloatArray, IntArray

AT_ONCE = 2_000_000
"""Numbers in the information matrices of the sets that are fitted together."""


def abilities(n: int, first: IntArray, second: IntArray, outcomes: IntArray) -> FloatArray:
    """Shape (b, n): ``fit(...).theta`` of each set of verdicts; zeros where a fit does not converge.

    The same estimates, of all sets together: a step of Newton's method takes hardly longer for a thousand small
    systems than for one. Sets that do not get there in a bounded number of steps, and those whose essays fall into
    parts that were never compared, are fitted one by one.

    Args:
        n: essays.
        first: shape (m,), the first essay of each comparison.
        second: shape (m,), the second.
        outcomes: shape (b, m), +1 where the first essay won, -1 where the second did, 0 where neither did.
    """
    found = np.zeros((len(outcomes), n))
    if not len(first) or not len(outcomes):
        return found
    met, places = np.unique([first, second], return_inverse=True)
    one, other = places.reshape(2, -1)
    ours = np.zeros((len(outcomes), len(met)))
    size = max(1, AT_ONCE // len(met) ** 2)
    for start in range(0, len(outcomes), size):
        ours[start : start + size] = _of_some(len(met), one, other, outcomes[start : start + size])
    found[:, met] = ours
    return found


def _of_some(n: int, first: IntArray, second: IntArray, outcomes: IntArray) -> FloatArray:
    swapped = first > second
    low, high = np.where(swapped, second, first), np.where(swapped, first, second)
    toward_low = np.where(swapped, -outcomes, outcomes)
    pairs, pair = np.unique(low * n + high, return_inverse=True)
    of_pair = np.asarray(pair[:, None] == np.arange(len(pairs)), dtype=np.float64)
    design = PairDesign(*np.divmod(pairs, n), position=None, size=n)
    won, lost = (toward_low > 0) @ of_pair, (toward_low < 0) @ of_pair
    theta, known = np.zeros((len(outcomes), n)), np.zeros(len(outcomes), dtype=np.bool_)
    if n <= SEPARATE_LIMIT:
        theta, known = _together(design, won, lost)
    for row in np.flatnonzero(~known):
        theta[row] = _alone(Comparisons(n, first, second, outcomes[row]))
    return theta


def _together(design: PairDesign, won: FloatArray, lost: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Abilities of b sets, shape (b, n), and which of them were found."""
    n, i, j = design.size, design.i, design.j
    reach = np.zeros((len(won), n, n), dtype=np.bool_)
    reach[:, i, j], reach[:, j, i] = won > 0, lost > 0
    one_piece: BoolArray = np.asarray(_closed(reach | reach.swapaxes(1, 2)).all(axis=(1, 2)))
    reach = _closed(reach)
    same_group = reach & reach.swapaxes(1, 2)
    inside = same_group[:, i, j]
    try:
        found = modes(
            design, won * inside, lost * inside, same_group.astype(np.float64), start=np.zeros((len(won), n))
        )
    except ConvergenceError:
        return np.zeros((len(won), n)), np.zeros(len(won), dtype=np.bool_)
    theta, known = found.point, one_piece.copy()
    separated = np.flatnonzero(one_piece & ~same_group.all(axis=(1, 2)))
    if len(separated):
        outside = ~inside[separated]
        level, placed = place_many(
            design,
            won[separated] * outside,
            lost[separated] * outside,
            theta[separated],
            same_group[separated],
        )
        theta[separated] += level
        known[separated] = placed
    return theta - theta.mean(axis=1, keepdims=True), known


def _closed(reach: BoolArray) -> BoolArray:
    """The transitive closure of b relations among n essays, shape (b, n, n)."""
    count = reach.astype(np.float32)
    count[:, np.arange(reach.shape[1]), np.arange(reach.shape[1])] = 1
    for _ in range(int(np.ceil(np.log2(max(reach.shape[1], 2))))):
        count = np.minimum(count @ count, 1)
    return count > 0


def _alone(comparisons: Comparisons) -> FloatArray:
    try:
        return fit(comparisons).theta
    except ConvergenceError:
        return np.zeros(comparisons.n)
