"""How throughput grows with judges, each a process, around one real broker; and what the CJ service's memory does.

Run from the project's folder, with Java and Maven at hand:
`python -m benchmarks.bench_many_judges [JUDGES …] [--comparisons N] [--delay-ms D]`.

The judge is simulated and takes 50 ms, 16 questions at a time: 320 comparisons a second are ideal for one process.
`--comparisons 79800` with one number of judges is 400 essays, all pairs; the CJ service's memory is looked at every
second.
"""

from __future__ import annotations

import argparse
import itertools
import os
import tempfile
import threading
import time
from pathlib import Path

from confluent_kafka.admin import AdminClient

from eng5.clients.topic_specs import PLATFORM_TOPICS, work_topics
from eng5.clients.topics import ensure_topics
from eng5.stack.roles.judge import GROUP
from tests.kafka.cluster import Cluster
from tests.kafka.parts import Part, parts_around

AT_A_TIME = 16
WARM_UP = 120


class Watch:
    """Resident memory and processor time of a process, once a second."""

    def __init__(self, part: Part) -> None:
        self._pid = part.process.pid
        self.megabytes: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join()

    def seconds(self) -> float:
        """Processor time so far."""
        fields = Path(f"/proc/{self._pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _look(self) -> None:
        while not self._stop.wait(1.0):
            status = Path(f"/proc/{self._pid}/status").read_text()
            kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
            self.megabytes.append(int(kilobytes) / 1024)


def essays_for(comparisons: int) -> int:
    """The fewest essays whose pairs are so many."""
    return next(n for n in itertools.count(2) if n * (n - 1) // 2 >= comparisons)


def settle(kafka: Cluster, judges: int) -> None:
    """Wait until the judges have shared the partitions out; a group takes some seconds for each that joins."""
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    until = time.monotonic() + 60
    while time.monotonic() < until:
        group = admin.describe_consumer_groups([GROUP])[GROUP].result()
        shares = [len(member.assignment.topic_partitions) for member in group.members]
        if len(shares) == judges and max(shares) - min(shares) <= 1:
            return
        time.sleep(0.2)
    raise SystemExit(f"the judges have not shared the partitions out: {shares}")


def measure(kafka: Cluster, judges: int, comparisons: int, delay_ms: float) -> None:
    """One line of the table."""
    specs = (*PLATFORM_TOPICS, *work_topics(max(16, 4 * judges)))
    kafka.delete(*(one.name for one in specs))
    ensure_topics(kafka.bootstrap, specs)
    with tempfile.TemporaryDirectory() as folder, parts_around(kafka, Path(folder)) as parts:
        cj = parts.cj()
        workers = [parts.judge(f"judge-{n}") for n in range(judges)]
        bench = parts.bench(cj)
        texts = {
            f"essay-{n:04}": f"{n}. " + "A sentence of seven words is here. " * 43
            for n in range(essays_for(comparisons))
        }
        simulated = {"simulated": {"seed": judges, "delay_ms": delay_ms}}
        settle(kafka, judges)
        few = dict(list(texts.items())[:WARM_UP])
        warm = bench.request(
            few, model="simulated", metadata={"simulated": {"delay_ms": 1}, "max_comparisons": WARM_UP}
        )
        bench.run(warm)
        raw = bench.request(texts, model="simulated", metadata={**simulated, "max_comparisons": comparisons})
        watch, watched = Watch(cj), [Watch(one) for one in workers]
        cpu = watch.seconds(), sum(one.seconds() for one in watched)
        began = time.perf_counter()
        answers = bench.run(raw)
        took = time.perf_counter() - began
        assert len({one["request_id"] for one in answers.callbacks}) == comparisons
        spent = watch.seconds() - cpu[0], sum(one.seconds() for one in watched) - cpu[1]
        for one in (watch, *watched):
            one.close()
        ideal = comparisons * delay_ms / 1000 / AT_A_TIME / judges if delay_ms else float("nan")
        memory = watch.megabytes or [float("nan")]
        quarters = ", ".join(f"{memory[(len(memory) - 1) * n // 4]:.0f}" for n in range(5))
        print(
            f"{judges:2} judges, {comparisons} comparisons of {delay_ms:.0f} ms: {took:6.1f} s, "
            f"{comparisons / took:6.0f}/s, {100 * ideal / took:3.0f} % of ideal; processor ms a comparison: "
            f"cj {1000 * spent[0] / comparisons:.2f}, judges {1000 * spent[1] / comparisons:.2f}; "
            f"cj's memory, from quarter to quarter: {quarters} MB",
            flush=True,
        )


def main() -> None:
    """Measure each number of judges."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("judges", type=int, nargs="*", default=[1, 2, 4, 8])
    parser.add_argument("--comparisons", type=int, default=0, help="per judge 3200 when not given")
    parser.add_argument("--delay-ms", type=float, default=50)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kafka = Cluster(Path(folder) / "data")
        kafka.start()
        try:
            for judges in given.judges:
                measure(kafka, judges, given.comparisons or 3200 * judges, given.delay_ms)
        finally:
            kafka.stop()


if __name__ == "__main__":
    main()
