"""Kafka: publish one request, read the answers. No consumer group is joined."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from eng5.contracts.journal import Message
from eng5.errors import InputError, ServiceError

if TYPE_CHECKING:
    from confluent_kafka import Consumer, Producer

METADATA_SECONDS = 10.0
PUBLISH_SECONDS = 30.0
PRODUCER_ID_SECONDS = 0.1
BATCH = 1000


class KafkaClient:
    """A broker, as the chain needs it. One per step; not shared between threads."""

    def __init__(
        self, bootstrap: str, *, client_id: str = "eng5-np-runner", config: Mapping[str, str] | None = None
    ) -> None:
        self._bootstrap = bootstrap
        self._config: dict[str, Any] = {
            "bootstrap.servers": bootstrap,
            "client.id": client_id,
            "logger": _librdkafka_logger(),
            **(config or {}),
        }
        self._consumer: Consumer | None = None
        self._reading: Consumer | None = None

    def cluster_id(self) -> str:
        return str(self._metadata().cluster_id)

    def end_offsets(self, topics: Sequence[str]) -> dict[str, dict[int, int]]:
        from confluent_kafka import KafkaException, TopicPartition

        consumer = self._plain_consumer()
        ends: dict[str, dict[int, int]] = {}
        for topic in topics:
            ends[topic] = {}
            for partition in self._partitions(topic):
                try:
                    _, end = consumer.get_watermark_offsets(
                        TopicPartition(topic, partition), timeout=METADATA_SECONDS, cached=False
                    )
                except KafkaException as error:
                    raise self._unreachable(error) from None
                ends[topic][partition] = end
        return ends

    def publish(self, topic: str, key: str, value: bytes) -> tuple[int, int]:
        from confluent_kafka import KafkaError, KafkaException
        from confluent_kafka import Message as Delivered

        self._partitions(topic)
        acknowledged: list[tuple[KafkaError | None, Delivered]] = []
        producer = self._new_producer()
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
        if not acknowledged:
            raise ServiceError(
                f"no acknowledgement within {PUBLISH_SECONDS:.0f} s",
                where=f"{self._bootstrap} {topic}",
                remedy="check the broker (`eng5 doctor`), then run the same command again",
            )
        error, message = acknowledged[0]
        partition, offset = message.partition(), message.offset()
        if error is not None or partition is None or offset is None:
            raise ServiceError(
                f"the broker refused the request ({error})", where=f"{self._bootstrap} {topic}"
            )
        return partition, offset

    def start(self, offsets: Mapping[str, Mapping[int, int]]) -> None:
        from confluent_kafka import TopicPartition

        self._reading = self._new_consumer()
        self._reading.assign(
            [
                TopicPartition(topic, partition, offset)
                for topic, partitions in offsets.items()
                for partition, offset in partitions.items()
            ]
        )

    def poll(self, seconds: float) -> Sequence[Message]:
        from confluent_kafka import KafkaError, KafkaException

        if self._reading is None:
            raise RuntimeError("start() comes before poll()")
        try:
            first = self._reading.consume(1, timeout=seconds)
            received = first + self._reading.consume(BATCH, timeout=0) if first else []
        except KafkaException as error:
            raise self._unreachable(error) from None
        messages = []
        for one in received:
            failure = one.error()
            if failure is not None:
                if failure.code() == KafkaError._PARTITION_EOF or failure.retriable():
                    continue
                raise ServiceError(f"reading failed ({failure.str()})", where=self._bootstrap)
            topic, partition, offset = one.topic(), one.partition(), one.offset()
            if topic is None or partition is None or offset is None:
                raise ServiceError("the broker gave a message without a place", where=self._bootstrap)
            key = one.key()
            messages.append(
                Message(
                    topic,
                    partition,
                    offset,
                    key.encode() if isinstance(key, str) else key,
                    _bytes(one.value()),
                )
            )
        return messages

    def commit(self, group: str, offsets: Mapping[str, Mapping[int, int]]) -> None:
        from confluent_kafka import KafkaException, TopicPartition

        if self._consumer is None or self._group != group:
            self._close(self._consumer)
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
            raise self._unreachable(error) from None

    def close(self) -> None:
        self._close(self._consumer)
        self._close(self._reading)
        self._consumer = self._reading = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    _group = "eng5-capture"

    def _new_producer(self) -> Producer:
        from confluent_kafka import KafkaException, Producer

        try:
            return Producer({**self._config, "acks": "all", "enable.idempotence": True})
        except KafkaException as error:
            raise _bad_setting(error) from None

    def _new_consumer(self, group: str = "eng5-capture") -> Consumer:
        from confluent_kafka import Consumer, KafkaException

        settings = {
            **self._config,
            "group.id": group,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "error",
            "allow.auto.create.topics": True,
            "fetch.wait.max.ms": 50,
        }
        try:
            return Consumer(settings)
        except KafkaException as error:
            raise _bad_setting(error) from None

    def _plain_consumer(self) -> Consumer:
        if self._consumer is None:
            self._consumer = self._new_consumer(self._group)
        return self._consumer

    def _metadata(self, topic: str | None = None) -> Any:
        from confluent_kafka import KafkaException

        try:
            if topic is None:
                return self._plain_consumer().list_topics(timeout=METADATA_SECONDS)
            return self._plain_consumer().list_topics(topic, timeout=METADATA_SECONDS)
        except KafkaException as error:
            raise self._unreachable(error) from None

    def _partitions(self, topic: str) -> list[int]:
        from confluent_kafka import KafkaError

        for _ in range(5):
            found = self._metadata(topic).topics[topic]
            if found.error is None and found.partitions:
                return sorted(found.partitions)
            if found.error is not None and found.error.code() not in (
                KafkaError.UNKNOWN_TOPIC_OR_PART,
                KafkaError.LEADER_NOT_AVAILABLE,
            ):
                break
        raise ServiceError(
            f"the topic {topic} cannot be used ({found.error})",
            where=self._bootstrap,
            remedy="create the platform's topics, or check the rights of this client",
        )

    def _unreachable(self, error: Exception) -> ServiceError:
        return ServiceError(
            f"the Kafka broker cannot be reached ({error})",
            where=self._bootstrap,
            remedy="check that it runs and that the address is right (`eng5 doctor`), "
            "then run the same command again",
        )

    @staticmethod
    def _close(consumer: Consumer | None) -> None:
        if consumer is not None:
            consumer.close()


def _bad_setting(error: Exception) -> InputError:
    return InputError(
        f"a Kafka setting is refused ({error})",
        remedy="correct ENG5_KAFKA_* or the file of ENG5_KAFKA_PROPERTIES",
    )


def _bytes(value: object) -> bytes:
    if value is None:
        return b""
    return value if isinstance(value, bytes) else str(value).encode()


def _librdkafka_logger() -> logging.Logger:
    """librdkafka's own lines go to the log, not to the terminal."""
    logger = logging.getLogger("eng5.librdkafka")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
    return logger
