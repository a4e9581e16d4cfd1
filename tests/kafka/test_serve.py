"""`eng5 serve` in many processes around a real broker: nothing is paid twice, and nothing is lost."""

from __future__ import annotations

import json
import shutil
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from eng5.clients.topic_specs import PLATFORM_TOPICS, work_topics
from eng5.clients.topics import ensure_topics
from eng5.contracts.wire import topics
from eng5.stack.partition_memory import LIMIT_BYTES
from eng5.stack.roles.consumer_group import SESSION_MS
from eng5.stack.roles.ledger_topics import ledger_of_cluster
from tests.judges.test_batches import request as llm_request
from tests.kafka.cluster import Cluster
from tests.kafka.parts import Parts, everything, parts_around, with_keys
from tests.scripted import Answer, Asked, scripted

pytestmark = pytest.mark.kafka

ESSAYS = {f"essay-{n:02}": f"Text {n}. " + "A sentence of seven words is here. " * n for n in range(1, 13)}
SLOW = {"simulated": {"seed": 1, "delay_ms": 1500}}


@pytest.fixture
def parts(kafka: Cluster, tmp_path: Path) -> Iterator[Parts]:
    """A Content Service around fresh topics."""
    kafka.delete(*(one.name for one in (*PLATFORM_TOPICS, *work_topics())))
    ensure_topics(kafka.bootstrap, (*PLATFORM_TOPICS, *work_topics()))
    with parts_around(kafka, tmp_path) as running:
        yield running


def callbacks_of(kafka: Cluster) -> Counter[str]:
    """Request ids of the callbacks in the topic."""
    return Counter(one["data"]["request_id"] for one in everything(kafka, topics.COMPARISON_RESULT))


def completions(kafka: Cluster) -> int:
    """Completions in the topic."""
    return len(everything(kafka, topics.CJ_COMPLETED))


def repaid(kafka: Cluster) -> tuple[int, int]:
    """Verdicts in the ledger, and questions that were asked once more."""
    [use] = ledger_of_cluster(kafka.bootstrap, {})
    return use.entries, use.paid_again


def asked_twice(kafka: Cluster) -> set[str]:
    """Questions before which two marks of a judge that is being asked stand in the ledger's topic."""
    marks = Counter(key for key, value in with_keys(kafka, topics.VERDICT) if "asking" in value)
    return {key for key, times in marks.items() if times == 2}


def test_a_batch_is_judged_by_all_judges_and_sent_again_without_asking(parts: Parts) -> None:
    """Two judges share 66 comparisons; the same request, published again, gets the same bytes and asks nobody."""
    cj = parts.cj()
    parts.judge("one"), parts.judge("two")
    bench = parts.bench(cj)
    raw = bench.request(ESSAYS)
    first = bench.run(raw, seconds=60)
    assert len({one["request_id"] for one in first.callbacks}) == len(first.callbacks) == 66
    second = bench.run(raw, seconds=60)
    for topic in (topics.COMPARISON_RESULT, topics.CJ_COMPLETED, topics.ASSESSMENT_RESULT):
        assert sorted(first.raw[topic]) == sorted(second.raw[topic])
    assert repaid(parts.kafka) == (66, 0)
    bench.close()


def test_killed_judges_lose_nothing_and_what_may_be_paid_twice_is_counted(parts: Parts) -> None:
    """The other judge asks again what the killed one had no acknowledged answer to, and only this counts as repaid.

    That is what the provider was being asked, 16 at a time, and answers that were on their way to the broker.
    """
    cj, judge = parts.cj(), parts.judge("one")
    bench = parts.bench(cj)
    raw = bench.request(ESSAYS, model="simulated", metadata=SLOW)
    bench.run(raw, until=topics.COMPARISON_RESULT, seconds=60)
    judge.kill()
    parts.judge("two")
    answers = bench.wait_until(topics.CJ_COMPLETED, seconds=90)
    assert answers == 1
    assert set(callbacks_of(parts.kafka).values()) == {1}
    again = asked_twice(parts.kafka)
    assert 1 <= len(again) <= 2 * 16
    assert repaid(parts.kafka) == (66, len(again))
    bench.close()


@pytest.mark.parametrize("wiped", [False, True], ids=["its state kept", "its state lost"])
def test_a_killed_cj_goes_on_where_it_stopped(parts: Parts, tmp_path: Path, wiped: bool) -> None:
    """Every callback and the completion are sent once, whoever sends them."""
    cj, _ = parts.cj(), parts.judge()
    bench = parts.bench(cj)
    bench.run(
        bench.request(ESSAYS, model="simulated", metadata=SLOW), until=topics.COMPARISON_RESULT, seconds=60
    )
    cj.kill()
    if wiped:
        shutil.rmtree(tmp_path / "cj" / "cj")
    parts.cj()
    assert bench.wait_until(topics.CJ_COMPLETED, seconds=90) == 1
    found = callbacks_of(parts.kafka)
    assert (len(found), set(found.values())) == (66, {1})
    assert repaid(parts.kafka) == (66, 0)
    bench.close()


def test_a_cj_with_empty_state_and_one_beside_another_answer_nothing_again(parts: Parts) -> None:
    """Old requests stay answered, and a new one is answered once."""
    first, _ = parts.cj(), parts.judge()
    bench = parts.bench(first)
    assert len(bench.run(bench.request(ESSAYS), seconds=60).callbacks) == 66
    assert first.stop() == 0
    parts.cj("empty"), parts.cj("beside")
    assert len(bench.run(bench.request(ESSAYS), seconds=60).callbacks) == 66
    assert completions(parts.kafka) == 2
    assert sum(callbacks_of(parts.kafka).values()) == 132
    bench.close()


def test_a_share_group_judges_each_comparison_once(parts: Parts) -> None:
    """Requests come one a batch of the producer, so that a fetch locks no more than it takes."""
    cj = parts.cj()
    parts.judge("one", "--work", "share"), parts.judge("two", "--work", "share")
    bench = parts.bench(cj)
    metadata = {"simulated": {"seed": 1, "delay_ms": 20}}
    raw = bench.request(ESSAYS, model="simulated", metadata=metadata | {"max_comparisons": 300})
    assert len(bench.run(raw, seconds=90).callbacks) == 300
    assert repaid(parts.kafka) == (300, 0)
    bench.close()


def test_a_judge_with_a_wrong_key_asks_once_and_goes_on_with_another(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The failed event names the process; started again with its key, it answers, and then its verdicts are trusted."""
    said = [json.dumps({"winner": "Essay A", "justification": "It is fuller.", "confidence": 4})]

    def answer(asked: Asked) -> Answer:
        if "right" not in asked.headers["authorization"]:
            return Answer(401, {"error": {"message": "who?", "type": "x", "code": "invalid_api_key"}})
        message = {"role": "assistant", "content": said[0]}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        body = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
        return Answer(body=body)

    with scripted(answer) as server:
        monkeypatch.setenv("ENG5_LLM_BASE_URL", server.url)
        monkeypatch.setenv("ENG5_LLM_API_KEY", "key-that-is-wrong")
        cj, judge = parts.cj(), parts.judge()
        bench = parts.bench(cj)
        refused = bench.run(llm_request(bench, ESSAYS), seconds=60)
        info = refused.only(topics.CJ_FAILED)["system_metadata"]["error_info"]
        assert info["error_code"] == "AUTHENTICATION_ERROR"
        assert f"process {judge.process.pid} on " in info["details"]["remedy"]
        assert (len(server.asked), len(refused.callbacks)) == (1, 0)
        assert judge.stop() == 0
        monkeypatch.setenv("ENG5_LLM_API_KEY", "key-that-is-right")
        parts.judge()
        eleven = dict(list(ESSAYS.items())[:11])
        assert len(bench.run(llm_request(bench, eleven), seconds=60).callbacks) == 55
        assert len(server.asked) == 1 + 55
        said[0] = "I would say the first."
        assert len(bench.run(llm_request(bench, ESSAYS), seconds=60).callbacks) == 66
        bench.close()


def test_a_callback_that_is_refused_keeps_completion_back(parts: Parts) -> None:
    """A compacted topic takes no message without a key: the batch fails and says so."""
    cj, _ = parts.cj(), parts.judge()
    parts.kafka.set(topics.COMPARISON_RESULT, {"cleanup.policy": "compact"})
    bench = parts.bench(cj)
    failed = bench.run(bench.request(ESSAYS), until=topics.CJ_FAILED, seconds=60).only(topics.CJ_FAILED)
    parts.kafka.set(topics.COMPARISON_RESULT, {"cleanup.policy": "delete"})
    assert failed["system_metadata"]["error_info"]["error_code"] == "KAFKA_PUBLISH_ERROR"
    assert completions(parts.kafka) == 0
    bench.close()


def test_a_batch_whose_texts_are_elsewhere_is_not_completed(parts: Parts) -> None:
    """A CJ service with another Content Service than the client's fails the batch, and names the reason."""
    cj = parts.cj()
    bench = parts.bench(cj)
    lost = {name: uuid.uuid4().hex for name in ESSAYS}
    answers = bench.run(bench.request({}, storage_ids=lost), seconds=60)
    info = answers.only(topics.CJ_FAILED)["system_metadata"]["error_info"]
    assert info["error_code"] == "CONTENT_SERVICE_ERROR"
    assert completions(parts.kafka) == 0
    bench.close()


def test_a_reader_that_is_away_holds_nothing_up(kafka: Cluster, tmp_path: Path) -> None:
    """More callbacks on one partition than the mock broker may hold wait in the topic, and the batch is completed."""
    specs = [
        replace(one, partitions=1) if one.name == topics.COMPARISON_RESULT else one
        for one in (*PLATFORM_TOPICS, *work_topics())
    ]
    kafka.delete(*(one.name for one in specs))
    ensure_topics(kafka.bootstrap, specs)
    essays = {f"essay-{n:02}": f"{n}. A sentence of seven words is here." for n in range(75)}
    with parts_around(kafka, tmp_path) as parts:
        cj, _ = parts.cj(), parts.judge()
        bench = parts.bench(cj)
        bench.publish(bench.request(essays))
        until = time.monotonic() + 150
        while not completions(kafka) and time.monotonic() < until:
            bench.wait_for(lambda: None, seconds=0.5)
        bench.close()
    waiting = everything(kafka, topics.COMPARISON_RESULT)
    assert len({one["data"]["request_id"] for one in waiting}) == len(waiting) == 75 * 74 // 2
    assert sum(len(json.dumps(one)) for one in waiting) > LIMIT_BYTES


@pytest.fixture
def secure(kafka: Cluster, tmp_path: Path) -> Iterator[Parts]:
    """The same with SASL_SSL, from ENG5_KAFKA_*."""
    settings = {
        f"ENG5_KAFKA_{name.upper().replace('.', '_')}": value for name, value in kafka.credentials().items()
    }
    kafka.delete(*(one.name for one in (*PLATFORM_TOPICS, *work_topics())))
    with parts_around(kafka, tmp_path, **settings) as running:
        yield running


def test_over_tls_with_a_password(secure: Parts) -> None:
    """A batch is judged."""
    cj, _ = secure.cj(), secure.judge()
    bench = secure.bench(cj)
    assert len(bench.run(bench.request(ESSAYS), seconds=60).callbacks) == 66
    bench.close()


@pytest.mark.timeout(240)
def test_over_tls_judge_broker_and_cj_are_killed_in_turn(secure: Parts) -> None:
    """Every callback and the completion are sent once; what a judge was being asked is asked again at most."""
    cj, judge = secure.cj(), secure.judge("one")
    bench = secure.bench(cj)
    raw = bench.request(ESSAYS, model="simulated", metadata=SLOW)
    bench.run(raw, until=topics.COMPARISON_RESULT, seconds=60)
    judge.kill()
    secure.judge("two")
    secure.kafka.kill()
    secure.kafka.up()
    cj.kill()
    secure.cj()
    assert bench.wait_until(topics.CJ_COMPLETED, seconds=90) == 1
    found = callbacks_of(secure.kafka)
    assert (len(found), set(found.values())) == (66, {1})
    entries, again = repaid(secure.kafka)
    assert entries == 66 and again <= 16
    bench.close()


@pytest.mark.timeout(240)
def test_the_only_broker_is_away_for_longer_than_a_session(parts: Parts) -> None:
    """Judge and `cj` wait for it and go on; every callback comes once."""
    cj, _ = parts.cj(), parts.judge()
    bench = parts.bench(cj)
    bench.run(
        bench.request(ESSAYS, model="simulated", metadata=SLOW), until=topics.COMPARISON_RESULT, seconds=60
    )
    parts.kafka.kill()
    bench.wait_for(lambda: None, seconds=SESSION_MS / 1000 + 2)
    parts.kafka.up()
    until = time.monotonic() + 90
    while not completions(parts.kafka) and time.monotonic() < until:
        bench.wait_for(lambda: None, seconds=0.5)
    assert completions(parts.kafka) == 1
    found = callbacks_of(parts.kafka)
    assert (len(found), set(found.values())) == (66, {1})
    entries, again = repaid(parts.kafka)
    assert entries == 66 and again <= 16
    bench.close()
