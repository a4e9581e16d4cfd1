"""How often the 95 % intervals of an alignment hold the truth.

    python benchmarks/coverage_alignment.py [--runs 2000] [--seed 0] [--workers 2]

Twelve anchors of nine grades, 10, 20 or 40 comparisons each, are judged by simulated judges of known
ability and position bias, with ties; in many runs some anchor wins nothing. Every run asks the statistics
of a report, and every interval is held against the truth that it is for:

- tau-b: of the expert grades with the judge's true abilities;
- inversions, zero-win anchors, win rate: their mean, were the same comparisons decided again and again;
- SSR: V / (V + E) of the true abilities on these comparisons;
- η: the judge's position effect.

In the rows "drawn" each run draws a new judge: slope of ability on grade ½ … 4 logits, scatter about it
0.2 … 1.5, η of standard deviation 0.5, ties up to 15 %. There the intervals must cover 93 to 97 %, or the
exit code is 1; 2 000 runs leave a simulation error of ½ %. The other rows hold a kind of judge fixed, some
unlike anything that the model behind the intervals expects: a coin leaves 0.01 anchors without a win, just
below its interval. Beside the intervals stands one that is not used for what it is shown with: Wilson's,
too wide for a win rate against fixed opponents.

Further lines: inversions by tag and how many of them are real; how often a leave-one-out interval holds the
anchor's grade, and anchors called wrong per run; and how many judges that toss a coin are called unreliable.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from eng5.stats import inversions, zero_wins
from eng5.stats.bradley_terry.fit import fit
from eng5.stats.comparisons import Comparisons, FloatArray
from eng5.stats.expected_win_rate import expected_win_rates, win_rate_intervals
from eng5.stats.interval import Interval
from eng5.stats.kendall import tau_b_interval, tau_b_many
from eng5.stats.posterior import Draws, draw, grade_score
from eng5.stats.reliability import reliability, true_ssr
from eng5.stats.ruler import ruler
from eng5.stats.win_rate import wilson

GRADE = np.array([0, 0, 1, 2, 3, 4, 5, 6, 7, 7, 8, 8])
N = len(GRADE)
NOMINAL = ("tau-b", "inversions", "zero-win", "SSR", "η", "win rate")
OTHERS = ("win rate, Wilson",)
LOW, HIGH = 0.93, 0.97
DRAWS = 1000
RULER_EVERY = 10


@dataclass(frozen=True)
class Judge:
    """True abilities, position effect, and probability of a tie."""

    theta: FloatArray
    eta: float
    ties: float


def drawn(rng: np.random.Generator) -> Judge:
    """Anything between barely better than a coin and nearly always right."""
    theta = rng.uniform(0.5, 4) * grade_score(GRADE) + rng.uniform(0.2, 1.5) * rng.standard_normal(N)
    return Judge(theta, 0.5 * rng.standard_normal(), rng.uniform(0, 0.15))


def sharp(rng: np.random.Generator) -> Judge:
    """Nearly always right: the anchors at the bottom seldom win."""
    return Judge(4 * grade_score(GRADE) + 0.7 * rng.standard_normal(N), 0.3, 0.05)


def vague(rng: np.random.Generator) -> Judge:
    """As much scatter as slope."""
    return Judge(grade_score(GRADE) + rng.standard_normal(N), 0.3, 0.1)


def fixed(rng: np.random.Generator) -> Judge:
    """One and the same judge in every run, its abilities on no line."""
    return Judge(np.array([-2.5, -1.8, -2.0, -1.2, -0.2, -0.6, 0.1, 0.9, 0.5, 1.4, 2.6, 2.0]), 0.3, 0.1)


def misled(rng: np.random.Generator) -> Judge:
    """One anchor stands on the other side of the middle from its grade."""
    theta = 2 * grade_score(GRADE) + 0.3 * rng.standard_normal(N)
    theta[rng.integers(N)] *= -1
    return Judge(theta, 0.3, 0.1)


def coin(rng: np.random.Generator) -> Judge:
    """No preference at all; tau of equal abilities is undefined, so they differ by a hair."""
    return Judge(1e-6 * rng.standard_normal(N), 0.0, 0.0)


def biased(rng: np.random.Generator) -> Judge:
    """The place decides most close comparisons: η of 2 or 3 logits, one way or the other."""
    theta = 2 * grade_score(GRADE) + 0.5 * rng.standard_normal(N)
    return Judge(theta, float(rng.choice([-3, -2, 2, 3])), 0.05)


KINDS = (drawn, sharp, vague, fixed, misled, coin, biased)


def shown(each: int, rng: np.random.Generator) -> Iterator[tuple[int, int]]:
    """Every anchor in ``each`` comparisons: rounds of a round-robin, the order of a pair turned each time."""
    turned = rng.integers(0, 2, (N, N))
    for number in range(each):
        place = number % (N - 1)
        pairs = [(N - 1, place)]
        pairs += [((place + k) % (N - 1), (place - k) % (N - 1)) for k in range(1, N // 2)]
        for i, j in pairs:
            turned[i, j] += 1
            yield (i, j) if turned[i, j] % 2 else (j, i)


def judged(judge: Judge, each: int, rng: np.random.Generator) -> Comparisons:
    """The judge's verdicts."""
    first, second = (np.array(side) for side in zip(*shown(each, rng), strict=True))
    chance = 1 / (1 + np.exp(-(judge.theta[first] - judge.theta[second] + judge.eta)))
    outcome = np.where(rng.random(len(first)) < chance, 1, -1)
    return Comparisons(N, first, second, np.where(rng.random(len(first)) < judge.ties, 0, outcome))


@dataclass(frozen=True)
class Run:
    """What one run found.

    Attributes:
        held: statistic -> whether each of its intervals held the truth.
        width: statistic -> width of the first interval.
        tags: (tag, whether the inversion is real) -> number.
        grades: whether each leave-one-out interval held the grade.
        reliable: whether the judge was called reliable; None when there was no common scale.
        zero_win: whether an anchor won nothing.
    """

    held: dict[str, list[bool]]
    width: dict[str, float]
    tags: Counter[tuple[str, bool]]
    grades: list[bool]
    reliable: bool | None
    zero_win: bool


def run(kind: int, each: int, base: int, number: int) -> Run:
    """Simulate and ask once."""
    rng = np.random.default_rng([base, kind, each, number])
    judge = KINDS[kind](rng)
    comparisons = judged(judge, each, rng)
    draws = draw(comparisons, GRADE, position_effect=True, resamples=DRAWS, seed=number)
    truth = Draws(judge.theta[None, :], np.array([judge.eta]), True, 1.0, "truth", 0)
    fitted = fit(comparisons, position_effect=True)
    scale = reliability(fitted, draws, resamples=199, seed=number)
    tau = float(tau_b_many(GRADE, truth.theta)[0])
    intervals: dict[str, list[tuple[float, Interval | None]]] = {
        "tau-b": [(tau, tau_b_interval(GRADE, draws))],
        "inversions": [
            (
                float(inversions.expected_count(comparisons, GRADE, truth)[0]),
                inversions.count_interval(comparisons, GRADE, draws),
            )
        ],
        "zero-win": [
            (
                float(zero_wins.expected_count(comparisons, GRADE, truth)[0]),
                zero_wins.count_interval(comparisons, GRADE, draws),
            )
        ],
        "SSR": [] if scale is None else [(float(true_ssr(fitted, truth)[0]), scale.ssr_interval)],
        "η": [(judge.eta, draws.interval(draws.eta))],
    }
    rates = expected_win_rates(comparisons, truth)[0].tolist()
    decided = (comparisons.wins + comparisons.losses).tolist()
    by_wilson = [wilson(int(won), games) for won, games in zip(comparisons.wins, decided, strict=True)]
    intervals["win rate"] = list(zip(rates, win_rate_intervals(comparisons, draws), strict=True))
    intervals["win rate, Wilson"] = list(zip(rates, by_wilson, strict=True))
    found = inversions.inversions(comparisons, GRADE)
    tags = Counter(
        (one.verdict.value, bool(judge.theta[one.pair.lower] > judge.theta[one.pair.higher]))
        for one in inversions.judge_pairs(found.direct, draws)
    )
    measured = ruler(GRADE, draws) if number % RULER_EVERY == 0 else None
    return Run(
        {name: [_holds(interval, true) for true, interval in given] for name, given in intervals.items()},
        {
            name: given[0][1].high - given[0][1].low
            for name, given in intervals.items()
            if given and given[0][1]
        },
        tags,
        [] if measured is None else [not one.looks_wrong for one in measured.predictions],
        None if scale is None else scale.reliable,
        bool(((comparisons.wins == 0) & (comparisons.losses > 0)).any()),
    )


def _holds(interval: Interval | None, truth: float) -> bool:
    """Whether the interval holds the truth, rounding aside."""
    return interval is not None and interval.low - 1e-9 <= truth <= interval.high + 1e-9


def main() -> int:
    """Print coverage; 1 when a nominal interval misses 93 to 97 % for judges drawn anew."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=2000, help="runs of a row of judges drawn anew")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    missed: list[str] = []
    print(f"{'judge':6} {'each':>4} {'runs':>5}  " + "".join(f"{name:>18}" for name in NOMINAL + OTHERS))
    with multiprocessing.get_context("spawn").Pool(options.workers) as pool:
        for kind, judge in enumerate(KINDS):
            for each in (10, 20, 40):
                runs = options.runs if judge is drawn else max(1, options.runs // 10)
                one = partial(run, kind, each, options.seed)
                missed += _report(judge.__name__, each, pool.map(one, range(runs), chunksize=10))
    print("\n" + ("every interval covers 93 to 97 %" if not missed else "\n".join(missed)))
    return int(bool(missed))


def _report(judge: str, each: int, runs: list[Run]) -> list[str]:
    """Print one row with its further line; what it misses."""
    cells, missed = [], []
    for name in NOMINAL + OTHERS:
        held = [one for found in runs for one in found.held[name]]
        cover = float(np.mean(held)) if held else float("nan")
        width = float(np.mean([found.width[name] for found in runs if name in found.width] or [np.nan]))
        cells.append(f"{f'{100 * cover:.1f} ({width:.2f})':>18}")
        if judge == "drawn" and name in NOMINAL and not LOW <= cover <= HIGH:
            missed.append(f"{name} at {each} comparisons each covers {100 * cover:.1f} %")
    print(f"{judge:6} {each:4} {len(runs):5}  " + "".join(cells))
    tags: Counter[tuple[str, bool]] = Counter()
    for found in runs:
        tags.update(found.tags)
    real = ", ".join(
        f"{tag} {100 * tags[tag, True] / total:.0f} % of {total}"
        for tag in inversions.Verdict
        if (total := tags[tag, True] + tags[tag, False])
    )
    grades = [held for found in runs for held in found.grades]
    asked = sum(bool(found.grades) for found in runs)
    wrong = (
        f"{len(grades) - sum(grades)} in {asked} runs, {100 * np.mean(grades):.1f} % held" if grades else "-"
    )
    unreliable = np.mean([not found.reliable for found in runs if found.reliable is not None])
    zero = np.mean([found.zero_win for found in runs])
    print(
        f"{'':19}real inversions by tag: {real or '-'}; grades called wrong: {wrong}; "
        f"called unreliable {100 * unreliable:.1f} %; runs with a zero-win anchor {100 * zero:.0f} %",
        flush=True,
    )
    return missed


if __name__ == "__main__":
    sys.exit(main())
