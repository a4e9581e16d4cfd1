"""Reads partitions from given offsets on, past everything that is no message, and notices what happens to the topics.

It reads what is committed: of a transaction that is open nobody knows yet whether it was ever said, and it hides all
that lies behind it. Brokers end a transaction after the time that its producer gave them. One that stays open for
longer than producers give by default is not waited for: until none is open, everything is read.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from eng5.clients.kafka_cluster import ClusterAdmin
from eng5.clients.kafka_errors import refused
from eng5.clients.offsets import Offsets
from eng5.contracts.journal import Message
from eng5.errors import ServiceError

if TYPE_CHECKING:
    from confluent_kafka import Consumer, KafkaError
    from confluent_kafka import Message as Received

log = logging.getLogger(__name__)

BATCH = 1000
WATCH_SECONDS = 2.0
ANSWER_SECONDS = 1.0
OPEN_TRANSACTION_SECONDS = 75.0
"""A minute, which is the default of `transaction.timeout.ms`, and until brokers look at it."""
AGAIN = "run the same command again: the request is published again, and no comparison is judged twice"


class Reader:
    """One assignment. `positions` are the offsets up to which everything has been read or passed over.

    `new_consumer` makes a consumer with an isolation level; `cluster` is asked what has become of the topics.
    """

    def __init__(
        self,
        new_consumer: Callable[[str], Consumer],
        positions: Offsets,
        cluster: ClusterAdmin,
        *,
        bootstrap: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.positions = positions
        self._new_consumer = new_consumer
        self._cluster = cluster
        self._bootstrap = bootstrap
        self._clock = clock
        self._ids: dict[str, str] = {}
        self._blocked: dict[tuple[str, int], tuple[int, float]] = {}
        self._said = False
        self._watched = clock()
        self._isolation = "read_committed"
        self._consumer = self._assigned()

    def poll(self, seconds: float) -> list[Message]:
        """Messages that have come, at the latest after `seconds`.

        Raises:
            ServiceError: what was to be read is gone, or the broker says something that cannot be waited out.
            PreflightError: a topic is gone, or this client may not read it.
        """
        from confluent_kafka import KafkaException

        if self._clock() - self._watched >= WATCH_SECONDS:
            self._watch()
            self._watched = self._clock()
        try:
            first = self._consumer.consume(1, timeout=seconds)
            received = first + self._consumer.consume(BATCH, timeout=0) if first else []
        except KafkaException as error:
            raise ServiceError(f"reading failed ({error})", where=self._bootstrap) from None
        return [message for one in received if (message := self._message(one)) is not None]

    def close(self) -> None:
        """Read no more."""
        self._consumer.close()

    def _assigned(self) -> Consumer:
        from confluent_kafka import TopicPartition

        consumer = self._new_consumer(self._isolation)
        consumer.assign(
            [
                TopicPartition(topic, number, offset)
                for topic, numbers in self.positions.items()
                for number, offset in numbers.items()
            ]
        )
        return consumer

    def _message(self, one: Received) -> Message | None:
        """A message; None for the news that a partition is read to its end, and for what passes."""
        from confluent_kafka import KafkaError

        failure = one.error()
        topic, partition, offset = one.topic(), one.partition(), one.offset()
        if failure is not None and failure.code() != KafkaError._PARTITION_EOF:
            self._raise_unless_it_passes(failure, topic, partition)
            return None
        if topic is None or partition is None or offset is None:
            raise ServiceError("the broker gave a message without a place", where=self._bootstrap)
        if failure is not None:
            # Behind the last message there may be records that are none, such as the end of a transaction.
            self.positions[topic][partition] = max(self.positions[topic][partition], offset)
            return None
        self.positions[topic][partition] = offset + 1
        key, value = one.key(), one.value()
        return Message(topic, partition, offset, key.encode() if isinstance(key, str) else key, _bytes(value))

    def _raise_unless_it_passes(self, failure: KafkaError, topic: str | None, partition: int | None) -> None:
        from confluent_kafka import KafkaError

        if failure.code() in (KafkaError.OFFSET_OUT_OF_RANGE, KafkaError._AUTO_OFFSET_RESET):
            at = self.positions.get(topic or "", {}).get(partition or 0)
            raise ServiceError(
                f"what was to be read next is gone (partition {partition}, offset {at}): deleted by retention, or "
                "with the topic",
                where=f"{self._bootstrap} {topic}",
                remedy=f"{AGAIN}; a longer retention.ms of the topic keeps this from happening",
            )
        # The group is only for telling how far a batch is read, which a broker may forbid.
        if failure.code() in (KafkaError.GROUP_AUTHORIZATION_FAILED, KafkaError.UNKNOWN_TOPIC_OR_PART):
            return
        if refusal := refused(failure, self._bootstrap, topic):
            raise refusal
        if not failure.retriable() and failure.code() not in (
            KafkaError._ALL_BROKERS_DOWN,
            KafkaError._TRANSPORT,
            KafkaError._UNKNOWN_PARTITION,
            KafkaError._UNKNOWN_TOPIC,
        ):
            raise ServiceError(f"reading failed ({failure.str()})", where=self._bootstrap)

    def _watch(self) -> None:
        """See to partitions that were added, topics that are others now, and transactions that stay open."""
        # A broker that is away comes back, or the services' own check says that it does not.
        if not self._cluster.answers(ANSWER_SECONDS):
            return
        try:
            self._check_topics()
            self._take_new_partitions()
            self._see_to_transactions()
        except ServiceError as error:
            if error.remedy is not None and error.remedy.startswith(AGAIN):
                raise
            log.info("the topics could not be looked at: %s", error)

    def _check_topics(self) -> None:
        for topic, now in self._cluster.topic_ids(sorted(self.positions)).items():
            if now != self._ids.setdefault(topic, now):
                raise ServiceError(
                    "the topic was deleted and made again while answers were awaited",
                    where=f"{self._bootstrap} {topic}",
                    remedy=AGAIN,
                )

    def _take_new_partitions(self) -> None:
        from confluent_kafka import TopicPartition

        for topic, known in self.positions.items():
            new = [number for number in self._cluster.partitions(topic) if number not in known]
            if new:
                known.update(dict.fromkeys(new, 0))
                self._consumer.incremental_assign([TopicPartition(topic, number, 0) for number in new])

    def _see_to_transactions(self) -> None:
        places = {topic: sorted(numbers) for topic, numbers in self.positions.items()}
        ends, stable = self._cluster.ends(places), self._cluster.ends(places, stable=True)
        now, before = self._clock(), self._blocked
        self._blocked = {}
        for topic, numbers in stable.items():
            for number, end in numbers.items():
                if end < ends[topic][number] and self.positions[topic][number] >= end:
                    at, since = before.get((topic, number), (end, now))
                    self._blocked[topic, number] = (end, since if at == end else now)
        longest = max((now - since for _, since in self._blocked.values()), default=0.0)
        if self._isolation == "read_uncommitted":
            if not self._blocked:
                log.warning("no transaction is open any more; what is committed is read from here on")
                self._read("read_committed")
        elif longest >= OPEN_TRANSACTION_SECONDS:
            log.warning(
                "a transaction stays open on %s; what lies behind it is read, even if it is aborted later",
                self._places(),
            )
            self._read("read_uncommitted")
        elif longest and not self._said:
            log.warning(
                "a transaction of another producer is open on %s; its end is waited for, at most %.0f s",
                self._places(),
                OPEN_TRANSACTION_SECONDS,
            )
        self._said = longest > 0

    def _places(self) -> str:
        return ", ".join(f"{topic}/{number}" for topic, number in sorted(self._blocked))

    def _read(self, isolation: str) -> None:
        self._consumer.close()
        self._isolation = isolation
        self._consumer = self._assigned()


def _bytes(value: object) -> bytes:
    if value is None:
        return b""
    return value if isinstance(value, bytes) else str(value).encode()
