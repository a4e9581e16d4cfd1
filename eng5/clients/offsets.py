"""The ends and beginnings of partitions, all asked for together, through changes of their leaders."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from confluent_kafka import KafkaError, TopicPartition
    from confluent_kafka.admin import AdminClient, OffsetSpec

REFRESH_SECONDS = 1.0
RECHECK_SECONDS = 0.1

Offsets = dict[str, dict[int, int]]


def offsets(
    admin: AdminClient,
    places: Iterable[TopicPartition],
    spec: OffsetSpec,
    seconds: float,
    *,
    stable: bool = False,
) -> Offsets:
    """Topic, partition, offset; with `stable`, a latest one is in front of transactions that are still open.

    A leader that has just changed is asked again, for `seconds`.

    Raises:
        KafkaException: with the reason of the partition that could not be asked, and the topic as its second argument.
    """
    from confluent_kafka import IsolationLevel, KafkaError, KafkaException

    level = IsolationLevel.READ_COMMITTED if stable else IsolationLevel.READ_UNCOMMITTED
    found: Offsets = {}
    wanted, until = list(places), time.monotonic() + seconds
    while wanted:
        asked = admin.list_offsets(
            dict.fromkeys(wanted, spec), isolation_level=level, request_timeout=seconds / 2
        )
        wanted = []
        for place, future in asked.items():
            try:
                offset = future.result().offset
                if offset < 0:
                    # A request that was given up gives no error and the offset -1001.
                    raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
                found.setdefault(place.topic, {})[place.partition] = offset
            except KafkaException as error:
                if not _passes(error.args[0]) or time.monotonic() > until:
                    raise KafkaException(error.args[0], place.topic) from None
                wanted.append(place)
        if wanted:
            _refresh(admin)
            time.sleep(RECHECK_SECONDS)
    return {topic: dict(sorted(numbers.items())) for topic, numbers in found.items()}


def _refresh(admin: AdminClient) -> None:
    """Let the client see who leads now; what it remembers may be old."""
    from confluent_kafka import KafkaException

    try:
        admin.list_topics(timeout=REFRESH_SECONDS)
    except KafkaException:
        admin.poll(0)


def _passes(reason: KafkaError) -> bool:
    """A state of a topic that is new, or whose leader has just changed."""
    from confluent_kafka import KafkaError

    return reason.retriable() or reason.code() in (
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError.FENCED_LEADER_EPOCH,
        KafkaError.UNKNOWN_LEADER_EPOCH,
        KafkaError.OFFSET_NOT_AVAILABLE,
        KafkaError._TRANSPORT,
        KafkaError._NOENT,
        KafkaError._TIMED_OUT,
        KafkaError._UNKNOWN_PARTITION,
    )
