"""What an LLM's scale adds to few comparisons by experts, and whether it can harm.

    python benchmarks/expert_prior.py [--runs 100] [--seed 0]

Experts compare essays, each pair as often as any other; their abilities are normal with standard deviation 1.5
logits. Their scores are fitted without and with the scale of an LLM that is good, middling, or wrong in one of
seven ways (`LLMS`). Kept in benchmarks/results/expert_prior.jsonl, and shown in
docs/explanation/few-human-comparisons.md (`--page` writes its tables): mean squared error with the LLM against
without, and how often the 95 % intervals hold the truth.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit

from eng5.stats.comparisons import Comparisons, FloatArray
from eng5.stats.expert_prior import expert_scores

RESULTS = Path(__file__).parent / "results" / "expert_prior.jsonl"
PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "few-human-comparisons.md"
SPREAD, SCATTER = 1.5, 0.3
DESIGNS = ((12, 33), (12, 66), (12, 132), (30, 87), (30, 174), (30, 435))
"""Essays, comparisons."""
Row = dict[str, Any]


def noise(rng: np.random.Generator, n: int) -> FloatArray:
    """What keeps even a good LLM off the experts' scale, logits."""
    return np.asarray(rng.normal(0, SCATTER, n))


def swapped(truth: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Every sixth essay stands in another's place."""
    place = np.arange(len(truth))
    chosen = rng.choice(len(truth), max(2, len(truth) // 6), replace=False)
    place[chosen] = np.roll(chosen, 1)
    return truth[place] + noise(rng, len(truth))


def one_far_off(truth: FloatArray, rng: np.random.Generator) -> FloatArray:
    """One essay is overrated by 3 logits."""
    scale = truth + noise(rng, len(truth))
    scale[rng.integers(len(truth))] += 3.0
    return np.asarray(scale)


def hooked(truth: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Right below the middle, upside down above."""
    return np.asarray(np.where(truth > 0, 1.0 - truth / 2, truth) + noise(rng, len(truth)))


LLMS: dict[str, Callable[[FloatArray, np.random.Generator], FloatArray]] = {
    "good": lambda truth, rng: truth + noise(rng, len(truth)),
    "middling": lambda truth, rng: truth + rng.normal(0, 1.0, len(truth)),
    "reversed": lambda truth, rng: -truth + noise(rng, len(truth)),
    "random": lambda truth, rng: rng.normal(0, SPREAD, len(truth)),
    "swapped": swapped,
    "one far off": one_far_off,
    "flat above": lambda truth, rng: np.minimum(truth, 0.0) + noise(rng, len(truth)),
    "hooked": hooked,
    "stretched": lambda truth, rng: np.sinh(truth) + noise(rng, len(truth)),
}
"""Scales of LLMs, from the experts' abilities."""


def compare(truth: FloatArray, comparisons: int, rng: np.random.Generator) -> Comparisons:
    """Verdicts of experts: every pair in turn, in random order and on random sides."""
    pairs = np.stack(np.triu_indices(len(truth), 1), axis=1)
    rounds = [rng.permutation(pairs) for _ in range(-(-comparisons // len(pairs)))]
    shown = rng.permuted(np.concatenate(rounds)[:comparisons], axis=1)
    first, second = shown.T
    won = rng.random(comparisons) < expit(truth[first] - truth[second])
    return Comparisons(len(truth), first, second, np.where(won, 1, -1))


def measure(essays: int, comparisons: int, runs: int, rng: np.random.Generator) -> list[Row]:
    """A row for the experts alone, and one for each LLM."""
    errors: dict[str, list[float]] = {name: [] for name in ("none", *LLMS)}
    covered: dict[str, list[float]] = {name: [] for name in errors}
    worth: dict[str, list[float]] = {name: [] for name in errors}
    for _ in range(runs):
        truth = rng.normal(0, SPREAD, essays)
        truth -= truth.mean()
        verdicts = compare(truth, comparisons, rng)
        alone = expert_scores(verdicts)
        scales = {name: make(truth, rng) for name, make in LLMS.items()}
        for name in errors:
            found = alone if name == "none" else expert_scores(verdicts, scales[name])
            errors[name].append(float(((found.score - truth) ** 2).mean()))
            covered[name].append(float(((found.low <= truth) & (truth <= found.high)).mean()))
            worth[name].append(found.worth(alone))
    base = np.array(errors["none"])
    rows: list[Row] = []
    for name in errors:
        own = np.array(errors[name])
        ratio = float(own.mean() / base.mean())
        error = float((own - ratio * base).std() / base.mean() / np.sqrt(runs))
        rows.append(
            {"benchmark": "expert_prior", "llm": name, "essays": essays, "comparisons": comparisons, "runs": runs,
             "error": float(own.mean()), "ratio": ratio, "ratio_se": error,
             "coverage": float(np.mean(covered[name])), "worth": float(np.mean(worth[name]))}
        )  # fmt: skip
    return rows


def load() -> list[Row]:
    """The rows that were kept."""
    return [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()]


def tables(rows: list[Row]) -> str:
    """The tables of the page, as Markdown."""
    designs = list(dict.fromkeys((row["essays"], row["comparisons"]) for row in rows))
    heads = [f"{essays} essays, {count}" for essays, count in designs]
    cell = {(row["llm"], row["essays"], row["comparisons"]): row for row in rows}
    lines: list[str] = []
    kinds: tuple[tuple[str, list[str], Callable[[Row], str]], ...] = (
        ("Mean squared error, experts alone = 1", list(LLMS),
         lambda row: f"{row['ratio']:.2f} ± {row['ratio_se']:.2f}"),
        ("95 % intervals that hold the truth", ["none", *LLMS], lambda row: f"{100 * row['coverage']:.0f} %"),
        ("Comparisons by experts that the LLM's scale is worth, as the report says", list(LLMS),
         lambda row: f"{row['worth']:.0f}"),
    )  # fmt: skip
    for title, names, show in kinds:
        lines += [f"**{title}**", "", f"| LLM | {' | '.join(heads)} |", f"| :--- |{' ---: |' * len(heads)}"]
        lines += [
            f"| {name} | {' | '.join(show(cell[name, *design]) for design in designs)} |" for name in names
        ]
        lines.append("")
    return "\n".join(lines)


def write_page(rows: list[Row]) -> None:
    """Put the tables between the marks of the page."""
    marks = r"(<!-- tables -->\n).*?(<!-- end -->)"
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(
        re.sub(marks, lambda found: f"{found[1]}\n{tables(rows)}\n{found[2]}", text, flags=re.DOTALL),
        encoding="utf-8",
    )


def main() -> None:
    """Measure, keep and print; or write the page from what was kept."""
    parser = argparse.ArgumentParser(description="What an LLM's scale adds to comparisons by experts.")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--page", action="store_true", help="write the tables of the page")
    options = parser.parse_args()
    if not options.page:
        rng = np.random.default_rng(options.seed)
        rows = [row for design in DESIGNS for row in measure(*design, options.runs, rng)]
        RESULTS.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        print(tables(rows))
        return
    write_page(load())


if __name__ == "__main__":
    main()
