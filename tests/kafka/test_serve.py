"""`eng5 serve` in many processes around a real broker: nothing is paid twice, and nothing is lost."""

from __future__ import annotations

import json
import shutil
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from eng5.clients.topic_specs import PLATFORM_TOPICS, work_topics
from eng5.clients.topics import ensure_topics
from eng5.contracts.wire import topics
from eng5.stack.partition_memory import LIMIT_BYTES
from eng5.stack.roles.ledger_topics import ledger_of_cluster
from tests.bench import Bench
from tests.judges.test_batches import request as llm_request
from tests.kafka.cluster import Cluster, Reserved
from tests.kafka.parts import Parts, everything, parts_around, with_keys
from tests.scripted import Answer, Asked, chooses, says, scripted

pytestmark = pytest.mark.kafka

ESSAYS = {f"essay-{n:02}": f"Text {n}. " + "A sentence of seven words is here. " * n for n in range(1, 13)}
AT_ONCE, HELD = 10, 16


@pytest.fixture
def parts(kafka: Cluster, tmp_path: Path) -> Iterator[Parts]:
    """A Content Service around fresh topics."""
    kafka.delete(*(one.name for one in (*PLATFORM_TOPICS, *work_topics())))
    ensure_topics(kafka.bootstrap, (*PLATFORM_TOPICS, *work_topics()))
    with parts_around(kafka, tmp_path) as running:
        yield running


@dataclass
class Model:
    """A model that answers ten questions at once, and the others when it may `go_on`; 16 at a time are asked of it."""

    go_on: threading.Event
    asked: list[Asked]

    def ask_half(self, parts: Parts, bench: Bench) -> None:
        """Publish a batch of 66, and return when ten are answered and 16 are being asked."""
        bench.publish(llm_request(bench, ESSAYS))
        bench.wait_until(lambda: bench.count(topics.COMPARISON_RESULT) == AT_ONCE)
        bench.wait_until(lambda: len(self.asked) == sum(marks(parts.kafka).values()) == AT_ONCE + HELD)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    """What the judges ask that are started in the test."""
    go_on, left = threading.Event(), iter(range(AT_ONCE))
    with scripted(lambda _: chooses("Essay A", go_on if next(left, None) is None else None)) as server:
        settings = {"BASE_URL": server.url, "API_KEY": "key", "TIMEOUT": "900", "CONCURRENCY": str(HELD)}
        for name, value in settings.items():
            monkeypatch.setenv(f"ENG5_LLM_{name}", value)
        yield Model(go_on, server.asked)
        go_on.set()


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


def marks(kafka: Cluster) -> Counter[str]:
    """How often a judge was about to be asked each question, by the ledger's topic."""
    return Counter(key for key, value in with_keys(kafka, topics.VERDICT) if "asking" in value)


def test_a_batch_is_judged_by_all_judges_and_sent_again_without_asking(parts: Parts) -> None:
    """Two judges share 66 comparisons; the same request, published again, gets the same bytes and asks nobody."""
    cj = parts.cj()
    parts.judge("one"), parts.judge("two")
    bench = parts.bench(cj)
    raw = bench.request(ESSAYS)
    first = bench.run(raw)
    assert len({one["request_id"] for one in first.callbacks}) == len(first.callbacks) == 66
    second = bench.run(raw)
    for topic in (topics.COMPARISON_RESULT, topics.CJ_COMPLETED, topics.ASSESSMENT_RESULT):
        assert sorted(first.raw[topic]) == sorted(second.raw[topic])
    assert repaid(parts.kafka) == (66, 0)


def test_killed_judges_lose_nothing_and_what_may_be_paid_twice_is_counted(parts: Parts, model: Model) -> None:
    """The other judge asks again what the killed one was asking, and this counts as repaid."""
    cj, judge = parts.cj(), parts.judge("one")
    bench = parts.bench(cj)
    model.ask_half(parts, bench)
    judge.kill()
    parts.judge("two")
    model.go_on.set()
    bench.wait_until(lambda: bench.count(topics.CJ_COMPLETED))
    found = callbacks_of(parts.kafka)
    assert (len(found), set(found.values())) == (66, {1})
    assert Counter(marks(parts.kafka).values()) == {1: 66 - HELD, 2: HELD}
    assert (len(model.asked), repaid(parts.kafka)) == (66 + HELD, (66, HELD))


@pytest.mark.parametrize("wiped", [False, True], ids=["its state kept", "its state lost"])
def test_a_killed_cj_goes_on_where_it_stopped(
    parts: Parts, model: Model, tmp_path: Path, wiped: bool
) -> None:
    """Every callback and the completion are sent once, whoever sends them."""
    cj, _ = parts.cj(), parts.judge()
    bench = parts.bench(cj)
    model.ask_half(parts, bench)
    cj.kill()
    if wiped:
        shutil.rmtree(tmp_path / "cj" / "cj")
    parts.cj()
    model.go_on.set()
    bench.wait_until(lambda: bench.count(topics.CJ_COMPLETED))
    found = callbacks_of(parts.kafka)
    assert (len(found), set(found.values()), completions(parts.kafka)) == (66, {1}, 1)
    assert (len(model.asked), repaid(parts.kafka)) == (66, (66, 0))


def test_a_cj_with_empty_state_and_one_beside_another_answer_nothing_again(parts: Parts) -> None:
    """Old requests stay answered, and a new one is answered once."""
    first, _ = parts.cj(), parts.judge()
    bench = parts.bench(first)
    assert len(bench.run(bench.request(ESSAYS)).callbacks) == 66
    assert first.stop() == 0
    parts.cj("empty"), parts.cj("beside")
    assert len(bench.run(bench.request(ESSAYS)).callbacks) == 66
    assert completions(parts.kafka) == 2
    assert sum(callbacks_of(parts.kafka).values()) == 132


def test_a_share_group_judges_each_comparison_once(parts: Parts) -> None:
    """Requests come one a batch of the producer, so that a fetch locks no more than it takes."""
    cj = parts.cj()
    parts.judge("one", "--work", "share"), parts.judge("two", "--work", "share")
    bench = parts.bench(cj)
    metadata = {"simulated": {"seed": 1, "delay_ms": 20}}
    raw = bench.request(ESSAYS, model="simulated", metadata=metadata | {"max_comparisons": 300})
    assert len(bench.run(raw).callbacks) == 300
    assert repaid(parts.kafka) == (300, 0)


def test_a_judge_with_a_wrong_key_asks_once_and_goes_on_with_another(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The failed event names the process; started again with its key, it answers, and then its verdicts are trusted."""
    said = [chooses("Essay A")]

    def answer(asked: Asked) -> Answer:
        if "right" not in asked.headers["authorization"]:
            return Answer(401, {"error": {"message": "who?", "type": "x", "code": "invalid_api_key"}})
        return said[0]

    with scripted(answer) as server:
        monkeypatch.setenv("ENG5_LLM_BASE_URL", server.url)
        monkeypatch.setenv("ENG5_LLM_API_KEY", "key-that-is-wrong")
        cj, judge = parts.cj(), parts.judge()
        bench = parts.bench(cj)
        refused = bench.run(llm_request(bench, ESSAYS))
        info = refused.only(topics.CJ_FAILED)["system_metadata"]["error_info"]
        assert info["error_code"] == "AUTHENTICATION_ERROR"
        assert f"process {judge.process.pid} on " in info["details"]["remedy"]
        assert (len(server.asked), len(refused.callbacks)) == (1, 0)
        assert judge.stop() == 0
        monkeypatch.setenv("ENG5_LLM_API_KEY", "key-that-is-right")
        parts.judge()
        eleven = dict(list(ESSAYS.items())[:11])
        assert len(bench.run(llm_request(bench, eleven)).callbacks) == 55
        assert len(server.asked) == 1 + 55
        said[0] = says("I would say the first.")
        assert len(bench.run(llm_request(bench, ESSAYS)).callbacks) == 66


def test_a_callback_that_is_refused_keeps_completion_back(parts: Parts) -> None:
    """A compacted topic takes no message without a key: the batch fails and says so."""
    cj, _ = parts.cj(), parts.judge()
    parts.kafka.set(topics.COMPARISON_RESULT, {"cleanup.policy": "compact"})
    bench = parts.bench(cj)
    failed = bench.run(bench.request(ESSAYS), until=topics.CJ_FAILED).only(topics.CJ_FAILED)
    parts.kafka.set(topics.COMPARISON_RESULT, {"cleanup.policy": "delete"})
    assert failed["system_metadata"]["error_info"]["error_code"] == "KAFKA_PUBLISH_ERROR"
    assert completions(parts.kafka) == 0


def test_a_batch_whose_texts_are_elsewhere_is_not_completed(parts: Parts) -> None:
    """A CJ service with another Content Service than the client's fails the batch, and names the reason."""
    cj = parts.cj()
    bench = parts.bench(cj)
    lost = {name: uuid.uuid4().hex for name in ESSAYS}
    answers = bench.run(bench.request({}, storage_ids=lost))
    info = answers.only(topics.CJ_FAILED)["system_metadata"]["error_info"]
    assert info["error_code"] == "CONTENT_SERVICE_ERROR"
    assert completions(parts.kafka) == 0


def test_a_judge_that_is_started_before_its_content_service_waits_for_it(
    parts: Parts, tmp_path: Path
) -> None:
    """It says for which address, and that it is ready only afterwards: a wrong address shows at once."""
    with Reserved() as place, ThreadPoolExecutor() as pool:
        parts.content_url = f"http://127.0.0.1:{place.port}/v1/content"
        judge = pool.submit(parts.judge, "early")
        said = tmp_path / "early.log"
        waiting = f"waiting for the Content Service: {parts.content_url}"
        parts.kafka.until(lambda: said.exists() and waiting in said.read_text("utf-8"))
        assert not judge.done()
        parts.content(place.port)
        assert judge.result().stop() == 0


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
        bench.wait_until(lambda: bench.count(topics.CJ_COMPLETED))
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
    assert len(bench.run(bench.request(ESSAYS)).callbacks) == 66


def test_over_tls_judge_broker_and_cj_are_killed_in_turn(secure: Parts, model: Model) -> None:
    """Every callback and the completion are sent once; what a judge was being asked is asked again."""
    cj, judge = secure.cj(), secure.judge("one")
    bench = secure.bench(cj)
    model.ask_half(secure, bench)
    judge.kill()
    secure.judge("two")
    with secure.kafka.away():
        """It is killed and comes back."""
    cj.kill()
    secure.cj()
    model.go_on.set()
    bench.wait_until(lambda: bench.count(topics.CJ_COMPLETED))
    found = callbacks_of(secure.kafka)
    assert (len(found), set(found.values()), completions(secure.kafka)) == (66, {1}, 1)
    assert (len(model.asked), repaid(secure.kafka)) == (66 + HELD, (66, HELD))


def test_the_only_broker_is_away_for_longer_than_a_session(parts: Parts, model: Model) -> None:
    """Judge and `cj` wait for it and go on; nothing is asked again, and every callback comes once."""
    cj, judge = parts.cj(), parts.judge()
    bench = parts.bench(cj)
    model.ask_half(parts, bench)
    with parts.kafka.away():
        bench.wait_until(lambda: all("lost to another member" in one.said for one in (cj, judge)))
    bench.wait_until(lambda: judge.said.count("this judge has 16 of 16 partitions") == 2)
    model.go_on.set()
    bench.wait_until(lambda: bench.count(topics.CJ_COMPLETED))
    found = callbacks_of(parts.kafka)
    assert (len(found), set(found.values()), completions(parts.kafka)) == (66, {1}, 1)
    assert (len(model.asked), repaid(parts.kafka)) == (66, (66, 0))
    assert "Traceback" not in cj.said + judge.said
