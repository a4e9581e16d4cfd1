"""How long users wait: the whole job in a fresh folder, `doit` with nothing to do, and a report rebuilt.

    python benchmarks/bench_doit.py [RUNS]

Whole processes, in pairs with bare doit that has as many trivial tasks. Where that is said, processor time, which
holds on a machine that others use too.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOIT = "import sys; from doit.doit_cmd import DoitMain; sys.exit(DoitMain().run(sys.argv[1:]))"
BARE = """
def tasks():
    for number in range({count}):
        yield {{"name": str(number), "actions": [lambda: None], "uptodate": [True]}}
def task_bare():
    yield from tasks()
"""


def seconds(folder: Path, *arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", DOIT, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - began


def processor_seconds(folder: Path, *arguments: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds(folder, *arguments)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def fresh(folder: Path) -> Path:
    folder.mkdir()
    shutil.copy(ROOT / "dodo.py", folder)
    shutil.copytree(ROOT / "inputs", folder / "inputs")
    return folder


def redrawn(project: Path) -> float:
    shutil.rmtree(project / "build" / ".plots")
    return seconds(project, "rebuild_reports:baseline")


def count_tasks(folder: Path) -> int:
    listed = subprocess.run(
        [sys.executable, "-c", DOIT, "list", "--all", "-q"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return len(listed.stdout.splitlines())


def show(what: str, values: list[float]) -> None:
    low, middle, high = min(values), statistics.median(values), max(values)
    print(f"{what:<58} min {low:6.3f}  median {middle:6.3f}  max {high:6.3f} s")


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        whole = [
            seconds(fresh(top / f"whole{number}"), "anchor_align:baseline") for number in range(min(runs, 3))
        ]
        show("whole job, one variant, 66 comparisons, surface judge", whole)

        project = fresh(top / "project")
        for _ in range(2):  # The second run keeps what the others begin with.
            seconds(project, "anchor_align")
        bare = top / "bare"
        bare.mkdir()
        (bare / "dodo.py").write_text(BARE.format(count=count_tasks(project)), encoding="utf-8")
        seconds(bare)
        pairs = [(seconds(project, "anchor_align"), seconds(bare)) for _ in range(runs)]
        show("nothing to do: doit anchor_align", [one for one, _ in pairs])
        show("nothing to do: bare doit, as many tasks", [one for _, one in pairs])
        show("difference, pair by pair", [one - other for one, other in pairs])
        pairs = [(processor_seconds(project, "anchor_align"), processor_seconds(bare)) for _ in range(runs)]
        show("the same, processor time", [one - other for one, other in pairs])

        rebuilt = [seconds(project, "rebuild_reports:baseline") for _ in range(runs)]
        show("rebuild_reports of one run", rebuilt)
        show("rebuild_reports of one run, all plots drawn anew", [redrawn(project) for _ in range(runs)])


if __name__ == "__main__":
    main()
