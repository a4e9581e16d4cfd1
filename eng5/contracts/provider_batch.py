"""A batch of questions at a provider's batch API, as it is kept: written before it is created there."""

from __future__ import annotations

from hashlib import sha256
from typing import Literal

from pydantic import AwareDatetime, Field

from eng5.contracts.llm_config import LLM_PROVIDERS
from eng5.contracts.own import OwnFile

BatchState = Literal["intended", "in progress", "cancelling", "ended"]
BATCH_PROVIDERS = ("openai", "anthropic", "google")
"""The providers that have a batch API."""
BY_BATCH = "provider_batch_api"
"""The batching mode of the wire that asks for it."""
LONGEST_BATCH_SECONDS = 24 * 3600
"""All of them end a batch after a day, answered or not."""


def no_batch_api(provider: str | None) -> str | None:
    """What is wrong with asking this provider's model by batch; None where nothing is, and for what is no model."""
    if provider not in LLM_PROVIDERS or provider in BATCH_PROVIDERS:
        return None
    return f'{provider} has no batch API: take batching_mode = "per_request", or leave it out'


class SentBatch(OwnFile):
    """One batch. Without ``provider_id`` it was about to be created when its process ended."""

    schema_version: Literal["1"] = "1"
    ident: str = Field(description="our own id; part of what the provider stores, where it stores anything")
    run: str = Field(description="id of the CJ batch that asked first")
    label: str = Field(description="name of the run")
    provider: str
    model: str
    base_url: str | None = None
    intended_at: AwareDatetime
    questions: list[str] | None = Field(
        description="custom ids; None: found at the provider, and not known until its results are read"
    )
    provider_id: str | None = None
    state: BatchState = "intended"
    word: str | None = Field(default=None, description="the provider's own word for its state")
    total: int = Field(default=0, ge=0)
    done: int | None = Field(
        default=None, description="answered, as last seen; None: the provider does not say"
    )
    failed: int | None = None
    ended_at: AwareDatetime | None = None


def custom_id(run: str, question_sha256: str, repetition: int) -> str:
    """A question's id within a batch: at most 64 letters, digits and hyphens, as every provider takes."""
    return f"{run_tag(run)}{question_sha256[:40]}-{repetition}"


def run_tag(run: str) -> str:
    """How the custom ids of a run's questions begin."""
    return f"{sha256(run.encode()).hexdigest()[:12]}-"


def question_part(custom: str) -> str:
    """What names the question in a custom id, whichever run asked."""
    return custom.partition("-")[2]
