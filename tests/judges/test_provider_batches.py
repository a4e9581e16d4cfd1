"""Runs through the batch APIs of providers, by the stand-in and each provider's own client library."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from eng5.contracts.llm_config import LlmConfig, LlmProviderConfig
from eng5.contracts.wire.topics import CJ_FAILED
from eng5.judges import JudgeStoppedError, LlmService, Outcome, Verdict
from eng5.judges.batches.api import ItemResult
from eng5.judges.batches.asking import MOST_ROUNDS, AskByBatch
from eng5.judges.batches.post import Post
from eng5.judges.batches.sending import Asker, BatchDesk
from eng5.judges.batches.sent import SentBatches
from eng5.judges.batches.waiting import cancel_now
from eng5.judges.ledger import FileLedger
from eng5.judges.question import Question
from eng5.stack.standin import Addresses
from tests.batch_server import GOOD, KEY, BatchServer, Held, batch_server, openai_answer
from tests.bench import Answers, Bench

MakeBench = Callable[..., Bench]
MODELS = {"openai": "gpt-4o", "anthropic": "claude-sonnet-4-5", "google": "gemini-2.5-flash"}
every_provider = pytest.mark.parametrize("provider", MODELS)
pytestmark = pytest.mark.filterwarnings("ignore:The model .* is deprecated:DeprecationWarning")

SERVE = """
import sys
from pathlib import Path
from eng5.environment import llm_settings
from eng5.stack.roles.serve import Role, ServeSettings, serve
serve(ServeSettings(Role.ALL, Path(sys.argv[1]), llm=llm_settings()))
"""
STATES = {
    "create": "before the provider hears of it",
    "created": "created, before its id could be kept",
    "look": "in progress",
    "results": "ended, before its results were read",
    "half the results": "half-way through its results",
}


@pytest.fixture
def server() -> Iterator[BatchServer]:
    """A provider that has just started."""
    with batch_server() as started:
        yield started


@pytest.fixture
def six(twelve_essays: dict[str, str]) -> dict[str, str]:
    """Six essays: 15 questions."""
    return dict(list(twelve_essays.items())[:6])


def config(server: BatchServer) -> LlmConfig:
    return LlmConfig(
        providers={
            name: LlmProviderConfig(key=SecretStr(KEY), base_url=server.address(name)) for name in MODELS
        }
    )


def request(
    bench: Bench, texts: dict[str, str], provider: str, *, like: bytes | None = None, **metadata: Any
) -> bytes:
    """A request by batch; with ``like`` it is the same one again."""
    batch = json.loads(like)["data"]["entity_id"] if like else None
    metadata = {"llm_batching_mode_hint": "provider_batch_api", "batch_label": "by-batch", **metadata}
    document = json.loads(bench.request(texts, batch=batch, metadata=metadata, rubric="Judge the language."))
    chosen = {"provider_override": provider, "model_override": MODELS.get(provider, "vendor/model")}
    document["data"]["llm_config_overrides"] |= chosen
    return json.dumps(document).encode()


def winners(answers: Answers) -> list[str | None]:
    return [one["winner"] for one in answers.callbacks]


def errors(answers: Answers) -> list[str]:
    return [one["error_detail"]["message"] for one in answers.callbacks if one["error_detail"]]


@every_provider
def test_a_run_is_one_batch(
    provider: str, server: BatchServer, make_bench: MakeBench, six: dict[str, str]
) -> None:
    """15 questions in one batch, 15 verdicts with tokens, each question asked once; the same again asks nothing."""
    bench = make_bench(llm=config(server))
    answers = bench.run(request(bench, six, provider))
    assert [len(one.items) for one in server.batches] == [15]
    assert winners(answers) == ["Essay B"] * 15
    assert {one["token_usage"]["prompt_tokens"] for one in answers.callbacks} == {1000}
    assert len(bench.run(request(bench, six, provider)).callbacks) == 15
    assert set(server.asked.values()) == {1}
    assert len(server.batches) == 1


@pytest.mark.kill
@every_provider
def test_killed_at_every_state_no_question_is_sent_twice(
    provider: str, server: BatchServer, tmp_path: Path, six: dict[str, str]
) -> None:
    """SIGKILL in each of five states, one after the other: the sixth process has all verdicts of the one batch."""
    kill_in(list(STATES), provider, server, tmp_path, six)


def test_killed_before_its_id_is_kept_and_half_way_through_its_results(
    server: BatchServer, tmp_path: Path, six: dict[str, str]
) -> None:
    """The two states that cost most when they go wrong; `pytest -m kill` has all five, at every provider."""
    kill_in(["created", "half the results"], "openai", server, tmp_path, six)


def kill_in(
    states: list[str], provider: str, server: BatchServer, state: Path, essays: dict[str, str]
) -> None:
    """A process for each state, killed in it, and one that ends; Google's client hands results over as a whole."""
    ledger = state / "ledger.jsonl"
    streams = provider != "google"
    raw: bytes | None = None
    for place in states:
        reached = server.shut(place)
        with standin(server, state) as (process, bench):
            raw = raw or request(bench, essays, provider)
            bench.publish(raw)
            assert reached.wait(30), place
            while place == "half the results" and streams and not lines_of(ledger):
                assert process.poll() is None
            process.kill()
            process.wait(30)
        server.open(drop=place == "create")
        assert len(server.batches) == (0 if place == "create" else 1), STATES[place]
    assert 0 < lines_of(ledger) < 15 or not streams
    with standin(server, state) as (_, bench):
        assert raw is not None
        answers = bench.run(raw)
    assert winners(answers) == ["Essay B"] * 15
    assert set(server.asked.values()) == {1}
    assert len(server.batches) == 1
    assert lines_of(ledger) == 15
    written = [path.read_bytes() for path in state.rglob("*") if path.is_file()]
    assert not any(KEY.encode() in content for content in written)


def lines_of(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


@contextmanager
def standin(server: BatchServer, state: Path) -> Iterator[tuple[subprocess.Popen[str], Bench]]:
    """The stand-in in a process of its own, configured by the environment alone."""
    environment = {"PYTHONPATH": str(Path(__file__).parents[2])}
    for name in MODELS:
        environment[f"ENG5_LLM_{name.upper()}_BASE_URL"] = server.address(name)
        environment[f"ENG5_LLM_{name.upper()}_API_KEY"] = KEY
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(state)],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        bench = Bench(Addresses(**json.loads(process.stdout.readline())))
        try:
            yield process, bench
        finally:
            bench.close()
            process.kill()


@every_provider
def test_another_machine_finds_the_batch(
    provider: str, server: BatchServer, make_bench: MakeBench, six: dict[str, str], tmp_path: Path
) -> None:
    """Without any state of the first one: the same request finds the batch in the provider's list, ended or not."""
    server.looks = 2
    reached = server.shut("look")
    first = make_bench(llm=config(server), state=tmp_path / "first")
    raw = request(first, six, provider)
    first.publish(raw)
    assert reached.wait(30)
    second = make_bench(llm=config(server), state=tmp_path / "second")
    again = request(second, six, provider, like=raw)
    server.open()
    assert winners(second.run(again)) == ["Essay B"] * 15
    assert set(server.asked.values()) == {1}
    third = make_bench(llm=config(server), state=tmp_path / "third")
    assert winners(third.run(request(third, six, provider, like=raw))) == ["Essay B"] * 15
    assert len(server.batches) == 1


@every_provider
def test_whatever_comes_back_each_question_has_one_outcome(
    provider: str, server: BatchServer, make_bench: MakeBench, six: dict[str, str]
) -> None:
    """An item that failed, one without a result, an answer that is none, lines for nobody and lines that are none."""

    def plan(batch: Held) -> None:
        batch.items[0].outcome = 400
        batch.items[1].outcome = "missing"
        batch.items[2].outcome = "I like them both."
        name = "key" if provider == "google" else "custom_id"
        batch.further_lines = [
            "{",
            "[]",
            "null",
            json.dumps({name: "somebody-else", "result": {"type": "expired"}}),
        ]
        batch.further_lines.append(json.dumps({name: batch.items[3].custom_id}))

    server.plan = plan
    bench = make_bench(llm=config(server))
    raw = request(bench, six, provider)
    answers = bench.run(raw)
    assert len(answers.callbacks) == 15
    assert winners(answers).count("Essay B") == 12
    said = " | ".join(errors(answers))
    assert "scripted" in said and "ended without a result" in said and "no valid answer" in said
    server.plan = lambda batch: None
    again = bench.run(request(bench, six, provider))
    assert winners(again) == ["Essay B"] * 15
    assert [len(one.items) for one in server.batches] == [15, 3]


@every_provider
@pytest.mark.parametrize("end", ["expired", "cancelled"])
def test_what_a_batch_leaves_is_asked_in_another(
    provider: str, end: str, server: BatchServer, make_bench: MakeBench, six: dict[str, str]
) -> None:
    """Ten of fifteen are answered: the five others go out once more, the ten do not."""

    def plan(batch: Held) -> None:
        if batch.number == 1:
            batch.end = end
            for item in batch.items[:5]:
                item.outcome = end

    server.plan = plan
    bench = make_bench(llm=config(server))
    answers = bench.run(request(bench, six, provider))
    assert winners(answers) == ["Essay B"] * 15
    assert [len(one.items) for one in server.batches] == [15, 5]


def test_a_question_is_given_up_after_three_batches(
    server: BatchServer, make_bench: MakeBench, six: dict[str, str]
) -> None:
    """One of fifteen expires again and again: recorded as a failure; the next run asks it again."""

    def plan(batch: Held) -> None:
        batch.end = "expired"
        batch.items[0].outcome = "expired"

    server.plan = plan
    bench = make_bench(llm=config(server))
    answers = bench.run(request(bench, six, "openai"), seconds=60)
    assert [len(one.items) for one in server.batches] == [15, *[1] * (MOST_ROUNDS - 1)]
    [error] = errors(answers)
    assert "batches ended before its turn: batch_1, batch_2, batch_3" in error
    server.plan = lambda batch: None
    assert winners(bench.run(request(bench, six, "openai"))) == ["Essay B"] * 15
    assert len(server.batches) == MOST_ROUNDS + 1


def failure(answers: Answers) -> str:
    """Why the batch was given up, in the service's words."""
    info: dict[str, Any] = answers.only(CJ_FAILED)["system_metadata"]["error_info"]
    return str(info["error_message"])


@every_provider
def test_cancelled_by_the_user_it_stops_and_goes_on_when_asked(
    provider: str, server: BatchServer, make_bench: MakeBench, six: dict[str, str], tmp_path: Path
) -> None:
    """`eng5 batches cancel` while a run waits: the run stops; the next attempt keeps ten and asks five."""

    def plan(batch: Held) -> None:
        if batch.number == 1:
            batch.looks = 1000
            for item in batch.items[:5]:
                item.outcome = "unrun"

    server.plan = plan
    reached = server.shut("look")
    bench = make_bench(llm=config(server))
    bench.publish(raw := request(bench, six, provider))
    assert reached.wait(30)
    sent = SentBatches(tmp_path / "state")
    [batch] = sent.all()
    server.open()
    asyncio.run(cancel_now(sent, batch, config(server)))
    answers = bench.run(raw)
    assert "cancelled" in failure(answers)
    assert len(server.batches) == 1
    assert winners(bench.run(request(bench, six, provider))) == ["Essay B"] * 15
    assert [len(one.items) for one in server.batches] == [15, 5]


def test_a_batch_that_is_refused_as_a_whole_says_why(
    server: BatchServer, make_bench: MakeBench, six: dict[str, str]
) -> None:
    """The provider's reason ends the run; the next one sends the questions again."""
    server.plan = lambda batch: setattr(batch, "end", "failed")
    bench = make_bench(llm=config(server))
    assert "the file has no valid line" in failure(bench.run(request(bench, six, "openai")))
    assert len(server.batches) == 1
    server.plan = lambda batch: None
    assert winners(bench.run(request(bench, six, "openai"))) == ["Essay B"] * 15


@every_provider
@pytest.mark.parametrize("gate", ["create", "created"])
def test_an_answer_that_is_lost_costs_nothing(
    gate: str, provider: str, server: BatchServer, make_bench: MakeBench, six: dict[str, str]
) -> None:
    """An error of the server on creation: one that came after it is found in the list, one before it ends the run."""
    bench = make_bench(llm=config(server))
    server.refused[gate] = (502, "bad gateway")
    answers = bench.run(request(bench, six, provider))
    if gate == "create":
        assert "not in the provider's list" in failure(answers)
        server.refused.clear()
        answers = bench.run(request(bench, six, provider))
    assert winners(answers) == ["Essay B"] * 15
    assert len(server.batches) == 1


@pytest.mark.parametrize(
    ("gate", "status", "says"),
    [
        ("list", 500, "it is not known whether these questions were sent before"),
        ("list", 401, "OpenAI's batch API: Error code: 401"),
        ("upload", 404, "may have no batch API"),
        ("create", 400, "scripted refusal"),
        ("create", 429, "scripted refusal"),
    ],
)
def test_without_knowing_nothing_is_sent(
    gate: str, status: int, says: str, server: BatchServer, make_bench: MakeBench, six: dict[str, str]
) -> None:
    """A list that cannot be had, a wrong key, a server without batches, a refusal: the reason, and no batch is kept."""
    server.refused[gate] = (status, "scripted refusal")
    bench = make_bench(llm=config(server))
    assert says in failure(bench.run(request(bench, six, "openai"), seconds=60))
    assert server.batches == []
    server.refused.clear()
    assert winners(bench.run(request(bench, six, "openai"))) == ["Essay B"] * 15


def test_limits_of_the_provider_make_several_batches(
    server: BatchServer, make_bench: MakeBench, six: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With four requests a batch 15 questions are four batches; with few bytes, each as large as it may be."""
    monkeypatch.setattr("eng5.judges.batches.openai.OpenAIBatches.most_requests", 4)
    bench = make_bench(llm=config(server))
    assert winners(bench.run(request(bench, six, "openai"))) == ["Essay B"] * 15
    assert [len(one.items) for one in server.batches] == [4, 4, 4, 3]
    server.batches.clear()
    monkeypatch.setattr("eng5.judges.batches.openai.OpenAIBatches.most_requests", 50_000)
    monkeypatch.setattr("eng5.judges.batches.openai.OpenAIBatches.most_bytes", 12_000)
    assert winners(bench.run(request(bench, six, "openai", fresh_verdicts=True))) == ["Essay B"] * 15
    assert len(server.batches) > 1
    assert all(len(file) <= 12_000 for file in server.files.values() if b'"method"' in file)


def test_two_runs_with_the_same_questions_share_a_batch(
    server: BatchServer, make_bench: MakeBench, six: dict[str, str]
) -> None:
    """A second run asks what the first has on its way only where it wants verdicts of its own."""
    reached = server.shut("look")
    bench = make_bench(llm=config(server))
    first, second = (request(bench, six, "openai") for _ in range(2))
    bench.publish(first)
    assert reached.wait(30)
    server.open()
    assert winners(bench.run(second)) == ["Essay B"] * 15
    assert len(server.batches) == 1
    assert winners(bench.run(request(bench, six, "openai", fresh_verdicts=True))) == ["Essay B"] * 15
    assert [len(one.items) for one in server.batches] == [15, 15]


def test_a_provider_without_batches_is_refused(
    server: BatchServer, make_bench: MakeBench, six: dict[str, str]
) -> None:
    """OpenRouter has no batch API; a judge that is no model answers as always."""
    bench = make_bench(llm=config(server))
    assert "openrouter has no batch API" in failure(bench.run(request(bench, six, "openrouter")))
    raw = json.loads(request(bench, six, "mock"))
    raw["data"]["llm_config_overrides"]["model_override"] = "surface"
    assert len(bench.run(json.dumps(raw).encode()).callbacks) == 15


def test_a_batch_costs_half_in_the_ledger(question_for: Callable[..., Question]) -> None:
    """GPT-4o at 2.50 and 10 USD a million: 1000 and 50 tokens cost 0.003 USD, half of it by batch."""
    question = question_for("openai", "gpt-4o")

    async def read() -> Verdict:
        post = Post(question.setting, LlmConfig(providers={"openai": LlmProviderConfig(key=SecretStr(KEY))}))
        result = ItemResult("x", 200, openai_answer(json.dumps(GOOD), "gpt-4o"))
        try:
            return await post.read(question, result, "batch_1")
        finally:
            await post.close()

    verdict = asyncio.run(read())
    assert verdict.outcome is Outcome.B
    assert verdict.cost_usd == pytest.approx((1000 * 2.5 + 50 * 10) / 1e6 / 2)
    assert verdict.metadata["provider_batch"] == "batch_1"


def test_more_than_it_may_cost_is_not_sent(
    server: BatchServer, twelve_essays: dict[str, str], tmp_path: Path, question_for: Callable[..., Question]
) -> None:
    """A batch cannot be stopped at a price: its expected price decides before anything is sent."""
    llm = LlmService(LlmConfig(providers={"openai": LlmProviderConfig(key=SecretStr(KEY))}))
    desk = BatchDesk(llm, SentBatches(tmp_path), FileLedger(tmp_path / "ledger.jsonl"))
    question = question_for("openai", "gpt-4o")

    async def expect() -> None:
        asking = AskByBatch(desk, question.setting, Asker("run", "run"))
        try:
            await asking.expect([("0" * 64, question)], 0.0001)
        finally:
            await asking.close()
            await desk.close()

    with pytest.raises(JudgeStoppedError, match="nothing is sent: raise it and run again"):
        asyncio.run(expect())
    assert desk.sent.all() == []
