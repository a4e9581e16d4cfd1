"""What a broker that is read from does; `conftest.py` says which brokers these are."""

from __future__ import annotations

from collections.abc import Sequence

from eng5.contracts.journal import Message
from eng5.contracts.wire.topics import CJ_COMPLETED, COMPARISON_RESULT, RESULT_TOPICS
from eng5.protocols import HydratorProtocol


def read(broker: HydratorProtocol, count: int) -> list[Message]:
    """The next `count` messages, in the order of topic, partition and offset."""
    found: list[Message] = []
    while len(found) < count:
        found += broker.poll(0.2)
    return sorted(found, key=lambda one: (one.topic, one.partition, one.offset))


def places(messages: Sequence[Message]) -> list[tuple[str, int, int]]:
    return [(one.topic, one.partition, one.offset) for one in messages]


def test_it_is_a_hydrator(broker: HydratorProtocol) -> None:
    """It has the methods that the steps use."""
    assert isinstance(broker, HydratorProtocol)


def test_reading_gives_back_what_was_published(broker: HydratorProtocol) -> None:
    """Place, key and value of every message behind the given offsets, of several topics at once, to the byte."""
    broker.publish(COMPARISON_RESULT, "old", b"old")
    ends = broker.end_offsets(RESULT_TOPICS)
    values = [b"\x00\xff\n", "Skåne".encode(), b""]
    expected = []
    for topic in (COMPARISON_RESULT, CJ_COMPLETED):
        for value in values:
            partition, offset = broker.publish(topic, "key", value)
            expected.append(Message(topic, partition, offset, b"key", value))
    broker.start(ends)
    found = read(broker, len(expected))
    assert found == sorted(expected, key=lambda one: (one.topic, one.partition, one.offset))


def test_reading_goes_on(broker: HydratorProtocol) -> None:
    """Each message comes once; later ones come with later polls; without any there is nothing."""
    broker.start(broker.end_offsets([CJ_COMPLETED]))
    assert broker.poll(0.05) == []
    first = broker.publish(CJ_COMPLETED, "key", b"1")
    assert places(read(broker, 1)) == [(CJ_COMPLETED, *first)]
    second = broker.publish(CJ_COMPLETED, "key", b"2")
    assert places(read(broker, 1)) == [(CJ_COMPLETED, *second)]
    assert broker.poll(0.05) == []


def test_many_messages(broker: HydratorProtocol) -> None:
    """None is missing, and a partition's come in order."""
    broker.start(broker.end_offsets([COMPARISON_RESULT]))
    for number in range(6):
        broker.publish(COMPARISON_RESULT, "key", b"%d" % number)
    assert [one.value for one in read(broker, 6)] == [b"%d" % number for number in range(6)]


def test_a_position_can_be_noted(broker: HydratorProtocol) -> None:
    """Committing for a group disturbs neither reading nor another group."""
    broker.start(broker.end_offsets([CJ_COMPLETED]))
    partition, offset = broker.publish(CJ_COMPLETED, "key", b"1")
    broker.commit("one", {CJ_COMPLETED: {partition: offset + 1}})
    broker.commit("two", {CJ_COMPLETED: {partition: offset}})
    assert places(read(broker, 1)) == [(CJ_COMPLETED, partition, offset)]
