"""The stand-in's broker in memory has no settings to check; a real one is in tests/kafka."""

from __future__ import annotations

from eng5.clients.topic_specs import PLATFORM_TOPICS, work_topics
from eng5.clients.topics import check_topics, ensure_topics
from eng5.stack.broker import Broker


def test_a_broker_in_memory_needs_no_topics() -> None:
    """It makes them as it starts: nothing is missing and nothing is made."""
    broker = Broker()
    assert check_topics(broker.address, PLATFORM_TOPICS) == []
    assert ensure_topics(broker.address, (*PLATFORM_TOPICS, *work_topics())) == []
    broker.stop()
