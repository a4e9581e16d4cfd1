"""The post between a judge and a batch: what the judge would send is written down, what came back is read by it.

The client library of the provider makes the request and reads the response, exactly as when a question is asked at
once: only the network between them is replaced. So a question has one form, however it travels.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2

from eng5.contracts.llm_config import LlmConfig
from eng5.judges.batches.api import ItemResult
from eng5.judges.ledger import BATCH_OF_ANSWER
from eng5.judges.limits import Limiter
from eng5.judges.llm import LlmJudge
from eng5.judges.llm_service import LlmService
from eng5.judges.protocol import JudgeStoppedError, Outcome, Verdict
from eng5.judges.question import Question, Setting

BETA_HEADER = "anthropic-beta"
NO_LIMIT: dict[str, Any] = {
    "attempts": 1,
    "reasks": 0,
    "concurrency": 1_000_000,
    "requests_per_minute": None,
    "tokens_per_minute": None,
}
"""Nothing is sent while a request is written down, and a result is read once."""


@dataclass
class Letter:
    """A question's request, empty until it is written; or the provider's result, to be read."""

    result: ItemResult | None = None
    request: dict[str, Any] = field(default_factory=dict)
    betas: frozenset[str] = field(default_factory=frozenset)


class UnwritableError(Exception):
    """The client library makes no request of the question; the verdict says why."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.error_message)
        self.verdict = verdict


class Post:
    """One judge's questions and answers as letters."""

    def __init__(self, setting: Setting, llm: LlmConfig) -> None:
        config = llm.of(setting.provider).model_copy(update=NO_LIMIT)
        self._service = _LetterService(
            LlmConfig(providers={setting.provider: config}), transport=_Transport(), by_batch=True
        )
        self._judge = LlmJudge(setting, self._service)

    async def write(self, question: Question) -> Letter:
        """The question's request; UnwritableError, or JudgeStoppedError as when it is asked at once."""
        letter = Letter()
        _letter.set(letter)
        verdict = await self._judge.judge(question)
        if not letter.request:
            raise UnwritableError(verdict)
        return letter

    async def read(self, question: Question, result: ItemResult, provider_id: str | None) -> Verdict:
        """The verdict that the result is, at the price of a batch; an error when it is none."""
        _letter.set(Letter(result))
        try:
            verdict = await self._judge.judge(question)
        except JudgeStoppedError as error:  # of one item: the others have results of their own
            verdict = Verdict(Outcome.ERROR, error_code=error.code, error_message=str(error))
        metadata = {**verdict.metadata, BATCH_OF_ANSWER: provider_id}
        return replace(verdict, metadata=metadata)

    async def close(self) -> None:
        """Close the client."""
        await self._service.close()


class _LetterService(LlmService):
    """Results that are failures say nothing about a server that could be spared."""

    def limiter(self, provider: str) -> Limiter:
        return Limiter(self.config.of(provider), self.clock)


_letter: ContextVar[Letter] = ContextVar("letter")


class _Transport(httpx2.AsyncBaseTransport):
    """In place of the network: takes a request down, or answers it with the result that has come."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        letter = _letter.get()
        body = json.loads(await request.aread())
        streamed = body.pop("stream", False)
        if letter.result is None:
            letter.request = body
            letter.betas = frozenset(filter(None, request.headers.get(BETA_HEADER, "").split(",")))
            raise httpx2.ConnectError("written down", request=request)
        status, answer = letter.result.status, letter.result.body
        if streamed and status == 200:
            events = "".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in _events(answer))
            return httpx2.Response(
                status, headers={"content-type": "text/event-stream"}, content=events.encode()
            )
        return httpx2.Response(status, json=answer)


def _events(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Anthropic's message as the events that a client gets which streams long answers."""
    yield {"type": "message_start", "message": {**message, "content": [], "stop_reason": None}}
    for index, block in enumerate(message["content"]):
        kind = block["type"]
        blank = {**block, kind: ""} if kind in ("text", "thinking") else block
        yield {"type": "content_block_start", "index": index, "content_block": blank}
        if blank is not block:
            delta = {"type": f"{kind}_delta", kind: block[kind]}
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    end = {"stop_reason": message["stop_reason"], "stop_sequence": message.get("stop_sequence")}
    yield {"type": "message_delta", "delta": end, "usage": message["usage"]}
    yield {"type": "message_stop"}
