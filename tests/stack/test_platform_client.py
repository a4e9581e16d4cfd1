"""A client that stops where the platform's own runner does: as soon as completion and result have been seen."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from eng5.contracts.wire import topics
from tests.bench import Bench

WATCHED = (topics.COMPARISON_RESULT, topics.CJ_COMPLETED, topics.ASSESSMENT_RESULT)


@dataclass
class Seen:
    """What such a client has of a batch, and when each message was written, in seconds since 1970."""

    callbacks: dict[str, float] = field(default_factory=dict)
    final: dict[str, float] = field(default_factory=dict)
    late: float = 0.0

    @property
    def gap(self) -> float:
        """Seconds from the last callback to the first final event."""
        return min(self.final.values()) - max(self.callbacks.values())


def run_as_the_platform(bench: Bench, raw: bytes) -> Seen:
    """What came before both final events; `late` is by how much this client was behind at most."""
    batch, seen = json.loads(raw)["data"]["entity_id"].encode(), Seen()
    settings = {"bootstrap.servers": bench.addresses.bootstrap_servers, "group.id": "runner", "log_level": 0}
    with closing(Consumer(settings)) as consumer:
        places = [
            TopicPartition(topic, partition)
            for topic in WATCHED
            for partition in consumer.list_topics(topic).topics[topic].partitions
        ]
        for place in places:
            _, place.offset = consumer.get_watermark_offsets(place, cached=False)
        consumer.assign(places)
        bench.publish(raw)
        while len(seen.final) < 2:
            message = consumer.poll(0.2)
            if (
                message is None
                or message.error() is not None
                or batch not in (value := message.value() or b"")
            ):
                continue
            written = message.timestamp()[1] / 1000
            seen.late = max(seen.late, time.time() - written)
            if message.topic() == topics.COMPARISON_RESULT:
                seen.callbacks[json.loads(value)["data"]["request_id"]] = written
            else:
                seen.final[str(message.topic())] = written
    return seen


def test_it_gets_all_verdicts_where_completion_is_late(
    make_bench: Callable[..., Bench], twelve_essays: dict[str, str]
) -> None:
    """66 of 66 for every client that is behind by less than completion and result are."""
    bench = make_bench(outbox_delay=1.0)
    seen = run_as_the_platform(bench, bench.request(twelve_essays))
    while seen.late > 1.0:
        seen = run_as_the_platform(bench, bench.request(twelve_essays))
    assert len(seen.callbacks) == 66
    assert seen.gap >= 0.999


def test_a_request_may_ask_for_another_delay(bench: Any, twelve_essays: dict[str, str]) -> None:
    """`metadata.faults.outbox_delay`, for a stand-in that was started without one."""
    raw = bench.request(twelve_essays, metadata={"faults": {"outbox_delay": 0.5}})
    assert run_as_the_platform(bench, raw).gap >= 0.499


def test_a_request_without_a_number_gets_the_default_budget(
    make_bench: Callable[..., Bench], twelve_essays: dict[str, str]
) -> None:
    """120 of twelve essays as on the platform, each pair at most once in each order; a number in the request counts."""
    bench = make_bench(default_budget=120)
    shown = bench.run(bench.request(twelve_essays)).shown()
    assert len(set(shown)) == len(shown) == 120
    few = dict(list(twelve_essays.items())[:3])
    assert len(bench.run(bench.request(few)).callbacks) == 6
    asked = bench.request(twelve_essays, metadata={"max_comparisons": 66})
    assert len(bench.run(asked).callbacks) == 66
