"""Batch records on a compacted topic, so that any CJ service can take up what another one left.

What a batch sent is read from the topics themselves: the record has their ends as they were when the batch's message
was first taken up, and everything of the batch behind them was sent for that message.
"""

import asyncio
import json
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from eng5.contracts.judge_topics import LedgerUse, Places
from eng5.contracts.wire.topics import BATCH, COMPARISON_REQUESTED, RESOURCE_CONSUMPTION, RESULT_TOPICS
from eng5.files import model_bytes
from eng5.stack.broker import Cluster
from eng5.stack.cj_core.batch import BatchRecord, BatchRequest, TakenUp, new_record
from eng5.stack.deliveries import send
from eng5.stack.roles.compacted_table import Table

log = logging.getLogger(__name__)

WRITTEN = (COMPARISON_REQUESTED, *RESULT_TOPICS, RESOURCE_CONSUMPTION)
"""Where a batch's messages go."""

POLL_SECONDS = 1.0
BATCH_OF_MESSAGES = 2000


@dataclass
class AlreadySent:
    """What an earlier process sent for a message: ids of events, and keys of comparisons that judges were asked for."""

    events: set[uuid.UUID] = field(default_factory=set)
    requests: set[str] = field(default_factory=set)


class TopicRecords:
    """``Records`` on the topic ``eng5.batch.v1``, with a copy of it at ``path``."""

    def __init__(self, cluster: Cluster, path: Path, failed: Callable[[Exception], None]) -> None:
        self._cluster = cluster
        self._table = Table(cluster, BATCH, path, lambda rows: None, failed)
        self._table.follow(None)
        self._requested: dict[str, set[str]] = {}

    async def caught_up(self) -> None:
        """Return when everything that other processes wrote until now is known."""
        await self._table.caught_up()

    async def open(self, request: BatchRequest, place: str) -> TakenUp | None:
        """Take a batch up: anew for a new message, else from where an earlier process came to."""
        await self.caught_up()
        record = self._known(request) or new_record(request)
        if record.place == place:
            if record.answered:
                return None
            found = await asyncio.to_thread(self._sent_since, record)
            log.info("batch %s is taken up again: %d events were sent", record.batch_id, len(found.events))
        else:
            ends = await asyncio.to_thread(self._ends)
            record = record.taken_up(request, place=place, ends=ends, answered=False)
            await self.save(record)
            found = AlreadySent()
        self._requested[request.batch_id] = found.requests
        return TakenUp(record, found.events)

    def requested(self, batch: str) -> set[str]:
        """Keys of the batch's comparisons that judges were asked for before it was taken up."""
        return self._requested.get(batch, set())

    async def save(self, record: BatchRecord) -> None:
        """Return when the record is in the topic."""
        await send(self._cluster, BATCH, model_bytes(record), key=record.batch_id)

    async def note_use(self, record: BatchRecord, use: LedgerUse) -> BatchRecord:
        """Part of the record; written with its next change."""
        return record.model_copy(update={"use": use})

    async def finish(self, record: BatchRecord) -> None:
        """The message is answered, whoever gets it again."""
        self._requested.pop(record.batch_id, None)
        await self.save(record.model_copy(update={"answered": True}))

    def close(self) -> None:
        """Read no more."""
        self._table.close()

    def _known(self, request: BatchRequest) -> BatchRecord | None:
        value = self._table.get(request.batch_id)
        try:
            return None if value is None else BatchRecord.model_validate_json(value)
        except ValidationError:
            log.warning("the record of batch %s does not parse; it begins anew", request.batch_id)
            return None

    def _ends(self) -> Places:
        return {topic: self._cluster.ends(topic) for topic in WRITTEN}

    def _sent_since(self, record: BatchRecord) -> AlreadySent:
        """Read what lies between the record's ends and the present ones."""
        from confluent_kafka import KafkaError, TopicPartition

        found = AlreadySent()
        left = {
            (topic, partition)
            for topic, ends in self._ends().items()
            for partition, end in ends.items()
            if end > record.ends.get(topic, {}).get(partition, 0)
        }
        consumer = self._cluster.consumer("eng5-cj-sent", enable_partition_eof=True)
        consumer.assign(
            [TopicPartition(topic, one, record.ends.get(topic, {}).get(one, 0)) for topic, one in left]
        )
        try:
            while left:
                for message in consumer.consume(BATCH_OF_MESSAGES, timeout=POLL_SECONDS):
                    topic, partition, value, error = (
                        message.topic(), message.partition(), message.value(), message.error(),
                    )  # fmt: skip
                    if error is not None:
                        if error.code() == KafkaError._PARTITION_EOF:
                            left.discard((str(topic), int(partition or 0)))
                    elif isinstance(value, bytes) and record.batch_id.encode() in value:
                        _note(found, str(topic), value, message.key())
        finally:
            consumer.close()
        return found


def _note(found: AlreadySent, topic: str, value: bytes, key: str | bytes | None) -> None:
    if topic == COMPARISON_REQUESTED:
        if key is not None:
            found.requests.add(key if isinstance(key, str) else key.decode(errors="replace"))
        return
    try:
        found.events.add(uuid.UUID(json.loads(value)["event_id"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return
