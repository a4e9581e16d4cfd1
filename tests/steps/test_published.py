"""Step `published`: the request is in the broker's log, once, and no answer can be missed."""

from __future__ import annotations

from pathlib import Path

import pytest

from eng5.contracts.journal import JournalEnd, end_line
from eng5.contracts.published import Published
from eng5.contracts.wire.topics import CJ_COMPLETED, CJ_REQUESTED, COMPARISON_RESULT, RESULT_TOPICS
from eng5.errors import DamagedFileError, ServiceError
from eng5.files import JsonLines, read_model, sha256_bytes
from tests.chain import Chain
from tests.fakes import FakeBroker


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    """A project whose request is written."""
    chain = Chain(tmp_path)
    chain.freeze()
    chain.take_stock()
    chain.upload()
    chain.ask()
    return chain


def marker(chain: Chain) -> Published:
    return read_model(chain.paths.published, Published)


def test_the_bytes_of_the_file_are_published(chain: Chain) -> None:
    """Topic, key and value as the contract says; the marker names cluster, place and hash."""
    chain.broker.put(CJ_REQUESTED, b"another request")
    chain.publish()
    (message,) = chain.broker.published
    envelope = chain.paths.envelope.read_bytes()
    assert (message.topic, message.value) == ("huleedu.els.cj_assessment.requested.v1", envelope)
    assert message.key == str(chain.run_file.batch_uuid).encode()
    assert marker(chain).model_dump(exclude={"result_offsets"}) == {
        "schema_version": "1",
        "cluster_id": "cluster-1",
        "topic": CJ_REQUESTED,
        "partition": 0,
        "offset": 1,
        "envelope_sha256": sha256_bytes(envelope),
        "topic_ids": {},
    }


def test_a_marker_that_fits_is_not_published_again(chain: Chain) -> None:
    """Repeating the step, in this process or another, sends nothing."""
    chain.publish()
    before = chain.paths.published.read_bytes()
    chain.publish()
    assert len(chain.broker.published) == 1
    assert chain.paths.published.read_bytes() == before


def test_another_cluster_is_published_to(chain: Chain) -> None:
    """A broker that forgot everything (another cluster id) gets the request again."""
    chain.publish()
    chain.broker = FakeBroker("cluster-2")
    chain.publish()
    assert len(chain.broker.published) == 1
    assert marker(chain).cluster_id == "cluster-2"


def test_a_topic_that_was_made_again_is_published_to(chain: Chain) -> None:
    """Its id tells: the request and its answers went with the topic. An id that is not known says nothing."""
    chain.broker.ids = {CJ_REQUESTED: "a", COMPARISON_RESULT: "b"}
    chain.publish()
    chain.broker.ids = {COMPARISON_RESULT: "b"}
    chain.publish()
    assert len(chain.broker.published) == 1
    chain.broker.ids = {CJ_REQUESTED: "a", COMPARISON_RESULT: "c"}
    chain.publish()
    assert len(chain.broker.published) == 2
    assert marker(chain).topic_ids == {CJ_REQUESTED: "a", COMPARISON_RESULT: "c"}


def test_answers_that_retention_took_are_asked_for_again(chain: Chain) -> None:
    """Unread ones only: what was read, or was there before, may go."""
    for _ in range(5):
        chain.broker.put(COMPARISON_RESULT, b"old")
    chain.publish()
    chain.broker.lost[COMPARISON_RESULT, 0] = 5
    chain.publish()
    assert len(chain.broker.published) == 1
    chain.broker.lost[COMPARISON_RESULT, 0] = 6
    chain.publish()
    assert len(chain.broker.published) == 2


def test_an_answered_batch_is_not_published_again(chain: Chain) -> None:
    """Nothing is asked twice once the journal is closed, whatever cluster there is now."""
    chain.publish()
    closing = JournalEnd.model_validate({"end": "completed", "cluster": "cluster-1", "read_to": {}})
    JsonLines(chain.paths.events).append([end_line(closing)])
    chain.broker = FakeBroker("cluster-2")
    chain.publish()
    assert chain.broker.published == []


def test_another_request_is_published(chain: Chain) -> None:
    """A marker of another envelope does not count."""
    chain.publish()
    chain.paths.envelope.write_bytes(
        chain.paths.envelope.read_bytes().replace(b"Judge fairly", b"Judge firmly")
    )
    chain.publish()
    assert len(chain.broker.published) == 2
    assert marker(chain).envelope_sha256 == sha256_bytes(chain.paths.envelope.read_bytes())


def test_offsets_are_taken_before_publishing(chain: Chain) -> None:
    """Answers that come before the acknowledgement lie behind the noted offsets; older messages lie in front."""
    answers = []
    chain.broker.put(COMPARISON_RESULT, b"old", partition=1)
    chain.broker.on_publish = lambda envelope: answers.append(chain.broker.put(CJ_COMPLETED, b"at once"))
    chain.publish()
    offsets = marker(chain).result_offsets
    assert set(offsets) == set(RESULT_TOPICS)
    assert offsets[COMPARISON_RESULT] == {0: 0, 1: 1, 2: 0}
    assert offsets[CJ_COMPLETED] == {0: 0, 1: 0, 2: 0}


def test_a_stop_before_the_acknowledgement_keeps_the_offsets(chain: Chain) -> None:
    """Killed after the request went out: it is published again, and read from before its first answers."""

    def answered_and_killed(envelope: bytes) -> None:
        chain.broker.put(COMPARISON_RESULT, b"an answer")
        raise KeyboardInterrupt

    chain.broker.on_publish = answered_and_killed
    with pytest.raises(KeyboardInterrupt):
        chain.publish()
    assert marker(chain).offset is None
    chain.broker.on_publish = lambda envelope: None
    chain.publish()
    assert marker(chain).result_offsets[COMPARISON_RESULT] == {0: 0, 1: 0, 2: 0}
    assert marker(chain).offset == 1
    assert [message.value for message in chain.broker.published] == [chain.paths.envelope.read_bytes()] * 2


def test_a_refusal_is_no_publication(chain: Chain) -> None:
    """The broker refuses: the next run tries again."""

    def refuse(envelope: bytes) -> None:
        raise ServiceError("out of order")

    chain.broker.on_publish = refuse
    with pytest.raises(ServiceError):
        chain.publish()
    chain.broker.on_publish = lambda envelope: None
    chain.publish()
    assert marker(chain).offset is not None


@pytest.mark.parametrize("name", ["envelope", "published"])
def test_damaged_files_are_named(chain: Chain, name: str) -> None:
    """Neither a torn request nor a torn marker ends in a traceback."""
    chain.publish()
    path = getattr(chain.paths, name)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(DamagedFileError) as caught:
        chain.publish()
    assert caught.value.where == str(path)
