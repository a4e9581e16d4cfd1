"""A Kafka cluster as the CJ service uses it: one producer, and consumers when asked for.

``Broker`` is librdkafka's own mock cluster on loopback, which any Kafka client can use. It keeps everything in
memory, forgets it when the process ends, and drops the oldest messages of a partition that holds more than about
5 MB (``PartitionMemory`` keeps that from happening unseen).
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from eng5.clients.offsets import offsets
from eng5.contracts.wire.topics import ALL_TOPICS
from eng5.errors import InputError, ServiceError

if TYPE_CHECKING:
    from confluent_kafka import Consumer, KafkaError, Message, Producer, ShareConsumer
    from confluent_kafka.admin import AdminClient

log = logging.getLogger(__name__)

METADATA_SECONDS = 10.0
ADMIN_SECONDS = 30.0
MESSAGE_BYTES = 8_000_000
LOCAL_QUEUE_KILOBYTES = 262_144

RETRY_SECONDS = 1.0

Answer = TypeVar("Answer")

Delivered = Callable[[Exception | None, int | None], None]
"""Told what became of a message, in another thread: UndeliveredError or BrokerLostError, or its offset in the log."""

PRODUCER: Mapping[str, Any] = {
    "acks": "all",
    "linger.ms": 1,
    "message.max.bytes": MESSAGE_BYTES,
    "queue.buffering.max.messages": 0,
    "queue.buffering.max.kbytes": LOCAL_QUEUE_KILOBYTES,
}


class UndeliveredError(Exception):
    """The broker refused a message for good."""


class BrokerLostError(ConnectionError):
    """The producer cannot go on: the process must be started again, and then goes on where it stopped."""


class Cluster:
    """A cluster at an address. ``config`` are librdkafka's settings for getting there (SASL, TLS).

    What is produced is tried until it is acknowledged or refused for good: an outage is waited for.
    """

    def __init__(self, address: str, config: Mapping[str, str] | None = None) -> None:
        self.address = address
        self._config: dict[str, Any] = {
            "bootstrap.servers": address,
            "logger": librdkafka_logger(),
            **(config or {}),
        }
        self._start(self._new_producer())
        self.cluster_id = str(self._metadata().cluster_id)

    def produce(
        self,
        topic: str,
        value: bytes | None,
        *,
        key: str | None = None,
        partition: int | None = None,
        delivered: Delivered | None = None,
    ) -> None:
        """Hand a message over without waiting; ``delivered`` is told, in another thread, what became of it."""

        def report(error: "KafkaError | None", message: "Message") -> None:
            if error is None:
                failure: Exception | None = None
            else:
                failure = (BrokerLostError if error.fatal() else UndeliveredError)(f"{topic}: {error}")
            if delivered is not None:
                delivered(failure, message.offset())
            elif failure is not None:
                log.error("a message was not delivered: %s", failure)

        from confluent_kafka import KafkaException

        where: dict[str, Any] = {} if partition is None else {"partition": partition}
        try:
            self._producer.produce(topic, value, key=key, on_delivery=report, **where)
        except KafkaException as error:
            raise BrokerLostError(f"{topic}: {error}") from None

    async def flush(self) -> None:
        """Return when every message handed over so far is in the log, or refused."""
        await asyncio.get_running_loop().run_in_executor(None, self._producer.flush)

    def consumer(self, group: str, **settings: Any) -> "Consumer":
        """A consumer: for ``assign`` and a group's committed offsets, or to ``subscribe`` as a member of the group."""
        from confluent_kafka import Consumer

        return Consumer(
            {
                "group.id": group,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                **self._config,
                **{name.replace("_", "."): value for name, value in settings.items()},
            }
        )

    def share_consumer(self, group: str, *, most_records: int) -> "ShareConsumer":
        """A member of a share group that begins with the oldest message and acknowledges each.

        A message is locked for as long as brokers allow by default. InputError where the client library or the
        brokers have no share groups.
        """
        try:
            from confluent_kafka import ShareConsumer
        except ImportError:
            raise InputError(
                "this version of confluent-kafka has no share groups",
                remedy="install confluent-kafka 2.16 or later, or use --work group",
            ) from None
        self._set_group(
            group, {"share.auto.offset.reset": "earliest", "share.record.lock.duration.ms": "60000"}
        )
        return ShareConsumer(
            {
                "group.id": group,
                "share.acknowledgement.mode": "explicit",
                "max.poll.records": most_records,
                **self._config,
            }
        )

    def topics(self) -> set[str]:
        """The topics that there are."""
        return set(self._metadata().topics)

    def partitions(self, topic: str) -> int:
        """How many partitions a topic has now."""
        return len(self._metadata(topic).topics[topic].partitions)

    def with_settings(self, settings: Mapping[str, str]) -> "Cluster":
        """The same cluster by a producer of its own, with further librdkafka settings."""
        return Cluster(self.address, {**self._config, **settings})

    def ends(self, topic: str) -> dict[int, int]:
        """The end of every partition: the offset that the next message gets. Waits through an outage."""
        from confluent_kafka import TopicPartition
        from confluent_kafka.admin import OffsetSpec

        def ask() -> dict[int, int]:
            places = [TopicPartition(topic, one) for one in range(self.partitions(topic))]
            return offsets(self._admin, places, OffsetSpec.latest(), ADMIN_SECONDS)[topic]

        return self._patiently(ask)

    def topic_id(self, topic: str) -> str:
        """The topic's id, which another topic of the same name does not have."""
        from confluent_kafka import TopicCollection

        asked = self._admin.describe_topics(TopicCollection([topic]), request_timeout=ADMIN_SECONDS)
        return str(asked[topic].result().topic_id)

    def stop(self) -> None:
        """Give what is on its way a second more, and let go."""
        self._stopping.set()
        self._poller.join()
        self._producer.flush(1)

    def _patiently(self, ask: Callable[[], Answer]) -> Answer:
        """Ask until there is an answer: while leaders are elected, every question may fail.

        A client that remembers leaders from before an election is fenced off until it forgets them, so another asks.
        """
        from confluent_kafka import KafkaException

        told = False
        while True:
            try:
                return ask()
            except (KafkaException, ServiceError) as error:
                if self._stopping.wait(RETRY_SECONDS):
                    raise ServiceError(f"the broker does not answer ({error})", where=self.address) from None
                if not told:
                    log.warning("waiting for the broker: %s", error)
                told = True
                self.__dict__.pop("_admin", None)

    def _set_group(self, group: str, settings: Mapping[str, str]) -> None:
        from confluent_kafka import KafkaException
        from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

        entries = [
            ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
            for name, value in settings.items()
        ]
        resource = ConfigResource(ResourceType.GROUP, group, incremental_configs=entries)
        try:
            for result in self._admin.incremental_alter_configs([resource]).values():
                result.result(ADMIN_SECONDS)
        except KafkaException as error:
            raise InputError(
                f"the share group {group} cannot be set up ({error})",
                where=self.address,
                remedy="share groups need brokers from version 4.2, and the right to alter the group's settings; "
                "--work group needs neither",
            ) from None

    def _new_producer(self) -> "Producer":
        from confluent_kafka import Producer

        return Producer({**self._config, **PRODUCER, "enable.idempotence": True, "message.timeout.ms": 0})

    @cached_property
    def _admin(self) -> "AdminClient":
        from confluent_kafka.admin import AdminClient

        return AdminClient(self._config)

    def _start(self, producer: "Producer") -> None:
        self._producer = producer
        self._stopping = threading.Event()
        self._poller = threading.Thread(target=self._poll, name="eng5-broker", daemon=True)
        self._poller.start()

    def _metadata(self, topic: str | None = None) -> Any:
        from confluent_kafka import KafkaException

        try:
            if topic is None:
                return self._producer.list_topics(timeout=METADATA_SECONDS)
            return self._producer.list_topics(topic, timeout=METADATA_SECONDS)
        except KafkaException as error:
            raise ServiceError(
                f"the Kafka broker does not answer ({error})",
                where=self.address,
                remedy="check that it runs, its address, and ENG5_KAFKA_* (`eng5 doctor`)",
            ) from None

    def _poll(self) -> None:
        while not self._stopping.is_set():
            self._producer.poll(0.05)


class Broker(Cluster):
    """The mock cluster, which lives as long as this object.

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
        self.cluster_id = str(metadata.cluster_id)
        node = next(iter(metadata.brokers.values()))
        self.port = int(node.port)
        self.address = f"{node.host}:{node.port}"
        self._config = {
            "bootstrap.servers": self.address,
            "fetch.wait.max.ms": 10,
            "logger": librdkafka_logger(),
        }
        for topic in ALL_TOPICS:
            producer.list_topics(topic, timeout=METADATA_SECONDS)
        self._start(producer)


def _mock_cluster() -> "Producer":
    from confluent_kafka import Producer

    return Producer({"test.mock.num.brokers": 1, "logger": librdkafka_logger(), **PRODUCER})


def librdkafka_logger() -> logging.Logger:
    """librdkafka's own lines stay out of the terminal."""
    logger = logging.getLogger("eng5.librdkafka")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
    return logger
