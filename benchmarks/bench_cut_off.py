"""Judges on hosts of their own, one of which is cut off for a while: what it costs, and that nothing is lost.

Run as root from the project's folder: `python -m benchmarks.bench_cut_off [--seconds 40]`. The hosts are network
namespaces that know each other and nothing else: no default route, so nothing can leave. Needs `ip netns`, Java and
Maven. A judge of 200 ms, 16 questions at a time, on each of two hosts; the second host's cable is pulled while it is
asked, and put back after so many seconds, longer than its place in the group is kept (15 s).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from eng5.contracts.wire import topics
from eng5.stack.standin import Addresses
from tests.bench import Bench
from tests.kafka.parts import Part

HUB = "eng5-hub"
HOSTS = {
    "eng5-kafka": "10.77.0.1",
    "eng5-cj": "10.77.0.2",
    "eng5-judge1": "10.77.0.3",
    "eng5-judge2": "10.77.0.4",
}
BROKER = "10.77.0.1:19092"
ESSAYS = 64
KAFKA = Path("deploy/kafka/kafka.sh")


def ip(*arguments: str) -> None:
    """Change the network."""
    subprocess.run(["ip", *arguments], check=True)


@contextmanager
def network() -> Iterator[None]:
    """A bridge in a namespace of its own, and a cable from it to every host."""
    ip("netns", "add", HUB)
    try:
        ip("-n", HUB, "link", "add", "bridge", "type", "bridge")
        ip("-n", HUB, "link", "set", "bridge", "up")
        for number, (host, address) in enumerate(HOSTS.items()):
            ip("netns", "add", host)
            ip(
                "-n",
                HUB,
                "link",
                "add",
                f"port{number}",
                "type",
                "veth",
                "peer",
                "name",
                "cable",
                "netns",
                host,
            )
            ip("-n", HUB, "link", "set", f"port{number}", "master", "bridge", "up")
            ip("-n", host, "addr", "add", f"{address}/24", "dev", "cable")
            ip("-n", host, "link", "set", "cable", "up")
            ip("-n", host, "link", "set", "lo", "up")
        yield
    finally:
        for name in (HUB, *HOSTS):
            subprocess.run(["ip", "netns", "del", name], check=False, stderr=subprocess.DEVNULL)


@contextmanager
def broker(folder: Path) -> Iterator[None]:
    """One node on its host."""
    folder.mkdir()
    extra = folder / "listeners.properties"
    extra.write_text(
        "listeners=PLAINTEXT://0.0.0.0:19092,CONTROLLER://127.0.0.1:19093\n"
        f"advertised.listeners=PLAINTEXT://{BROKER}\n"
    )
    environment = {
        **os.environ,
        "KAFKA_DIR": str(folder / "data"),
        "KAFKA_PORT": "19092",
        "KAFKA_EXTRA": str(extra),
    }
    inside = ["ip", "netns", "exec", "eng5-kafka", str(KAFKA)]
    subprocess.run([*inside, "start"], env=environment, check=True, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        subprocess.run([*inside, "stop"], env=environment, check=True)


def serve(host: str, folder: Path, *arguments: str) -> Part:
    """A role on a host, when it is ready."""
    flags = [*arguments, "--state", str(folder)]
    part = Part(folder, flags, {"ENG5_SERVE_TOKEN": "benchmark"}, before=("ip", "netns", "exec", host))
    assert part.addresses
    return part


def client(comparisons: int) -> None:
    """On the CJ service's host: one batch, and what came of it."""
    bench = Bench(Addresses(BROKER, f"http://{HOSTS['eng5-cj']}:8001/v1/content", "", ""))
    bench.http.headers["Authorization"] = "Bearer benchmark"
    texts = {f"essay-{n:03}": f"{n}. " + "A sentence of seven words is here. " * 43 for n in range(ESSAYS)}
    metadata = {"simulated": {"delay_ms": 200, "seed": comparisons}, "max_comparisons": comparisons}
    raw = bench.request(texts, model="simulated", metadata=metadata)
    began = time.perf_counter()
    print("began", flush=True)
    answers = bench.run(raw)
    times = Counter(one["request_id"] for one in answers.callbacks)
    result = {
        "seconds": round(time.perf_counter() - began, 1),
        "callbacks": len(times),
        "sent twice": sum(times.values()) - len(times),
        "completions": len(answers.raw[topics.CJ_COMPLETED]),
    }
    print(json.dumps(result), flush=True)


def batch(comparisons: int, cut: float | None) -> None:
    """One batch, with the second judge cut off in its middle or not."""
    command = [sys.executable, "-m", "benchmarks.bench_cut_off", "--client", str(comparisons)]
    with subprocess.Popen(
        ["ip", "netns", "exec", "eng5-cj", *command], stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline().strip() == "began"
        if cut is not None:
            time.sleep(4)
            ip("-n", "eng5-judge2", "link", "set", "cable", "down")
            time.sleep(cut)
            ip("-n", "eng5-judge2", "link", "set", "cable", "up")
        print("undisturbed" if cut is None else f"cut off for {cut:.0f} s", running.stdout.readline().strip())


def main() -> None:
    """Set up, measure both, and say what the ledger says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=40, help="how long the host is cut off")
    parser.add_argument("--comparisons", type=int, default=2016)
    parser.add_argument("--client", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.client:
        client(given.client)
        return
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        stack.enter_context(network())
        stack.enter_context(broker(folder / "kafka"))
        url = f"http://{HOSTS['eng5-cj']}:8001/v1/content"
        around = ["--kafka-bootstrap", BROKER, "--content-service-url", url]
        parts = [serve("eng5-cj", folder / "content", "--role", "content", "--host", HOSTS["eng5-cj"])]
        stack.callback(lambda: [part.stop() for part in reversed(parts)])
        cj = ["--role", "cj", "--host", HOSTS["eng5-cj"], "--outbox-delay", "0", "--max-comparisons", "0"]
        parts.append(serve("eng5-cj", folder / "cj", *cj, *around))
        parts += [serve(f"eng5-judge{n}", folder / f"judge{n}", "--role", "judge", *around) for n in (1, 2)]
        for cut in (None, given.seconds):
            batch(given.comparisons + (cut is not None), cut)
        ledger = [sys.executable, "-m", "eng5", "--kafka-bootstrap", BROKER, "ledger"]
        subprocess.run(["ip", "netns", "exec", "eng5-cj", *ledger], check=True)


if __name__ == "__main__":
    main()
