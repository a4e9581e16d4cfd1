"""A run by batch, through the stand-in and each provider's own client library: every question has one outcome."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from eng5.contracts.llm_config import LlmConfig, LlmProviderConfig
from eng5.judges import JudgeStoppedError, LlmService
from eng5.judges.batches.asking import MOST_ROUNDS, AskByBatch
from eng5.judges.batches.sending import Asker, BatchDesk
from eng5.judges.batches.sent import SentBatches
from eng5.judges.batches.waiting import cancel_now
from eng5.judges.ledger import FileLedger
from eng5.judges.question import Question
from tests.batch_server import KEY, BatchServer, Held
from tests.judges.batches.conftest import (
    MakeBench,
    by_default_openai,
    config,
    errors,
    every_provider,
    failure,
    request,
    winners,
)

pytestmark = pytest.mark.filterwarnings("ignore:The model .* is deprecated:DeprecationWarning")


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


@by_default_openai
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
    answers = bench.run(request(bench, six, "openai"))
    assert [len(one.items) for one in server.batches] == [15, *[1] * (MOST_ROUNDS - 1)]
    [error] = errors(answers)
    assert "batches ended before its turn: batch_1, batch_2, batch_3" in error
    server.plan = lambda batch: None
    assert winners(bench.run(request(bench, six, "openai"))) == ["Essay B"] * 15
    assert len(server.batches) == MOST_ROUNDS + 1


@by_default_openai
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
    assert reached.wait(60)
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


@pytest.mark.slow
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
    assert reached.wait(60)
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
