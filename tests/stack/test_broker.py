import asyncio
from collections.abc import Iterator

import pytest
from confluent_kafka import TopicPartition

from eng5.contracts.wire import topics
from eng5.stack.broker import Broker


@pytest.fixture
def broker() -> Iterator[Broker]:
    one = Broker()
    yield one
    one.stop()


def test_topics_are_there_from_the_start(broker: Broker) -> None:
    """Every topic of the platform has partitions before anybody publishes."""
    assert min(broker.partitions(topic) for topic in topics.ALL_TOPICS) >= 1


def test_message_is_in_the_log_after_flush(broker: Broker) -> None:
    """A flushed message has its offset, and is read with key and value."""
    told: list[tuple[Exception | None, int | None]] = []
    broker.produce(
        topics.CJ_COMPLETED,
        b"value",
        key="key",
        partition=1,
        delivered=lambda *what: told.append(what),
    )
    asyncio.run(broker.flush())
    assert told == [(None, 0)]
    consumer = broker.consumer("test")
    consumer.assign([TopicPartition(topics.CJ_COMPLETED, 1, 0)])
    message = consumer.poll(60)
    consumer.close()
    assert message is not None
    assert (message.key(), message.value()) == (b"key", b"value")


def test_known_cluster_ids_do_not_come_up_again() -> None:
    """Brokers that follow each other in one process have different ids."""
    used: set[str] = set()
    for _ in range(5):
        broker = Broker(frozenset(used))
        assert broker.cluster_id not in used
        used.add(broker.cluster_id)
        broker.stop()
