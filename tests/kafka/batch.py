"""A batch on a real broker: its chain up to the envelope, and a platform that answers as a test says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from confluent_kafka import Producer

from eng5.clients.kafka import KafkaClient
from eng5.contracts.journal import END_PREFIX, JournalEnd
from eng5.contracts.published import Published
from eng5.contracts.wire.topics import ASSESSMENT_RESULT, CJ_COMPLETED, COMPARISON_RESULT
from eng5.files import JsonLines, read_model
from eng5.runs.registry import batch_end
from eng5.steps import events, published
from eng5.steps.folding import Folded, fold
from tests import messages
from tests.chain import Chain
from tests.fakes import Progress
from tests.kafka.cluster import Cluster


@dataclass
class Batch:
    """One run; `config` holds the client's settings."""

    root: Path
    address: str
    config: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chain = Chain(self.root, changes={"completion_timeout": 800.0})
        self.chain.freeze()
        self.chain.take_stock()
        self.chain.upload()
        self.chain.ask()
        self.progress = Progress()

    @property
    def uuid(self) -> UUID:
        return self.chain.run_file.batch_uuid

    @property
    def marker(self) -> Published:
        return read_model(self.chain.paths.published, Published)

    def client(self) -> KafkaClient:
        return KafkaClient(self.address, config=self.config)

    def publish(self) -> None:
        """The step `published`, as one process would do it."""
        with self.client() as client:
            published.run(self.chain.paths, client)

    def capture(self, progress: Progress | None = None) -> None:
        """The step `events`."""
        self.progress = progress or Progress()
        with self.client() as client:
            events.run(self.chain.paths, client, self.progress)

    def journal_so_far(self, count: int) -> None:
        """A capture that is stopped when so many callbacks are journalled."""

        class Stop(Progress):
            def advance(self, done: int) -> None:
                if done >= count:
                    raise KeyboardInterrupt

        with self.client() as client, suppress(KeyboardInterrupt):
            events.run(self.chain.paths, client, Stop())

    def callbacks(self, count: int, first: int = 0) -> list[bytes]:
        """Callbacks of the batch, each of its own request."""
        return [
            messages.raw(messages.callback(self.uuid, number=number))
            for number in range(first, first + count)
        ]

    def final(self) -> list[tuple[str, bytes]]:
        """Completion and result."""
        return [
            (CJ_COMPLETED, messages.raw(messages.completed(self.uuid))),
            (ASSESSMENT_RESULT, messages.raw(messages.result(self.uuid))),
        ]

    @property
    def end(self) -> JournalEnd | None:
        return batch_end(self.chain.paths)

    def fold(self) -> Folded:
        """What the journal says."""
        return fold(JsonLines(self.chain.paths.events), self.chain.paths.events)

    def lines(self) -> int:
        """How many messages are journalled."""
        return sum(not line.startswith(END_PREFIX) for line in JsonLines(self.chain.paths.events))


class Platform:
    """Another client of the cluster, which writes what it is told."""

    def __init__(self, cluster: Cluster, transaction: str | None = None) -> None:
        self._settings: dict[str, str | int] = {"bootstrap.servers": cluster.bootstrap, "log_level": 0}
        if transaction is not None:
            self._settings |= {"transactional.id": transaction, "transaction.timeout.ms": 60_000}
        self.producer = Producer(self._settings)
        if transaction is not None:
            self.producer.init_transactions()

    def put(self, topic: str, *values: bytes, partition: int | None = None) -> None:
        """Write to a topic (spread over its partitions, or to one), and wait until it is there."""
        for value in values:
            if partition is None:
                self.producer.produce(topic, value)
            else:
                self.producer.produce(topic, value, partition=partition)
        self.producer.flush()

    def answer(self, batch: Batch, callbacks: list[bytes], partition: int | None = None) -> None:
        """Callbacks, then completion and result."""
        self.put(COMPARISON_RESULT, *callbacks, partition=partition)
        for topic, value in batch.final():
            self.put(topic, value)

    @contextmanager
    def transaction(self, *, abort: bool = False) -> Iterator[None]:
        """What is put inside is committed, or aborted, together."""
        self.producer.begin_transaction()
        yield
        self.producer.flush()
        if abort:
            self.producer.abort_transaction()
        else:
            self.producer.commit_transaction()
