"""How often two runs of one prompt are called better or worse, and how well the paired intervals cover.

    python benchmarks/paired_false_alarms.py [--runs 1000] [--seed 0]

Every run simulates two independent round-robins of 12 anchors, 66 pairs, and compares them as `doit
compare` does. In the A/A rows both judges have the same truth, and a verdict is a false alarm. At most 5 %
are allowed for each metric over all A/A rows, and no row may lie above 5 % by more than the error of its
simulation; otherwise the exit code is 1. In the A/B rows the variant judges more sharply, and the
verdicts show the power of each metric. Coverage is of the mean difference over 20 000 simulated runs.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from eng5.stats import paired_metrics
from eng5.stats.comparisons import Comparisons, FloatArray, IntArray
from eng5.stats.paired import Verdict, match, paired_difference
from eng5.stats.paired_metrics import Metric
from eng5.stats.win_rate import wilson

ANCHORS = 12
FIRST, SECOND = np.triu_indices(ANCHORS, 1)
LEVEL = np.arange(ANCHORS)[::-1]
METRICS = (
    paired_metrics.tau_b(LEVEL),
    paired_metrics.direct_inversions(LEVEL),
    paired_metrics.zero_wins(LEVEL),
    paired_metrics.win_rate(LEVEL),
)
ALLOWED = 0.05


@dataclass(frozen=True)
class Scenario:
    """Two judges of the same anchors.

    Attributes:
        name: shown in the table.
        baseline: logits between neighbouring grades, as the baseline sees them.
        variant: the same for the variant.
        quirks: standard deviation, in logits, of what either judge sees in a single pair of essays
            beyond their quality, the same in both. With large quirks verdicts hardly vary.
        repeats: comparisons of each pair.
        ties: probability of a tie.
    """

    name: str
    baseline: float
    variant: float
    quirks: float = 0.0
    repeats: int = 1
    ties: float = 0.0


SCENARIOS = (
    Scenario("A/A", 0.35, 0.35),
    Scenario("A/A, sharp judge", 1.0, 1.0),
    Scenario("A/A, coin", 0.0, 0.0),
    Scenario("A/A, quirks", 0.35, 0.35, quirks=3.0),
    Scenario("A/A, two comparisons a pair", 0.35, 0.35, repeats=2),
    Scenario("A/B", 0.25, 0.5),
    Scenario("A/B, quirks", 0.25, 0.5, quirks=3.0),
    Scenario("A/B, two comparisons a pair", 0.25, 0.5, repeats=2),
    Scenario("A/B, four comparisons a pair", 0.25, 0.5, repeats=4),
)


def verdicts(
    scenario: Scenario, spread: float, quirk: FloatArray, size: int, rng: np.random.Generator
) -> IntArray:
    """Outcomes of ``size`` runs of a judge, shape (size, 66 · repeats)."""
    chance = np.tile(expit(spread * (SECOND - FIRST) + quirk), scenario.repeats)
    outcomes = np.where(rng.random((size, len(chance))) < chance, 1, -1)
    outcomes[rng.random(outcomes.shape) < scenario.ties] = 0
    return outcomes


def mean_difference(metric: Metric, baseline: IntArray, variant: IntArray) -> float:
    """Mean over simulated runs of the metric of the variant less that of the baseline."""
    repeats = baseline.shape[1] // len(FIRST)
    first, second = np.tile(FIRST, repeats), np.tile(SECOND, repeats)
    values = (np.nanmean(metric.evaluate(ANCHORS, first, second, each)) for each in (variant, baseline))
    return float(next(values) - next(values))


def main() -> int:
    """Print the table; 1 when runs of one prompt are told apart too often."""
    parser = argparse.ArgumentParser(description="False alarms and coverage of paired comparisons.")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    failed = False

    alarms: dict[str, list[int]] = {metric.name: [] for metric in METRICS}
    print(f"{options.runs} runs a row, 12 anchors, 66 pairs\n")
    print("| judges | metric | true difference | better | worse | coverage of the 95 % interval |")
    print("|---|---|---:|---:|---:|---:|")
    for scenario in SCENARIOS:
        rng = np.random.default_rng(options.seed)
        quirk = scenario.quirks * rng.standard_normal(len(FIRST))
        judges = scenario.baseline, scenario.variant
        many = [verdicts(scenario, spread, quirk, 20_000, rng) for spread in judges]
        runs = [verdicts(scenario, spread, quirk, options.runs, rng) for spread in judges]
        first, second = np.tile(FIRST, scenario.repeats), np.tile(SECOND, scenario.repeats)
        pairs = [
            match(*(Comparisons(ANCHORS, first, second, row) for row in rows))
            for rows in zip(*runs, strict=True)
        ]
        for metric in METRICS:
            truth = mean_difference(metric, *many)
            results = [paired_difference(each, metric, seed=seed) for seed, each in enumerate(pairs)]
            better, worse = (
                sum(each.verdict is verdict for each in results)
                for verdict in (Verdict.BETTER, Verdict.WORSE)
            )
            covered = (
                sum(each.interval is not None and truth in each.interval for each in results) / options.runs
            )
            if scenario.baseline == scenario.variant:
                alarms[metric.name].append(better + worse)
            print(
                f"| {scenario.name} | {metric.name} | {truth:+.3f} | {better / options.runs:.1%} "
                f"| {worse / options.runs:.1%} | {covered:.1%} |",
                flush=True,
            )

    print("\n| metric | false alarms over all A/A rows | highest row | held |")
    print("|---|---:|---:|---|")
    for name, counts in alarms.items():
        rate, highest = sum(counts) / (len(counts) * options.runs), wilson(max(counts), options.runs)
        held = rate <= ALLOWED and highest is not None and highest.low <= ALLOWED
        failed |= not held
        print(f"| {name} | {rate:.1%} | {max(counts) / options.runs:.1%} | {'yes' if held else 'NO'} |")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
