"""What a cluster says about itself and its topics. Nothing is made by asking."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eng5.clients.kafka_errors import Troubles, bad_setting, failure_of, refused
from eng5.clients.offsets import Offsets, offsets
from eng5.clients.topics import is_in_memory
from eng5.errors import PreflightError, ServiceError

if TYPE_CHECKING:
    from confluent_kafka import Consumer
    from confluent_kafka.admin import AdminClient, OffsetSpec

METADATA_SECONDS = 10.0
NEW_TOPIC_SECONDS = 5.0
RECHECK_SECONDS = 0.1


class ClusterAdmin:
    """Asked over `new_consumer`, which makes no topics, and over an admin client with the settings `config`."""

    def __init__(
        self, config: Mapping[str, Any], troubles: Troubles, new_consumer: Callable[[], Consumer]
    ) -> None:
        self._config = config
        self._troubles = troubles
        self._bootstrap = troubles.bootstrap
        self._new_consumer = new_consumer
        self._consumer: Consumer | None = None
        self._admin_client: AdminClient | None = None

    def cluster_id(self) -> str:
        """The id of the cluster."""
        return str(self._metadata().cluster_id)

    def answers(self, seconds: float) -> bool:
        """Whether a broker answers within so many seconds."""
        from confluent_kafka import KafkaException

        try:
            self._asking_consumer().list_topics(timeout=seconds)
        except KafkaException:
            return False
        return True

    def topic_ids(self, topics: Sequence[str]) -> dict[str, str]:
        """What tells a topic from another of the same name; without those that the broker does not say."""
        from confluent_kafka import KafkaException, TopicCollection

        if is_in_memory(self.cluster_id()):
            return {}
        asked = self._admin().describe_topics(TopicCollection(list(topics)), request_timeout=METADATA_SECONDS)
        ids = {}
        for topic, future in asked.items():
            try:
                described = future.result()
            except KafkaException:
                continue
            if (
                described.topic_id.get_most_significant_bits()
                or described.topic_id.get_least_significant_bits()
            ):
                ids[topic] = str(described.topic_id)
        return ids

    def partitions(self, topic: str) -> list[int]:
        """The topic's partitions, when each of them has a leader.

        Raises:
            PreflightError: there is no such topic, or no right to use it.
            ServiceError: the broker cannot be reached, or a partition has no leader.
        """
        from confluent_kafka import KafkaError

        began = time.monotonic()
        while True:
            found = self._metadata(topic).topics[topic]
            waited = time.monotonic() - began
            if found.error is None and found.partitions:
                if all(one.leader >= 0 for one in found.partitions.values()):
                    return sorted(found.partitions)
                if waited > METADATA_SECONDS:
                    without = [str(number) for number, one in found.partitions.items() if one.leader < 0]
                    raise ServiceError(
                        f"the topic {topic} has no leader for partition {', '.join(without)}",
                        where=self._bootstrap,
                        remedy="check that all brokers run, then run the same command again",
                    )
            elif found.error is not None and (refusal := refused(found.error, self._bootstrap, topic)):
                raise refusal
            elif waited > NEW_TOPIC_SECONDS:
                missing = found.error is None or found.error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART
                raise PreflightError(
                    f"there is no topic {topic}"
                    if missing
                    else f"the topic {topic} is of no use ({found.error})",
                    where=self._bootstrap,
                    remedy="`eng5 doctor --make-topics` makes the topics that are missing, `eng5 doctor` names them",
                )
            time.sleep(RECHECK_SECONDS)

    def ends(self, partitions: Mapping[str, Sequence[int]], *, stable: bool = False) -> Offsets:
        """The offsets of the next messages; `stable`: in front of transactions that are still open."""
        from confluent_kafka.admin import OffsetSpec

        return self._offsets(partitions, OffsetSpec.latest(), stable=stable)

    def beginnings(self, partitions: Mapping[str, Sequence[int]]) -> Offsets:
        """The offsets of the oldest messages that are kept."""
        from confluent_kafka.admin import OffsetSpec

        return self._offsets(partitions, OffsetSpec.earliest())

    def close(self) -> None:
        """Ask no more."""
        if self._consumer is not None:
            self._consumer.close()
        self._consumer = self._admin_client = None

    def _offsets(
        self, partitions: Mapping[str, Sequence[int]], spec: OffsetSpec, *, stable: bool = False
    ) -> Offsets:
        from confluent_kafka import KafkaException, TopicPartition

        places = [TopicPartition(topic, one) for topic, numbers in partitions.items() for one in numbers]
        nothing: Offsets = {topic: {} for topic in partitions}
        try:
            return nothing | offsets(self._admin(), places, spec, METADATA_SECONDS, stable=stable)
        except KafkaException as error:
            self._admin().poll(0)
            raise failure_of(error, self._troubles, topic=error.args[1]) from None

    def _admin(self) -> AdminClient:
        from confluent_kafka import KafkaException
        from confluent_kafka.admin import AdminClient

        if self._admin_client is None:
            try:
                self._admin_client = AdminClient(dict(self._config))
            except KafkaException as error:
                raise bad_setting(error) from None
        return self._admin_client

    def _metadata(self, topic: str | None = None) -> Any:
        consumer = self._asking_consumer()
        ask: Callable[[float], Any] = (
            (lambda seconds: consumer.list_topics(timeout=seconds))
            if topic is None
            else (lambda seconds: consumer.list_topics(topic, timeout=seconds))
        )
        return self._troubles.wait_for(ask, lambda: consumer.poll(0), METADATA_SECONDS)

    def _asking_consumer(self) -> Consumer:
        if self._consumer is None:
            self._consumer = self._new_consumer()
        return self._consumer
