"""How often the 95 % intervals of a boundary test hold the truth, and what sequential stopping saves.

    python benchmarks/coverage_boundary.py [--runs 2000] [--seed 0] [--tests 200]

Every scenario simulates a judge of known win rate, position bias, tie and failure rates, and asks the
same statistics as a report. The first rows draw the win rate from 0.5 ... 0.95 and the position bias from
-0.3 ... 0.3 anew in each run; there the "nominal" intervals must cover 93 to 97 %, or the exit code is 1.
The other rows hold one truth fixed. A count takes few values, so at a fixed truth the coverage of any
interval jumps about its mean; no interval may fall below 92 % there. Two intervals are too wide by
construction and are shown beside the nominal ones, never below 93 %:

- Wilson's interval of the raw win rate, and the exact interval of the A-position rate, take all decided
  comparisons as one binomial sample. Rates that differ between the orders or the pairs vary less.
- The exact (Clopper-Pearson) interval covers at least 95 % at every rate, hence more on average.

The last table is of grades that are alike in the population, with judges of many kinds: each has opinions about
essays and pairs, so on the pairs in hand it does prefer one side, and a verdict *on these pairs* is right to say so.
A verdict *for other essays* is false. At most 5 % may be, by more than the error of the simulation. Beside it stands
how often grades that are apart are found. What is found is kept in benchmarks/results/coverage_boundary.jsonl.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

import numpy as np
from judge_kinds import save  # type: ignore[import-not-found]
from scipy.special import expit

from eng5.stats import sequential
from eng5.stats.boundary import Discrimination, analyse
from eng5.stats.comparisons import FloatArray, IntArray
from eng5.stats.interval import IntervalResult
from eng5.stats.repeats import PairOutcome, Repeats
from eng5.stats.win_rate import wilson

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
class Alike:
    """A judge to whom two grades are alike in the population, or apart by some logits.

    Attributes:
        name: shown in the table.
        essay: standard deviation of its opinions about essays, logits.
        pair: of its opinions about pairs.
        position: advantage of Essay A, logits.
        certain: probability of the verdict that it leans to; None lets chance decide by the logit.
        apart: logits between the grades.
    """

    name: str
    essay: float = 0.0
    pair: float = 0.0
    position: float = 0.0
    certain: float | None = None
    apart: float = 0.0

    def first_wins(self, higher: IntArray, lower: IntArray, rng: np.random.Generator) -> FloatArray:
        """Shape (p, 2): chance of the higher grade where it is shown first, and where second."""
        opinion = rng.normal(0, self.essay, int(lower.max()) + 1)
        logit = self.apart + opinion[higher] - opinion[lower] + rng.normal(0, self.pair, len(higher))
        if self.certain is not None:
            return np.repeat(np.where(logit > 0, self.certain, 1 - self.certain)[:, None], 2, axis=1)
        return np.column_stack([expit(logit + self.position), expit(logit - self.position)])


JUDGES = (
    Alike("coin, plain, flat below"),
    Alike("opinions of essays, sd 1.5", essay=1.5),
    Alike("quirky (pairs sd 1)", pair=1.0),
    Alike("quirky (pairs sd 1.5)", pair=1.5),
    Alike("quirky (pairs sd 2)", pair=2.0),
    Alike("quirky (pairs sd 3)", pair=3.0),
    Alike("deterministic, opinions of pairs", pair=1.0, certain=1.0),
    Alike("deterministic, length threshold", essay=1.0, certain=1.0),
    Alike("near-deterministic (97 %)", essay=1.0, pair=1.0, certain=0.97),
    Alike("position-biased (η 1)", essay=0.75, position=1.0),
    Alike("position-biased (η 2)", essay=0.75, position=2.0),
    Alike("position-biased (η 3)", essay=0.75, position=3.0),
    Alike("apart by 1.5 logits, pairs sd 0.5", pair=0.5, apart=1.5),
    Alike("apart by 1.5 logits, essays sd 0.5", essay=0.5, apart=1.5),
    Alike("reversed by 1.5 logits, pairs sd 0.5", pair=0.5, apart=-1.5),
)
DESIGNS = ((2, 2), (4, 4), (6, 6))
ITERATIONS = 10
ALLOWED = 0.05


def verdicts(judge: Alike, design: tuple[int, int], tests: int, seed: int) -> tuple[float, float]:
    """Share of boundary tests with a verdict on these pairs, and for other essays."""
    rng = np.random.default_rng(seed)
    one, other = np.divmod(np.arange(design[0] * design[1]), design[1])
    other = design[0] + other
    pairs = len(one)
    pair = np.tile(np.repeat(np.arange(pairs), 2), ITERATIONS)
    higher_first = np.tile([True, False], pairs * ITERATIONS)
    found = [0, 0]
    for _ in range(tests):
        chance = judge.first_wins(one, other, rng)[pair, np.where(higher_first, 0, 1)]
        outcome = np.where(rng.random(len(pair)) < chance, PairOutcome.HIGHER, PairOutcome.LOWER)
        repeats = Repeats(pair, higher_first, outcome, np.full(len(pair), np.nan))
        (seen,) = analyse(repeats, [0] * pairs, essays=(one, other)).boundaries
        told = {Discrimination.SHOWN, Discrimination.REVERSED}
        found[0] += seen.discrimination in told
        found[1] += seen.essays_discrimination in told
    return found[0] / tests, found[1] / tests


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
    outcome = np.where(rng.random(len(pair)) < chance, PairOutcome.HIGHER, PairOutcome.LOWER)
    fate = rng.random(len(pair))
    outcome[fate < scenario.ties + scenario.failures] = PairOutcome.TIE
    outcome[fate < scenario.failures] = PairOutcome.FAILED
    confidence = rng.choice(np.arange(1.0, 6.0), size=len(pair), p=CONFIDENCE)
    return Run(Repeats(pair, higher_first, outcome, confidence), float(rates.mean()), 0.5 + bias)


def coverage(scenario: Scenario, runs: int, seed: int) -> dict[str, float]:
    """Share of the runs in which each interval of the overall statistics held its truth."""
    rng = np.random.default_rng(seed)
    covered = dict.fromkeys(NOMINAL + CONSERVATIVE, 0)
    for _ in range(runs):
        run = simulate(scenario, rng)
        overall = analyse(run.repeats, [0] * len(scenario.pairs)).overall
        checks: dict[str, tuple[IntervalResult | None, float]] = {
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
    parser.add_argument("--tests", type=int, default=200)
    options = parser.parse_args()
    failed = False
    kept: list[dict[str, object]] = []

    print(f"Coverage of 95 % intervals, {options.runs} runs a row (* outside {LOW:.0%} to {HIGH:.0%})\n")
    print("| judge | " + " | ".join(NOMINAL + CONSERVATIVE) + " |")
    print("|---|" + "---:|" * len(NOMINAL + CONSERVATIVE))
    for scenario in SCENARIOS:
        covered = coverage(scenario, options.runs, options.seed)
        failed |= any(covered[name] < (LOW if scenario.drawn else FLOOR) for name in covered)
        failed |= scenario.drawn and any(covered[name] > HIGH for name in NOMINAL)
        kept += [
            {"judge": scenario.name, "reading": "these pairs", "figure": name, "measure": "coverage"}
            | {"value": value, "runs": options.runs, "allowed": None}
            for name, value in covered.items()
        ]
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

    print(f"\nTold apart or reversed, {ITERATIONS} iterations in both orders, {options.tests} tests a row\n")
    print("| judge | essays | on these pairs | for other essays |")
    print("|---|---:|---:|---:|")
    for judge in JUDGES:
        for design in DESIGNS:
            pairs, essays = verdicts(judge, design, options.tests, options.seed)
            bounds = wilson(round(essays * options.tests), options.tests)
            held = judge.apart != 0 or (bounds is not None and bounds.low <= ALLOWED)
            failed |= not held
            size = f"{design[0]} × {design[1]}"
            measure = "power" if judge.apart else "false verdicts"
            for reading, value in (("these pairs", pairs), ("other essays", essays)):
                said = "verdicts" if reading == "these pairs" and not judge.apart else measure
                kept.append(
                    {"judge": judge.name, "essays": size, "reading": reading, "figure": "boundary"}
                    | {"measure": said, "value": value, "runs": options.tests}
                    | {"allowed": ALLOWED if said == "false verdicts" else None}
                )
            print(f"| {judge.name} | {size} | {pairs:.1%} | {essays:.1%}{'' if held else ' *'} |", flush=True)
    save("coverage_boundary", kept)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
