"""Bradley-Terry scores as the CJ service computes them: iterated Luce spectral ranking, regularised.

The algorithm is that of Maystre and Grossglauser (2015), "Fast and accurate inference of Plackett-Luce
models", with the regularisation of the library ``choix`` (``ilsr_pairwise``, alpha = 0.01).
"""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ALPHA = 0.01
TOLERANCE = 1e-8
MAX_ITERATIONS = 10_000
STANDARD_ERROR_CAP = 2.0
STANDARD_ERROR_WITHOUT_PAIRS = 0.5
SATURATED_DIFFERENCE = 10.0

Scores = dict[str, float]


def scores(essay_ids: Collection[str], wins: Sequence[tuple[str, str]]) -> Scores:
    """Mean-centred log-strengths from (winner, loser) pairs, every repeat counted; no wins, all 0.

    Iterates to the stationary distribution of the Markov chain whose rate from loser to winner is
    alpha + wins / (sum of both strengths), with strengths that add up to the number of items, until the
    scores move by less than 1e-8 on average.
    """
    import numpy as np

    ids = sorted(essay_ids)
    if not wins:
        return dict.fromkeys(ids, 0.0)
    counts = _counts(ids, wins)
    strength = np.ones(len(ids))
    theta = np.zeros(len(ids))
    for _ in range(MAX_ITERATIONS):
        rates = ALPHA + counts.T / (strength[:, None] + strength[None, :])
        np.fill_diagonal(rates, 0.0)
        share = _stationary(rates)
        before, theta = theta, np.log(share) - np.mean(np.log(share))
        strength = share * len(ids)
        if np.abs(theta - before).sum() <= TOLERANCE * len(ids):
            break
    return {name: float(value) for name, value in zip(ids, theta, strict=True)}


def standard_errors(theta: Scores, wins: Sequence[tuple[str, str]], reference: str) -> Scores:
    """Standard errors from the Fisher information without the reference item, whose error is 0.

    Capped at 2.0; pairs more than 10 logits apart carry no information; without pairs, 0.5 each.
    """
    import numpy as np

    ids = sorted(theta)
    if not wins:
        return dict.fromkeys(ids, STANDARD_ERROR_WITHOUT_PAIRS)
    games = _counts(ids, wins)
    games = games + games.T
    value = np.array([theta[name] for name in ids])
    difference = value[:, None] - value[None, :]
    probability = 1 / (1 + np.exp(-np.clip(difference, -700, 700)))
    weight = np.where(np.abs(difference) > SATURATED_DIFFERENCE, 0.0, games * probability * (1 - probability))
    information = np.diag(weight.sum(axis=1)) - weight
    kept = [place for place, name in enumerate(ids) if name != reference]
    covariance = np.linalg.pinv(information[np.ix_(kept, kept)], rcond=1e-10)
    errors = dict.fromkeys(ids, 0.0)
    for place, variance in zip(kept, np.diag(covariance), strict=True):
        errors[ids[place]] = float(min(STANDARD_ERROR_CAP, np.sqrt(max(0.0, variance))))
    return errors


def _counts(ids: list[str], wins: Sequence[tuple[str, str]]) -> "NDArray[np.float64]":
    """Matrix of wins: row beats column."""
    import numpy as np

    place = {name: number for number, name in enumerate(ids)}
    counts = np.zeros((len(ids), len(ids)))
    for winner, loser in wins:
        counts[place[winner], place[loser]] += 1
    return counts


def _stationary(rates: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """The stationary distribution of a continuous-time chain with these rates from row to column."""
    import numpy as np

    generator = rates - np.diag(rates.sum(axis=1))
    system = generator.T.copy()
    system[-1, :] = 1.0
    right = np.zeros(len(rates))
    right[-1] = 1.0
    share: NDArray[np.float64] = np.maximum(np.linalg.solve(system, right), np.finfo(float).tiny)
    return share
