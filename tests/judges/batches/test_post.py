"""A question as a letter: the request that would be sent, and a result as the verdict that it is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr

from eng5.contracts.llm_config import LlmConfig, LlmProviderConfig
from eng5.judges import LlmService, Outcome, Verdict
from eng5.judges.batches.api import ItemResult
from eng5.judges.batches.post import Post
from eng5.judges.llm import LlmJudge
from eng5.judges.question import Question
from tests.batch_server import GOOD, KEY, anthropic_answer, openai_answer
from tests.judges.batches.conftest import MODELS, every_provider
from tests.judges.conftest import ScriptedServer, server

__all__ = ["server"]

MakeQuestion = Callable[..., Question]
pytestmark = pytest.mark.filterwarnings("ignore:The model .* is deprecated:DeprecationWarning")


def read(question: Question, result: ItemResult) -> Verdict:
    """The verdict of a result, at the vendor's own address."""

    async def run() -> Verdict:
        provider = question.setting.provider
        post = Post(question.setting, LlmConfig(providers={provider: LlmProviderConfig(key=SecretStr(KEY))}))
        try:
            return await post.read(question, result, "batch_1")
        finally:
            await post.close()

    return asyncio.run(run())


@every_provider
def test_a_letter_is_what_is_sent_at_once(
    provider: str,
    server: ScriptedServer,
    service_at: Callable[..., LlmService],
    question_for: MakeQuestion,
) -> None:
    """Field by field the request of the same question when it is asked one by one."""
    question = question_for(provider, MODELS[provider], temperature=0.0, max_tokens=300)
    service = service_at()

    async def both() -> dict[str, Any]:
        await LlmJudge(question.setting, service).judge(question)
        post = Post(question.setting, service.config)
        letter = await post.write(question)
        await post.close()
        await service.close()
        return letter.request

    written = asyncio.run(both())
    [asked] = server.asked
    assert written == {name: value for name, value in asked.body.items() if name != "stream"}


def test_a_long_answer_is_read_as_if_it_had_been_streamed(question_for: MakeQuestion) -> None:
    """Claude's requests without max_tokens are streamed at once; a batch has the whole message, thinking included."""
    question = question_for("anthropic", "claude-sonnet-4-5")
    message = anthropic_answer(json.dumps(GOOD), "claude-sonnet-4-5")
    message["content"].insert(0, {"type": "thinking", "thinking": "Which one?", "signature": "s"})
    verdict = read(question, ItemResult("x", 200, message))
    assert (verdict.outcome, verdict.confidence) == (Outcome.B, 4.0)
    assert (verdict.prompt_tokens, verdict.completion_tokens) == (1000, 50)


def test_an_answer_that_was_cut_off_is_read_once(question_for: MakeQuestion) -> None:
    """Its tokens count once, and its cause is the limit."""
    body = openai_answer('{"winner": "Essay', "gpt-4o")
    body["choices"][0]["finish_reason"] = "length"
    verdict = read(question_for("openai", "gpt-4o"), ItemResult("x", 200, body))
    assert (verdict.outcome, verdict.prompt_tokens) == (Outcome.ERROR, 1000)
    assert verdict.extra["cause"] == "cut off"


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_a_failed_item_is_a_failure_of_its_own(status: int, question_for: MakeQuestion) -> None:
    """Whatever its status, even one that would stop a run that asks one by one: the others have their own results."""
    error = {"error": {"message": "no such thing", "type": "x", "code": None}}
    verdict = read(question_for("openai", "gpt-4o"), ItemResult("x", status, error))
    assert verdict.outcome is Outcome.ERROR
    assert "no such thing" in (verdict.error_message or "")
    assert verdict.cost_usd == 0.0


def test_a_batch_costs_half_in_the_ledger(question_for: MakeQuestion) -> None:
    """GPT-4o at 2.50 and 10 USD a million: 1000 and 50 tokens cost 0.003 USD, half of it by batch; untold, n/a."""
    answer = openai_answer(json.dumps(GOOD), "gpt-4o")
    verdict = read(question_for("openai", "gpt-4o"), ItemResult("x", 200, answer))
    assert verdict.outcome is Outcome.B
    assert verdict.cost_usd == pytest.approx((1000 * 2.5 + 50 * 10) / 1e6 / 2)
    assert verdict.metadata["provider_batch"] == "batch_1"
    del answer["usage"]
    assert read(question_for("openai", "gpt-4o"), ItemResult("x", 200, answer)).cost_usd is None
