"""Bradley-Terry side by side with evalica and choix, from names to abilities.

    python benchmarks/bench_bradley_terry.py [--repeats 7]

All run in one process, in one thread, and take turns; the best of the repeats counts, in time of the
processor, which other work on the machine disturbs least. Essays and winners are given as evalica wants them, by
name. Only eng5 computes standard errors; the goal is to do so in the time that evalica takes without.

"score" is how far the likelihood equations are from being solved at the result: the largest difference between
expected and observed wins of an essay. What bounds eng5: with few essays, the count of calls into numpy (about 200
of them); with many, the Cholesky factor and its inverse behind the errors, 2 n³ / 3 operations, of which the column
"errors" tells. The exit code is 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import choix
import evalica
import numpy as np

from eng5.stats.bradley_terry.fit import fit
from eng5.stats.comparisons import Comparisons, FloatArray

SIZES = [(12, 240), (200, 4_000), (1_000, 20_000), (2_000, 200_000)]
SEED = 2
"""One of those by which every essay has won and lost: else evalica ends with all scores equal."""
LONGEST = 20.0
"""Seconds in all for one size and library, after which the repeats end."""


@dataclass(frozen=True)
class Data:
    """Comparisons by name; `winners` are evalica's, `outcome` is +1 where the first won."""

    first: list[str]
    second: list[str]
    winners: list[evalica.Winner]
    outcome: list[int]


def data(essays: int, comparisons: int) -> Data:
    """Random pairs of essays with abilities of standard deviation 1."""
    rng = np.random.default_rng(SEED)
    theta = rng.normal(size=essays)
    first = rng.integers(0, essays, comparisons)
    second = (first + rng.integers(1, essays, comparisons)) % essays
    chance = 1 / (1 + np.exp(-(theta[first] - theta[second])))
    outcome = np.where(rng.random(comparisons) < chance, 1, -1).tolist()
    names = [f"student::ANCHOR_{number:05}" for number in range(essays)]
    return Data(
        [names[k] for k in first],
        [names[k] for k in second],
        [evalica.Winner.X if one > 0 else evalica.Winner.Y for one in outcome],
        outcome,
    )


def by_eng5(given: Data, *, errors: bool) -> dict[str, float]:
    names, comparisons = Comparisons.named(given.first, given.second, given.outcome)
    found = fit(comparisons)
    if errors:
        assert found.standard_error.all()
    return dict(zip(names, found.theta.tolist(), strict=True))


def by_evalica(given: Data) -> dict[str, float]:
    found = evalica.bradley_terry(given.first, given.second, given.winners).scores
    with np.errstate(divide="ignore"):
        return dict(zip(found.index, np.log(found.to_numpy()).tolist(), strict=True))


def by_choix(given: Data) -> dict[str, float]:
    names, comparisons = Comparisons.named(given.first, given.second, given.outcome)
    pairs = list(zip(comparisons.winner.tolist(), comparisons.loser.tolist(), strict=True))
    return dict(zip(names, choix.ilsr_pairwise(len(names), pairs, alpha=0.01).tolist(), strict=True))


LIBRARIES: dict[str, Callable[[Data], dict[str, float]]] = {
    "evalica": by_evalica,
    "eng5": lambda given: by_eng5(given, errors=False),
    "eng5, errors": lambda given: by_eng5(given, errors=True),
    "choix ilsr": by_choix,
}


def score(given: Data, found: dict[str, float]) -> float:
    """Largest difference between the wins that the abilities expect of an essay and its own."""
    names, comparisons = Comparisons.named(given.first, given.second, given.outcome)
    theta: FloatArray = np.array([found[name] for name in names])
    p = 1 / (1 + np.exp(theta[comparisons.second] - theta[comparisons.first]))
    missed = (comparisons.outcome > 0) - p
    total = np.bincount(comparisons.first, missed, len(names))
    total -= np.bincount(comparisons.second, missed, len(names))
    return float(np.abs(total).max())


def measure(given: Data, repeats: int) -> dict[str, tuple[float, float]]:
    """Best time in milliseconds, and score, of each library."""
    found = {name: run(given) for name, run in LIBRARIES.items()}
    best, spent = dict.fromkeys(LIBRARIES, float("inf")), dict.fromkeys(LIBRARIES, 0.0)
    for _ in range(repeats):
        for name, run in LIBRARIES.items():
            if spent[name] > LONGEST:
                continue
            began = time.thread_time()
            run(given)
            taken = time.thread_time() - began
            best[name], spent[name] = min(best[name], taken), spent[name] + taken
    return {name: (best[name] * 1e3, score(given, found[name])) for name in LIBRARIES}


def main() -> int:
    """Print the table; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--repeats", type=int, default=7, help="of the largest size; smaller ones repeat more"
    )
    repeats = parser.parse_args().repeats
    print(f"{'essays':>6} {'comparisons':>11}  {'library':14} {'ms':>9} {'of evalica':>10}  score")
    missed = False
    for essays, comparisons in SIZES:
        given = data(essays, comparisons)
        measured = measure(given, repeats * max(1, 20_000 // comparisons))
        goal = measured["evalica"][0]
        for name, (milliseconds, largest) in measured.items():
            print(
                f"{essays:6,} {comparisons:11,}  {name:14} {milliseconds:9.2f} {milliseconds / goal:10.2f}"
                f"  {largest:.0e}",
                flush=True,
            )
        missed |= measured["eng5, errors"][0] > goal
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
