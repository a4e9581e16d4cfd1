"""How often the 95 % intervals of a boundary test hold the truth, and what sequential stopping saves.

    python benchmarks/coverage_boundary.py [--runs 2000] [--seed 0]

Every scenario simulates a judge of known win rate, position bias, tie and failure rates, and asks the
same statistics as a report. The first rows draw the win rate from 0.5 ... 0.95 and the position bias from
-0.3 ... 0.3 anew in each run; there the "nominal" intervals must cover 93 to 97 %, or the exit code is 1.
The other rows hold one truth fixed. A count takes few values, so at a fixed truth the coverage of any
interval jumps about its mean; no interval may fall below 92 % there. Two intervals are too wide by
construction and are shown beside the nominal ones, never below 93 %:

- Wilson's interval of the raw win rate, and the exact interval of the A-position rate, take all decided
  comparisons as one binomial sample. Rates that differ between the orders or the pairs vary less.
- The exact (Clopper-Pearson) interval covers at least 95 % at every rate, hence more on average.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

import numpy as np

from eng5.stats import sequential
from eng5.stats.boundary import analyse
from eng5.stats.interval import Interval
from eng5.stats.repeats import Outcome, Repeats

NOMINAL = ("win rate, corrected", "A-position rate, balanced", "mean confidence")
CONSERVATIVE = ("win rate, raw (Wilson)", "A-position rate (exact)")
LOW, HIGH, FLOOR = 0.93, 0.97, 0.92


@dataclass(frozen=True)
class Scenario:
    """A judge and a design.

    Attributes:
        name: shown in the table.
        pairs: win rate of the higher grade in each pair; None draws it anew in each run.
        bias: added to the win rates where the higher grade is shown first, taken off where second; None
            draws it anew in each run.
        iterations: how often each pair is asked in each order.
        ties: probability of a tie.
        failures: probability of a failure.
    """

    name: str
    pairs: tuple[float | None, ...]
    bias: float | None
    iterations: int
    ties: float = 0.03
    failures: float = 0.03

    @property
    def drawn(self) -> bool:
        """Whether the truth differs from run to run."""
        return self.bias is None


SCENARIOS = (
    Scenario("drawn, 5 iterations", (None,), None, 5),
    Scenario("drawn, 10 iterations", (None,), None, 10),
    Scenario("drawn, 10 iterations, no ties or failures", (None,), None, 10, 0.0, 0.0),
    Scenario("drawn, 15 iterations, a third fails", (None,), None, 15, 0.05, 0.3),
    Scenario("drawn, 40 iterations", (None,), None, 40),
    Scenario("drawn, three pairs, 10 iterations", (None,) * 3, None, 10),
    Scenario("rate 0.5, bias 0, 10 iterations", (0.5,), 0.0, 10),
    Scenario("rate 0.8, bias 0, 10 iterations", (0.8,), 0.0, 10),
    Scenario("rate 0.9, bias 0, 10 iterations", (0.9,), 0.0, 10),
    Scenario("rate 0.65, bias 0.15, 10 iterations", (0.65,), 0.15, 10),
    Scenario("rate 0.65, bias 0.3, 10 iterations", (0.65,), 0.3, 10),
    Scenario("rates 0.55 0.75 0.9, bias 0.05, 10 iterations", (0.55, 0.75, 0.9), 0.05, 10),
)
CONFIDENCE = np.array([0.05, 0.15, 0.35, 0.30, 0.15])
MEAN_CONFIDENCE = float(CONFIDENCE @ np.arange(1, 6))


@dataclass(frozen=True)
class Run:
    """What a simulated judge said, and the truth behind it."""

    repeats: Repeats
    rate: float
    position: float


def simulate(scenario: Scenario, rng: np.random.Generator) -> Run:
    """One run of a judge."""
    rates = np.array([rng.uniform(0.5, 0.95) if rate is None else rate for rate in scenario.pairs])
    widest = min(0.3, 1 - rates.max())
    bias = rng.uniform(-widest, widest) if scenario.bias is None else scenario.bias
    pair = np.repeat(np.arange(len(rates)), 2 * scenario.iterations)
    higher_first = np.tile([True, False], len(rates) * scenario.iterations)
    chance = rates[pair] + np.where(higher_first, bias, -bias)
    outcome = np.where(rng.random(len(pair)) < chance, Outcome.HIGHER, Outcome.LOWER)
    fate = rng.random(len(pair))
    outcome[fate < scenario.ties + scenario.failures] = Outcome.TIE
    outcome[fate < scenario.failures] = Outcome.FAILED
    confidence = rng.choice(np.arange(1.0, 6.0), size=len(pair), p=CONFIDENCE)
    return Run(Repeats(pair, higher_first, outcome, confidence), float(rates.mean()), 0.5 + bias)


def coverage(scenario: Scenario, runs: int, seed: int) -> dict[str, float]:
    """Share of the runs in which each interval of the overall statistics held its truth."""
    rng = np.random.default_rng(seed)
    covered = dict.fromkeys(NOMINAL + CONSERVATIVE, 0)
    for _ in range(runs):
        run = simulate(scenario, rng)
        overall = analyse(run.repeats, [0] * len(scenario.pairs)).overall
        checks: dict[str, tuple[Interval | None, float]] = {
            "win rate, corrected": (overall.corrected.interval, run.rate),
            "A-position rate, balanced": (overall.position.balanced.interval, run.position),
            "mean confidence": (overall.confidence.interval, MEAN_CONFIDENCE),
            "win rate, raw (Wilson)": (overall.win_rate.interval, run.rate),
            "A-position rate (exact)": (overall.position.exact, run.position),
        }
        for name, (interval, truth) in checks.items():
            covered[name] += interval is not None and truth in interval
    return {name: count / runs for name, count in covered.items()}


def stopping(rate: float, bias: float, iterations: int, runs: int, seed: int) -> tuple[float, float]:
    """Share of pairs stopped, and mean share of the planned iterations that were asked."""
    rng = np.random.default_rng(seed)
    won = rng.random((runs, 2, iterations)) < np.array([rate + bias, rate - bias])[:, None]
    decisions = [sequential.decide(*np.where(run, 1, -1).tolist()).stopped_at for run in won]
    used = [iterations if stopped is None else stopped for stopped in decisions]
    return sum(each is not None for each in decisions) / runs, float(np.mean(used)) / iterations


def main() -> int:
    """Print both tables; 1 when an interval or the error rate does not hold."""
    parser = argparse.ArgumentParser(description="Coverage of the intervals of a boundary test.")
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    failed = False

    print(f"Coverage of 95 % intervals, {options.runs} runs a row (* outside {LOW:.0%} to {HIGH:.0%})\n")
    print("| judge | " + " | ".join(NOMINAL + CONSERVATIVE) + " |")
    print("|---|" + "---:|" * len(NOMINAL + CONSERVATIVE))
    for scenario in SCENARIOS:
        covered = coverage(scenario, options.runs, options.seed)
        failed |= any(covered[name] < (LOW if scenario.drawn else FLOOR) for name in covered)
        failed |= scenario.drawn and any(covered[name] > HIGH for name in NOMINAL)
        cells = [f"{each:.1%}{'' if LOW <= each <= HIGH else ' *'}" for each in covered.values()]
        print(f"| {scenario.name} | " + " | ".join(cells) + " |", flush=True)

    print("\nSequential stopping at a stated error rate of 5 %\n")
    print("| win rate | position bias | planned iterations | stopped | iterations asked |")
    print("|---:|---:|---:|---:|---:|")
    for rate, bias in ((0.5, 0.0), (0.5, 0.3), (0.7, 0.0), (0.8, 0.0), (0.8, 0.15), (0.9, 0.0), (0.98, 0.0)):
        for iterations in (10, 40):
            stopped, used = stopping(rate, bias, iterations, options.runs, options.seed)
            failed |= rate == 0.5 and stopped > 0.05
            print(f"| {rate} | {bias} | {iterations} | {stopped:.1%} | {used:.0%} |", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
