"""Keeps unread callbacks from being evicted by the mock broker's small partitions.

A batch's reader says how far it has read by committing offsets to the group ``eng5-capture-<batch>``.
Before a callback is produced, the bytes from the oldest unread callback to the end of the partition,
with the new one, have to stay below a limit; else the batch waits for the reader.
"""

import asyncio
import logging
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eng5.contracts.wire.topics import COMPARISON_RESULT
from eng5.stack.broker import Cluster, Delivered

if TYPE_CHECKING:
    from confluent_kafka import Consumer

log = logging.getLogger(__name__)

LIMIT_BYTES = 3_500_000
MESSAGE_OVERHEAD = 100
PATIENCE_SECONDS = 600.0
RECHECK_SECONDS = 0.02


class ReaderGoneError(Exception):
    """The batch's own reader has not moved for so long that the batch is given up."""


@dataclass
class _Unread:
    batch: str
    size: int
    offset: int | None = None


class PartitionMemory:
    """The callbacks' way to the mock cluster: counts the unread bytes of every partition of their topic.

    A batch waits for its own reader for ``patience`` seconds and is then given up. A finished batch
    whose reader does not come within that time no longer holds others up.
    """

    def __init__(
        self, broker: Cluster, *, limit: int = LIMIT_BYTES, patience: float = PATIENCE_SECONDS
    ) -> None:
        self._broker = broker
        self._limit = limit
        self._patience = patience
        self._partitions = broker.partitions(COMPARISON_RESULT)
        self._unread: list[deque[_Unread]] = [deque() for _ in range(self._partitions)]
        self._bytes = [0] * self._partitions
        self._turns = [asyncio.Lock() for _ in range(self._partitions)]
        self._readers: dict[str, Consumer] = {}

    async def produce(self, batch: str, position: int, value: bytes, delivered: Delivered) -> None:
        """Produce a callback as soon as there is room; ReaderGoneError when there never is."""
        partition = position % self._partitions
        size = len(value) + MESSAGE_OVERHEAD
        if self._bytes[partition] + size > self._limit:
            async with self._turns[partition]:
                await self._wait_for_room(batch, partition, size)
        entry = _Unread(batch, size)
        self._unread[partition].append(entry)
        self._bytes[partition] += size

        def note(error: Exception | None, offset: int | None) -> None:
            entry.offset = offset
            delivered(error, offset)

        self._broker.produce(COMPARISON_RESULT, value, partition=partition, delivered=note)

    def close(self) -> None:
        """Let go of the connections over which committed offsets are asked for."""
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()

    async def _wait_for_room(self, batch: str, partition: int, size: int) -> None:
        unread = self._unread[partition]
        last_move = time.monotonic()
        told = False
        while unread and self._bytes[partition] + size > self._limit:
            held_by = unread[0].batch
            if await self._forget_read(partition):
                last_move = time.monotonic()
                continue
            if not told:
                told = True
                log.info(
                    "batch %s waits: partition %d holds %d bytes that the group eng5-capture-%s has not read",
                    batch,
                    partition,
                    self._bytes[partition],
                    held_by,
                )
            if time.monotonic() - last_move > self._patience:
                if held_by == batch:
                    raise ReaderGoneError
                log.warning("the callbacks of batch %s were not read in time and are no longer kept", held_by)
                self._give_up(partition, held_by)
            await asyncio.sleep(RECHECK_SECONDS)

    async def _forget_read(self, partition: int) -> bool:
        """Drop what has been read from the front of the partition; say whether anything was."""
        unread = self._unread[partition]
        loop = asyncio.get_running_loop()
        before = len(unread)
        while unread:
            first = unread[0]
            committed = await loop.run_in_executor(None, self._committed, first.batch, partition)
            count = len(unread)
            self._drop_front(partition, first.batch, committed)
            if len(unread) == count:
                break
        return len(unread) < before

    def _drop_front(self, partition: int, batch: str, committed: int) -> None:
        unread = self._unread[partition]
        while unread and unread[0].batch == batch:
            offset = unread[0].offset
            if offset is None or offset >= committed:
                return
            self._bytes[partition] -= unread.popleft().size

    def _give_up(self, partition: int, batch: str) -> None:
        unread = self._unread[partition]
        kept = [entry for entry in unread if entry.batch != batch]
        unread.clear()
        unread.extend(kept)
        self._bytes[partition] = sum(entry.size for entry in kept)

    def _committed(self, batch: str, partition: int) -> int:
        """The first offset that the batch's reader has not read, as far as it has said; 0 at first."""
        from confluent_kafka import TopicPartition

        if batch not in self._readers:
            self._readers[batch] = self._broker.consumer(f"eng5-capture-{batch}")
        [answer] = self._readers[batch].committed([TopicPartition(COMPARISON_RESULT, partition)], timeout=5)
        return max(0, int(answer.offset))
