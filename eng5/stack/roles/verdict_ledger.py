"""The ledger of verdicts as a compacted topic: one form of ``judges.ledger.Ledger``, for many judges and CJ services.

A question's key is ``question_sha256:repetition``. What counts for one batch alone, an error or a verdict that was
wanted fresh, has the batch behind it: ``question_sha256:repetition:batch``. While a judge is asked, ``Asked`` stands in
the verdict's place; who finds it there after a crash knows that the answer may have been paid for, and counts it.
"""

import asyncio
import contextlib
import json
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eng5.contracts.judge_topics import Asked, Stopped
from eng5.contracts.wire.topics import VERDICT
from eng5.judges import JudgeStoppedError, Outcome
from eng5.judges.ledger import Entry, Key
from eng5.stack.broker import Cluster
from eng5.stack.deliveries import Deliveries, send
from eng5.stack.roles.compacted_table import Row, Table

RECENT = 10_000
"""Verdicts that a judge remembers until they have come back to it from the topic."""


@dataclass
class VerdictWatch:
    """Somebody waits for a question's verdict."""

    came: asyncio.Event = field(default_factory=asyncio.Event)
    stopped: Stopped | None = None


class VerdictTopic:
    """The verdicts as far as they have been read from the topic."""

    def __init__(self, cluster: Cluster, path: Path, failed: Callable[[Exception], None]) -> None:
        self._watches: dict[str, list[VerdictWatch]] = {}
        self.table = Table(cluster, VERDICT, path, self._take, failed)

    def find(self, key: Key, batch: str, *, fresh: bool = False) -> Entry | None:
        """The batch's own answer, whatever it was; else another batch's, unless ``fresh`` ones are wanted."""
        own = self.state(f"{shared_key(key)}:{batch}")
        if isinstance(own, Entry):
            return own
        found = None if fresh else self.state(shared_key(key))
        return found if isinstance(found, Entry) else None

    def state(self, key: str) -> Entry | Asked | Stopped | None:
        """What stands under a key of the topic."""
        value = self.table.get(key)
        return None if value is None else read_state(value)

    @contextlib.contextmanager
    def watching(self, key: str) -> Iterator[VerdictWatch]:
        """Be told when something comes for a question."""
        watch = VerdictWatch()
        self._watches.setdefault(key, []).append(watch)
        try:
            yield watch
        finally:
            watches = self._watches[key]
            watches.remove(watch)
            if not watches:
                del self._watches[key]

    def _take(self, rows: Sequence[Row]) -> None:
        for key, value in rows:
            sha256, _, rest = key.partition(":")
            for watch in self._watches.get(f"{sha256}:{rest.partition(':')[0]}", ()):
                state = None if value is None else read_state(value)
                if isinstance(state, Stopped):
                    watch.stopped = state
                if not isinstance(state, Asked):
                    watch.came.set()


class KnownVerdicts:
    """The CJ service's ledger: what is known is taken, and everything else is the judges' business."""

    def __init__(self, verdicts: VerdictTopic) -> None:
        self._verdicts = verdicts

    def find(self, key: Key, batch: str, *, fresh: bool = False) -> Entry | None:
        """As in Ledger, as far as the topic has been read."""
        return self._verdicts.find(key, batch, fresh=fresh)

    async def answer(
        self, key: Key, batch: str, ask: Callable[[], Awaitable[Entry]], *, fresh: bool = False
    ) -> Entry:
        """As in Ledger; a judge has recorded the entry before ``ask`` returns it."""
        return self.find(key, batch, fresh=fresh) or await ask()


class TopicLedger:
    """A judge's ledger: looks up, asks, and returns when the verdict is in the topic."""

    def __init__(self, cluster: Cluster, verdicts: VerdictTopic) -> None:
        self._cluster = cluster
        self._verdicts = verdicts
        self._partitions = cluster.partitions(VERDICT)
        self._asking: dict[tuple[Key, str | None], asyncio.Event] = {}
        self._marks: dict[str, Asked] = {}
        self._recent: OrderedDict[tuple[Key, str | None], Entry] = OrderedDict()

    def find(self, key: Key, batch: str, *, fresh: bool = False) -> Entry | None:
        """As in Ledger; what this judge asked itself is known before it has come back from the topic."""
        recent = self._recent.get((key, batch)) or self._recent.get((key, batch if fresh else None))
        return recent or self._verdicts.find(key, batch, fresh=fresh)

    async def answer(
        self, key: Key, batch: str, ask: Callable[[], Awaitable[Entry]], *, fresh: bool = False
    ) -> Entry:
        """As in Ledger. A stop is in the topic before it is raised here."""
        place = (key, batch if fresh else None)
        while (found := self.find(key, batch, fresh=fresh)) is None:
            other = self._asking.get(place)
            if other is None:
                return await self._ask(place, batch, ask)
            await other.wait()
        return found

    def mark(self, key: Key, batch: str, *, fresh: bool) -> None:
        """Note in the topic that a judge is being asked now; part of ``ask``."""
        name = f"{shared_key(key)}:{batch}" if fresh else shared_key(key)
        before = self._verdicts.state(name)
        asked = Asked(asking=before.asking + 1 if isinstance(before, Asked) else 1)
        self._marks[name] = asked
        value = asked.model_dump_json().encode()
        self._cluster.produce(VERDICT, value, key=name, partition=self._partition(key))

    async def stop(self, key: Key, stopped: Stopped, *, fresh: bool) -> None:
        """Say that the question cannot be answered."""
        name = shared_key(key) + (f":{stopped.batch}" if fresh else "")
        value = stopped.model_dump_json().encode()
        await send(self._cluster, VERDICT, value, key=name, partition=self._partition(key))

    async def _ask(
        self, place: tuple[Key, str | None], batch: str, ask: Callable[[], Awaitable[Entry]]
    ) -> Entry:
        key, only = place
        done = self._asking[place] = asyncio.Event()
        shared, own = shared_key(key), f"{shared_key(key)}:{batch}"
        mark = shared if only is None else own
        on_the_way = Deliveries()
        try:
            try:
                entry = await ask()
            except JudgeStoppedError as stop:
                reason = Stopped(stopped=stop.code, batch=batch, message=str(stop), details=stop.details)
                await self.stop(key, reason, fresh=only is not None)
                raise
            asked = self._marks.pop(mark, Asked(asking=1))
            for name, value in self._record(mark, shared, own, entry, asked):
                self._produce(key, name, value, on_the_way)
            await on_the_way.settled()
            self._remember(place, batch, entry)
            return entry
        finally:
            self._marks.pop(mark, None)
            del self._asking[place]
            done.set()

    def _record(
        self, mark: str, shared: str, own: str, entry: Entry, asked: Asked
    ) -> Iterator[tuple[str, bytes | None]]:
        """Where the verdict goes; a mark that stood elsewhere is taken away."""
        value = json.dumps(entry.to_json() | {"asked": asked.asking}, ensure_ascii=False).encode()
        counts_for_all = entry.verdict.outcome is not Outcome.ERROR
        if mark == own or not counts_for_all:
            yield own, value
        if mark == shared:
            yield shared, value if counts_for_all else None
        elif counts_for_all and not isinstance(self._verdicts.state(shared), Entry):
            yield shared, value

    def _remember(self, place: tuple[Key, str | None], batch: str, entry: Entry) -> None:
        key, only = place
        error = entry.verdict.outcome is Outcome.ERROR
        self._recent[(key, batch if error or only is not None else None)] = entry
        while len(self._recent) > RECENT:
            self._recent.popitem(last=False)

    def _produce(self, key: Key, name: str, value: bytes | None, on_the_way: Deliveries) -> None:
        partition = self._partition(key)
        self._cluster.produce(VERDICT, value, key=name, partition=partition, delivered=on_the_way.expect())

    def _partition(self, key: Key) -> int:
        return partition_of(shared_key(key), self._partitions)


def shared_key(key: Key) -> str:
    """A question's key on the topics."""
    sha256, repetition = key
    return f"{sha256}:{repetition}"


def partition_of(key: str, partitions: int) -> int:
    """Where librdkafka's default partitioner puts a key, too."""
    return zlib.crc32(key.encode()) % partitions


def read_state(value: bytes) -> Entry | Asked | Stopped | None:
    """A value of the topic; None for what is none."""
    try:
        document = json.loads(value)
        for kind, name in ((Asked, "asking"), (Stopped, "stopped")):
            if name in document:
                state: Asked | Stopped = kind.model_validate(document)
                return state
        return Entry.from_json(document)
    except (KeyError, TypeError, ValueError):
        return None
