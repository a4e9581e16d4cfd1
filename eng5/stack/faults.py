"""What the stand-in does wrong when it is asked to, so that error paths meet real errors.

A batch asks by ``envelope.metadata["faults"]``; the HTTP services are told when they start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class FaultsUnreadableError(Exception):
    """``metadata.faults`` does not say what is wanted."""


class BatchFaults(BaseModel):
    """Faults of one batch. Numbers are positions of comparisons in the batch, from 0.

    ties, errors: come out so, whatever the judge says; the ledger does not keep them. duplicates: sent twice.
    missing: never sent. late: sent after all others. malformed: preceded by a message that is cut off in
    the middle. fail: the batch ends with this failure. silent: no final event comes. outbox_delay: seconds by which
    the final events come after the last callback, in place of what the service was started with.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    ties: frozenset[int] = frozenset()
    errors: frozenset[int] = frozenset()
    duplicates: frozenset[int] = frozenset()
    missing: frozenset[int] = frozenset()
    late: frozenset[int] = frozenset()
    malformed: frozenset[int] = frozenset()
    fail: Literal["initialization", "low_success_rate", "stuck"] | None = None
    silent: bool = False
    outbox_delay: float | None = Field(default=None, ge=0.0)


def batch_faults(metadata: Mapping[str, Any]) -> BatchFaults:
    """The faults that a request asks for; FaultsUnreadableError when they make no sense."""
    try:
        return BatchFaults.model_validate(metadata.get("faults") or {})
    except ValidationError as error:
        raise FaultsUnreadableError(f"metadata.faults: {error}") from None


class HttpFaults(BaseModel):
    """Faults of an HTTP service, for its first ``requests`` requests (None: for all of them).

    Each such request waits ``delay_ms``, then is cut off in the middle of the answer (``cut_off``) or
    answered with ``status`` and, when given, ``Retry-After``; with neither it is answered properly.
    ``paths`` narrows this to paths with one of these beginnings.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    requests: int | None = Field(default=None, ge=0)
    delay_ms: float = Field(default=0.0, ge=0.0)
    status: int | None = Field(default=None, ge=400, le=599)
    retry_after: str | None = None
    cut_off: bool = False
    paths: tuple[str, ...] = ("/",)


class FaultyApp:
    """An ASGI application with faults in front of it."""

    def __init__(self, app: ASGIApp, faults: HttpFaults) -> None:
        self._app = app
        self._faults = faults
        self._left = faults.requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, rightly or wrongly."""
        if not self._is_due(scope):
            await self._app(scope, receive, send)
            return
        faults = self._faults
        await asyncio.sleep(faults.delay_ms / 1000)
        if faults.cut_off:
            headers = [(b"content-length", b"1000")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"{", "more_body": False})
        elif faults.status is not None:
            from starlette.responses import PlainTextResponse

            retry = {} if faults.retry_after is None else {"Retry-After": faults.retry_after}
            await PlainTextResponse("a fault on demand", faults.status, retry)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_due(self, scope: Scope) -> bool:
        if self._left == 0 or not scope["path"].startswith(self._faults.paths):
            return False
        if self._left is not None:
            self._left -= 1
        return True
