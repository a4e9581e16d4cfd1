import json
import os
import signal
import textwrap
import threading
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import httpx
import pytest
from confluent_kafka import Producer
from jsonschema import Draft202012Validator

from eng5.contracts.wire import topics
from eng5.errors import RunLockedError, ServiceError
from eng5.stack.roles.serve import client_settings
from eng5.stack.standin import StandIn
from tests.forked import ROOT, Forked

SCHEMAS = Path(__file__).parents[1] / "platform" / "schemas"
SCHEMA_OF_TOPIC = {
    topics.COMPARISON_RESULT: "LLMComparisonResultV1",
    topics.CJ_COMPLETED: "CJAssessmentCompletedV1",
    topics.ASSESSMENT_RESULT: "AssessmentResultV1",
    topics.CJ_FAILED: "CJAssessmentFailedV1",
}


def test_guest_batch_of_twelve(bench: Any, twelve_essays: dict[str, str]) -> None:
    """Twelve essays give 66 callbacks, one for each pair, then completion, result and consumption."""
    answers = bench.run(bench.request(twelve_essays))
    assert {frozenset(pair) for pair in answers.shown()} == {
        frozenset(pair) for pair in combinations(twelve_essays, 2)
    }
    assert len(answers.callbacks) == 66
    ranked = [essay["essay_id"] for essay in answers.only(topics.ASSESSMENT_RESULT)["essay_results"]]
    assert ranked == sorted(twelve_essays, reverse=True)
    summary = answers.only(topics.CJ_COMPLETED)["processing_summary"]
    assert (summary["total_essays"], summary["successful_essay_ids"]) == (12, ranked)
    assert answers.only(topics.RESOURCE_CONSUMPTION)["quantity"] == 66


def test_events_fit_the_platform_schemas(bench: Any, twelve_essays: dict[str, str]) -> None:
    """Everything that is sent validates against the platform's JSON Schemas."""
    answers = bench.run(bench.request(twelve_essays, metadata={"faults": {"ties": [0], "errors": [1]}}))
    failed = bench.run(bench.request({}, assignment_id="unknown"))
    for topic, schema_name in SCHEMA_OF_TOPIC.items():
        schema = json.loads((SCHEMAS / f"{schema_name}.schema.json").read_bytes())
        events = (failed if topic == topics.CJ_FAILED else answers).events(topic)
        assert events
        for event in events:
            Draft202012Validator(schema["envelope"]).validate(event)
            Draft202012Validator(schema["data"]).validate(event["data"])


def test_keys_and_event_types_are_the_platforms(bench: Any, twelve_essays: dict[str, str]) -> None:
    """Callbacks have no key, final events the batch id, and the result the job id."""
    raw = bench.request(twelve_essays)
    batch = json.loads(raw)["data"]["entity_id"]
    answers = bench.run(raw)
    job = answers.only(topics.CJ_COMPLETED)["cj_assessment_job_id"]
    assert set(answers.keys[topics.COMPARISON_RESULT]) == {None}
    assert answers.keys[topics.CJ_COMPLETED] == [batch]
    assert answers.keys[topics.ASSESSMENT_RESULT] == [job]
    types = {topic: answers.events(topic)[0]["event_type"] for topic in topics.RESULT_TOPICS[:2]}
    assert types == {
        topics.COMPARISON_RESULT: "LLMComparisonResultV1",
        topics.CJ_COMPLETED: topics.CJ_COMPLETED,
    }
    assert answers.events(topics.ASSESSMENT_RESULT)[0]["event_type"] == "assessment.result.published"


def test_restart_asks_no_judge_again(
    make_bench: Callable[..., Any], tmp_path: Path, twelve_essays: dict[str, str]
) -> None:
    """On a new broker, the same request brings the same bytes, and the ledger does not grow."""
    first = make_bench()
    raw = first.request(twelve_essays)
    before = first.run(raw)
    ledger = (tmp_path / "state" / "ledger.jsonl").read_bytes()
    second = make_bench()
    assert second.addresses.cluster_id != first.addresses.cluster_id
    after = second.run(raw)
    assert (tmp_path / "state" / "ledger.jsonl").read_bytes() == ledger
    assert {topic: sorted(values) for topic, values in after.raw.items()} == {
        topic: sorted(values) for topic, values in before.raw.items()
    }


def test_second_publication_sends_the_same_again(bench: Any, twelve_essays: dict[str, str]) -> None:
    """A request that is published twice on one broker is answered twice, with the same ids and bytes."""
    raw = bench.request(twelve_essays)
    first, second = bench.run(raw), bench.run(raw)
    assert sorted(first.raw[topics.COMPARISON_RESULT]) == sorted(second.raw[topics.COMPARISON_RESULT])
    assert first.raw[topics.ASSESSMENT_RESULT] == second.raw[topics.ASSESSMENT_RESULT]


def test_request_that_does_not_parse_goes_to_quarantine(bench: Any, state_of_shared: Path) -> None:
    """No event answers it; its bytes are kept."""
    bench.publish(b'{"event_id": "broken')
    answers = bench.run(bench.request({"a": "One text.", "b": "Another, longer text."}))
    assert len(answers.callbacks) == 1
    kept = [json.loads(line) for line in (state_of_shared / "quarantine.jsonl").read_text().splitlines()]
    assert "eyJldmVudF9pZCI6ICJicm9rZW4=" in {entry["base64"] for entry in kept}


def test_kafka_port_can_be_chosen(make_bench: Callable[..., Any]) -> None:
    """A client that knows the given port only can publish and read."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    bench = make_bench(kafka_port=port)
    assert bench.addresses.bootstrap_servers == f"127.0.0.1:{port}"
    assert len(bench.run(bench.request({"a": "One text.", "b": "Another text."})).callbacks) == 1


def test_idempotent_producer_is_served(bench: Any) -> None:
    """A producer with idempotence on, as the platform's, can publish."""
    producer = Producer(
        {"bootstrap.servers": bench.addresses.bootstrap_servers, "enable.idempotence": True, "log_level": 0}
    )
    producer.produce(topics.RESOURCE_CONSUMPTION, b"{}")
    assert producer.flush(60) == 0


@pytest.mark.parametrize("name", ["content_port", "cj_port", "kafka_port"])
def test_taken_port_is_named(tmp_path: Path, bench: Any, name: str) -> None:
    """A port that is in use is an error that names it, no thread stays, and the state is free again."""
    port = httpx.URL(bench.addresses.cj_service_url).port or 0
    ports: dict[str, Any] = {name: port}
    threads = set(threading.enumerate())
    with pytest.raises(ServiceError, match=f"127.0.0.1:{port}: the port cannot be used"):
        StandIn(tmp_path, **ports).start()
    assert {one.name for one in set(threading.enumerate()) - threads} == set()
    with StandIn(tmp_path):
        pass


def test_second_process_on_one_state_is_refused(tmp_path: Path) -> None:
    """Whoever comes second learns which process has the state, and gets it once that has stopped."""
    with StandIn(tmp_path), pytest.raises(RunLockedError, match=r"process \d+ \("):
        StandIn(tmp_path, lock_timeout=0.05).start()
    with StandIn(tmp_path, lock_timeout=0.05) as free:
        assert free.addresses.cj_service_url.startswith("http://127.0.0.1:")


def test_what_is_served_is_named_at_once(tmp_path: Path) -> None:
    """Whoever finds the state in use by `eng5 serve` does not wait, and learns with which settings to use it."""
    with StandIn(tmp_path, announce=client_settings) as served:
        with pytest.raises(RunLockedError) as refusal:
            StandIn(tmp_path, lock_timeout=60).start()
        assert f"CONTENT_SERVICE_URL={served.addresses.content_service_url}" in str(refusal.value)
        assert "ENG5_STACK=external" in str(refusal.value)


def test_stopping_twice_and_not_starting(tmp_path: Path) -> None:
    """A stand-in that does not run has no addresses, and can be stopped."""
    standin = StandIn(tmp_path)
    with pytest.raises(RuntimeError, match="not been started"):
        standin.addresses  # noqa: B018
    standin.start()
    standin.stop()
    standin.stop()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_prints_addresses_and_stops_on_signals(tmp_path: Path, number: signal.Signals) -> None:
    """One line of JSON when ready; a signal ends it with exit code 0."""
    code = textwrap.dedent("""
        import sys
        from pathlib import Path
        from eng5.stack.roles.serve import Role, ServeSettings, serve
        sys.exit(serve(ServeSettings(Role.ALL, Path(sys.argv[1]))))
    """)
    with Forked(code, [str(tmp_path)], cwd=ROOT, env=os.environ) as process:
        addresses = json.loads(process.stdout.readline())
        assert httpx.get(addresses["cj_service_url"] + "/healthz", timeout=60).status_code == 200
        process.send_signal(number)
        assert process.wait() == 0
        assert process.stdout.read() == ""
