"""Waiting for batches and ending them, without the run that sent them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from eng5.contracts.llm_config import LlmConfig
from eng5.contracts.provider_batch import SentBatch
from eng5.errors import InputError, PreflightError, ServiceError
from eng5.judges.batches.api import BatchApi, BatchCallFailedError, api_of
from eng5.judges.batches.follow import Follower
from eng5.judges.batches.sent import SentBatches
from eng5.judges.clock import Clock
from eng5.judges.protocol import JudgeStoppedError


async def wait_for(batches: Sequence[SentBatch], llm: LlmConfig, say: Callable[[str], None]) -> None:
    """Return when all have ended; ``say`` gets a line whenever one was looked up.

    Raises:
        PreflightError: a provider refuses to say.
        InputError: a batch was about to be sent, and only its run can find out whether it was.
    """
    await asyncio.gather(*(_wait_for(one, llm, say) for one in batches))


async def _wait_for(batch: SentBatch, llm: LlmConfig, say: Callable[[str], None]) -> None:
    if batch.provider_id is None:
        raise InputError(
            f"a batch of '{batch.label}' was about to be sent when its process ended",
            remedy=f"run doit report:{batch.label}: it finds out whether it was, and goes on",
        )
    async with _opened(batch, llm) as api:
        follower = Follower(api, batch.provider, Clock(), _Said(say))
        look, _ = await follower.until_ended(batch.provider_id)
        say(f"{batch.provider_id} at {batch.provider}: {look.word}")


async def cancel_now(sent: SentBatches, batch: SentBatch, llm: LlmConfig) -> str:
    """Ask the provider for the batch's end; the word for its state then.

    Raises:
        PreflightError: it refuses.
        ServiceError: it does not answer.
    """
    async with _opened(batch, llm) as api:
        sent.note_cancel(batch)
        return (await api.cancel(str(batch.provider_id))).word


@asynccontextmanager
async def _opened(batch: SentBatch, llm: LlmConfig) -> AsyncIterator[BatchApi]:
    try:
        api = api_of(batch.provider, llm.of(batch.provider))
        try:
            yield api
        finally:
            await api.close()
    except JudgeStoppedError as refusal:
        raise PreflightError(str(refusal)) from None
    except BatchCallFailedError as failure:
        raise ServiceError(str(failure), remedy="try again") from None


class _Said(dict[str, str]):
    """Says what is waited for as soon as it changes."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__()
        self._say = say

    def __setitem__(self, name: str, text: str) -> None:
        super().__setitem__(name, text)
        self._say(text)
