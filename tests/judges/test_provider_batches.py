"""Runs through the batch APIs of providers, by the stand-in and each provider's own client library."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from eng5.contracts.llm_config import LlmConfig, LlmProviderConfig
from tests.batch_server import KEY, BatchServer, batch_server
from tests.bench import Bench

MakeBench = Callable[..., Bench]
MODELS = {"openai": "gpt-4o", "anthropic": "claude-sonnet-4-5", "google": "gemini-2.5-flash"}
every_provider = pytest.mark.parametrize("provider", MODELS)
pytestmark = pytest.mark.filterwarnings("ignore:The model .* is deprecated:DeprecationWarning")


@pytest.fixture
def server() -> Iterator[BatchServer]:
    """A provider that has just started."""
    with batch_server() as started:
        yield started


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
    chosen = {"provider_override": provider, "model_override": MODELS[provider]}
    document["data"]["llm_config_overrides"] |= chosen
    return json.dumps(document).encode()


@pytest.fixture
def six(twelve_essays: dict[str, str]) -> dict[str, str]:
    """Six essays: 15 questions."""
    return dict(list(twelve_essays.items())[:6])


@every_provider
def test_a_run_is_one_batch(
    provider: str, server: BatchServer, make_bench: MakeBench, six: dict[str, str]
) -> None:
    """15 questions in one batch, 15 verdicts with tokens and the batch's id, each question asked once."""
    bench = make_bench(llm=config(server))
    answers = bench.run(request(bench, six, provider))
    assert [len(one.items) for one in server.batches] == [15]
    assert len(answers.callbacks) == 15
    assert set(server.asked.values()) == {1}
    assert {one["winner"] for one in answers.callbacks} == {"Essay B"}
    [metadata] = {json.dumps(one["token_usage"], sort_keys=True) for one in answers.callbacks}
    assert json.loads(metadata)["prompt_tokens"] == 1000
