"""Services in memory for tests of the steps. tests/suites shows that they behave as the real ones do."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from uuid import uuid4

from eng5.contracts.journal import Message
from eng5.errors import ServiceError
from eng5.protocols import Offsets

PARTITIONS = 3


class FakeContent:
    """A Content Service in memory; `refuse_after` uploads it refuses the next ones."""

    def __init__(self, address: str = "http://content.test/v1/content") -> None:
        self._address = address
        self._guard = threading.Lock()
        self.texts: dict[str, bytes] = {}
        self.uploads = 0
        self.refuse_after: int | None = None
        self.on_upload: Callable[[], None] = lambda: None

    @property
    def address(self) -> str:
        return self._address

    def upload(self, text: bytes) -> str:
        if not text:
            raise ServiceError("an empty body is refused", where=self._address)
        self.on_upload()
        with self._guard:
            if self.refuse_after is not None and self.uploads >= self.refuse_after:
                raise ServiceError("out of order", where=self._address)
            self.uploads += 1
            storage_id = uuid4().hex
            self.texts[storage_id] = text
        return storage_id

    def has(self, storage_id: str) -> bool:
        return storage_id in self.texts

    def text(self, storage_id: str) -> bytes:
        """What was stored under an id."""
        return self.texts[storage_id]


class FakeBroker:
    """A broker in memory. What is put while somebody reads comes with one of the next polls.

    `on_publish` may answer a request; `on_poll` is called before each poll with its number, from 1; `most_of` limits
    what a poll gets of a partition.
    `ids` are topic ids, `lost` how many messages of a partition are no longer kept.
    """

    def __init__(self, cluster: str = "cluster-1") -> None:
        self._cluster = cluster
        self._logs: dict[tuple[str, int], list[Message]] = defaultdict(list)
        self._positions: dict[tuple[str, int], int] = {}
        self.published: list[Message] = []
        self.started: list[dict[str, dict[int, int]]] = []
        self.committed: dict[str, dict[str, dict[int, int]]] = {}
        self.polls = 0
        self.ids: dict[str, str] = {}
        self.lost: dict[tuple[str, int], int] = {}
        self.on_publish: Callable[[bytes], None] = lambda envelope: None
        self.on_poll: Callable[[int], None] = lambda number: None
        self.most_of: Callable[[str, int], int | None] = lambda topic, partition: None

    def put(self, topic: str, value: bytes, *, partition: int = 0, key: bytes | None = None) -> Message:
        """Another client's message, at the end of a partition."""
        log = self._logs[topic, partition]
        message = Message(topic, partition, len(log), key, value)
        log.append(message)
        return message

    def cluster_id(self) -> str:
        return self._cluster

    def topic_ids(self, topics: Sequence[str]) -> dict[str, str]:
        return {topic: self.ids[topic] for topic in topics if topic in self.ids}

    def first_offsets(self, topics: Sequence[str]) -> dict[str, dict[int, int]]:
        return {topic: {p: self.lost.get((topic, p), 0) for p in range(PARTITIONS)} for topic in topics}

    def end_offsets(self, topics: Sequence[str]) -> dict[str, dict[int, int]]:
        return {topic: {p: len(self._logs[topic, p]) for p in range(PARTITIONS)} for topic in topics}

    def publish(self, topic: str, key: str, value: bytes) -> tuple[int, int]:
        message = self.put(topic, value, key=key.encode())
        self.published.append(message)
        self.on_publish(value)
        return message.partition, message.offset

    def start(self, offsets: Offsets) -> None:
        self.started.append({topic: dict(partitions) for topic, partitions in offsets.items()})
        self._positions = {
            (t, p): offset for t, partitions in offsets.items() for p, offset in partitions.items()
        }

    def poll(self, seconds: float) -> Sequence[Message]:
        self.polls += 1
        self.on_poll(self.polls)
        new: list[Message] = []
        for place, position in self._positions.items():
            read = self._logs[place][position:][: self.most_of(*place)]
            self._positions[place] += len(read)
            new += read
        return new

    def positions(self) -> dict[str, dict[int, int]]:
        found: dict[str, dict[int, int]] = defaultdict(dict)
        for (topic, partition), position in self._positions.items():
            found[topic][partition] = position
        return dict(found)

    def commit(self, group: str, offsets: Offsets) -> None:
        self.committed[group] = {topic: dict(partitions) for topic, partitions in offsets.items()}


class Progress:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.total: int | None = None
        self.counts: list[int] = []
        self.awaited: list[str] = []

    def advance(self, done: int) -> None:
        self.counts.append(done)

    def wait(self, awaited: str) -> None:
        self.awaited.append(awaited)

    @contextmanager
    def __call__(self, total: int | None) -> Iterator[Progress]:
        self.total = total
        yield self


class Clock:
    """Seconds that pass when told to."""

    def __init__(self, moments: Iterable[float] = ()) -> None:
        self.now = 0.0
        self._moments = iter(moments)

    def __call__(self) -> float:
        self.now = next(self._moments, self.now)
        return self.now
