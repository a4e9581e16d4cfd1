"""What a broker that is published to does; `conftest.py` says which brokers these are."""

from __future__ import annotations

import pytest

from eng5.contracts.wire.topics import CJ_COMPLETED, CJ_REQUESTED, RESULT_TOPICS
from eng5.protocols import KafkaPublisherProtocol


def test_it_is_a_publisher(broker: KafkaPublisherProtocol) -> None:
    """It has the methods that `published` uses."""
    assert isinstance(broker, KafkaPublisherProtocol)


def test_a_cluster_has_one_name(broker: KafkaPublisherProtocol) -> None:
    """The id of a cluster does not change while it lives."""
    assert broker.cluster_id() == broker.cluster_id() != ""


def test_an_empty_cluster_ends_at_nought(broker: KafkaPublisherProtocol) -> None:
    """Topics that nobody has written to have partitions whose next message is the first."""
    ends = broker.end_offsets(RESULT_TOPICS)
    assert set(ends) == set(RESULT_TOPICS)
    for partitions in ends.values():
        assert list(partitions) == list(range(len(partitions)))
        assert set(partitions.values()) == {0}


def test_what_is_published_lies_in_front_of_the_end(broker: KafkaPublisherProtocol) -> None:
    """The acknowledged place is the end of its partition before, and one less than the end after."""
    before = broker.end_offsets([CJ_REQUESTED])[CJ_REQUESTED]
    partition, offset = broker.publish(CJ_REQUESTED, "key", b"value")
    after = broker.end_offsets([CJ_REQUESTED])[CJ_REQUESTED]
    assert offset == before[partition]
    assert after == before | {partition: offset + 1}


def test_one_key_one_partition(broker: KafkaPublisherProtocol) -> None:
    """Events of a batch keep their order."""
    published = [broker.publish(CJ_COMPLETED, "batch", b"%d" % number) for number in range(3)]
    assert len({partition for partition, _ in published}) == 1
    assert [offset for _, offset in published] == [0, 1, 2]


def test_the_end_is_told_of_the_topics_asked_for(broker: KafkaPublisherProtocol) -> None:
    """No other topic and no topic's end is changed by asking."""
    broker.publish(CJ_REQUESTED, "key", b"value")
    assert set(broker.end_offsets([CJ_COMPLETED])) == {CJ_COMPLETED}
    assert broker.end_offsets([CJ_REQUESTED]) == broker.end_offsets([CJ_REQUESTED])
    assert broker.end_offsets([]) == {}


def test_the_same_event_again_is_another_message(broker: KafkaPublisherProtocol) -> None:
    """A log keeps both; that they are one event is for the readers to see."""
    first = broker.publish(CJ_REQUESTED, "batch", b"the same")
    assert broker.publish(CJ_REQUESTED, "batch", b"the same") == (first[0], first[1] + 1)


@pytest.mark.parametrize("value", [b"", b"\x00\xff", "Skåne".encode() * 20_000], ids=["none", "raw", "long"])
def test_any_bytes_are_acknowledged(broker: KafkaPublisherProtocol, value: bytes) -> None:
    """What the value says is no matter of the broker's."""
    partition, offset = broker.publish(CJ_REQUESTED, "key", value)
    assert broker.end_offsets([CJ_REQUESTED])[CJ_REQUESTED][partition] == offset + 1
