"""How often the intervals and tags of an alignment report are right, for judges of all kinds.

    python benchmarks/coverage_alignment.py [--runs 60] [--comparisons 66,132,264] [--seed 0] [--workers 2]

Twelve anchors of nine grades (two pairs of grades occur twice), every pair once, twice or four times in
alternating order, by each kind of `judge_kinds`. Each run draws a judge, asks it once, and holds every interval
of a report against what is expected of that judge:

- these pairs: the mean of the figure over 400 more runs of the same questions by the same judge;
- essays like these: its mean over 1 500 judges of the kind, each with its own anchors of the same grades.

Scores and scale separation are held against the abilities on the scale of one verdict on a new pair, for the
kinds that have such a scale. Grades: an anchor's own against the interval from the other anchors, and that of a
held-out essay against its conformal interval. Tags: the chance stated for a pair against how often the judge
then says so. False alarms: a rerun that raises A/B regression, a coin called reliable, a judge without position
bias called biased; powers beside them.

Writes `benchmarks/results/coverage_alignment.jsonl`, from which `coverage_page.py` makes the page of the docs.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from judge_kinds import KINDS, STEP, Judge, save  # type: ignore[import-not-found]

from eng5.stats import inversions
from eng5.stats.asked_again import Reruns, reruns
from eng5.stats.bradley_terry.fit import fit
from eng5.stats.comparisons import Comparisons, FloatArray, IntArray
from eng5.stats.conformal import grades_of_new
from eng5.stats.expected_win_rate import win_rate_intervals
from eng5.stats.interval import IntervalResult
from eng5.stats.pair_table import PairTable
from eng5.stats.posterior import draw
from eng5.stats.reliability import error_covariance, reliability
from eng5.stats.ruler import ruler
from eng5.stats.two_readings import of_count, of_tau

GRADE = np.array([8, 8, 7, 7, 6, 5, 4, 3, 2, 1, 0, 0])
N = len(GRADE)
ONE, OTHER = np.triu_indices(N, 1)
IN_BAND = GRADE >= 7
AGAIN, ELSEWHERE = 400, 1500
HIGHEST = 8
TAG_BINS = ((0.05, 0.15), (0.45, 0.55), (0.85, 0.95))
SLOPE_OF_ONE = 16 * np.sqrt(3) / (15 * np.pi)
PAIR_SD = {"quirky (pairs sd 1)": 1.0, "quirky (pairs sd 2)": 2.0, "quirky (pairs sd 3)": 3.0}
ON_THE_SCALE = ("plain", "scattered", "position-biased", "reversed", "coin", "good above")
"""Kinds whose verdicts are draws from a scale of abilities, whatever else is added."""


def questions(times: int, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Every pair ``times``, its order by chance and turned each time."""
    turned = rng.random(len(ONE)) < 0.5
    sides = [np.where(turned ^ bool(k % 2), [OTHER, ONE], [ONE, OTHER]) for k in range(times)]
    return np.concatenate([s[0] for s in sides]), np.concatenate([s[1] for s in sides])


def wins(judge: Judge, first: IntArray, second: IntArray, many: int, rng: np.random.Generator) -> FloatArray:
    """Shape (many, P, 2): runs of the same questions, as wins of the first of each pair in either order."""
    won = rng.random((many, len(first))) < judge.first_wins[first, second]
    place = np.searchsorted(ONE * N + OTHER, np.minimum(first, second) * N + np.maximum(first, second))
    total = np.zeros((many, len(ONE), 2))
    for column, pair in enumerate(place):
        swapped = int(first[column] > second[column])
        total[:, pair, swapped] += won[:, column] ^ bool(swapped)
    return total


def figures(again: Reruns, won: FloatArray) -> dict[str, float]:
    """Mean of every figure over runs of the questions of ``again``."""
    return {
        "Kendall's tau": float(again.tau_b(GRADE)(won).mean()),
        "direct inversions": float(again.direct_inversions(GRADE)(won).mean()),
        "A/B inversions": float(again.direct_inversions(GRADE, IN_BAND)(won).mean()),
    }


@dataclass
class Found:
    """Whether each statement of one run held, by (reading, figure, what), and the widths of its intervals."""

    held: dict[tuple[str, str, str], list[bool]] = field(default_factory=lambda: defaultdict(list))
    width: dict[tuple[str, str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    tags: list[tuple[float, float]] = field(default_factory=list)

    def interval(self, reading: str, figure: str, interval: IntervalResult | None, truth: float) -> None:
        """Note whether the interval holds the truth, rounding aside."""
        if interval is not None:
            key = (reading, figure, "coverage")
            self.held[key].append(interval.low - 1e-9 <= truth <= interval.high + 1e-9)
            self.width[key].append(interval.high - interval.low)

    def said(self, reading: str, figure: str, what: str, *, true: bool) -> None:
        """Note a yes or no."""
        self.held[reading, figure, what].append(true)


def run(kind: str, times: int, seed: int, elsewhere: dict[str, float], number: int) -> Found:
    """Draw a judge, ask it once, and hold the report's statements against what it would say."""
    rng = np.random.default_rng([seed, list(KINDS).index(kind), times, number])
    found = Found()
    judge = KINDS[kind](N, rng)
    first, second = questions(times, rng)
    comparisons: Comparisons = judge.ask(first, second, rng)
    draws = draw(comparisons, GRADE, position_effect=True, resamples=600, seed=number)
    biased = 0 not in draws.interval(draws.eta)
    fitted = fit(comparisons, position_effect=biased)
    again = reruns(draws, position_effect=biased, seed=number)
    truth = figures(again, wins(judge, first, second, AGAIN, rng))

    table = again.table
    sign = np.sign(GRADE[table.i] - GRADE[table.j])
    turned = ((2 * table.won.sum(axis=1) - table.asked) * sign < 0).astype(np.float64)
    banded = (sign != 0) & (IN_BAND[table.i] | IN_BAND[table.j])
    readings = {
        "Kendall's tau": of_tau(GRADE, fitted.theta, again),
        "direct inversions": of_count(GRADE, again, again.direct_inversions(GRADE), turned, sign != 0),
        "A/B inversions": of_count(
            GRADE, again, again.direct_inversions(GRADE, IN_BAND), turned, banded, of=IN_BAND
        ),
    }
    for name, both in readings.items():
        if both is not None:
            found.interval("these pairs", name, both.these_pairs, truth[name])
            found.interval("essays like these", name, both.like_these, elsewhere[name])
    rates = judge.first_wins[first, second]
    games = comparisons.wins + comparisons.losses
    expected = (np.bincount(first, rates, N) + np.bincount(second, 1 - rates, N)) / games
    for span, rate in zip(win_rate_intervals(comparisons, again), expected, strict=True):
        found.interval("these pairs", "win rate of an anchor", span, float(rate))

    _scale(kind, judge, comparisons, found, biased=biased, number=number)
    measured = ruler(GRADE, fitted.theta)
    for each in () if measured is None else measured.predictions:
        found.said("essays like these", "grade from the other anchors", "coverage", true=not each.looks_wrong)
    held_out = int(rng.integers(N))
    known = np.where(np.arange(N) == held_out, -1, GRADE)
    for new in grades_of_new(known, fitted.theta, np.array([held_out]), HIGHEST):
        inside = new.low <= GRADE[held_out] <= new.high
        found.said(
            "essays like these",
            "conformal grade of a new essay (11 anchors, 91.7 %)",
            "coverage",
            true=inside,
        )
    if kind not in ("length threshold",) and not kind.startswith("position"):
        found.said("these pairs", "position bias", "false alarm", true=biased)
    if kind.startswith("position"):
        found.said("these pairs", "position bias", "power", true=biased)
    _regression(again, turned, banded, judge, first, second, rng, found)

    pairs = inversions.inversions(comparisons, GRADE)
    chance = (judge.first_wins + 1 - judge.first_wins.T) / 2
    for one in inversions.judge_pairs((*pairs.direct, *pairs.contested), draws):
        found.tags.append((one.again, float(chance[one.pair.lower, one.pair.higher])))
    return found


def _scale(
    kind: str, judge: Judge, comparisons: Comparisons, found: Found, *, biased: bool, number: int
) -> None:
    """Scores, their separation, and the coin: the judge's scale from its chances, opinions taken out by their size."""
    draws = draw(comparisons, GRADE, position_effect=True, resamples=300, seed=number)
    assert draws.effects is not None
    fitted = fit(comparisons, position_effect=biased)
    scale = reliability(fitted, draws.effects, resamples=299, seed=number)
    if scale is not None:
        what = "false alarm" if kind == "coin" else "power"
        found.said("these pairs", "more reliable than a coin", what, true=scale.reliable)
    sd = PAIR_SD.get(kind, 0.0)
    if not (sd or kind.startswith(ON_THE_SCALE)):
        return
    if sd:
        theta = -STEP * np.arange(N) / np.sqrt(1 + (SLOPE_OF_ONE * sd) ** 2)
    else:
        p = np.clip(judge.first_wins, 1e-12, 1 - 1e-12)
        logit = np.log(p / (1 - p))
        theta = (logit - logit.T).mean(axis=1) / 2
    theta = theta - theta.mean()
    error = np.sqrt(np.diag(error_covariance(fitted, draws.effects)))
    for score, true, one in zip(fitted.theta, theta, error, strict=True):
        found.interval(
            "these essays", "score", IntervalResult(score - 1.96 * one, score + 1.96 * one, 0.95, ""), true
        )
    if scale is not None:
        away = theta[:, None] - theta[None, :]
        # The error that a fit has at the true abilities, one fresh verdict a question.
        fresh = draws.effects.effective / len(comparisons)
        eta = float(kind.split()[-1].rstrip(")")) if kind.startswith("position") else 0.0
        slope = (1 / (2 + 2 * np.cosh(away + eta)) + 1 / (2 + 2 * np.cosh(away - eta))) / 2
        weight = len(comparisons) / len(ONE) * fresh * slope
        laplacian = np.diag(weight.sum(axis=1) - np.diag(weight)) - weight + np.diag(np.diag(weight)) + 1 / N
        expected = (np.trace(np.linalg.inv(laplacian)) - 1) / (N - 1)
        spread = theta.var(ddof=1)
        found.interval("these essays", "scale separation", scale.ssr_interval, spread / (spread + expected))


def _regression(
    again: Reruns, turned: FloatArray, banded: FloatArray, judge: Judge, first: IntArray, second: IntArray,
    rng: np.random.Generator, found: Found,
) -> None:  # fmt: skip
    """Whether one more run of the same judge, as the baseline, makes this one look worse."""
    count = again.direct_inversions(GRADE, IN_BAND)
    one, other = again.both(count)
    reach = float(np.quantile(np.concatenate([one - other, other - one]), 0.975, method="higher"))
    baseline = float(count(wins(judge, first, second, 1, rng))[0])
    raised = float((turned * banded).sum()) - baseline - reach > 0
    found.said("these pairs", "A/B regression of a rerun", "false alarm", true=raised)


def _elsewhere(kind: str, times: int, seed: int) -> dict[str, float]:
    """Means over judges of the kind with anchors of their own."""
    rng = np.random.default_rng([seed, 99, list(KINDS).index(kind), times])
    won = []
    for _ in range(ELSEWHERE):
        judge = KINDS[kind](N, rng)
        first, second = questions(times, rng)
        won.append(wins(judge, first, second, 1, rng)[0])
    comparisons = Comparisons(
        N, np.tile(ONE, times), np.tile(OTHER, times), np.ones(times * len(ONE), dtype=np.int64)
    )
    table = PairTable.of(comparisons)
    blank = draw(comparisons, GRADE, resamples=200)
    assert blank.effects is not None
    everything = np.array(won)
    return figures(Reruns(blank.effects, everything, everything, 0), everything) if len(table.i) else {}


def main() -> int:
    """Simulate, print, and keep the rows."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=60, help="runs of each kind of judge and budget")
    parser.add_argument("--comparisons", default="66,132,264", help="budgets, multiples of 66")
    parser.add_argument(
        "--kinds", default="", help="names of kinds to try anew, by their beginnings; all by default"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    wanted = tuple(options.kinds.split(",")) if options.kinds else ("",)
    rows: list[dict[str, object]] = []
    tags: dict[str, list[tuple[float, float]]] = defaultdict(list)
    with multiprocessing.get_context("spawn").Pool(options.workers) as pool:
        for kind in (name for name in KINDS if name.startswith(wanted)):
            for budget in map(int, options.comparisons.split(",")):
                times = budget // len(ONE)
                one = partial(run, kind, times, options.seed, _elsewhere(kind, times, options.seed))
                found = pool.map(one, range(options.runs), chunksize=5)
                rows += _rows(kind, budget, found)
                if times > 1:
                    tags[kind] += [tag for each in found for tag in each.tags]
        rows += [row for kind, stated in tags.items() for row in _calibration(kind, stated)]
    save("coverage_alignment", rows, [name for name in KINDS if name.startswith(wanted)])
    return 0


def _rows(kind: str, budget: int, found: list[Found]) -> list[dict[str, object]]:
    """Shares over runs, printed as they come."""
    rows: list[dict[str, object]] = []
    for key in dict.fromkeys(key for each in found for key in each.held):
        reading, figure, what = key
        held = [yes for each in found for yes in each.held[key]]
        width = [size for each in found for size in each.width[key]]
        rows.append(
            {
                "judge": kind, "comparisons": budget, "reading": reading, "figure": figure, "what": what,
                "share": round(float(np.mean(held)), 4), "runs": len(found), "counted": len(held),
                "width": round(float(np.mean(width)), 3) if width else None,
            }
        )  # fmt: skip
    print(
        f"{kind}, {budget}: "
        + "; ".join(f"{r['figure']}, {r['reading']}, {r['what']} {r['share']}" for r in rows),
        flush=True,
    )
    return rows


def _calibration(kind: str, stated: list[tuple[float, float]]) -> list[dict[str, object]]:
    """Stated chances about 10, 50 and 90 % against how often the judge then prefers the lower grade."""
    rows: list[dict[str, object]] = []
    for low, high in TAG_BINS:
        chosen = [(said, true) for said, true in stated if low <= said < high]
        if chosen:
            said, true = np.mean(chosen, axis=0)
            rows.append(
                {
                    "judge": kind, "comparisons": "132 and 264", "reading": "these pairs",
                    "figure": f"tag of {round(100 * (low + high) / 2)} %", "what": "calibration",
                    "said": round(float(said), 3), "share": round(float(true), 3), "counted": len(chosen),
                }
            )  # fmt: skip
            print(rows[-1], flush=True)
    return rows


if __name__ == "__main__":
    sys.exit(main())
