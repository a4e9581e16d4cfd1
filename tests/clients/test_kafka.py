"""The Kafka client: a broker that is not there, that forgets, or that refuses; and what others write."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from confluent_kafka import Producer, TopicPartition

from eng5.clients import kafka, kafka_cluster
from eng5.clients.kafka import KafkaClient
from eng5.contracts.journal import Message
from eng5.contracts.wire.topics import CJ_COMPLETED, CJ_REQUESTED, COMPARISON_RESULT
from eng5.errors import InputError, ServiceError
from eng5.stack.broker import Broker


@pytest.fixture(scope="module")
def cluster() -> Iterator[Broker]:
    broker = Broker()
    yield broker
    broker.stop()


@pytest.fixture
def client(cluster: Broker) -> Iterator[KafkaClient]:
    with KafkaClient(cluster.address) as one:
        yield one


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> str:
    """An address at which no broker listens, and little patience."""
    monkeypatch.setattr(kafka_cluster, "METADATA_SECONDS", 0.2)
    monkeypatch.setattr(kafka, "PUBLISH_SECONDS", 0.2)
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{one.getsockname()[1]}"


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.cluster_id(),
        lambda client: client.end_offsets([CJ_COMPLETED]),
        lambda client: client.publish(CJ_REQUESTED, "key", b"value"),
    ],
)
def test_no_broker(
    nobody: str, call: Callable[[KafkaClient], object], capfd: pytest.CaptureFixture[str]
) -> None:
    """The address is named, and the library's own lines do not reach the terminal."""
    with KafkaClient(nobody) as client, pytest.raises(ServiceError, match="cannot be reached") as caught:
        call(client)
    assert caught.value.where == nobody
    assert capfd.readouterr() == ("", "")


def test_a_message_that_is_too_large(client: KafkaClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is named, and nothing is published."""
    monkeypatch.setattr(kafka, "REQUEST_BYTES", 1_000_000)
    before = client.end_offsets([CJ_REQUESTED])
    with pytest.raises(ServiceError, match=r"cannot be published.*too large") as caught:
        client.publish(CJ_REQUESTED, "key", bytes(2_000_000))
    assert caught.value.where == CJ_REQUESTED
    assert client.end_offsets([CJ_REQUESTED]) == before


def test_reading_where_nothing_is_any_more(client: KafkaClient) -> None:
    """Offsets that the broker does not have end in an error, not in a wait for ever."""
    client.start({COMPARISON_RESULT: {0: 10_000}})
    with pytest.raises(ServiceError, match="what was to be read next is gone"):
        list(iter(lambda: client.poll(0.2), None))


def test_polling_comes_after_starting(client: KafkaClient) -> None:
    """A mistake of ours is no service error."""
    with pytest.raises(RuntimeError, match="start"):
        client.poll(0)


def test_messages_of_other_producers(client: KafkaClient, cluster: Broker) -> None:
    """No key stays no key, a binary one stays as it is, and a message without a value is an empty one."""
    client.start(client.end_offsets([COMPARISON_RESULT]))
    producer = Producer({"bootstrap.servers": cluster.address, "log_level": 0})
    for key, value in ((None, b"1"), (b"\xff", b"2"), (b"k", None)):
        producer.produce(COMPARISON_RESULT, value, key=key, partition=1)
    producer.flush()
    found: list[Message] = []
    while len(found) < 3:
        found += client.poll(0.2)
    assert [(one.key, one.value) for one in found] == [(None, b"1"), (b"\xff", b"2"), (b"k", b"")]


def test_a_committed_position_can_be_seen_by_others(client: KafkaClient, cluster: Broker) -> None:
    """The stand-in learns from it how far a batch was read."""
    client.commit("eng5-capture-x", {COMPARISON_RESULT: {0: 3}})
    with closing(cluster.consumer("eng5-capture-x")) as consumer:
        while consumer.committed([TopicPartition(COMPARISON_RESULT, 0)])[0].offset != 3:
            """It is sent in the background, and nothing else ends this."""


def test_settings_reach_the_library(nobody: str) -> None:
    """What ENG5_KAFKA_* says is used; a wrong one is refused by its name."""
    client = KafkaClient(nobody, config={"no.such.setting": "1"})
    for use in (client.cluster_id, lambda: client.publish(CJ_REQUESTED, "key", b"")):
        with pytest.raises(InputError, match=r'No such configuration property: "no\.such\.setting"'):
            use()


def test_closing_twice(cluster: Broker) -> None:
    """A client that was never used, or closed before, closes without a word."""
    client = KafkaClient(cluster.address)
    client.close()
    client.cluster_id()
    client.close()
    client.close()
