"""Messages by consumer group: partitions are shared out, offsets are committed when a message is done."""

import logging
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from eng5.stack.broker import Cluster
from eng5.stack.roles.work import LONGEST_POLL_GAP_SECONDS, TAKE_SECONDS, Task

if TYPE_CHECKING:
    from confluent_kafka import Consumer, Message, TopicPartition

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 1.0
"""So long without room is waited out; pausing throws away what was fetched already."""

SESSION_MS = 15_000
"""So long after its last sign of life a member's partitions go to others."""


class PartitionProgress:
    """How far a partition is done, when its messages are worked on side by side and end in any order.

    What comes before the first offset that is not done can be committed.
    """

    def __init__(self) -> None:
        self._taken: deque[int] = deque()
        self._done: set[int] = set()

    def take(self, offset: int) -> None:
        """A message was taken, in the order of the partition."""
        self._taken.append(offset)

    def done(self, offset: int) -> int | None:
        """A message is done; the offset to commit, if it has moved."""
        self._done.add(offset)
        committed = None
        while self._taken and self._taken[0] in self._done:
            first = self._taken.popleft()
            self._done.discard(first)
            committed = first + 1
        return committed


class GroupWork:
    """``Work`` as a member of a consumer group, cooperative: what stays with a member is never taken from it.

    ``assigned`` is told of all partitions that this member has, whenever they change; ``leaving`` of those that it is
    to hand over, and returns when nothing of them is under way any more; ``lost`` of those that others have already.
    """

    def __init__(
        self,
        cluster: Cluster,
        topic: str,
        group: str,
        *,
        assigned: Callable[[frozenset[int]], None],
        leaving: Callable[[frozenset[int]], None],
        lost: Callable[[frozenset[int]], None],
        prefetch: int = 200,
    ) -> None:
        self._topic = topic
        self._assigned = assigned
        self._leaving = leaving
        self._lost = lost
        self._progress: dict[int, PartitionProgress] = {}
        self._paused = False
        self._full_since: float | None = None
        self._consumer: Consumer = cluster.consumer(
            group,
            partition_assignment_strategy="cooperative-sticky",
            enable_auto_commit=True,
            auto_commit_interval_ms=1000,
            enable_auto_offset_store=False,
            session_timeout_ms=SESSION_MS,
            max_poll_interval_ms=1000 * LONGEST_POLL_GAP_SECONDS,
            queued_min_messages=prefetch,
        )
        self._consumer.subscribe(
            [topic], on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost
        )

    def take(self, room: int) -> list[Task]:
        """At most ``room`` messages. Without room for long the partitions pause, and the member keeps its place."""
        if room > 0:
            self._full_since = None
            self._pause(False)
        else:
            now = time.monotonic()
            self._full_since = self._full_since or now
            if now - self._full_since < PATIENCE_SECONDS:
                time.sleep(TAKE_SECONDS / 10)
                return []
            self._pause(True)
        first = self._consumer.consume(1, timeout=TAKE_SECONDS)
        found = first + self._consumer.consume(room - 1, timeout=0) if first and room > 1 else first
        tasks = []
        for message in found:
            error = message.error()
            if error is not None:
                log.debug("reading %s: %s", self._topic, error)
                continue
            task = task_of(message)
            progress = self._progress.get(task.partition)
            if progress is not None:
                progress.take(task.offset)
                tasks.append(task)
        return tasks

    def done(self, task: Task) -> None:
        """The message need not come again."""
        from confluent_kafka import KafkaException

        progress = self._progress.get(task.partition)
        offset = None if progress is None else progress.done(task.offset)
        if offset is not None:
            try:
                self._consumer.store_offsets(offsets=[self._place(task.partition, offset)])
            except KafkaException as error:
                log.debug("%s/%d is with another member now: %s", self._topic, task.partition, error)

    def give_back(self, task: Task) -> None:
        """Nothing: what is not committed comes again."""

    def close(self) -> None:
        """Commit what is done, and leave."""
        self._consumer.close()

    def _pause(self, wanted: bool) -> None:
        if wanted != self._paused and self._progress:
            places = [self._place(one) for one in self._progress]
            (self._consumer.pause if wanted else self._consumer.resume)(places)
            self._paused = wanted

    def _place(self, partition: int, offset: int = -1001) -> "TopicPartition":
        """A partition, with librdkafka's sign for no offset unless one is given."""
        from confluent_kafka import TopicPartition

        return TopicPartition(self._topic, partition, offset)

    def _on_assign(self, consumer: Any, places: "list[TopicPartition]") -> None:
        consumer.incremental_assign(places)
        if self._paused:
            consumer.pause(places)
        self._progress |= {one.partition: PartitionProgress() for one in places}
        self._assigned(frozenset(self._progress))

    def _on_revoke(self, consumer: Any, places: "list[TopicPartition]") -> None:
        began = time.monotonic()
        self._leaving(frozenset(one.partition for one in places))
        took = time.monotonic() - began
        if took > 1:
            log.info("handed %d partitions over after %.0f s", len(places), took)
        self._drop(consumer, places)

    def _on_lost(self, consumer: Any, places: "list[TopicPartition]") -> None:
        log.warning("%d partitions of %s are lost to another member", len(places), self._topic)
        self._lost(frozenset(one.partition for one in places))
        self._drop(consumer, places)

    def _drop(self, consumer: Any, places: "list[TopicPartition]") -> None:
        for one in places:
            self._progress.pop(one.partition, None)
        consumer.incremental_unassign(places)
        self._assigned(frozenset(self._progress))


def task_of(message: "Message") -> Task:
    """A message as a task."""
    value = message.value()
    raw = b"" if value is None else value if isinstance(value, bytes) else value.encode()
    partition, offset = message.partition(), message.offset()
    if partition is None or offset is None:
        raise RuntimeError("a message without a place")
    return Task(raw, partition, offset, message.timestamp()[1])
