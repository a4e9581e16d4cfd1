"""OpenAI's Batch API: a file of requests, two files of results."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from openai import APIStatusError, AsyncOpenAI, OpenAIError

from eng5.contracts.llm_config import LlmProviderConfig
from eng5.judges.batches.api import ItemResult, Look, sorted_errors, whole_lines
from eng5.judges.provider_errors import AskedModel

if TYPE_CHECKING:
    from openai.types import Batch

PATH: Final = "/v1/chat/completions"
ENDED = ("completed", "failed", "expired", "cancelled")


class OpenAIBatches:
    """https://developers.openai.com/api/docs/guides/batch; limits as of November 2026."""

    most_requests = 50_000
    most_bytes = 200_000_000
    stores_ident = True
    results_kept = timedelta(days=29)

    def __init__(self, config: LlmProviderConfig) -> None:
        asked = AskedModel("openai", "", config)
        self._errors = partial(sorted_errors, asked, APIStatusError, OpenAIError)
        self._client = AsyncOpenAI(api_key=asked.key, base_url=asked.base_url, timeout=config.timeout)

    def line(self, custom_id: str, request: dict[str, Any]) -> bytes:
        whole = {"custom_id": custom_id, "method": "POST", "url": PATH, "body": request}
        return json.dumps(whole, ensure_ascii=False).encode()

    async def create(
        self, ident: str, run: str, model: str, lines: Sequence[bytes], betas: Collection[str]
    ) -> Look:
        with self._errors():
            file = await self._client.files.create(
                file=("questions.jsonl", b"\n".join(lines)), purpose="batch"
            )
            once = self._client.with_options(max_retries=0)
            batch = await once.batches.create(
                input_file_id=file.id,
                endpoint=PATH,
                completion_window="24h",
                metadata={"eng5_run": run, "eng5_batch": ident},
            )
            return _look(batch)

    async def look(self, provider_id: str) -> Look:
        with self._errors():
            return _look(await self._client.batches.retrieve(provider_id))

    async def listed(self) -> AsyncIterator[Look]:
        with self._errors():
            async for batch in self._client.batches.list(limit=100):
                yield _look(batch)

    async def results(self, look: Look) -> AsyncIterator[bytes]:
        with self._errors():
            for file in look.files:
                async with self._client.files.with_streaming_response.content(file) as response:
                    async for line in whole_lines(response.iter_bytes()):
                        yield line

    def read(self, line: dict[str, Any]) -> ItemResult:
        custom_id, response = str(line["custom_id"]), line.get("response")
        if response is not None:
            return ItemResult(custom_id, int(response["status_code"]), response["body"])
        error = dict(line["error"])
        if error.get("code") == "batch_expired":
            return ItemResult(custom_id, unrun="expired")
        if error.get("code") == "batch_cancelled":
            return ItemResult(custom_id, unrun="cancelled")
        return ItemResult(custom_id, 500, {"error": error})

    async def cancel(self, provider_id: str) -> Look:
        with self._errors():
            return _look(await self._client.batches.cancel(provider_id))

    async def close(self) -> None:
        await self._client.close()


def _look(batch: Batch) -> Look:
    counts, metadata = batch.request_counts, batch.metadata or {}
    errors = batch.errors.data if batch.errors and batch.errors.data else []
    problem = "; ".join(str(one.message) for one in errors[:3]) or "no reason given"
    ended = batch.status in ENDED
    return Look(
        provider_id=batch.id,
        state="ended" if ended else "cancelling" if batch.status == "cancelling" else "in progress",
        word=batch.status,
        created_at=datetime.fromtimestamp(batch.created_at, UTC),
        total=counts.total if counts else None,
        done=counts.completed if counts else None,
        failed=counts.failed if counts else None,
        ident=metadata.get("eng5_batch"),
        run=metadata.get("eng5_run"),
        problem=problem if batch.status == "failed" else None,
        cut_short=batch.status in ("expired", "cancelled"),
        files=tuple(filter(None, (batch.output_file_id, batch.error_file_id))),
    )
