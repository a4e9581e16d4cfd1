"""A client that stops where the platform's own runner does: as soon as completion and result have been seen."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from eng5.contracts.wire import topics
from tests.bench import Bench

WATCHED = (topics.COMPARISON_RESULT, topics.CJ_COMPLETED, topics.ASSESSMENT_RESULT)


def run_as_the_platform(bench: Bench, raw: bytes) -> tuple[int, float]:
    """Callbacks that came before both final events, and the seconds from the last one to these."""
    batch = json.loads(raw)["data"]["entity_id"]
    consumer = Consumer(
        {
            "bootstrap.servers": bench.addresses.bootstrap_servers,
            "group.id": f"runner-{batch}",
            "enable.auto.commit": False,
            "log_level": 0,
        }
    )
    places = [
        TopicPartition(topic, partition)
        for topic in WATCHED
        for partition in consumer.list_topics(topic, timeout=5).topics[topic].partitions
    ]
    for place in places:
        place.offset = consumer.get_watermark_offsets(place, timeout=5, cached=False)[1]
    consumer.assign(places)
    deadline = time.monotonic() + 60
    bench.publish(raw)
    missing, callbacks, last = {topics.CJ_COMPLETED, topics.ASSESSMENT_RESULT}, set[str](), time.monotonic()
    while missing:
        assert time.monotonic() < deadline
        message = consumer.poll(0.2)
        if message is None or message.error() is not None or batch.encode() not in (message.value() or b""):
            continue
        if message.topic() == topics.COMPARISON_RESULT:
            callbacks.add(json.loads(message.value() or b"")["data"]["request_id"])
            last = time.monotonic()
        else:
            missing.discard(str(message.topic()))
    consumer.close()
    return len(callbacks), time.monotonic() - last


def test_it_gets_all_verdicts_where_completion_is_late(
    make_bench: Callable[..., Bench], twelve_essays: dict[str, str]
) -> None:
    """66 of 66, because completion and result come so much later than the last callback."""
    bench = make_bench(outbox_delay=1.0)
    assert run_as_the_platform(bench, bench.request(twelve_essays))[0] == 66


def test_a_request_may_ask_for_another_delay(bench: Any, twelve_essays: dict[str, str]) -> None:
    """`metadata.faults.outbox_delay`, for a stand-in that was started without one."""
    raw = bench.request(twelve_essays, metadata={"faults": {"outbox_delay": 0.5}})
    callbacks, gap = run_as_the_platform(bench, raw)
    assert callbacks == 66
    assert gap > 0.3


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
