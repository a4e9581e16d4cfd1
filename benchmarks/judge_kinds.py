"""Judges as they exist, not only as the model of the intervals draws them; essays 0 … n-1, the best first.

A judge is drawn once, with its opinions about essays and pairs, and may then be asked any number of times. Two
draws of one kind are equally good in the population of essays, and differ on every essay in hand.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import expit

from eng5.stats.comparisons import Comparisons, FloatArray, IntArray

STEP = 0.9
"""Logits between neighbouring grades, unless a kind says otherwise; tau is about 0.9 at 66 comparisons."""
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, eq=False)
class Judge:
    """What a judge thinks: shape (n, n), probability that the row's essay wins when it is shown first."""

    first_wins: FloatArray

    def ask(self, first: IntArray, second: IntArray, rng: np.random.Generator) -> Comparisons:
        """One run: a verdict for each presentation."""
        won = rng.random(len(first)) < self.first_wins[first, second]
        return Comparisons(len(self.first_wins), first, second, np.where(won, 1, -1))


def judge(
    n: int,
    rng: np.random.Generator,
    *,
    step: float = STEP,
    essay: float = 0.0,
    pair: float = 0.0,
    position: float = 0.0,
    certain: float | None = None,
) -> Judge:
    """Logit: step times distance in rank, opinions about essays and pairs, position; certain: the sign alone."""
    ability = -step * np.arange(n) + rng.normal(0, essay, n)
    opinion = np.triu(rng.normal(0, pair, (n, n)), 1)
    logit = ability[:, None] - ability[None, :] + opinion - opinion.T
    if certain is not None:
        return Judge(np.where(logit > 0, certain, 1 - certain))
    return Judge(expit(logit + position))


def _flat_below(n: int, rng: np.random.Generator) -> Judge:
    """Tells the better half apart, and tosses a coin among the others."""
    ability = -2 * STEP * np.minimum(np.arange(n), n // 2)
    return Judge(expit(ability[:, None] - ability[None, :]))


def _threshold(n: int, rng: np.random.Generator) -> Judge:
    """Always takes the longer essay where the lengths differ enough, else the one that is shown first."""
    length = -np.arange(n) + rng.normal(0, 2.0, n)
    apart = length[:, None] - length[None, :]
    return Judge(np.where(apart > -1.0, 1.0, 0.0))


KINDS: dict[str, Callable[[int, np.random.Generator], Judge]] = {
    "plain": lambda n, rng: judge(n, rng),
    "scattered (essays sd 0.75)": lambda n, rng: judge(n, rng, essay=0.75),
    "opinions of essays, sd 1.5": lambda n, rng: judge(n, rng, essay=1.5),
    "quirky (pairs sd 1)": lambda n, rng: judge(n, rng, pair=1.0),
    "quirky (pairs sd 2)": lambda n, rng: judge(n, rng, pair=2.0),
    "quirky (pairs sd 3)": lambda n, rng: judge(n, rng, pair=3.0),
    "deterministic": lambda n, rng: judge(n, rng, essay=1.5, pair=1.0, certain=1.0),
    "near-deterministic (97 %)": lambda n, rng: judge(n, rng, essay=1.5, pair=1.0, certain=0.97),
    "length threshold": _threshold,
    "position-biased (η 1)": lambda n, rng: judge(n, rng, essay=0.75, position=1.0),
    "position-biased (η 2)": lambda n, rng: judge(n, rng, essay=0.75, position=2.0),
    "position-biased (η 3)": lambda n, rng: judge(n, rng, essay=0.75, position=3.0),
    "good above, flat below": _flat_below,
    "reversed": lambda n, rng: judge(n, rng, step=-STEP),
    "coin": lambda n, rng: judge(n, rng, step=0.0),
}


def save(name: str, rows: list[dict[str, object]], kinds: Collection[str] | None = None) -> None:
    """Keep what a benchmark found as JSON lines, from which the page of coverage is made.

    With `kinds` only the rows of these judges are replaced.
    """
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.jsonl"
    found = [{"benchmark": name, **row} for row in rows]
    if kinds is not None and path.is_file():
        before = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        found += [row for row in before if row["judge"] not in kinds]
        found.sort(key=lambda row: list(KINDS).index(str(row["judge"])))
    lines = (json.dumps(row, ensure_ascii=False) for row in found)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
