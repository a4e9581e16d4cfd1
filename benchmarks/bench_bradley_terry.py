"""Bradley-Terry side by side with choix: time and peak memory of each case, in a process of its own.

    python benchmarks/bench_bradley_terry.py [--repeats 7]

The machine's other work disturbs all alike, since the two libraries take turns; one core, the best of the
repeats counts. Peak memory is what the process grew by beyond its imports and the data. choix computes no
standard errors, and refits one data set at a time. The exit code is 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import choix
import numpy as np

from eng5.stats.bootstrap import bootstrap
from eng5.stats.bradley_terry.fit import fit
from eng5.stats.comparisons import Comparisons

Pairs = list[tuple[int, int]]


@dataclass(frozen=True)
class Case:
    """What is run on which data; the goal in milliseconds, None for a comparison or for information."""

    name: str
    essays: int
    comparisons: int
    library: str
    goal: float | None


CASES = [
    Case("fit + standard errors", 12, 240, "eng5", 0.5),
    Case("fit", 12, 240, "choix ilsr", None),
    Case("fit", 12, 240, "choix opt", None),
    Case("1 000 bootstrap refits", 12, 240, "eng5", 40),
    Case("1 000 bootstrap refits", 12, 240, "choix ilsr", None),
    Case("fit", 1_000, 20_000, "eng5", 30),
    Case("fit + standard errors", 1_000, 20_000, "eng5", None),
    Case("fit", 1_000, 20_000, "choix ilsr", None),
    Case("fit", 2_000, 200_000, "eng5", 225),
    Case("fit + standard errors", 2_000, 200_000, "eng5", None),
    Case("fit", 2_000, 200_000, "choix ilsr", None),
]


def data(case: Case) -> Comparisons:
    """Random pairs of essays with abilities of standard deviation 1."""
    rng = np.random.default_rng(0)
    theta = rng.normal(size=case.essays)
    first = rng.integers(0, case.essays, case.comparisons)
    second = (first + rng.integers(1, case.essays, case.comparisons)) % case.essays
    chance = 1 / (1 + np.exp(-(theta[first] - theta[second])))
    return Comparisons(case.essays, first, second, np.where(rng.random(case.comparisons) < chance, 1, -1))


def job(case: Case) -> Callable[[], object]:
    """What is timed, as a fresh object each time, so that nothing is remembered from the last."""
    made = data(case)
    pairs: Pairs = list(zip(made.winner.tolist(), made.loser.tolist(), strict=True))

    def again() -> Comparisons:
        return Comparisons(made.n, made.first, made.second, made.outcome)

    def refits_one_by_one() -> None:
        rng = np.random.default_rng(0)
        for _ in range(1_000):
            drawn = rng.integers(0, len(pairs), len(pairs))
            choix.ilsr_pairwise(made.n, [pairs[k] for k in drawn], alpha=0.01)

    if "refits" in case.name:
        return (lambda: bootstrap(again(), resamples=1_000)) if case.library == "eng5" else refits_one_by_one
    if case.library == "choix ilsr":
        return lambda: choix.ilsr_pairwise(made.n, pairs, alpha=0.01)
    if case.library == "choix opt":
        return lambda: choix.opt_pairwise(made.n, pairs, alpha=0.01)
    return (lambda: fit(again()).standard_error) if "errors" in case.name else (lambda: fit(again()))


def measure(case: Case, repeats: int) -> tuple[float, float]:
    """Best time in milliseconds, and growth of peak memory in megabytes."""
    run = job(case)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    run()
    best = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    inner = max(1, int(0.05 / best))
    for _ in range(repeats if best < 3 else 1):
        began = time.perf_counter()
        for _ in range(inner):
            run()
        best = min(best, (time.perf_counter() - began) / inner)
    return best * 1e3, (after - before) / 1024


def main() -> int:
    """Print the table; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=7)
    repeats = parser.parse_args().repeats
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    print(f"{'case':24} {'essays':>6} {'comparisons':>11}  {'library':10} {'ms':>9} {'MB':>6}  goal, ms")
    missed = False
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for case in CASES:
            milliseconds, megabytes = pool.apply(measure, (case, repeats))
            missed |= case.goal is not None and milliseconds > case.goal
            goal = (
                "" if case.goal is None else f"{case.goal:g}{'' if milliseconds <= case.goal else ' MISSED'}"
            )
            print(
                f"{case.name:24} {case.essays:6} {case.comparisons:11,}  {case.library:10} "
                f"{milliseconds:9.2f} {megabytes:6.1f}  {goal}",
                flush=True,
            )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
