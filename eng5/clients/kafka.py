"""Kafka: publish one request, read the answers. No consumer group is joined, and no topic is made by asking for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from eng5.clients.kafka_cluster import ClusterAdmin
from eng5.clients.kafka_errors import Troubles, bad_setting, failure_of, refused
from eng5.clients.kafka_reader import Reader
from eng5.clients.topics import is_in_memory
from eng5.contracts.journal import Message
from eng5.errors import PreflightError, ServiceError

if TYPE_CHECKING:
    from confluent_kafka import Consumer, KafkaError, Producer

PUBLISH_SECONDS = 30.0
PRODUCER_ID_SECONDS = 0.1
REQUEST_BYTES = 100_000_000
CAPTURE = "eng5-capture"


class KafkaClient:
    """A broker, as the chain needs it. One per step; not shared between threads."""

    def __init__(
        self, bootstrap: str, *, client_id: str = "eng5-np-runner", config: Mapping[str, str] | None = None
    ) -> None:
        self._bootstrap = bootstrap
        given = config or {}
        self._troubles = Troubles(bootstrap, given.get("security.protocol", "PLAINTEXT"))
        self._config: dict[str, Any] = {**self._troubles.settings, "client.id": client_id, **given}
        self._consumer: Consumer | None = None
        self._group = CAPTURE
        self._in_memory: bool | None = None
        self._reader: Reader | None = None
        self._cluster = ClusterAdmin(self._config, self._troubles, self._new_consumer)

    def cluster_id(self) -> str:
        return self._cluster.cluster_id()

    def topic_ids(self, topics: Sequence[str]) -> dict[str, str]:
        return self._cluster.topic_ids(topics)

    def first_offsets(self, topics: Sequence[str]) -> dict[str, dict[int, int]]:
        return self._cluster.beginnings({topic: self._cluster.partitions(topic) for topic in topics})

    def end_offsets(self, topics: Sequence[str]) -> dict[str, dict[int, int]]:
        """The real ends, behind what transactions have not committed yet."""
        return self._cluster.ends({topic: self._cluster.partitions(topic) for topic in topics})

    def publish(self, topic: str, key: str, value: bytes) -> tuple[int, int]:
        from confluent_kafka import KafkaException
        from confluent_kafka import Message as Delivered

        self._cluster.partitions(topic)
        acknowledged: list[tuple[KafkaError | None, Delivered]] = []
        producer = self._new_producer()
        try:
            # A message that is there before the producer's id waits for librdkafka's next try, half a second later.
            producer.poll(PRODUCER_ID_SECONDS)
            try:
                producer.produce(
                    topic,
                    value,
                    key=key,
                    on_delivery=lambda reason, delivered: acknowledged.append((reason, delivered)),
                )
            except (KafkaException, BufferError) as refusal:
                raise ServiceError(f"the request cannot be published ({refusal})", where=topic) from None
            producer.flush(PUBLISH_SECONDS)
        except (KafkaException, SystemError) as raised:
            # A fatal error, as without the right to write anything, comes on top of the report of the delivery.
            fatal = raised if isinstance(raised, KafkaException) else raised.__cause__
            raise self._not_taken(fatal.args[0] if fatal else None, topic, len(value)) from None
        if not acknowledged:
            said = f" ({self._troubles.lines[-1]})" if self._troubles.lines else ""
            raise ServiceError(
                f"no acknowledgement within {PUBLISH_SECONDS:.0f} s{said}",
                where=f"{self._bootstrap} {topic}",
                remedy="check the broker (`eng5 doctor`), then run the same command again",
            )
        error, message = acknowledged[0]
        partition, offset = message.partition(), message.offset()
        if error is not None or partition is None or offset is None:
            raise self._not_taken(error, topic, len(value))
        return partition, offset

    def start(self, offsets: Mapping[str, Mapping[int, int]]) -> None:
        if self._reader is not None:
            self._reader.close()
        self._reader = Reader(
            self._reading_consumer,
            {topic: dict(partitions) for topic, partitions in offsets.items()},
            self._cluster,
            bootstrap=self._bootstrap,
        )

    def poll(self, seconds: float) -> Sequence[Message]:
        return self._started().poll(seconds)

    def positions(self) -> dict[str, dict[int, int]]:
        return self._started().positions

    def commit(self, group: str, offsets: Mapping[str, Mapping[int, int]]) -> None:
        """Only the stand-in's broker in memory is told: it keeps little, and waits for its reader."""
        from confluent_kafka import KafkaException, TopicPartition

        if self._in_memory is None:
            self._in_memory = is_in_memory(self.cluster_id())
        if not self._in_memory:
            return
        if self._consumer is None or self._group != group:
            if self._consumer is not None:
                self._consumer.close()
            self._consumer, self._group = self._new_consumer(group), group
        try:
            self._consumer.commit(
                offsets=[
                    TopicPartition(topic, partition, offset)
                    for topic, partitions in offsets.items()
                    for partition, offset in partitions.items()
                ],
                asynchronous=True,
            )
        except KafkaException as error:
            raise failure_of(error, self._troubles) from None

    def close(self) -> None:
        for one in (self._consumer, self._reader, self._cluster):
            if one is not None:
                one.close()
        self._consumer = self._reader = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def _started(self) -> Reader:
        if self._reader is None:
            raise RuntimeError("start() comes before poll()")
        return self._reader

    def _new_producer(self) -> Producer:
        from confluent_kafka import KafkaException, Producer

        settings = {
            "compression.type": "gzip",
            **self._config,
            "acks": "all",
            "enable.idempotence": True,
            # The broker's limit is for the compressed request, and this one for what it is made from.
            "message.max.bytes": REQUEST_BYTES,
            "message.timeout.ms": int(PUBLISH_SECONDS * 1000),
        }
        try:
            return Producer(settings)
        except KafkaException as error:
            raise bad_setting(error) from None

    def _new_consumer(self, group: str = CAPTURE, further: Mapping[str, Any] | None = None) -> Consumer:
        from confluent_kafka import Consumer, KafkaException

        settings = {
            **self._config,
            "group.id": group,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "error",
            "allow.auto.create.topics": False,
            "fetch.wait.max.ms": 50,
            **(further or {}),
        }
        try:
            return Consumer(settings)
        except KafkaException as error:
            raise bad_setting(error) from None

    def _reading_consumer(self, isolation: str) -> Consumer:
        return self._new_consumer(further={"isolation.level": isolation, "enable.partition.eof": True})

    def _not_taken(self, error: KafkaError | None, topic: str, size: int) -> Exception:
        from confluent_kafka import KafkaError

        if error is not None and (refusal := refused(error, self._bootstrap, topic)):
            return refusal
        if error is not None and error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
            return PreflightError(
                f"the request of {size:,} bytes is larger, even compressed, than the topic's max.message.bytes",
                where=f"{self._bootstrap} {topic}",
                remedy=f"kafka-configs.sh --bootstrap-server {self._bootstrap} --alter --entity-type topics "
                f"--entity-name {topic} --add-config max.message.bytes={max(2 * size, 8_388_608)}",
            )
        return ServiceError(
            f"the broker did not take the request ({error})",
            where=f"{self._bootstrap} {topic}",
            remedy="check the broker and the topic (`eng5 doctor`), then run the same command again",
        )
