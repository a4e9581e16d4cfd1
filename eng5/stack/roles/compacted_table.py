"""A compacted topic as a table on the disk: the last value of every key, kept up to date by a thread."""

import asyncio
import contextlib
import logging
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eng5.errors import ServiceError
from eng5.stack.broker import Cluster

if TYPE_CHECKING:
    from confluent_kafka import Consumer, Message

log = logging.getLogger(__name__)

POLL_SECONDS = 0.2
BATCH = 2000
RECHECK_SECONDS = 0.01
NEW_PARTITIONS_SECONDS = 30.0
TELL_SECONDS = 2.0

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS origin (topic TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS rows (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS offsets (partition INTEGER PRIMARY KEY, next INTEGER);
"""

Row = tuple[str, bytes | None]


class Table:
    """Follows the topic from its beginning, or from where the file at ``path`` stopped.

    The file is a copy that can be thrown away: the topic has everything, and a file that was made from another topic
    (the cluster's id and the topic's say so) begins anew. In the event loop, ``changed`` is told of rows as they come,
    and ``failed`` of what ended the reading. Without ``follow`` nothing is read.
    """

    def __init__(
        self,
        cluster: Cluster,
        topic: str,
        path: Path,
        changed: Callable[[Sequence[Row]], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._cluster = cluster
        self._topic = topic
        self._changed = changed
        self._failed = failed
        self._loop = asyncio.get_running_loop()
        self._path = path
        self._next = self._open(f"{cluster.cluster_id} {cluster.topic_id(topic)}")
        self._reading = self._connect()
        self._wanted: frozenset[int] | None = frozenset()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._follow, name=f"eng5-{topic}", daemon=True)
        self._thread.start()

    def get(self, key: str) -> bytes | None:
        """The last value of a key, as far as it has been read."""
        found = self._reading.execute("SELECT value FROM rows WHERE key = ?", (key,)).fetchone()
        return None if found is None else bytes(found[0])

    def items(self) -> Iterator[tuple[str, bytes]]:
        """All keys with their last values."""
        yield from self._reading.execute("SELECT key, value FROM rows")

    def follow(self, partitions: Collection[int] | None) -> None:
        """Read these partitions from now on; None: all, those that are added later too."""
        self._wanted = None if partitions is None else frozenset(partitions)

    async def caught_up(self, partitions: Collection[int] | None = None) -> None:
        """Return when everything is read that is in these partitions now (None: in all of them)."""
        ends = await asyncio.to_thread(self._cluster.ends, self._topic)
        wanted = {one: end for one, end in ends.items() if partitions is None or one in partitions}
        loop = self._loop
        tell_at = loop.time() + TELL_SECONDS
        while behind := sum(max(0, end - self._next.get(one, 0)) for one, end in wanted.items()):
            if loop.time() > tell_at:
                log.info("%s: %d messages to read before work begins", self._topic, behind)
                tell_at = loop.time() + 5 * TELL_SECONDS
            await asyncio.sleep(RECHECK_SECONDS)

    def close(self) -> None:
        """Read no more."""
        self._stopping.set()
        self._thread.join()
        self._reading.close()

    def _open(self, origin: str) -> dict[int, int]:
        """Make the file ready; the offsets to go on at."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(self._connect()) as connection:
            try:
                connection.executescript(SCHEMA)
                known = connection.execute("SELECT topic FROM origin").fetchall()
            except sqlite3.DatabaseError:
                known = None
        if known not in ([], [(origin,)]):
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        with contextlib.closing(self._connect()) as connection, connection:
            connection.executescript(SCHEMA)
            connection.execute("INSERT OR IGNORE INTO origin VALUES (?)", (origin,))
            return dict(connection.execute("SELECT partition, next FROM offsets").fetchall())

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, check_same_thread=False, timeout=30.0)

    def _follow(self) -> None:
        consumer = self._cluster.consumer(f"eng5-table-{self._topic}", enable_partition_eof=True)
        assigned: frozenset[int] = frozenset()
        count_at = 0.0
        everything: frozenset[int] = frozenset()
        writing = self._connect()
        try:
            while not self._stopping.is_set():
                wanted = self._wanted
                if wanted is None:
                    if self._loop.time() >= count_at:
                        with contextlib.suppress(ServiceError):
                            everything = frozenset(range(self._cluster.partitions(self._topic)))
                        count_at = self._loop.time() + NEW_PARTITIONS_SECONDS
                    wanted = everything
                if wanted != assigned:
                    self._assign(consumer, wanted, assigned)
                    assigned = wanted
                if not assigned:
                    self._stopping.wait(RECHECK_SECONDS)
                    continue
                first = consumer.consume(1, timeout=POLL_SECONDS)
                if first:
                    self._take(writing, first + consumer.consume(BATCH, timeout=0))
        except Exception as error:
            log.exception("the topic %s is not read any more", self._topic)
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._failed, error)
        finally:
            writing.close()
            consumer.close()

    def _assign(self, consumer: "Consumer", wanted: frozenset[int], assigned: frozenset[int]) -> None:
        from confluent_kafka import TopicPartition

        if gone := assigned - wanted:
            consumer.incremental_unassign([TopicPartition(self._topic, one) for one in gone])
        if new := wanted - assigned:
            consumer.incremental_assign(
                [TopicPartition(self._topic, one, self._next.get(one, 0)) for one in sorted(new)]
            )

    def _take(self, writing: sqlite3.Connection, messages: "Sequence[Message]") -> None:
        from confluent_kafka import KafkaError

        rows: list[Row] = []
        following: dict[int, int] = {}
        for message in messages:
            partition, offset, error = message.partition(), message.offset(), message.error()
            if partition is None or offset is None:
                continue
            if error is not None:
                if error.code() == KafkaError._PARTITION_EOF:
                    following[partition] = offset
                continue
            following[partition] = offset + 1
            name, content = message.key(), message.value()
            if name is not None:
                rows.append((_text(name), None if content is None else _raw(content)))
        with writing:
            for key, value in rows:
                if value is None:
                    writing.execute("DELETE FROM rows WHERE key = ?", (key,))
                else:
                    writing.execute("INSERT OR REPLACE INTO rows VALUES (?, ?)", (key, value))
            writing.executemany("INSERT OR REPLACE INTO offsets VALUES (?, ?)", list(following.items()))
        self._next.update(following)
        if rows and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._changed, rows)


def _text(key: str | bytes) -> str:
    return key if isinstance(key, str) else key.decode(errors="replace")


def _raw(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()
