"""Time and memory of the analysis and its report against the number of essays.

    python benchmarks/bench_analysis.py [--large]

Each size in a process of its own, one thread, from an artefact in memory to `60_analysis.json` in memory, and from
there to the report's files. Times are of the processor, which other work on the machine disturbs least, and
hold the imports that a size is the first to need; memory is the largest that the process ever had, the artefact
and the verdicts' texts included. "page" is the HTML page alone. The exit code is 1 where a goal is missed.

    essays  comparisons   analysis   report
        12          66       0.5 s
       100       4 950       2 s      5 s
       400       4 000       5 s      5 s
       400      79 800      15 s      5 s       with --large
     2 000      20 000      15 s                with --large
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import multiprocessing
import os
import random
import resource
import sys
import time
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from types import ModuleType

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

from eng5.contracts.artefact import Artefact
from eng5.files import model_bytes
from eng5.reports.alignment import analysis, report

ARTEFACTS = Path(__file__).parents[1] / "tests/reports/conftest.py"
MOST_MEMORY = 1_000
"""Megabytes."""
LARGEST_PAGE = 2_000
"""Kilobytes."""


@dataclass(frozen=True)
class Size:
    """Essays, comparisons, and goals in seconds; None where none is set."""

    essays: int
    comparisons: int
    analysis: float
    report: float | None
    large: bool = False


SIZES = [
    Size(12, 66, 0.5, None),
    Size(50, 1_225, 2.0, 5.0),
    Size(100, 4_950, 2.0, 5.0),
    Size(200, 2_000, 5.0, 5.0),
    Size(400, 4_000, 5.0, 5.0),
    Size(400, 79_800, 15.0, 5.0, large=True),
    Size(2_000, 20_000, 15.0, None, large=True),
]


def main() -> int:
    """Print the table; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--large", action="store_true", help="the sizes that take minutes to make, too")
    sizes = [size for size in SIZES if parser.parse_args().large or not size.large]
    print("essays  comparisons  analysis, s  analysis, kB  report, s  page, kB  peak memory, MB")
    missed = False
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for size in sizes:
            analysing, written, rendering, page, peak = pool.apply(measure, (size,))
            print(
                f"{size.essays:6,}  {size.comparisons:11,}  {analysing:11.2f}  {written:12,.0f}"
                f"  {rendering:9.2f}  {page:8,.0f}  {peak:15,.0f}",
                flush=True,
            )
            missed |= analysing > size.analysis or peak > MOST_MEMORY
            if size.report is not None:
                missed |= rendering > size.report or page > LARGEST_PAGE
    return int(missed)


def measure(size: Size) -> tuple[float, float, float, float, float]:
    """Seconds and kilobytes of the analysis, the same of the report and its page, and peak memory in megabytes."""
    artefact = made(size)
    began = time.process_time()
    measured = analysis.build(artefact, {}, name="bench")
    analysed = time.process_time()
    files = report.build(artefact, measured, report.plots(measured))
    rendered = time.process_time()
    page = next(text for path, text in files.items() if path.endswith(".html"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    written = len(model_bytes(measured)) / 1000
    return analysed - began, written, rendered - analysed, len(page.encode()) / 1000, peak


def made(size: Size) -> Artefact:
    """Random pairs, each asked once, of a judge that follows the grades with a scatter of 0.7 logits."""
    of_tests, draw = _artefacts(), random.Random(1)
    grade = [number * 12 // size.essays for number in range(size.essays)]
    anchors = of_tests.essays([of_tests.ROLE_MODEL_GRADES[each] for each in grade])
    ability = [0.9 * each + draw.gauss(0, 0.7) for each in grade]
    rows = []
    for number, pair in enumerate(draw.sample(list(combinations(range(size.essays), 2)), size.comparisons)):
        i, j = pair if number % 2 else pair[::-1]
        chance = 1 / (1 + math.exp(-(ability[i] - ability[j] + 0.2)))
        outcome, sure = 1 if draw.random() < chance else -1, round(1 + 8 * abs(chance - 0.5), 1)
        rows.append(
            of_tests.comparison(
                number + 1, anchors[i].essay_id, anchors[j].essay_id, outcome, confidence=sure
            )
        )
    found: Artefact = of_tests.artefact(anchors, rows)
    return found


def _artefacts() -> ModuleType:
    """What the tests make artefacts with."""
    spec = importlib.util.spec_from_file_location("artefacts", ARTEFACTS)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(main())
