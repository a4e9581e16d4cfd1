"""A Kafka broker on loopback: librdkafka's own mock cluster, which any Kafka client can use.

It keeps everything in memory, forgets it when the process ends, and drops the oldest messages of a
partition that holds more than about 5 MB (``PartitionMemory`` keeps that from happening unseen).
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from eng5.contracts.wire.topics import ALL_TOPICS

if TYPE_CHECKING:
    from confluent_kafka import Consumer, Message, Producer

log = logging.getLogger(__name__)

METADATA_SECONDS = 10.0
MESSAGE_BYTES = 8_000_000
LOCAL_QUEUE_KILOBYTES = 262_144


class Broker:
    """The cluster and the producer that belongs to it.

    The cluster's id comes from an address in memory, which a later process or a second broker in this
    one may get again. A client that finds a known id believes that its messages are still there, so
    ``used_ids`` lists ids that must not come up again.
    """

    def __init__(self, used_ids: frozenset[str] = frozenset()) -> None:
        kept: list[Producer] = []
        while True:
            producer = _mock_cluster()
            metadata = producer.list_topics(timeout=METADATA_SECONDS)
            if metadata.cluster_id not in used_ids:
                break
            kept.append(producer)
        self._producer = producer
        self.cluster_id = str(metadata.cluster_id)
        node = next(iter(metadata.brokers.values()))
        self.port = int(node.port)
        self.address = f"{node.host}:{node.port}"
        self.partitions = {
            topic: len(producer.list_topics(topic, timeout=METADATA_SECONDS).topics[topic].partitions)
            for topic in ALL_TOPICS
        }
        self._stopping = threading.Event()
        self._poller = threading.Thread(target=self._poll, name="eng5-broker", daemon=True)
        self._poller.start()

    def produce(
        self,
        topic: str,
        value: bytes,
        *,
        key: str | None = None,
        partition: int | None = None,
        delivered: Callable[[int], None] | None = None,
    ) -> None:
        """Hand a message over without waiting; ``delivered`` gets its offset, in another thread."""

        def report(error: object, message: "Message") -> None:
            offset = message.offset()
            if error is not None or offset is None:
                log.error("a message for %s was not delivered: %s", topic, error)
            elif delivered is not None:
                delivered(offset)

        where: dict[str, Any] = {} if partition is None else {"partition": partition}
        self._producer.produce(topic, value, key=key, on_delivery=report, **where)

    async def flush(self) -> None:
        """Return when every message handed over so far is in the log."""
        await asyncio.get_running_loop().run_in_executor(None, self._producer.flush)

    def consumer(self, group: str) -> "Consumer":
        """A consumer that joins nothing: for ``assign`` and for the group's committed offsets."""
        from confluent_kafka import Consumer

        return Consumer(
            {
                "bootstrap.servers": self.address,
                "group.id": group,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "fetch.wait.max.ms": 10,
                "logger": _librdkafka_logger(),
            }
        )

    def stop(self) -> None:
        """End the cluster; what it holds is lost."""
        self._stopping.set()
        self._poller.join()
        self._producer.flush(1)

    def _poll(self) -> None:
        while not self._stopping.is_set():
            self._producer.poll(0.05)


def _mock_cluster() -> "Producer":
    from confluent_kafka import Producer

    return Producer(
        {
            "test.mock.num.brokers": 1,
            "acks": "all",
            "linger.ms": 1,
            "message.max.bytes": MESSAGE_BYTES,
            "queue.buffering.max.messages": 0,
            "queue.buffering.max.kbytes": LOCAL_QUEUE_KILOBYTES,
            "logger": _librdkafka_logger(),
        }
    )


def _librdkafka_logger() -> logging.Logger:
    """librdkafka's own lines stay out of the terminal."""
    logger = logging.getLogger("eng5.librdkafka")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
    return logger
