"""Anthropic's Message Batches API: requests in one call, results in one stream."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from anthropic import AnthropicError, APIStatusError, AsyncAnthropic

from eng5.contracts.llm_config import LlmProviderConfig
from eng5.judges.batches.api import ItemResult, Look, NotThereError, sorted_errors, whole_lines
from eng5.judges.provider_errors import AskedModel

if TYPE_CHECKING:
    from anthropic.types.beta.messages import BetaMessageBatch

STATUS_OF_ERROR = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""https://platform.claude.com/docs/en/api/errors; any other is 500."""


class AnthropicBatches:
    """https://platform.claude.com/docs/en/build-with-claude/batch-processing; limits as of November 2026."""

    most_requests = 100_000
    most_bytes = 256_000_000
    stores_ident = False
    results_kept = timedelta(days=28)

    def __init__(self, config: LlmProviderConfig) -> None:
        asked = AskedModel("anthropic", "", config)
        self._errors = partial(sorted_errors, asked, APIStatusError, AnthropicError)
        self._client = AsyncAnthropic(api_key=asked.key, base_url=asked.base_url, timeout=config.timeout)

    def line(self, custom_id: str, request: dict[str, Any]) -> bytes:
        return json.dumps({"custom_id": custom_id, "params": request}, ensure_ascii=False).encode()

    async def create(
        self, ident: str, run: str, model: str, lines: Sequence[bytes], betas: Collection[str]
    ) -> Look:
        once = self._client.with_options(max_retries=0)
        headers = {"anthropic-beta": ",".join(sorted(betas))} if betas else None
        with self._errors():
            batch = await once.beta.messages.batches.create(
                requests=[json.loads(line) for line in lines], extra_headers=headers
            )
            return _look(batch)

    async def look(self, provider_id: str) -> Look:
        with self._errors():
            return _look(await self._client.beta.messages.batches.retrieve(provider_id))

    async def listed(self) -> AsyncIterator[Look]:
        with self._errors():
            async for batch in self._client.beta.messages.batches.list(limit=100):
                yield _look(batch)

    async def results(self, look: Look) -> AsyncIterator[bytes]:
        if not look.files:
            raise NotThereError("LLM_PROVIDER_API_ERROR", "anthropic's batch API: it has no results any more")
        batches = self._client.beta.messages.batches.with_streaming_response
        with self._errors():
            async with batches.results(look.provider_id) as response:
                async for line in whole_lines(response.iter_bytes()):
                    yield line

    def read(self, line: dict[str, Any]) -> ItemResult:
        custom_id, result = str(line["custom_id"]), line["result"]
        match result["type"]:
            case "succeeded":
                return ItemResult(custom_id, 200, result["message"])
            case "expired":
                return ItemResult(custom_id, unrun="expired")
            case "canceled":
                return ItemResult(custom_id, unrun="cancelled")
            case "errored":
                error = result["error"]
                return ItemResult(custom_id, STATUS_OF_ERROR.get(error["error"]["type"], 500), error)
        raise ValueError(f"a result of type {result['type']}")

    async def cancel(self, provider_id: str) -> Look:
        with self._errors():
            return _look(await self._client.beta.messages.batches.cancel(provider_id))

    async def close(self) -> None:
        await self._client.close()


def _look(batch: BetaMessageBatch) -> Look:
    counts = batch.request_counts
    states = {"ended": "ended", "canceling": "cancelling"}
    unrun = [name for name, count in (("expired", counts.expired), ("canceled", counts.canceled)) if count]
    return Look(
        provider_id=batch.id,
        state=states.get(batch.processing_status, "in progress"),  # type: ignore[arg-type]
        word=" ".join([batch.processing_status, *(f"({name})" for name in unrun)]),
        created_at=batch.created_at,
        total=counts.processing + counts.succeeded + counts.errored + counts.canceled + counts.expired,
        done=counts.succeeded,
        failed=counts.errored,
        files=(batch.results_url,) if batch.results_url else (),
    )
