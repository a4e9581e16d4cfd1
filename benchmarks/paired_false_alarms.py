"""How often equally good variants are called better or worse, and how often a better one is found.

    python benchmarks/paired_false_alarms.py [--runs 200] [--seed 0]

Two variants with 12 anchors are compared as `doit compare` does, in both readings, with judges of many kinds:

- *these pairs*: the same judge is asked twice. A verdict on these pairs is a false alarm.
- *other essays*: two judges of one kind, each with opinions of its own. They are equally good in the population
  of essays, so a verdict for other essays is a false alarm, though on these anchors they do differ.

Of no kind may more than 5 % be false alarms in the deciding figure, tau, by more than the error of the
simulation; otherwise the exit code is 1. The last rows are of a variant that is better in the population, and say
how often it is found. What is found is kept in benchmarks/results/paired_false_alarms.jsonl.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

import numpy as np
from judge_kinds import KINDS, Judge, judge, save  # type: ignore[import-not-found]

from eng5.stats import paired_metrics
from eng5.stats.comparisons import IntArray
from eng5.stats.matching import match
from eng5.stats.paired import PairedDifference, PairedVerdict, paired_difference
from eng5.stats.win_rate import wilson

ANCHORS = 12
LEVEL = np.arange(ANCHORS)[::-1]
METRICS = {
    "kendall_tau": paired_metrics.tau_b(LEVEL),
    "win_rate": paired_metrics.win_rate(LEVEL),
    "direct_inversions": paired_metrics.direct_inversions(LEVEL),
}
ALLOWED = 0.05
Make = Callable[[int, np.random.Generator], Judge]
BETTER: dict[str, tuple[Make, Make]] = {
    "tau about .82 → .95, opinions of essays": (
        lambda n, rng: judge(n, rng, step=0.7, essay=1.0),
        lambda n, rng: judge(n, rng, step=1.9, essay=1.0),
    ),
    "tau about .82 → .95, at 66": (
        lambda n, rng: judge(n, rng, step=0.45),
        lambda n, rng: judge(n, rng, step=1.4),
    ),
    "coin → plain": (KINDS["coin"], KINDS["plain"]),
}


def design(comparisons: int) -> tuple[IntArray, IntArray]:
    """Every pair as often as it goes, in both orders in turn."""
    first, second = np.triu_indices(ANCHORS, 1)
    parts = [(first, second), (second, first)] * (comparisons // len(first))
    return tuple(np.concatenate(side) for side in zip(*parts[: comparisons // len(first)], strict=True))  # type: ignore[return-value]


def compared(
    judges: tuple[Judge, Judge], comparisons: int, rng: np.random.Generator, seed: int
) -> dict[str, PairedDifference]:
    """One comparison of two variants, in every figure."""
    first, second = design(comparisons)
    matched = match([judges[0].ask(first, second, rng)], [judges[1].ask(first, second, rng)])
    return {
        name: paired_difference(matched, metric, resamples=199, seed=seed) for name, metric in METRICS.items()
    }


def main() -> int:
    """Print the table and keep it; 1 when equally good variants are told apart too often."""
    parser = argparse.ArgumentParser(description="False alarms and power of paired comparisons.")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rows: list[dict[str, object]] = []
    failed = False

    def row(kind: str, comparisons: int, reading: str, name: str, told: list[bool], measure: str) -> bool:
        count, runs = sum(told), len(told)
        bounds = wilson(count, runs)
        held = measure == "power" or (bounds is not None and bounds.low <= ALLOWED)
        rows.append(
            {
                "judge": kind,
                "comparisons": comparisons,
                "reading": reading,
                "figure": name,
                "measure": measure,
            }
            | {"value": count / runs, "runs": runs, "allowed": None if measure == "power" else ALLOWED}
        )
        print(
            f"| {kind} | {comparisons} | {reading} | {name} | {count / runs:.1%} |{'' if held else ' *'}",
            flush=True,
        )
        return not held

    print(f"{options.runs} runs a row, {ANCHORS} anchors; * above {ALLOWED:.0%}\n")
    print("| judges | comparisons | reading | figure | called better or worse |")
    print("|---|---:|---|---|---:|")
    for kind, make in KINDS.items():
        for comparisons in (66, 264):
            rng = np.random.default_rng(options.seed)
            same, others = [], []
            for seed in range(options.runs):
                one, other = make(ANCHORS, rng), make(ANCHORS, rng)
                same.append(compared((one, one), comparisons, rng, seed))
                others.append(compared((one, other), comparisons, rng, seed))
            for name in METRICS:
                again = [each[name].pairs.verdict is not PairedVerdict.CANNOT_TELL for each in same]
                essays = [each[name].essays.verdict is not PairedVerdict.CANNOT_TELL for each in others]
                wrong = row(kind, comparisons, "these pairs", name, again, "false verdicts")
                wrong |= row(kind, comparisons, "other essays", name, essays, "false verdicts")
                failed |= wrong and name == "kendall_tau"
    for kind, (worse, better) in BETTER.items():
        for comparisons in (66, 264):
            rng = np.random.default_rng(options.seed)
            found = [
                compared((worse(ANCHORS, rng), better(ANCHORS, rng)), comparisons, rng, seed)
                for seed in range(options.runs)
            ]
            for name in METRICS:
                pairs = [each[name].pairs.verdict is PairedVerdict.BETTER for each in found]
                essays = [each[name].essays.verdict is PairedVerdict.BETTER for each in found]
                row(kind, comparisons, "these pairs", name, pairs, "power")
                row(kind, comparisons, "other essays", name, essays, "power")
    save("paired_false_alarms", rows)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
