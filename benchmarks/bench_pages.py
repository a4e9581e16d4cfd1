"""Weight of a report's page, and how soon headless Chromium has drawn its first screen.

    python benchmarks/bench_pages.py [--times N]

Every pair of 12, 30 and 100 anchors, judged twice (once for 100) with 60 words and a raw answer each, and essays
of 330 words. The page is read from a file; "drawn" is the browser's own time of the first contentful paint since
navigation began, the median of N openings (5), on a window of 1280 by 900 pixels; "opened" is from the click on
a pair to the next frame. The exit code is 1 where a goal is missed: 1 MB without essays and 3 MB with them up to
30 anchors, the first screen in 0.5 s.

    anchors   without essays   with essays     drawn    opened
         12          1000 kB       3000 kB     500 ms
         30          1000 kB       3000 kB     500 ms
        100                                    500 ms
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from eng5.reports.alignment import analysis, report
from eng5.reports.around import Around
from tests.browser.conftest import TARGETS, graded, spoken, texts_of
from tests.people.browser import CHROMIUM
from tests.reports.conftest import judged

SIZES = {12: 2, 30: 2, 100: 1}
"""Anchors, and how often each pair is asked."""
GOALS = {"without": 1_000_000, "with": 3_000_000}
DRAWN = 500
CLICK = """() => new Promise((done) => {
  const begin = performance.now();
  document.querySelector('table.matrix a').click();
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - begin)));
})"""
PAINT = "performance.getEntriesByName('first-contentful-paint').map((each) => each.startTime)[0] ?? null"


def pages(anchors: int, rounds: int) -> tuple[str, str]:
    """The page without and with essays."""
    artefact = spoken(judged(graded(anchors), steepness=0.5, rounds=rounds))
    measured = analysis.build(artefact, TARGETS, name="run")
    plots = report.plots(measured)
    found = []
    for around in (Around(), Around(texts_of(artefact))):
        files = report.build(artefact, measured, plots, around)
        found.append(next(text for name, text in files.items() if name.endswith(".html")))
    return found[0], found[1]


def opened(browser: Any, page_file: Path, times: int) -> tuple[float, float]:
    """Milliseconds to the first screen, and from a click to an open pair, medians."""
    drawn, clicked = [], []
    for _ in range(times):
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(page_file.as_uri())
        page.wait_for_function(f"({PAINT}) !== null")
        drawn.append(page.evaluate(PAINT))
        clicked.append(page.evaluate(CLICK))
        page.close()
    return statistics.median(drawn), statistics.median(clicked)


def main() -> int:
    """Print the table; 1 where a goal is missed."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=5, help="how often each page is opened (5)")
    times = parser.parse_args().times
    if CHROMIUM is None:
        print("needs Chromium, which is not installed")
        return 2
    missed = []
    print(f"{'anchors':>7} {'without essays':>16} {'with essays':>13} {'drawn':>10} {'opened':>9}")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for anchors, rounds in SIZES.items():
            without, with_essays = pages(anchors, rounds)
            file = Path(folder) / f"{anchors}.html"
            file.write_text(with_essays, encoding="utf-8")
            drawn, clicked = opened(browser, file, times)
            sizes = {"without": len(without.encode()), "with": len(with_essays.encode())}
            print(
                f"{anchors:>7} {sizes['without'] / 1000:>13.0f} kB {sizes['with'] / 1000:>10.0f} kB "
                f"{drawn:>7.0f} ms {clicked:>6.0f} ms"
            )
            heavy = [name for name, goal in GOALS.items() if anchors <= 30 and sizes[name] > goal]
            missed += [f"{anchors} anchors: {name} essays" for name in heavy]
            missed += [f"{anchors} anchors: first screen"] if drawn > DRAWN else []
        browser.close()
    for one in missed:
        print(f"missed: {one}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
