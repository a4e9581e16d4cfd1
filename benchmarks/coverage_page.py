"""The page of coverage, from what the benchmarks found: `python benchmarks/coverage_page.py`.

Reads `benchmarks/results/*.jsonl`, writes `docs/explanation/coverage.md`; a test holds the page against the rows.
"""

# ruff: noqa: E501 - a paragraph of the page is a line

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from math import sqrt
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "explanation" / "coverage.md"
LOW, HIGH = 0.93, 0.97
ELSEWHERE = ("expert_prior",)
"""Benchmarks with a page of their own."""
Row = dict[str, Any]

HEAD = """---
type: explanation
title: What the figures of reports are worth
---

# What the figures of reports are worth

How often the statements of reports are right, for judges that exist and not only for those that the model of the intervals draws. `benchmarks/judge_kinds.py` has the judges, and [the model behind the intervals](inference.md) what the two readings are. This page is made by `benchmarks/coverage_page.py` from the rows in `benchmarks/results/`; nothing in it is written by hand but these sentences and the remarks. What a model's scale adds to comparisons by experts has [a page of its own](few-human-comparisons.md).
"""

ALIGNMENT = """## One judge

`python benchmarks/coverage_alignment.py`: twelve anchors of nine grades, every pair once (66 comparisons), twice (132) or four times (264), orders turned. {runs} simulated runs a cell; the simulation error of a cell of 95 % is {error} points, so a mark ↓ (covers less than 93 %) or ↑ (more than 97 %) is set only where the cell is further off than twice that. Single cells scatter; read the row of all judges first.
"""

REMARKS = {
    ("Kendall's tau", "these pairs"): "With one comparison a pair this is the reading of a judge that decides afresh. A judge that always repeats itself would show the same value every time: the interval then holds it in all runs, and the report says so. Judges that see no difference between many essays vary more from run to run than the scores of one run let expect, for these scores differ by chance and a simulated judge keeps to them: at 264 comparisons tau of a coin has an sd of 0.23 over reruns and 0.18 in simulated ones, of a judge that is good above and flat below 0.08 and 0.05. Student's t in place of the normal distribution makes up for most of it, not for all of it where half of the essays are alike to the judge. Where an essay meets few others the interval is too narrow as well: thirty essays in a ring with some chords, three others each, 90 comparisons, and it held tau in 80 to 90 % of runs.",
    ("direct inversions", "these pairs"): "As for tau.",
    ("direct inversions", "essays like these"): "Too wide rather than too narrow by design: pairs that share an essay are taken to depend on each other in any way (dyadic-robust variance), and grades that lie close invert more often, which counts as variance.",
    ("Kendall's tau", "essays like these"): "Delete-one-essay jackknife. It takes the grades of other anchors as drawn anew, too, and so is wider than needed for anchors of exactly these grades.",
    ("score", "these essays"): "Wider than needed at 66 comparisons, where the scores of a good judge are far out.",
    ("scale separation", "these essays"): "V / (V + E) of the true abilities. The interval takes in scores by maximum likelihood, which are too far out where verdicts tell little, and bias-reduced ones, and so holds more than it states for most judges. A judge that takes the first essay nearly always (η 3: nine of ten among equals) tells so little about the essays at 66 comparisons that it still holds less there.",
    ("grade from the other anchors", "essays like these"): "Grades are whole: an interval that is rounded to grades holds more than it states.",
    ("win rate of an anchor", "these pairs"): "Twelve anchors a run.",
    ("A/B inversions", "essays like these"): "Four of the twelve anchors have an A or a B: four essays say little about others, and the interval is as wide as four allow (Student's t with three degrees of freedom).",
    ("conformal grade of a new essay (11 anchors, 91.7 %)", "essays like these"): "Counted where the judge's scale rises with the grade; of a coin's runs those are few, and chosen by luck.",
}  # fmt: skip


def load(folder: Path = RESULTS) -> dict[str, list[Row]]:
    """Rows by benchmark."""
    rows = [
        json.loads(line)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]
    return {name: list(found) for name, found in groupby(rows, key=lambda row: str(row["benchmark"]))}


def page(benchmarks: dict[str, list[Row]]) -> str:
    """The whole page."""
    parts = [HEAD]
    if alignment := benchmarks.get("coverage_alignment"):
        parts.append(_alignment(alignment))
    for name in sorted(set(benchmarks) - {"coverage_alignment", *ELSEWHERE}):
        parts.append(_others(name, benchmarks[name]))
    return "\n".join(parts)


def _alignment(rows: Sequence[Row]) -> str:
    runs = max(int(row["runs"]) for row in rows if "runs" in row)
    error = 100 * sqrt(0.95 * 0.05 / runs)
    parts = [ALIGNMENT.format(runs=runs, error=f"{error:.1f}")]
    coverage = [row for row in rows if row["what"] == "coverage"]
    for figure, reading in dict.fromkeys((row["figure"], row["reading"]) for row in coverage):
        chosen = [row for row in coverage if (row["figure"], row["reading"]) == (figure, reading)]
        remark = REMARKS.get((figure, reading))
        parts.append(f"### {figure[0].upper()}{figure[1:]}: {reading}\n")
        if remark:
            parts.append(f"{remark}\n")
        parts.append(_by_budget(chosen, lambda row, sd: _covered(row, sd)))
    tags = [row for row in rows if row["what"] == "calibration"]
    parts.append("### Is a tag right as often as it says?\n")
    parts.append(
        "Chance stated for an inverted or contested pair, that the judge prefers the lower grade when asked again, "
        "against how often it then does; bins of ten points about 10, 50 and 90 %, at 132 and 264 comparisons.\n"
    )
    parts.append(
        _table(
            ("judge", "about", "said", "true", "pairs"),
            [
                (r["judge"], r["figure"].removeprefix("tag of "), _percent(r["said"]), _percent(r["share"]), r["counted"])
                for r in [*tags, *_pooled(tags)]
            ],
        )
    )  # fmt: skip
    for what, title in (("false alarm", "False alarms"), ("power", "Power")):
        parts.append(f"### {title}\n")
        chosen = [row for row in rows if row["what"] == what]
        for figure in dict.fromkeys(row["figure"] for row in chosen):
            parts.append(f"**{figure[0].upper()}{figure[1:]}**, share of runs in which it is said:\n")
            parts.append(
                _by_budget(
                    [r for r in chosen if r["figure"] == figure], lambda row, sd: _percent(row["share"])
                )
            )
    return "\n".join(parts)


def _pooled(tags: Sequence[Row]) -> list[Row]:
    """Each stated chance over all judges, every pair counting once."""
    pooled = []
    for figure in sorted({row["figure"] for row in tags}):
        chosen = [row for row in tags if row["figure"] == figure]
        pairs = sum(row["counted"] for row in chosen)
        means = {key: sum(row[key] * row["counted"] for row in chosen) / pairs for key in ("said", "share")}
        pooled.append({"judge": "**all judges**", "figure": figure, "counted": pairs, **means})
    return pooled


def _by_budget(rows: Sequence[Row], cell: Any) -> str:
    budgets = list(dict.fromkeys(row["comparisons"] for row in rows))
    judges = list(dict.fromkeys(row["judge"] for row in rows))
    found = {(row["judge"], row["comparisons"]): row for row in rows}
    body = []
    for judge in judges:
        cells = [found.get((judge, budget)) for budget in budgets]
        body.append((judge, *("" if row is None else cell(row, _sd(row)) for row in cells)))
    if len(judges) > 1:
        means = []
        for budget in budgets:
            of_budget = [row for row in rows if row["comparisons"] == budget]
            weight = sum(row["counted"] for row in of_budget)
            means.append(_percent(sum(row["share"] * row["counted"] for row in of_budget) / weight))
        body.append(("**all judges**", *means))
    return _table(("judge", *(f"{budget} comparisons" for budget in budgets)), body)


def _sd(row: Row) -> float:
    """Simulation error of a share of 95 %: runs are independent, statements of one run are not."""
    return sqrt(0.95 * 0.05 / int(row["runs"]))


def _covered(row: Row, sd: float) -> str:
    share = float(row["share"])
    mark = (
        " ↓"
        if share < LOW - 2 * sd
        else " ↑"
        if share > HIGH and row["counted"] * (1 - share) < 1 and sd < 0.01
        else ""
    )
    width = row.get("width")
    return f"{_percent(share)}{mark}" + ("" if width is None else f" (width {width:.2f})")


def _others(name: str, rows: Sequence[Row]) -> str:
    """Any other benchmark: one table of its rows, shares as percentages."""
    titles = {"paired_false_alarms": "Two variants", "coverage_boundary": "Boundary tests"}
    columns = [key for key in dict.fromkeys(key for row in rows for key in row) if key != "benchmark"]
    body = [[_shown(key, row.get(key)) for key in columns] for row in rows]
    head = f"## {titles.get(name, name)}\n\n`python benchmarks/{name}.py`.\n"
    return f"{head}\n{_table(columns, body)}"


def _shown(key: str, value: Any) -> str:
    if value is None:
        return ""
    return _percent(value) if isinstance(value, float) and 0 <= value <= 1 else str(value)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share in (0, 1) else f"{100 * share:.1f} %"


def _table(head: Sequence[str], body: Iterable[Sequence[Any]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in body]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(load()), encoding="utf-8")
