"""How many callbacks a second the artefact step folds, from journal lines to the artefact's bytes, and in what memory.

    python benchmarks/bench_fold.py [--sizes 1000 10000 100000 1000000] [--repeats 1]

The lines are the platform's sample of a successful callback with its own ids, in a journal on disk; the best of
the repeats counts. "fold + build" is from the journal to an artefact, "bytes" its file with the checksum. The goal
is 50 000 callbacks a second or more, a time that grows linearly, and less than 1 GB of memory: the exit code is 1
where one is missed. It is judged by the processor's time, which other work on the machine disturbs less; on an idle
one the elapsed time is the same.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from uuid import UUID, uuid5

from eng5.contracts.inventory import Inventory
from eng5.contracts.journal import Message, message_line
from eng5.contracts.modes import RunnerMode
from eng5.contracts.run import RunFile, RunIdentity
from eng5.contracts.wire.topics import COMPARISON_RESULT
from eng5.files import JsonLines, write_chunks
from eng5.steps.artefact import build, with_checksum
from eng5.steps.folding import fold

SAMPLE = Path(__file__).parents[1] / "tests/platform/examples/llm_provider_comparison_result.success.json"
GOAL = 50_000
MOST_MEMORY = 1_000
"""Megabytes."""
LINEAR = 2.0
"""The time a callback takes at the largest size may be this many times that at the smallest."""


def main() -> int:
    """Print the table; 1 when the goal is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--repeats", type=int, default=1)
    options = parser.parse_args()
    print("callbacks   fold + build, a second elapsed   a second of the processor    bytes   peak memory")
    rates, peak = [], 0.0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "45_events.jsonl"
        for size in sorted(options.sizes):
            with path.open("wb") as stream:
                stream.writelines(journal(size))
            elapsed, processor, writing = measure(path, options.repeats)
            rates.append(size / processor)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{size:9,}   {size / elapsed:30,.0f}   {rates[-1]:25,.0f}   {writing:4.1f} s   {peak:8,.0f} MB",
                flush=True,
            )
    fast = min(rates) >= GOAL and max(rates[0] / rate for rate in rates) <= LINEAR
    return 0 if fast and peak < MOST_MEMORY else 1


def journal(size: int) -> Iterator[bytes]:
    sample = json.loads(SAMPLE.read_text(encoding="utf-8"))
    pairs = list(combinations([f"student::ANCHOR_ESSAY_ENG_5_{number:08X}" for number in range(12)], 2))
    for number in range(size):
        a, b = pairs[number % len(pairs)]
        request, comparison = str(uuid5(UUID(int=1), str(number))), str(uuid5(UUID(int=2), str(number)))
        sample["correlation_id"] = sample["data"]["correlation_id"] = comparison
        sample["event_id"] = sample["data"]["request_id"] = request
        sample["data"]["request_metadata"] |= {"essay_a_id": a, "essay_b_id": b, "comparison_index": number}
        message = Message(COMPARISON_RESULT, number % 3, number // 3, None, json.dumps(sample).encode())
        yield message_line("cluster", message) + b"\n"


def run_file() -> RunFile:
    """A run that the artefact can be headed with."""
    return RunFile(
        origin="experiments",
        identity=RunIdentity(
            mode=RunnerMode.ANCHOR_ALIGN_TEST, batch_id="bench", stack="embedded", essays_sha256="0" * 64
        ),
        batch_uuid=UUID(int=0),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        runner_version="0",
        python="3",
        platform="any",
    )


def measure(path: Path, repeats: int) -> tuple[float, float, float]:
    """Seconds from journal to artefact, elapsed and of the processor, and from there to its file; the best of each."""
    run, inventory = run_file(), Inventory(grade_scale="eng5_np_legacy_9_step", anchors=[], students=[])
    folding, working, writing = [], [], []
    for _ in range(repeats):
        began, worked = time.perf_counter(), time.process_time()
        artefact = build(run, inventory, None, fold(JsonLines(path), path), [])
        folded = time.perf_counter()
        working.append(time.process_time() - worked)
        folding.append(folded - began)
        write_chunks(path.with_name("50_artefact.json"), with_checksum(artefact))
        writing.append(time.perf_counter() - folded)
        del artefact
    return min(folding), min(working), min(writing)


if __name__ == "__main__":
    sys.exit(main())
