"""Asking for offsets while leaders change; tests/kafka asks real brokers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any, cast

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from eng5.clients import offsets as module
from eng5.clients.offsets import offsets

PLACES = [TopicPartition("topic", 0), TopicPartition("topic", 1)]


class Admin:
    """Answers each partition with the next of its answers: an offset, or the code of an error."""

    def __init__(self, *answers: Iterator[int | KafkaException]) -> None:
        self._answers = answers
        self.asked: list[int] = []
        self.refreshed = 0

    def list_offsets(
        self, places: dict[TopicPartition, Any], **_: object
    ) -> dict[TopicPartition, Future[Any]]:
        self.asked.append(len(places))
        answered = {}
        for place in places:
            answered[place] = future = Future[Any]()
            answer = next(self._answers[place.partition])
            if isinstance(answer, KafkaException):
                future.set_exception(answer)
            else:
                future.set_result(SimpleNamespace(offset=answer))
        return answered

    def list_topics(self, timeout: float) -> None:
        self.refreshed += 1


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RECHECK_SECONDS", 0.0)


def ask(admin: Admin, seconds: float = 30.0) -> dict[str, dict[int, int]]:
    return offsets(cast(AdminClient, admin), PLACES, OffsetSpec.latest(), seconds)


def failure(code: int) -> KafkaException:
    return KafkaException(KafkaError(code))


def test_a_new_leader_and_a_request_without_an_answer_are_asked_again() -> None:
    """An answer of -1001 is none: taken for an end, it would end a capture before anything was read.

    A partition that the client has come not to know is asked for anew: seen of a broker that got no processor time.
    """
    reasons = (KafkaError.FENCED_LEADER_EPOCH, KafkaError._UNKNOWN_PARTITION)
    admin = Admin(iter([7]), iter([*map(failure, reasons), -1001, 9]))
    assert ask(admin) == {"topic": {0: 7, 1: 9}}
    assert admin.asked == [2, 1, 1, 1]
    assert admin.refreshed == 3


def test_a_refusal_is_not_asked_again() -> None:
    """The reason comes with the topic that it is about."""
    admin = Admin(iter([7]), iter([failure(KafkaError.TOPIC_AUTHORIZATION_FAILED)]))
    with pytest.raises(KafkaException) as caught:
        ask(admin)
    assert caught.value.args[0].code() == KafkaError.TOPIC_AUTHORIZATION_FAILED
    assert caught.value.args[1] == "topic"


def test_no_answer_for_the_whole_time_is_a_failure() -> None:
    """And no offset is invented."""
    admin = Admin(iter([7]), iter([-1001]))
    with pytest.raises(KafkaException) as caught:
        ask(admin, seconds=0.0)
    assert caught.value.args[0].code() == KafkaError._TIMED_OUT
