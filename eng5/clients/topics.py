"""The topics that eng5 needs: made here, or checked here, never by a client's first request."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eng5.clients.kafka_errors import Troubles, failure_of, refused
from eng5.clients.topic_specs import (
    REPLICATION,
    TopicFault,
    TopicSpec,
    wrong_settings,
)
from eng5.errors import PreflightError, ServiceError

if TYPE_CHECKING:
    from confluent_kafka.admin import AdminClient, TopicDescription

MISSING = "missing"
ANSWER_SECONDS = 10.0
REQUEST_SECONDS = 20.0
LEADER_SECONDS = 30.0
RECHECK_SECONDS = 0.1


def check_topics(
    bootstrap: str, specs: Sequence[TopicSpec], config: Mapping[str, str] | None = None
) -> list[TopicFault]:
    """What is missing or wrong, fatal faults first; nothing is changed.

    `config` holds librdkafka settings, such as those of ENG5_KAFKA_*.

    Raises:
        ServiceError: the broker cannot be reached.
        PreflightError: it refuses this client.
    """
    admin = _Admin(bootstrap, config or {})
    if admin.in_memory:
        return []
    faults = [fault for spec in specs for fault in admin.faults_of(spec)]
    return sorted(faults, key=lambda fault: not fault.fatal)


def ensure_topics(
    bootstrap: str, specs: Sequence[TopicSpec], config: Mapping[str, str] | None = None
) -> list[str]:
    """Make the topics that are missing, and return their names when every partition of every topic has a leader.

    What exists is not changed.

    Raises:
        ServiceError: the broker cannot be reached, or a topic has no leader within half a minute.
        PreflightError: it refuses this client, or a topic that exists is of no use; the message has every fault
            and the command that mends it.
    """
    admin = _Admin(bootstrap, config or {})
    if admin.in_memory:
        return []
    missing = [spec for spec in specs if spec.name not in admin.known]
    admin.make(missing)
    admin.await_leaders([spec.name for spec in specs])
    fatal = [fault for fault in check_topics(bootstrap, specs, config) if fault.fatal]
    if fatal:
        raise PreflightError(
            "topics are not as they have to be:\n" + "\n".join(map(str, fatal)), where=bootstrap
        )
    return [spec.name for spec in missing]


def is_in_memory(cluster_id: str) -> bool:
    """It is librdkafka's mock cluster, the stand-in's: its topics are there as it starts, and have no settings."""
    return cluster_id.startswith("mockCluster")


class _Admin:
    """One conversation with a cluster about its topics."""

    def __init__(self, bootstrap: str, config: Mapping[str, str]) -> None:
        from confluent_kafka import KafkaException
        from confluent_kafka.admin import AdminClient

        self._bootstrap = bootstrap
        self._config = config
        self._troubles = Troubles(bootstrap, config.get("security.protocol", "PLAINTEXT"))
        try:
            self._client: AdminClient = AdminClient({**self._troubles.settings, **config})
        except KafkaException as error:
            raise failure_of(error, self._troubles) from None
        metadata = self._troubles.wait_for(
            lambda seconds: self._client.list_topics(timeout=seconds),
            lambda: self._client.poll(0),
            ANSWER_SECONDS,
        )
        self._brokers = len(metadata.brokers)
        self.known = {name for name, topic in metadata.topics.items() if topic.error is None}
        self.in_memory = is_in_memory(metadata.cluster_id)

    @property
    def replication(self) -> int:
        """How many replicas a new topic gets."""
        return min(REPLICATION, self._brokers)

    def make(self, specs: Sequence[TopicSpec]) -> None:
        """Create topics; one that somebody else creates at the same time is as good."""
        from confluent_kafka import KafkaError
        from confluent_kafka.admin import NewTopic

        wanted = [
            NewTopic(
                spec.name,
                num_partitions=spec.partitions,
                replication_factor=self.replication,
                config=spec.settings(self.replication),
            )
            for spec in specs
        ]
        if wanted:
            for name, future in self._client.create_topics(wanted, request_timeout=REQUEST_SECONDS).items():
                self._result(future, name, unless=KafkaError.TOPIC_ALREADY_EXISTS)

    def await_leaders(self, names: Sequence[str]) -> None:
        """Return when every partition can be written to."""
        until = time.monotonic() + LEADER_SECONDS
        waiting = list(names)
        while waiting := [name for name in waiting if not self._is_led(name)]:
            if time.monotonic() > until:
                raise ServiceError(
                    f"no leader for {', '.join(waiting)} after {LEADER_SECONDS:.0f} s",
                    where=self._bootstrap,
                    remedy="check that all brokers run, then run the same command again",
                )
            time.sleep(RECHECK_SECONDS)

    def _is_led(self, name: str) -> bool:
        """Every partition has a leader, and the leader knows."""
        from confluent_kafka import KafkaException, TopicPartition
        from confluent_kafka.admin import OffsetSpec

        topic = self.describe(name)
        if topic is None or any(one.leader is None for one in topic.partitions):
            return False
        places = {TopicPartition(name, one.id): OffsetSpec.latest() for one in topic.partitions}
        try:
            for future in self._client.list_offsets(places, request_timeout=REQUEST_SECONDS).values():
                future.result()
        except KafkaException as error:
            if refusal := refused(error.args[0], self._bootstrap, name):
                raise refusal from None
            return False
        return True

    def describe(self, name: str) -> TopicDescription | None:
        """The topic as the cluster knows it; None when it does not."""
        from confluent_kafka import KafkaError, TopicCollection

        asked = self._client.describe_topics(TopicCollection([name]), request_timeout=REQUEST_SECONDS)
        found: TopicDescription | None = self._result(
            asked[name], name, unless=KafkaError.UNKNOWN_TOPIC_OR_PART
        )
        return found

    def faults_of(self, spec: TopicSpec) -> Iterator[TopicFault]:
        """Everything that is wrong with one topic."""
        found = self.describe(spec.name)
        if found is None:
            making = f"{self._tool('topics')} --create --topic {spec.name} --partitions {spec.partitions}"
            making += f" --replication-factor {self.replication}"
            for name, value in spec.settings(self.replication).items():
                making += f" --config {name}={value}"
            yield TopicFault(spec.name, MISSING, f"eng5 doctor --make-topics, or: {making}")
            return
        partitions = found.partitions
        copies = min(len(one.replicas) for one in partitions)
        without = [one.id for one in partitions if one.leader is None]
        if without:
            yield TopicFault(
                spec.name,
                f"no leader for partition {', '.join(map(str, without))}",
                "start the brokers that hold it",
            )
        if len(partitions) < spec.partitions:
            yield TopicFault(
                spec.name,
                f"{len(partitions)} partitions, {spec.partitions} are wanted",
                f"{self._tool('topics')} --alter --topic {spec.name} --partitions {spec.partitions}",
                fatal=False,
            )
        if copies < self.replication:
            yield TopicFault(
                spec.name,
                f"{copies} of {self.replication} replicas: what is in it is lost with a broker",
                "kafka-reassign-partitions.sh, with a plan that gives each partition more replicas",
                fatal=False,
            )
        yield from self._wrong_settings(spec, copies)

    def _wrong_settings(self, spec: TopicSpec, copies: int) -> Iterator[TopicFault]:
        settings = self._settings(spec.name)
        if settings is None:
            rights = f"--add --allow-principal User:NAME --operation DescribeConfigs --topic {spec.name}"
            yield TopicFault(
                spec.name,
                "its settings cannot be seen (no right to)",
                f"{self._tool('acls')} {rights}",
                fatal=False,
            )
            return

        yield from wrong_settings(spec, settings, copies, self._tool("configs"))

    def _settings(self, name: str) -> dict[str, str] | None:
        """The topic's settings, defaults of the broker among them; None without the right to see them."""
        from confluent_kafka import KafkaError
        from confluent_kafka.admin import ConfigResource, ResourceType

        resource = ConfigResource(ResourceType.TOPIC, name)
        (future,) = self._client.describe_configs([resource], request_timeout=REQUEST_SECONDS).values()
        found = self._result(future, name, unless=KafkaError.TOPIC_AUTHORIZATION_FAILED)
        return None if found is None else {key: entry.value for key, entry in found.items()}

    def _tool(self, name: str) -> str:
        """The beginning of a command of Apache Kafka's own tools."""
        secured = self._config.get("security.protocol", "PLAINTEXT").upper() != "PLAINTEXT"
        return f"kafka-{name}.sh --bootstrap-server {self._bootstrap}" + (
            " --command-config client.properties" if secured else ""
        )

    def _result(self, future: Any, topic: str, *, unless: int) -> Any:
        """What was asked for; None when it fails with the code `unless`."""
        from confluent_kafka import KafkaException

        try:
            return future.result()
        except KafkaException as error:
            if error.args[0].code() == unless:
                return None
            self._client.poll(0)
            raise failure_of(error, self._troubles, topic=topic) from None
