"""What a provider's refusals and failures mean: wait and ask again, leave this question, or stop the batch."""

from __future__ import annotations

import json
import re
import ssl
from dataclasses import dataclass

from eng5.contracts.failures import FailureCause, cause_of
from eng5.contracts.llm_config import DEFAULT_BASE_URLS, LlmProviderConfig
from eng5.judges.protocol import JudgeStoppedError

LONGEST_MESSAGE = 1000
"""Characters that are kept of what a provider says about a request that it did not answer."""

FILTERED = ("content_filter", "content_policy_violation", "content management policy")
"""Codes and words of a request that a filter before the model declined."""

NO_CREDIT = "add credit or wait for the next period, or take another account's key"
MARKUP = re.compile(r"<(style|script)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)


class ProviderFailedError(Exception):
    """The provider did not answer; it may when asked again, after `retry_after` seconds if it says so."""

    def __init__(
        self,
        code: str,
        message: str,
        retry_after: float | None = None,
        *,
        cause: FailureCause | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.retry_after = retry_after
        self.cause = cause or cause_of(code)


class RequestRejectedError(Exception):
    """The provider does not take this request; asking again changes nothing."""

    def __init__(self, code: str, message: str, *, cause: FailureCause = "rejected") -> None:
        super().__init__(message)
        self.code = code
        self.cause: FailureCause = cause


@dataclass(frozen=True)
class AskedModel:
    """The model that a request went to, for messages about it."""

    provider: str
    model: str
    config: LlmProviderConfig

    @property
    def base_url(self) -> str:
        """Where it is asked."""
        return self.config.base_url or DEFAULT_BASE_URLS[self.provider]

    @property
    def key(self) -> str:
        """The key; a word in its place for a server of one's own without."""
        return self.config.key.get_secret_value() if self.config.key else "none"

    def scrubbed(self, text: str) -> str:
        """The text without the key, should anybody have put it there, and without halves of characters."""
        text = text.encode(errors="replace").decode()
        return text.replace(self.key, "***") if len(self.key) >= 8 else text

    def no_answer(self, why: str) -> ProviderFailedError:
        """The failure for what came and is no answer, such as the page of a proxy."""
        return ProviderFailedError(
            "LLM_INVALID_RESPONSE",
            f"{self.base_url} answers with what is no answer of a model (is it the address of its API?): "
            f"{self.scrubbed(why)}",
            cause="server error",
        )


def sorted_failure(error: Exception, asked: AskedModel) -> Exception:
    """The failure as one of ours: wait and ask again, leave this question, or stop the batch."""
    from pydantic_ai import exceptions as theirs

    status, body = getattr(error, "status_code", None), getattr(error, "body", None)
    message = asked.scrubbed(sentence_of(status, body, str(error)))
    retry_after = getattr(error, "retry_after", None)
    match error:
        case theirs.ModelAuthenticationError():
            return JudgeStoppedError(
                "AUTHENTICATION_ERROR",
                f"{asked.provider} refused the key: {message}",
                remedy=f"give a valid key in {key_variable(asked.provider, asked.config)}",
            )
        case theirs.ModelQuotaExceededError():
            return JudgeStoppedError(
                "QUOTA_EXCEEDED",
                f"the account at {asked.provider} is exhausted: {message}",
                remedy=NO_CREDIT,
            )
        case theirs.ModelNotFoundError():
            return JudgeStoppedError(
                "LLM_INVALID_CONFIG",
                f"{asked.provider} knows no model '{asked.model}' at {asked.base_url}: {message}",
                remedy="mend `model` of the variant, or the address",
            )
        case theirs.ModelContextWindowExceededError() | theirs.ModelHTTPError(status_code=413):
            return RequestRejectedError("LLM_CONTENT_TOO_LONG", message, cause="too long")
        case theirs.ModelHTTPError(status_code=408 | 409 | 425):
            return ProviderFailedError("LLM_PROVIDER_API_ERROR", message, retry_after)
        case theirs.ModelRateLimitError():
            wait = f"; it asks to wait {retry_after:.0f} s" if retry_after else ""
            return ProviderFailedError("LLM_PROVIDER_RATE_LIMIT", f"{message}{wait}", retry_after)
        case theirs.ModelHTTPError() if 400 <= error.status_code < 500:
            filtered = any(word in f"{body} {message}" for word in FILTERED)
            cause: FailureCause = "refused" if filtered else "rejected"
            return RequestRejectedError("LLM_PROVIDER_API_ERROR", message, cause=cause)
        case theirs.ModelRequestTimeout() | theirs.ModelTimeoutError():
            return ProviderFailedError("LLM_PROVIDER_TIMEOUT", message, retry_after)
        case theirs.ModelConnectionError():
            first = _first_of(error)
            if isinstance(first, ssl.SSLCertVerificationError):
                return JudgeStoppedError(
                    "LLM_PROVIDER_UNAVAILABLE",
                    f"the certificate of {asked.base_url} is signed by nobody known here: {first.verify_message}",
                    remedy="name the file with the certificate that signed it in SSL_CERT_FILE",
                )
            problem = f"{asked.base_url} cannot be reached: {asked.scrubbed(str(first)) or message}"
            return ProviderFailedError("LLM_PROVIDER_UNAVAILABLE", problem, retry_after)
        case theirs.ModelUnavailableError():
            return ProviderFailedError("LLM_PROVIDER_UNAVAILABLE", message, retry_after)
        case theirs.ModelHTTPError():
            return ProviderFailedError("LLM_PROVIDER_API_ERROR", message, retry_after)
        case _:
            return asked.no_answer(message)


def _first_of(error: BaseException) -> BaseException:
    """The error that led to all others."""
    while (before := error.__cause__ or error.__context__) is not None:
        error = before
    return error


def key_variable(provider: str, config: LlmProviderConfig) -> str:
    """The variable that a provider's key is looked for in."""
    if config.base_url is None:
        return f"{provider.upper()}_API_KEY"
    return "ENG5_LLM_API_KEY" if provider == "openai" else f"ENG5_LLM_{provider.upper()}_API_KEY"


def sentence_of(status: int | None, body: object, otherwise: str) -> str:
    """What an answer without success says, with its status: its own sentence, else the words of its page.

    ``otherwise`` is for an answer that says nothing, and where there was none.
    """
    while isinstance(body, dict) and isinstance(body.get("error"), dict):
        body = body["error"]
    said = body.get("message") or body.get("error") or body.get("detail") if isinstance(body, dict) else body
    if status is None or not said:
        return otherwise
    said = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    page = said.lstrip().startswith("<")
    words = " ".join(MARKUP.sub(" ", said).split()) if page else said.strip()
    return f"HTTP {status}: {words[:LONGEST_MESSAGE]}" if words else otherwise
