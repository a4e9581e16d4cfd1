import json
import math
import threading
import uuid
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from pydantic import SecretStr

from eng5.contracts.llm_config import LlmConfig, LlmProviderConfig
from eng5.contracts.wire import topics
from eng5.contracts.wire.envelope import StorageReferenceMetadata
from eng5.errors import InputError
from eng5.stack.partition_memory import PartitionMemory
from eng5.stack.standin import StandIn
from tests.bench import Bench
from tests.judges.test_batches import request as llm_request
from tests.scripted import Answer, Asked, chooses, scripted

SECRET = "a secret of the tests, long enough for HS256"
SCALE = "eng5_np_legacy_9_step"


def failure(answers: Any) -> dict[str, Any]:
    info: dict[str, Any] = answers.only(topics.CJ_FAILED)["system_metadata"]["error_info"]
    return info


def winners(answers: Any) -> dict[tuple[str, str], str]:
    return dict(zip(answers.shown(), [one["winner"] for one in answers.callbacks], strict=True))


def abilities(essays: dict[str, str]) -> dict[str, float]:
    return {name: float(place) for place, name in enumerate(essays)}


def ledger_lines(state: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (state / "ledger.jsonl").read_text().splitlines()]


def test_listed_comparisons_come_back_by_index(bench: Any) -> None:
    """Every listed comparison, repeats included, has one callback with its index, in the listed positions."""
    listed = [("b", "a"), ("a", "b"), ("b", "a"), ("b", "a"), ("c", "a")]
    metadata = {"simulated": {"seed": 1}}
    raw = bench.request(
        {"a": "Text a.", "b": "Text b.", "c": "Text c."}, listed=listed, model="simulated", metadata=metadata
    )
    answers = bench.run(raw)
    by_index = sorted(
        (one["request_metadata"]["comparison_index"], pair)
        for one, pair in zip(answers.callbacks, answers.shown(), strict=True)
    )
    assert by_index == list(enumerate(listed))
    repetitions = {
        one["request_metadata"]["comparison_index"]: one["request_metadata"]["repetition"]
        for one in answers.callbacks
    }
    assert repetitions == {0: 1, 1: 1, 2: 2, 3: 3, 4: 1}
    assert len({one["request_id"] for one in answers.callbacks}) == 5


@pytest.mark.parametrize("listed", [[], [("a", "a")], [("a", "nobody")]], ids=["empty", "itself", "unknown"])
def test_list_that_cannot_be_carried_out_fails_the_batch(bench: Any, listed: list[tuple[str, str]]) -> None:
    """The answer is the failed event and nothing else."""
    answers = bench.run(bench.request({"a": "Text a.", "b": "Text b."}, listed=listed))
    assert failure(answers)["error_code"] == "VALIDATION_ERROR"
    assert not answers.callbacks


def test_tie_is_an_error_with_its_own_outcome(bench: Any) -> None:
    """A tie reaches the wire as an error that says what it is, and does not fail the batch."""
    answers = bench.run(
        bench.request({"a": "Text.", "b": "Text, and another."}, metadata={"faults": {"ties": [0]}})
    )
    [callback] = answers.callbacks
    assert callback["winner"] is None
    assert callback["error_detail"]["error_code"] == "INVALID_RESPONSE"
    assert callback["error_detail"]["details"] == {
        "outcome": "tie",
        "confidence": 1.0,
        "justification": "A tie on demand.",
    }
    assert callback["request_metadata"]["outcome"] == "tie"
    scores = [one["bt_score"] for one in answers.only(topics.ASSESSMENT_RESULT)["essay_results"]]
    assert scores == [0.0, 0.0]


def test_callback_carries_what_the_platform_does(bench: Any) -> None:
    """Ids, hash and provider are in request_metadata; the wire's provider and model are those asked for."""
    raw = bench.request({"a": "Text a.", "b": "Text b."}, rubric="Rubric.")
    [callback] = bench.run(raw).callbacks
    metadata = callback["request_metadata"]
    assert metadata["bos_batch_id"] == json.loads(raw)["data"]["entity_id"]
    assert (metadata["cj_source"], metadata["cj_request_type"]) == ("els", "cj_comparison")
    assert (metadata["resolved_provider"], metadata["resolved_model"]) == ("mock", "surface")
    assert len(metadata["prompt_sha256"]) == len(metadata["question_sha256"]) == 64
    assert (callback["provider"], callback["model"], callback["cost_estimate"]) == ("mock", "surface", 0.0)
    assert "verdict_reused" not in metadata


def test_only_pairs_with_a_changed_essay_are_judged_again(
    make_bench: Callable[..., Any], tmp_path: Path, twelve_essays: dict[str, str]
) -> None:
    """With one text of twelve changed, another batch asks 11 comparisons and takes 55 over, and says so."""
    bench = make_bench()
    bench.run(bench.request(twelve_essays))
    answers = bench.run(bench.request(twelve_essays | {"essay-05": "A text that was written anew."}))
    reused = Counter(one["request_metadata"].get("verdict_reused", False) for one in answers.callbacks)
    assert reused == {True: 55, False: 11}
    assert len(ledger_lines(tmp_path / "state")) == 66 + 11


@pytest.mark.parametrize("metadata", [{"fresh_verdicts": True}, {"replicate": 2}])
def test_verdicts_can_be_asked_for_anew(
    make_bench: Callable[..., Any], tmp_path: Path, metadata: dict[str, Any]
) -> None:
    """Fresh verdicts and further replicates take nothing over."""
    bench = make_bench()
    essays = {"a": "Text a.", "b": "Text b.", "c": "Text c."}
    bench.run(bench.request(essays))
    bench.run(bench.request(essays, metadata=metadata))
    assert len(ledger_lines(tmp_path / "state")) == 6


def test_interrupted_batch_asks_for_what_is_missing(
    make_bench: Callable[..., Any], tmp_path: Path, twelve_essays: dict[str, str]
) -> None:
    """A stand-in that stops in the middle goes on from its ledger: 15 verdicts, none asked twice."""
    six = dict(list(twelve_essays.items())[:6])
    never, left = threading.Event(), iter(range(5))

    def opinion(asked: Asked, hold: threading.Event | None = None) -> Answer:
        return chooses(("Essay A", "Essay B")[zlib.crc32(asked.body) % 2], hold)

    def five(asked: Asked) -> Answer:
        return opinion(asked, never if next(left, None) is None else None)

    with scripted(five) as server:
        provider = LlmProviderConfig(key=SecretStr("a-key-of-tests"), base_url=server.url)
        llm = LlmConfig(providers={"openai": provider})
        bench = make_bench(llm=llm)
        raw = llm_request(bench, six)
        bench.run(raw, until=topics.COMPARISON_RESULT)
        bench = make_bench(llm=llm)
        assert 0 < len(ledger_lines(tmp_path / "state")) <= 5
        server.script = opinion
        answers = bench.run(raw)
        keys = [(line["question_sha256"], line["repetition"]) for line in ledger_lines(tmp_path / "state")]
        assert len(keys) == len(set(keys)) == 15
        assert len(answers.callbacks) == 15
        undisturbed = make_bench(tmp_path / "another", llm=llm)
        assert winners(undisturbed.run(llm_request(undisturbed, six))) == winners(answers)
        never.set()


def test_batch_larger_than_the_brokers_memory(
    make_bench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, twelve_essays: dict[str, str]
) -> None:
    """With room for few unread callbacks in a partition, all of them come through when the reader commits."""
    monkeypatch.setattr(PartitionMemory.__init__, "__kwdefaults__", {"limit": 8_000, "patience": 100.0})
    bench = make_bench()
    assert len(bench.run(bench.request(twelve_essays), commit=True).callbacks) == 66


def test_disk_trouble_ends_no_batch(make_bench: Callable[..., Any], tmp_path: Path) -> None:
    """When the ledger cannot be written the stand-in says so and fails nothing; later the same request goes through."""
    ledger = tmp_path / "state" / "ledger.jsonl"
    ledger.mkdir(parents=True)
    with StandIn(tmp_path / "state", jwt_secret=SECRET) as standin, Bench(standin.addresses) as bench:
        raw = bench.request({"a": "Text a.", "b": "Text b."})
        bench.publish(raw)
        with pytest.raises(InputError, match="a folder is where a file should be"):
            bench.wait_until(standin.check)
        assert bench.count(topics.CJ_FAILED) == 0
    ledger.rmdir()
    assert len(make_bench().run(raw).callbacks) == 1


def test_guest_prompt_reaches_the_judge(bench: Any) -> None:
    """The prompt that the request points at changes the question, and one without text fails the batch."""
    stored = {"a": bench.upload("Text a."), "b": bench.upload("Text b.")}
    hashes = set()
    for text in ("Write about a role model.", "Write about a friend."):
        place = StorageReferenceMetadata.model_validate(
            {"references": {"student_prompt_text": {"storage_id": bench.upload(text), "path": ""}}}
        )
        [callback] = bench.run(bench.request({}, storage_ids=stored, prompt=place)).callbacks
        hashes.add(callback["request_metadata"]["prompt_sha256"])
    assert len(hashes) == 2
    lost = StorageReferenceMetadata.model_validate(
        {"references": {"student_prompt_text": {"storage_id": "0" * 32, "path": ""}}}
    )
    answers = bench.run(bench.request({}, storage_ids=stored, prompt=lost))
    assert failure(answers)["error_code"] == "CONTENT_SERVICE_ERROR"
    assert failure(answers)["details"] == {"storage_id": "0" * 32}


def test_essay_without_text_is_left_out(bench: Any) -> None:
    """An essay that cannot be fetched is not compared, and is counted as failed."""
    stored = {
        "a": bench.upload("Text a."),
        "b": bench.upload("Text b."),
        "lost": "0" * 32,
        "blank": bench.upload(" \n"),
    }
    answers = bench.run(bench.request({}, storage_ids=stored))
    summary = answers.only(topics.CJ_COMPLETED)["processing_summary"]
    assert (summary["total_essays"], summary["failed_essay_ids"]) == (4, ["lost", "blank"])
    assert len(answers.callbacks) == 1


@pytest.mark.parametrize(
    ("essays", "status", "single"),
    [({"a": "Text a."}, "completed_successfully", True), ({}, "failed_critically", False)],
    ids=["one", "none"],
)
def test_too_few_essays_complete_at_once(
    bench: Any, essays: dict[str, str], status: str, single: bool
) -> None:
    """One essay gets score 0 without a comparison; none at all is a completion that failed."""
    answers = bench.run(bench.request(essays))
    completed = answers.only(topics.CJ_COMPLETED)
    assert (completed["status"], completed["processing_summary"]["single_essay_batch"]) == (status, single)
    results = answers.only(topics.ASSESSMENT_RESULT)["essay_results"]
    assert [(one["essay_id"], one["bt_score"]) for one in results] == [(name, 0.0) for name in essays]
    assert not answers.callbacks


def test_unknown_assignment_fails_the_batch(bench: Any) -> None:
    """The failure comes before the batch began: fixed job id, no times, the request's correlation."""
    raw = bench.request({"a": "Text a.", "b": "Text b."}, assignment_id="nobody")
    answers = bench.run(raw)
    data = answers.only(topics.CJ_FAILED)
    assert data["cj_assessment_job_id"] == "INITIALIZATION_FAILED"
    assert data["system_metadata"]["started_at"] is None
    assert failure(answers)["details"] == {"assignment_id": "nobody"}
    assert answers.events(topics.CJ_FAILED)[0]["correlation_id"] == json.loads(raw)["correlation_id"]


@pytest.mark.parametrize(
    ("model", "metadata"),
    [("nobody", {}), ("simulated", {"simulated": {"tie_rate": 2}}), ("surface", {"faults": {"what": 1}})],
    ids=["judge", "parameters", "faults"],
)
def test_configuration_that_makes_no_sense_fails_the_batch(
    bench: Any, model: str, metadata: dict[str, Any]
) -> None:
    """An unknown judge and parameters that do not fit are named in the failure."""
    answers = bench.run(bench.request({"a": "Text a.", "b": "Text b."}, model=model, metadata=metadata))
    assert failure(answers)["error_code"] == "INVALID_CONFIGURATION"


def test_repeated_essay_id_fails_the_batch(bench: Any) -> None:
    """Two essays under one id are refused by name."""
    raw = bench.request({"a": "Text a.", "b": "Text b."})
    answers = bench.run(raw.replace(b'"essay_id": "b"', b'"essay_id": "a"'))
    assert failure(answers)["details"] == {"essay_ids": ["a"]}


def test_low_success_rate_fails_the_batch(bench: Any, twelve_essays: dict[str, str]) -> None:
    """14 errors of 66 are too many, and the failure counts them; its correlation is a callback's."""
    answers = bench.run(bench.request(twelve_essays, metadata={"faults": {"errors": list(range(14))}}))
    info = failure(answers)
    assert info["reason"] == "low_success_rate"
    assert info["details"]["failed_comparisons"] == 14
    assert info["details"]["success_rate"] == pytest.approx(52 / 66, abs=1e-3)
    correlations = {one["correlation_id"] for one in answers.callbacks}
    assert answers.events(topics.CJ_FAILED)[0]["correlation_id"] in correlations
    assert len(answers.callbacks) == 66


@pytest.mark.parametrize(
    ("fail", "expected", "callbacks"),
    [
        ("initialization", ("error_code", "CONTENT_SERVICE_ERROR"), 0),
        ("low_success_rate", ("reason", "low_success_rate"), 3),
        ("stuck", ("reason", "stuck_timeout_insufficient_progress"), 1),
    ],
)
def test_failures_on_demand(bench: Any, fail: str, expected: tuple[str, str], callbacks: int) -> None:
    """Each of the platform's three failures can be had, after none, all or half of the callbacks."""
    essays = {"a": "Text a.", "b": "Text b.", "c": "Text c."}
    answers = bench.run(bench.request(essays, metadata={"faults": {"fail": fail}}))
    key, value = expected
    assert failure(answers)[key] == value
    assert len(answers.callbacks) == callbacks


class Assignment:
    """An assignment with one anchor for each grade, whose texts grow with the grades."""

    def __init__(self, bench: Any, **instructions: Any) -> None:
        self.id = str(uuid.uuid4())
        url = bench.addresses.cj_service_url
        claims = {
            "sub": "t",
            "roles": ["admin"],
            "aud": "huleedu-platform",
            "iss": "huleedu-identity-service",
        }
        token = jwt.encode(claims | {"exp": 4_000_000_000}, SECRET)
        self.http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60)
        body = {"assignment_id": self.id, "instructions_text": "Judge the whole.", "grade_scale": SCALE}
        assert (
            self.http.post("/admin/v1/assessment-instructions", json=body | instructions).status_code == 200
        )

    def register(self, grade: str, text: str) -> None:
        body = {"assignment_id": self.id, "grade": grade, "essay_text": text}
        assert self.http.post("/api/v1/anchors/register", json=body).status_code == 201


@pytest.fixture
def assignment(bench: Any) -> Any:
    assignments: list[Assignment] = []

    def make(**instructions: Any) -> Assignment:
        assignments.append(Assignment(bench, **instructions))
        return assignments[-1]

    yield make
    for one in assignments:
        one.http.close()


def text_of_level(level: float) -> str:
    repeats = round(10 * math.exp(0.4 * level))
    return "Because she listens, everybody admires my grandmother. " * repeats


def test_assignment_bound_batch_is_projected(bench: Any, assignment: Callable[..., Assignment]) -> None:
    """Students are compared with registered anchors and get grades; anchors stay U, under ids of their own."""
    known = assignment()
    grades = ["F+", "E-", "E+", "D-", "D+", "C-", "C+", "B", "A"]
    for level, grade in enumerate(grades):
        known.register(grade, text_of_level(level))
    students = {"weak": text_of_level(-0.4), "middle": text_of_level(4.2), "strong": text_of_level(8.4)}
    answers = bench.run(bench.request(students, assignment_id=known.id))
    assert len(answers.callbacks) == 12 * 11 / 2
    result = answers.only(topics.ASSESSMENT_RESULT)
    essays = {one["essay_id"]: one for one in result["essay_results"]}
    anchors = [one for name, one in essays.items() if name.startswith("ANCHOR_")]
    assert len(anchors) == 9
    assert {(one["letter_grade"], one["is_anchor"], one["display_name"]) for one in anchors} == {
        ("U", True, "ANCHOR GRADE U")
    }
    assert essays["weak"]["letter_grade"] in ("F", "F+", "E-")
    assert essays["middle"]["letter_grade"] in ("D-", "D+", "C-")
    assert essays["strong"]["letter_grade"] in ("B", "A")
    assert result["assessment_metadata"]["anchor_essays_used"] == 9
    assert result["assessment_metadata"]["calibration_method"] == "anchor"
    assert answers.only(topics.CJ_COMPLETED)["processing_summary"]["total_essays"] == 3


def test_anchors_are_fixed_when_a_batch_begins(bench: Any, assignment: Callable[..., Assignment]) -> None:
    """An anchor that is registered later does not change a batch that is sent again."""
    known = assignment()
    known.register("B", text_of_level(3))
    raw = bench.request({"a": "Text a.", "b": "Text b."}, assignment_id=known.id)
    first = bench.run(raw)
    known.register("A", text_of_level(4))
    assert sorted(bench.run(raw).raw[topics.COMPARISON_RESULT]) == sorted(first.raw[topics.COMPARISON_RESULT])


@pytest.mark.parametrize(("origin", "hashes"), [("research_experiment", 2), ("canonical_national", 1)])
def test_national_rubric_cannot_be_overridden(
    bench: Any, assignment: Callable[..., Assignment], origin: str, hashes: int
) -> None:
    """A request's rubric changes the question in research, and is ignored for a national assignment."""
    known = assignment(context_origin=origin)
    known.http.post(
        "/admin/v1/judge-rubrics", json={"assignment_id": known.id, "rubric_text": "The official one."}
    )
    stored = {"a": bench.upload("Text a."), "b": bench.upload("Text b.")}
    found = set()
    for rubric in (None, "My own rubric."):
        [callback] = bench.run(
            bench.request({}, storage_ids=stored, assignment_id=known.id, rubric=rubric)
        ).callbacks
        found.add(callback["request_metadata"]["prompt_sha256"])
    assert len(found) == hashes
