"""What the batch API of a provider can do; one file a provider beside this one."""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NoReturn, Protocol

from eng5.contracts.llm_config import DEFAULT_BASE_URLS, LlmProviderConfig
from eng5.judges.protocol import JudgeStoppedError
from eng5.judges.providers import INSTALL


class BatchCallRefusedError(JudgeStoppedError):
    """The provider understood a call and refused it: nothing was created or changed."""


class BatchCallFailedError(Exception):
    """A call was not answered, or by an error of the server: what it did is not known."""


@dataclass(frozen=True)
class Look:
    """A batch as the provider shows it. ``ident`` and ``run`` are our own, where it stores them.

    ``done`` and ``failed`` count requests, None where it does not say. ``problem`` is why it failed as a whole.
    ``cut_short``: requests without a result were not run. ``files`` hold the results.
    """

    provider_id: str
    state: Literal["in progress", "cancelling", "ended"]
    word: str
    created_at: datetime
    total: int | None = None
    done: int | None = None
    failed: int | None = None
    ident: str | None = None
    run: str | None = None
    model: str | None = None
    problem: str | None = None
    cut_short: bool = False
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class ItemResult:
    """A result: the HTTP status and body that the request would have had on its own; or why it was not run."""

    custom_id: str
    status: int = 200
    body: Any = None
    unrun: Literal["expired", "cancelled"] | None = None


class BatchApi(Protocol):
    """The batch API of one provider, through its own client library.

    Every method but `line` and `read` raises BatchCallRefusedError or BatchCallFailedError.
    """

    @property
    def most_requests(self) -> int: ...

    @property
    def most_bytes(self) -> int: ...

    @property
    def stores_ident(self) -> bool:
        """Whether a listed batch says whose it is."""
        ...

    def line(self, custom_id: str, request: dict[str, Any]) -> bytes:
        """A request as it stands in a batch."""
        ...

    async def create(
        self, ident: str, run: str, model: str, lines: Sequence[bytes], betas: Collection[str]
    ) -> Look:
        """Create a batch, with one attempt: another could create it twice."""
        ...

    async def look(self, provider_id: str) -> Look:
        """How far it is."""
        ...

    def listed(self) -> AsyncIterator[Look]:
        """The provider's batches, newest first."""
        ...

    def results(self, look: Look) -> AsyncIterator[bytes]:
        """The lines of an ended batch's results, in any order."""
        ...

    def read(self, line: dict[str, Any]) -> ItemResult:
        """A line's result; KeyError, TypeError or ValueError when it is none."""
        ...

    async def cancel(self, provider_id: str) -> Look:
        """Ask for its end."""
        ...

    async def close(self) -> None:
        """Close the client."""
        ...


def api_of(provider: str, config: LlmProviderConfig) -> BatchApi:
    """The provider's batch API; JudgeStoppedError when it has none, or there is no key."""
    if config.key is None and config.base_url is None:
        raise JudgeStoppedError(
            "LLM_CONFIGURATION_ERROR", f"no key for {provider}: set {provider.upper()}_API_KEY"
        )
    if importlib.util.find_spec("pydantic_ai") is None:
        raise JudgeStoppedError("LLM_CONFIGURATION_ERROR", f"batches need the client library: {INSTALL}")
    match provider:
        case "openai":
            from eng5.judges.batches.openai import OpenAIBatches

            return OpenAIBatches(config)
        case "anthropic":
            from eng5.judges.batches.anthropic import AnthropicBatches

            return AnthropicBatches(config)
        case "google":
            from eng5.judges.batches.google import GoogleBatches

            return GoogleBatches(config)
    raise JudgeStoppedError("LLM_INVALID_CONFIG", f"{provider} has no batch API")


def key_and_address(provider: str, config: LlmProviderConfig) -> tuple[str, str]:
    """With which key the provider is asked, and where."""
    key = config.key.get_secret_value() if config.key else "none"
    return key, config.base_url or DEFAULT_BASE_URLS[provider]


def refuse(provider: str, key: str, status: int | None, message: str) -> NoReturn:
    """Raise what an error of a client library is, without the key; ``status`` is None without an answer."""
    said = f"{provider}'s batch API: {message.replace(key, '***') if len(key) >= 8 else message}"
    if status is None or status >= 500 or status in (408, 409, 425):
        raise BatchCallFailedError(said) from None
    codes = {401: "AUTHENTICATION_ERROR", 403: "AUTHENTICATION_ERROR", 429: "LLM_PROVIDER_RATE_LIMIT"}
    if status == 404:
        said += ' (a server of one\'s own may have no batch API: take batching_mode = "per_request")'
    raise BatchCallRefusedError(codes.get(status, "LLM_PROVIDER_API_ERROR"), said) from None


async def whole_lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Lines as JSON Lines has them: a line ends at a line feed and nowhere else."""
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line
    if rest:
        yield rest
