"""Capture on a real broker: all that was committed comes, nothing ends it early, and nothing holds it up."""

from __future__ import annotations

import math
from pathlib import Path
from uuid import uuid4

import pytest
from confluent_kafka.admin import NewPartitions

from eng5.clients import kafka_cluster, kafka_reader
from eng5.clients.topic_specs import TopicSpec
from eng5.contracts.wire.topics import COMPARISON_RESULT, RESULT_TOPICS
from eng5.errors import PreflightError, ServiceError
from tests.fakes import Progress
from tests.kafka.batch import Batch, Platform
from tests.kafka.cluster import Cluster

pytestmark = pytest.mark.kafka


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The topics are looked at with every poll, and open transactions are waited for as if they all ended."""
    monkeypatch.setattr(kafka_reader, "WATCH_SECONDS", 0.0)
    monkeypatch.setattr(kafka_reader, "OPEN_TRANSACTION_SECONDS", math.inf)


@pytest.fixture
def batch(kafka: Cluster, tmp_path: Path) -> Batch:
    """A batch whose request is published to fresh topics."""
    kafka.fresh()
    one = Batch(tmp_path, kafka.bootstrap)
    one.publish()
    return one


def test_a_whole_batch(kafka: Cluster, batch: Batch) -> None:
    """Every callback, once, and the ends that were read to."""
    Platform(kafka).answer(batch, batch.callbacks(300))
    batch.capture()
    folded = batch.fold()
    assert len(folded.rows) == 300 and folded.end is not None and folded.end.end == "completed"
    assert batch.progress.counts[-1] == 300
    ends = folded.end.read_to[COMPARISON_RESULT]
    assert sum(ends.values()) == 300


def test_another_producers_open_transaction_hides_nothing(
    kafka: Cluster, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Callbacks behind it come, and capture does not end in front of it (seen: 20 of 30, "completed")."""
    monkeypatch.setattr(kafka_reader, "OPEN_TRANSACTION_SECONDS", 0.5)
    platform, other = Platform(kafka), Platform(kafka, f"open-{uuid4()}")
    platform.put(COMPARISON_RESULT, *batch.callbacks(20), partition=0)
    other.producer.begin_transaction()
    other.put(COMPARISON_RESULT, b"{}", partition=0)
    platform.answer(batch, batch.callbacks(10, first=20), partition=0)
    batch.capture()
    assert len(batch.fold().rows) == 30
    other.producer.abort_transaction()


def test_a_transaction_that_ends_is_waited_for(
    kafka: Cluster, batch: Batch, caplog: pytest.LogCaptureFixture
) -> None:
    """What is aborted while capture waits was never said, and what lies behind it comes then; the wait is explained."""
    platform, other = Platform(kafka), Platform(kafka, f"ends-{uuid4()}")
    other.producer.begin_transaction()
    other.put(COMPARISON_RESULT, *batch.callbacks(3, first=100), partition=0)
    platform.answer(batch, batch.callbacks(10), partition=0)

    class Abort(Progress):
        def wait(self, awaited: str) -> None:
            super().wait(awaited)
            if self.awaited.count("waiting for the end of what the broker has") == 3:
                other.producer.abort_transaction()

    batch.capture(Abort())
    assert caplog.text.count(f"is open on {COMPARISON_RESULT}/0; its end is waited for") == 1
    found = sorted(one.request_id for one in batch.fold().rows.ordered())
    assert found == [f"request-{number:05}" for number in range(10)]


def test_after_a_transaction_that_was_passed_only_what_is_committed_is_read(
    kafka: Cluster, batch: Batch, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An aborted one that comes later counts for nothing."""
    monkeypatch.setattr(kafka_reader, "OPEN_TRANSACTION_SECONDS", 0.5)
    platform, other = Platform(kafka), Platform(kafka, f"passed-{uuid4()}")
    other.producer.begin_transaction()
    other.put(COMPARISON_RESULT, b"open", partition=0)
    platform.put(COMPARISON_RESULT, b"hidden", partition=0)
    with batch.client() as client:
        seen: list[bytes] = []

        def comes(what: str) -> bool:
            seen.extend(message.value for message in client.poll(0.1))
            return what in caplog.text or what.encode() in seen

        client.start(batch.marker.result_offsets)
        kafka.until(lambda: comes("hidden"))
        other.producer.abort_transaction()
        kafka.until(lambda: comes("no transaction is open any more"))
        with other.transaction(abort=True):
            other.put(COMPARISON_RESULT, b"aborted", partition=0)
        platform.put(COMPARISON_RESULT, b"last", partition=0)
        kafka.until(lambda: comes("last"))
    assert [value for value in seen if value != b"open"] == [b"hidden", b"last"]


def test_transactional_producers(kafka: Cluster, batch: Batch) -> None:
    """Their commit markers are no messages, and capture ends all the same (seen: a wait until the deadline)."""
    platform = Platform(kafka, f"transactional-{uuid4()}")
    for first in range(0, 30, 10):
        with platform.transaction():
            platform.put(COMPARISON_RESULT, *batch.callbacks(10, first=first), partition=0)
    with platform.transaction():
        platform.answer(batch, [])
    batch.capture()
    assert len(batch.fold().rows) == 30
    assert batch.end is not None and batch.end.read_to[COMPARISON_RESULT][0] == 33


def test_what_was_aborted_was_never_said(kafka: Cluster, batch: Batch) -> None:
    """Callbacks of an aborted transaction are no verdicts, and an aborted marker at the end holds nothing up."""
    platform, other = Platform(kafka), Platform(kafka, f"aborted-{uuid4()}")
    platform.put(COMPARISON_RESULT, *batch.callbacks(5), partition=0)
    with other.transaction(abort=True):
        other.put(COMPARISON_RESULT, *batch.callbacks(3, first=100), partition=0)
    platform.answer(batch, batch.callbacks(5, first=5), partition=0)
    with other.transaction(abort=True):
        other.put(COMPARISON_RESULT, *batch.callbacks(3, first=200), partition=0)
    batch.capture()
    found = sorted(one.request_id for one in batch.fold().rows.ordered())
    assert found == [f"request-{number:05}" for number in range(10)]


def test_partitions_that_were_added_after_publishing(kafka: Cluster, batch: Batch) -> None:
    """Callbacks in them are read from the first one on (seen: 150 of 300)."""
    kafka.admin.create_partitions([NewPartitions(COMPARISON_RESULT, 6)])[COMPARISON_RESULT].result()
    assert kafka.partitions(COMPARISON_RESULT) == list(range(6))
    platform = Platform(kafka)
    callbacks = batch.callbacks(300)
    for number in range(6):
        platform.put(COMPARISON_RESULT, *callbacks[number::6], partition=number)
    platform.answer(batch, [])
    batch.capture()
    assert len(batch.fold().rows) == 300
    assert batch.end is not None
    assert batch.end.read_to[COMPARISON_RESULT] == dict.fromkeys(range(6), 50)


@pytest.mark.parametrize("partitions", [1, 100])
def test_any_number_of_partitions(kafka: Cluster, tmp_path: Path, partitions: int) -> None:
    """One or a hundred."""
    kafka.fresh(
        *(TopicSpec(topic, partitions if topic == COMPARISON_RESULT else 3) for topic in RESULT_TOPICS)
    )
    batch = Batch(tmp_path, kafka.bootstrap)
    batch.publish()
    Platform(kafka).answer(batch, batch.callbacks(500))
    batch.capture()
    assert len(batch.fold().rows) == 500


def test_what_retention_took_is_asked_for_again(kafka: Cluster, batch: Batch) -> None:
    """Capture says what is gone; the same command publishes the same event again, and reads the new answers."""
    platform = Platform(kafka)
    platform.put(COMPARISON_RESULT, *batch.callbacks(20), partition=0)
    kafka.drop_messages(COMPARISON_RESULT, 0, before=15)
    before = batch.marker
    with pytest.raises(ServiceError, match=r"partition 0, offset 0\): deleted by retention") as caught:
        batch.capture()
    assert caught.value.remedy is not None and "published again" in caught.value.remedy
    batch.publish()
    assert batch.marker.offset != before.offset
    assert batch.marker.envelope_sha256 == before.envelope_sha256
    platform.answer(batch, batch.callbacks(20), partition=0)
    batch.capture()
    assert len(batch.fold().rows) == 20


def test_what_was_read_before_retention_took_it_is_not_asked_for_again(kafka: Cluster, batch: Batch) -> None:
    """The journal has it: nothing is published a second time."""
    platform = Platform(kafka)
    platform.put(COMPARISON_RESULT, *batch.callbacks(20), partition=0)
    batch.journal_so_far(20)
    kafka.drop_messages(COMPARISON_RESULT, 0, before=20)
    before = batch.marker
    batch.publish()
    assert batch.marker == before
    platform.answer(batch, batch.callbacks(5, first=20), partition=0)
    batch.capture()
    assert len(batch.fold().rows) == 25


def test_topics_that_were_deleted_and_made_again(kafka: Cluster, batch: Batch) -> None:
    """Old places mean nothing there: the request is published again and read from the start, old answers stay."""
    platform = Platform(kafka)
    platform.put(COMPARISON_RESULT, *batch.callbacks(20), partition=0)
    batch.journal_so_far(20)
    kafka.fresh()
    before = batch.marker
    batch.publish()
    assert batch.marker.topic_ids != before.topic_ids
    Platform(kafka).answer(batch, batch.callbacks(30), partition=0)
    batch.capture()
    folded = batch.fold()
    assert (len(folded.rows), folded.duplicates) == (30, 20)


def test_a_topic_that_is_made_again_under_a_waiting_capture(
    kafka: Cluster, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so, instead of waiting for ever."""
    monkeypatch.setattr(kafka_reader, "ANSWER_SECONDS", 60.0)
    monkeypatch.setattr(kafka_cluster, "METADATA_SECONDS", 60.0)
    with batch.client() as client:
        client.start(batch.marker.result_offsets)
        client.poll(0.1)
        kafka.fresh(TopicSpec(COMPARISON_RESULT))
        with pytest.raises(ServiceError, match="deleted and made again") as caught:
            list(iter(lambda: client.poll(0.1), None))
    assert caught.value.where is not None and COMPARISON_RESULT in caught.value.where


def test_a_topic_that_is_gone(kafka: Cluster, batch: Batch) -> None:
    """Named, with what makes it."""
    kafka.delete(COMPARISON_RESULT)
    with pytest.raises(PreflightError, match=f"no topic {COMPARISON_RESULT}") as caught:
        batch.capture()
    assert caught.value.remedy is not None and "--make-topics" in caught.value.remedy


def test_the_only_broker_dies_and_comes_back(kafka: Cluster, batch: Batch) -> None:
    """What came before and what comes after are both there."""
    Platform(kafka).put(COMPARISON_RESULT, *batch.callbacks(50))
    with batch.client() as client:
        client.start(batch.marker.result_offsets)
        found = list(client.poll(5))
        with kafka.away():
            for _ in range(10):
                found += client.poll(0.1)
        Platform(kafka).put(COMPARISON_RESULT, *batch.callbacks(50, first=50))
        while len(found) < 100:
            found += client.poll(0.5)
    assert {one.value for one in found} == set(batch.callbacks(100))
