"""What the batch API of a provider can do; one file a provider beside this one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal, NoReturn, Protocol

from eng5.contracts.failures import NEXT
from eng5.contracts.llm_config import LlmProviderConfig
from eng5.judges.protocol import JudgeStoppedError
from eng5.judges.provider_errors import NO_CREDIT, AskedModel, key_variable, sentence_of
from eng5.judges.providers import check_askable

OUT_OF_CREDIT = ("insufficient_quota", "billing_error", "billing_hard_limit_reached", "credit balance")
"""Codes and words of a refusal that no waiting ends."""


class BatchCallRefusedError(JudgeStoppedError):
    """The provider understood a call and refused it: nothing was created or changed."""


class NotThereError(BatchCallRefusedError):
    """The provider does not have it, or has it no longer."""


def no_batch_api(refusal: NotThereError) -> BatchCallRefusedError:
    """What it means where a batch would be sent, or one that was sent be looked for."""
    return BatchCallRefusedError(
        refusal.code,
        f"{refusal} (a server of one's own may have no batch API)",
        remedy='take batching_mode = "per_request"',
    )


class BatchCallFailedError(Exception):
    """A call was not answered, or by an error of the server: what it did is not known.

    The provider may say after how many seconds to try again.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TooManyCallsError(BatchCallFailedError):
    """The provider refused a call for now: it did nothing."""


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

    most_requests: int
    most_bytes: int
    stores_ident: bool
    """Whether a listed batch says whose it is."""
    results_kept: timedelta
    """How long after its creation a batch's results can be had at least."""

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
    check_askable(provider, config)
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


@contextmanager
def sorted_errors(asked: AskedModel, refusal: type[Exception], failure: type[Exception]) -> Iterator[None]:
    """Raise what a client library does as one of ours, without the key.

    ``refusal`` comes with the status of an answer, ``failure`` without one. A body that breaks off is httpx2's own
    error, and an answer that is no batch, such as the page of a proxy, shows when the library looks into it.
    """
    import httpx2

    provider = asked.provider
    try:
        yield
    except refusal as error:
        status = getattr(error, "status_code", None) or getattr(error, "code", None)
        body = getattr(error, "body", None) or getattr(error, "details", None)
        headers = getattr(getattr(error, "response", None), "headers", {})
        said = asked.scrubbed(sentence_of(status, body, str(error)))
        _refuse(asked, status or 500, said, asked.scrubbed(str(body)), headers)
    except (failure, httpx2.HTTPError) as error:
        why = f"{str(error) or type(error).__name__} {error.__cause__ or ''}".strip()
        raise BatchCallFailedError(f"{provider}'s batch API: {asked.scrubbed(why)}") from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BatchCallFailedError(
            f"{provider}'s batch API at {asked.base_url} answers with what is no batch: "
            f"{type(error).__name__}: {asked.scrubbed(str(error))[:200]}"
        ) from None


def _refuse(asked: AskedModel, status: int, sentence: str, body: str, headers: Mapping[str, str]) -> NoReturn:
    said = f"{asked.provider}'s batch API: {sentence}"
    if status == 402 or any(word in body for word in OUT_OF_CREDIT):
        raise BatchCallRefusedError("QUOTA_EXCEEDED", said, remedy=NO_CREDIT)
    if status in (429, 529):
        raise TooManyCallsError(said, _retry_after(headers))
    if status >= 500 or status in (408, 409, 425):
        raise BatchCallFailedError(said, _retry_after(headers))
    if status in (401, 403):
        remedy = f"give a valid key in {key_variable(asked.provider, asked.config)}"
        raise BatchCallRefusedError("AUTHENTICATION_ERROR", said, remedy=remedy)
    if status in (404, 410):
        raise NotThereError("LLM_PROVIDER_API_ERROR", said)
    raise BatchCallRefusedError("LLM_PROVIDER_API_ERROR", said, remedy=NEXT["rejected"])


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds; None where the header is missing or says neither a number nor a date."""
    said = headers.get("retry-after", "")
    try:
        return max(0.0, float(said))
    except ValueError:
        try:
            moment = parsedate_to_datetime(said)
        except ValueError:
            return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


async def whole_lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Lines as JSON Lines has them: a line ends at a line feed and nowhere else."""
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line
    if rest:
        yield rest
