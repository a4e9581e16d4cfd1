"""A provider's batch API, and a stand-in's user that asks by batch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from eng5.contracts.llm_config import LlmConfig, LlmProviderConfig
from eng5.contracts.wire.topics import CJ_FAILED
from tests.batch_server import KEY, BatchServer, batch_server
from tests.bench import Answers, Bench

MakeBench = Callable[..., Bench]
MODELS = {"openai": "gpt-4o", "anthropic": "claude-sonnet-4-5", "google": "gemini-2.5-flash"}
by_default_openai = pytest.mark.parametrize(
    "provider", ["openai", *(pytest.param(name, marks=pytest.mark.slow) for name in ("anthropic", "google"))]
)
every_provider = pytest.mark.parametrize("provider", MODELS)


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


def failure(answers: Answers) -> str:
    """Why the batch was given up, in the service's words."""
    info: dict[str, Any] = answers.only(CJ_FAILED)["system_metadata"]["error_info"]
    return str(info["error_message"])
