"""A real Apache Kafka for tests: deploy/kafka/kafka.sh on ports that the system picks, with data in a fresh folder."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from eng5.clients.topic_specs import PLATFORM_TOPICS, TopicSpec
from eng5.clients.topics import ensure_topics

SCRIPTS = Path(__file__).parents[2] / "deploy" / "kafka"
PORTS_OF_A_NODE = 3


def missing_tools() -> list[str]:
    """What a real broker needs and this machine has not."""
    return [tool for tool in ("java", "mvn", "openssl") if shutil.which(tool) is None]


class Reserved(socket.socket):
    """A port at which nobody listens, and which the system gives to nobody else, connections included, until `close`.

    Whoever knows it can listen there, because both may reuse the address.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.bind(("127.0.0.1", 0))

    @property
    def port(self) -> int:
        number: int = self.getsockname()[1]
        return number


class Cluster:
    """One or three nodes. The listeners: plain, SASL_SSL, and one that advertises an address where nobody is."""

    def __init__(self, folder: Path, nodes: int = 1) -> None:
        self.folder = folder
        self.nodes = nodes
        self._reserved = [Reserved() for _ in range(PORTS_OF_A_NODE * nodes + 1)]
        self.lost_port, *self._ports = (one.port for one in self._reserved)

    def start(self) -> None:
        """All nodes, when they answer."""
        self.folder.mkdir(parents=True)
        extra = {}
        if self.nodes == 1:
            self._script("secure.sh")
            extra = {"KAFKA_EXTRA": str(self._with_a_listener_that_leads_nowhere())}
        self._script("kafka.sh", "start", str(self.nodes), **extra)

    def stop(self) -> None:
        """All nodes, by their process ids."""
        self._script("kafka.sh", "stop")
        for one in self._reserved:
            one.close()

    @contextmanager
    def away(self, node: int = 1) -> Iterator[None]:
        """A node is killed, as in a crash, and comes back with its data when the block ends."""
        self._script("kafka.sh", "kill", str(node))
        try:
            yield
        finally:
            self._script("kafka.sh", "up", str(node))

    @property
    def bootstrap(self) -> str:
        """Addresses of the plain listeners."""
        return ",".join(f"127.0.0.1:{port}" for port in self._ports[::PORTS_OF_A_NODE])

    @property
    def lost(self) -> str:
        """A listener that answers, and names an address at which nobody does."""
        return f"127.0.0.1:{self.lost_port}"

    @property
    def secure(self) -> str:
        """Address of the SASL_SSL listener of a single node."""
        return f"127.0.0.1:{self._ports[2]}"

    def credentials(self, user: str = "eng5") -> dict[str, str]:
        """librdkafka's settings for the SASL_SSL listener."""
        return {
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "PLAIN",
            "sasl.username": user,
            "sasl.password": f"{user}-test-secret",
            "ssl.ca.location": str(self.folder / "ca.pem"),
        }

    @cached_property
    def admin(self) -> AdminClient:
        """For whatever a test does to the cluster."""
        return AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})

    def fresh(self, *specs: TopicSpec) -> None:
        """Delete and make these topics (without any: the platform's)."""
        wanted = specs or PLATFORM_TOPICS
        self.delete(*(one.name for one in wanted))
        ensure_topics(self.bootstrap, wanted)

    def delete(self, *topics: str) -> None:
        """Delete topics that may be there, and return when they are gone."""
        for future in self.admin.delete_topics(list(topics), operation_timeout=20).values():
            try:
                future.result()
            except KafkaException as error:
                if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                    raise
        self.until(lambda: not set(topics) & set(self.admin.list_topics().topics))

    def fresh_without_waiting(self) -> None:
        """Delete and make the platform's topics, as somebody does who does not wait for their leaders."""
        self.delete(*(one.name for one in PLATFORM_TOPICS))
        wanted = [NewTopic(one.name, one.partitions, 1) for one in PLATFORM_TOPICS]
        for future in self.admin.create_topics(wanted).values():
            future.result()

    def until(self, holds: Callable[[], bool]) -> None:
        """Return when it holds; what was changed takes a moment to be known everywhere."""
        while not holds():
            self.admin.poll(0.05)

    def partitions(self, topic: str) -> list[int]:
        """The topic's partitions, when each of them can be written to."""
        while True:
            found = self.admin.list_topics(topic).topics[topic].partitions
            if found and all(one.leader >= 0 for one in found.values()):
                return sorted(found)

    def drop_messages(self, topic: str, partition: int, *, before: int) -> None:
        """What retention does, at once."""
        for future in self.admin.delete_records([TopicPartition(topic, partition, before)]).values():
            future.result()

    def set(self, topic: str, settings: Mapping[str, str]) -> None:
        """Change a topic's settings."""
        entries = [
            ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
            for name, value in settings.items()
        ]
        resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)
        for future in self.admin.incremental_alter_configs([resource]).values():
            future.result()

    def _script(self, name: str, *arguments: str, **further: str) -> None:
        environment = {
            **os.environ,
            "KAFKA_DIR": str(self.folder),
            "KAFKA_PORTS": " ".join(map(str, self._ports)),
            **further,
        }
        done = subprocess.run(
            [str(SCRIPTS / name), *arguments],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def _with_a_listener_that_leads_nowhere(self) -> Path:
        client, controller, secure = self._ports
        here = f"PLAINTEXT://127.0.0.1:{client},SASL_SSL://127.0.0.1:{secure}"
        path = self.folder / "lost.properties"
        path.write_text(
            f"listeners={here},CONTROLLER://127.0.0.1:{controller},LOST://127.0.0.1:{self.lost_port}\n"
            f"advertised.listeners={here},LOST://127.0.0.1:1\n"
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,LOST:PLAINTEXT\n",
            encoding="utf-8",
        )
        return path
