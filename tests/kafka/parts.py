"""`eng5 serve --role …` as processes of a test, around a real broker."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, KafkaError, TopicPartition

from eng5.stack.standin import Addresses
from tests.bench import Bench
from tests.kafka.cluster import Cluster


class Part:
    """One process; `before` stands before its command."""

    def __init__(
        self,
        folder: Path,
        arguments: list[str],
        environment: Mapping[str, str],
        before: Sequence[str] = (),
    ) -> None:
        self.log = folder.with_suffix(".log")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*before, sys.executable, "-m", "eng5", "serve", *arguments],
                env={**os.environ, **environment},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    @cached_property
    def addresses(self) -> dict[str, str]:
        """What it says when it is ready, which is waited for."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.said
        found: dict[str, str] = json.loads(line)
        return found

    @property
    def said(self) -> str:
        """Its lines on standard error."""
        return self.log.read_text(encoding="utf-8")

    def kill(self) -> None:
        """As in a crash."""
        self.process.send_signal(signal.SIGKILL)
        self.ended()

    def stop(self) -> int:
        """As an operator does; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def ended(self) -> int:
        """The exit code, when it has ended."""
        with self.process:
            return self.process.wait()


class Parts:
    """Content Service, CJ service and judges of one test; topics are fresh when they come up."""

    def __init__(self, kafka: Cluster, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.kafka = kafka
        self._folder = folder
        self._environment = environment or {}
        self._bootstrap = kafka.secure if environment else kafka.bootstrap
        self._parts: list[Part] = []
        self._benches = ExitStack()
        self.content_url = self.content().addresses["content_service_url"]

    def content(self, port: int = 0) -> Part:
        """A Content Service."""
        return self._start("content", "--content-port", str(port))

    def cj(self, state: str = "cj", **options: object) -> Part:
        """A CJ service, with its state in a folder of this name."""
        given = {"outbox_delay": 0, "max_comparisons": 0, **options}
        flags = [
            text for name, value in given.items() for text in (f"--{name.replace('_', '-')}", str(value))
        ]
        return self._start("cj", "--cj-port", "0", *self._around(), *flags, state=state)

    def judge(self, name: str = "judge", *arguments: str) -> Part:
        """A judge."""
        return self._start("judge", *self._around(), *arguments, state=name)

    def bench(self, cj: Part) -> Bench:
        """A client."""
        addresses = Addresses(
            self.kafka.bootstrap,
            self.content_url,
            cj.addresses["cj_service_url"],
            cj.addresses["cluster_id"],
        )
        return self._benches.enter_context(Bench(addresses))

    def close(self) -> None:
        """End what still runs."""
        self._benches.close()
        for part in self._parts:
            part.process.terminate()
        for part in self._parts:
            part.ended()

    def _around(self) -> list[str]:
        return ["--kafka-bootstrap", self._bootstrap, "--content-service-url", self.content_url]

    def _start(self, role: str, *arguments: str, state: str = "content") -> Part:
        folder = self._folder / state
        folder.mkdir(parents=True, exist_ok=True)
        part = Part(folder, ["--role", role, "--state", str(folder), *arguments], self._environment)
        self._parts.append(part)
        assert part.addresses
        return part


@contextmanager
def parts_around(kafka: Cluster, folder: Path, **environment: str) -> Iterator[Parts]:
    """Processes that end with the test."""
    with closing(Parts(kafka, folder, environment)) as parts:
        yield parts


def everything(kafka: Cluster, topic: str) -> list[dict[str, Any]]:
    """All values of a topic, as they are."""
    return [value for _, value in with_keys(kafka, topic)]


def with_keys(kafka: Cluster, topic: str) -> list[tuple[str, dict[str, Any]]]:
    """All messages of a topic: key and value; a key's messages are in the order in which they were written."""
    settings = {
        "bootstrap.servers": kafka.bootstrap,
        "group.id": "tests",
        "enable.partition.eof": True,
        "log_level": 0,
    }
    with closing(Consumer(settings)) as consumer:
        left = set(kafka.partitions(topic))
        consumer.assign([TopicPartition(topic, one, 0) for one in left])
        found = []
        while left:
            for message in consumer.consume(1000, timeout=1):
                error = message.error()
                if error is None:
                    found.append(((message.key() or b"").decode(), json.loads(message.value() or b"null")))
                elif error.code() == KafkaError._PARTITION_EOF:
                    left.discard(message.partition() or 0)
    return found
