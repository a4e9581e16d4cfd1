"""Google's Gemini Batch API: a file of requests, a file of results, a job that has our name."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx2
from google.genai import Client, errors
from google.genai.types import (
    CreateBatchJobConfigDict,
    HttpOptions,
    HttpOptionsDict,
    ListBatchJobsConfigDict,
    UploadFileConfigDict,
)

from eng5.contracts.llm_config import LlmProviderConfig
from eng5.contracts.wire.base import utc_now
from eng5.judges.batches.api import ItemResult, Look, sorted_errors, whole_lines
from eng5.judges.provider_errors import AskedModel

if TYPE_CHECKING:
    from google.genai.types import BatchJob

NAME = "eng5"
NO_REASON = "no reason given"
ENDED = ("SUCCEEDED", "PARTIALLY_SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED")
STATUS_OF_CODE = {3: 400, 4: 504, 5: 404, 7: 403, 8: 429, 9: 400, 11: 400, 12: 501, 14: 503, 16: 401}
"""google.rpc.Code to HTTP status (googleapis, google/rpc/code.proto); any other is 500."""


class GoogleBatches:
    """https://ai.google.dev/gemini-api/docs/batch-mode: limited by the bytes of its file, as of November 2026."""

    most_requests = 1_000_000
    most_bytes = 2_000_000_000
    stores_ident = True
    results_kept = timedelta(hours=47)

    def __init__(self, config: LlmProviderConfig) -> None:
        self._asked = AskedModel("google", "", config)
        self._errors = partial(sorted_errors, self._asked, errors.APIError, httpx2.HTTPError)
        self._http = httpx2.AsyncClient(timeout=config.timeout, follow_redirects=True)
        options = HttpOptions(
            base_url=self._asked.base_url, timeout=round(config.timeout * 1000), httpx_async_client=self._http
        )
        self._client = Client(api_key=self._asked.key, vertexai=False, http_options=options)

    def line(self, custom_id: str, request: dict[str, Any]) -> bytes:
        return json.dumps({"key": custom_id, "request": request}, ensure_ascii=False).encode()

    async def create(
        self, ident: str, run: str, model: str, lines: Sequence[bytes], betas: Collection[str]
    ) -> Look:
        once = HttpOptionsDict(retry_options={"attempts": 1})
        with self._errors():
            file = await self._client.aio.files.upload(
                file=io.BytesIO(b"\n".join(lines)), config=UploadFileConfigDict(mime_type="application/jsonl")
            )
            job = await self._client.aio.batches.create(
                model=model,
                src=file.name or "",
                config=CreateBatchJobConfigDict(display_name=f"{NAME} {run} {ident}", http_options=once),
            )
            return _look(job)

    async def look(self, provider_id: str) -> Look:
        with self._errors():
            look = _look(await self._client.aio.batches.get(name=provider_id))
            return replace(look, problem=await self._reason(provider_id)) if look.problem else look

    async def listed(self) -> AsyncIterator[Look]:
        with self._errors():
            jobs = await self._client.aio.batches.list(config=ListBatchJobsConfigDict(page_size=100))
            looks = [_look(job) async for job in jobs]  # in no order that is promised
        for look in sorted(looks, key=lambda one: one.created_at, reverse=True):
            yield look

    async def results(self, look: Look) -> AsyncIterator[bytes]:
        async def chunk(file: str) -> AsyncIterator[bytes]:
            yield await self._client.aio.files.download(file=file)

        with self._errors():
            for file in look.files:
                async for line in whole_lines(chunk(file)):
                    yield line

    def read(self, line: dict[str, Any]) -> ItemResult:
        custom_id = str(line["key"])
        if "response" in line:
            return ItemResult(custom_id, 200, line["response"])
        error = line["error"]
        return ItemResult(custom_id, STATUS_OF_CODE.get(error.get("code"), 500), {"error": error})

    async def cancel(self, provider_id: str) -> Look:
        with self._errors():
            await self._client.aio.batches.cancel(name=provider_id)
            return _look(await self._client.aio.batches.get(name=provider_id))

    async def _reason(self, provider_id: str) -> str:
        """Why a batch failed, which the client library leaves out of a batch."""
        url = f"{self._asked.base_url}/v1beta/{provider_id}"
        answer = await self._http.get(url, headers={"x-goog-api-key": self._asked.key})
        return str((answer.json().get("error") or {}).get("message") or NO_REASON)

    async def close(self) -> None:
        await self._client.aio.aclose()
        await self._http.aclose()


def _look(job: BatchJob) -> Look:
    word = (job.state.value if job.state else "").removeprefix("JOB_STATE_")
    named = (job.display_name or "").split()
    ours = len(named) == 3 and named[0] == NAME
    file = job.dest.file_name if job.dest else None
    return Look(
        provider_id=job.name or "",
        state="ended" if word in ENDED else "cancelling" if word == "CANCELLING" else "in progress",
        word=word.lower(),
        created_at=job.create_time or utc_now(),
        ident=named[2] if ours else None,
        run=named[1] if ours else None,
        problem=NO_REASON if word == "FAILED" else None,
        cut_short=word in ("EXPIRED", "CANCELLED"),
        files=(file,) if file else (),
    )
