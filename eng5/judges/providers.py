"""LLM providers behind one call: a conversation goes in, a text comes out, failures are sorted.

The only module that knows the client library. It retries nothing: `llm` does, under its own limits.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eng5.contracts.llm_config import LlmProviderConfig
from eng5.judges.answer_format import AnswerFormat
from eng5.judges.prices import Usage
from eng5.judges.protocol import JudgeStoppedError
from eng5.judges.provider_errors import (
    AskedModel,
    RequestRejectedError,
    key_variable,
    sorted_failure,
)
from eng5.judges.vendor_models import http_client, model_of

if TYPE_CHECKING:
    import httpx2
    from pydantic_ai.messages import ModelMessage, ModelResponse
    from pydantic_ai.models import Model
    from pydantic_ai.settings import ModelSettings

INSTALL = (
    "install eng5 with its extra `llm`: pip install 'eng5[llm]', or in a checkout pip install -e '.[llm]'"
)
CACHES_ON_DEMAND = frozenset({"anthropic", "openrouter"})
"""Providers that cache a prompt's beginning where it is marked; the others do so unasked, or not at all."""

SENT_AS = {
    "temperature": ("temperature",),
    "max_tokens": ("max_tokens", "max_completion_tokens", "maxOutputTokens"),
    "reasoning_effort": ("reasoning_effort", "reasoning", "thinking", "thinkingConfig", "effort"),
    "output_verbosity": ("verbosity",),
}
"""The fields of a request, of any provider, in which an override may reach the model."""


@dataclass(frozen=True)
class Reply:
    """What the model said, what it took, and which model it really was."""

    text: str
    usage: Usage
    model: str | None
    finish_reason: str | None
    refusal: str | None = None
    """What the model said when it declined, where the provider says so."""

    @property
    def cut_off(self) -> bool:
        """It ended because no more tokens were allowed."""
        return self.finish_reason == "length"

    @property
    def refused(self) -> bool:
        """The model, or a filter before it, declined."""
        return self.refusal is not None or self.finish_reason == "content_filter"


@dataclass(frozen=True)
class ModelTurn:
    """One message of the conversation; the first `constant` characters are the same in every question."""

    role: str
    text: str
    constant: int = 0


def check_askable(provider: str, config: LlmProviderConfig) -> None:
    """JudgeStoppedError without the client library, or without a key where one is needed."""
    if importlib.util.find_spec("pydantic_ai") is None:
        raise JudgeStoppedError(
            "LLM_CONFIGURATION_ERROR", f"LLM judges need their client library: {INSTALL}", remedy="install it"
        )
    if config.key is None and config.base_url is None:
        variable = key_variable(provider, config)
        raise JudgeStoppedError(
            "LLM_CONFIGURATION_ERROR",
            f"no key for {provider}: set {variable}, or name it in the file ENG5_LLM_KEY_FILE",
            remedy=f"set {variable}",
        )


class Connection:
    """One model of one provider. `say` is told once what the model cannot take; `transport` replaces the network."""

    def __init__(
        self,
        provider: str,
        model: str,
        config: LlmProviderConfig,
        say: Callable[[str], None],
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        check_askable(provider, config)
        self._provider = provider
        self._asked = AskedModel(provider, model, config)
        self._config = config
        self._say = say
        self._seen: set[str] = set()
        self.not_sent: list[str] = []
        self._wanted: Mapping[str, Any] = {}
        self._limit_renamed = False
        self._http = http_client(config.timeout, self._note_what_is_sent, transport)
        self._model = self._make_model()
        self.format = AnswerFormat(
            native=bool(self._model.profile.get("supports_json_schema_output")),
            own_server=provider == "openai" and config.base_url is not None,
        )

    def _make_model(self) -> Model[Any]:
        return model_of(self._asked, self._http, limit_renamed=self._limit_renamed)

    async def ask(
        self,
        system: str,
        turns: Sequence[ModelTurn],
        overrides: Mapping[str, Any],
        schema: dict[str, Any],
        max_tokens: int | None = None,
        timeout: float | None = None,
    ) -> Reply:
        """One request. `overrides` are the Setting's fields that are not None; 0.0 is sent as 0.0.

        `max_tokens` takes the place of the Setting's, `timeout` that of the configuration. A server of one's own that
        refuses the form in which answers are constrained is asked at once in the next one.

        Raises ProviderFailedError, RequestRejectedError, or JudgeStoppedError when no request can succeed.
        """
        from pydantic_ai.direct import model_request
        from pydantic_ai.exceptions import AgentRunError, ContentFilterError, ModelAPIError, UserError
        from pydantic_ai.models import ModelRequestParameters
        from pydantic_ai.output import OutputObjectDefinition

        self._wanted = overrides
        native = self.format.current == "response_format"
        parameters = ModelRequestParameters(
            output_mode="native" if native else "text",
            output_object=OutputObjectDefinition(self.format.schema(schema), "comparison_result", strict=True)
            if native
            else None,
        )
        limited = overrides if max_tokens is None else {**overrides, "max_tokens": max_tokens}
        settings = self._settings(limited, self.format.extra_body(schema), timeout or self._config.timeout)
        messages = self._messages(system, turns)
        try:
            response = await model_request(
                self._model, messages, model_settings=settings, model_request_parameters=parameters
            )
        except ModelAPIError as error:
            failure = sorted_failure(error, self._asked)
            if self._may_be_taken_otherwise(failure):
                return await self.ask(system, turns, overrides, schema, max_tokens, timeout)
            raise failure from None
        except UserError as error:
            raise RequestRejectedError("LLM_INVALID_CONFIG", self._asked.scrubbed(str(error))) from None
        except ContentFilterError as error:
            message = self._asked.scrubbed(str(error))
            raise RequestRejectedError("LLM_INVALID_RESPONSE", message, cause="refused") from None
        except (AgentRunError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            raise self._asked.no_answer(_what_is_wrong(error)) from None
        reply = self._reply(response)
        if not (reply.cut_off or reply.refused):
            self.format.answered(reply.text)
        return reply

    def _may_be_taken_otherwise(self, failure: Exception) -> bool:
        """Whether the server refused what it can be asked in another way, which is the way from now on."""
        cause = getattr(failure, "cause", None)
        if cause not in ("rejected", "server error") or isinstance(failure, JudgeStoppedError):
            return False
        said = str(failure)
        if self._config.base_url and not self._limit_renamed and "max_completion_tokens" in said:
            self._limit_renamed = True
            self._model = self._make_model()
            return True
        return self.format.rejected(said)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def _messages(self, system: str, turns: Sequence[ModelTurn]) -> list[ModelMessage]:
        from pydantic_ai import messages as parts_of

        messages: list[ModelMessage] = []
        for number, turn in enumerate(turns):
            if turn.role == "assistant":
                messages.append(parts_of.ModelResponse(parts=[parts_of.TextPart(turn.text)]))
                continue
            content: Any = turn.text
            if turn.constant and self._provider in CACHES_ON_DEMAND:
                content = [turn.text[: turn.constant], parts_of.CachePoint(), turn.text[turn.constant :]]
            parts: list[Any] = [parts_of.SystemPromptPart(system)] if number == 0 else []
            messages.append(parts_of.ModelRequest(parts=[*parts, parts_of.UserPromptPart(content)]))
        return messages

    def _settings(
        self, overrides: Mapping[str, Any], extra_body: Mapping[str, Any], timeout: float
    ) -> ModelSettings:
        settings: dict[str, Any] = {"max_retries": 0, "timeout": timeout, "request_timeout": timeout}
        if extra_body:
            settings["extra_body"] = extra_body
        for name in ("temperature", "max_tokens"):
            if name in overrides:
                settings[name] = overrides[name]
        if effort := overrides.get("reasoning_effort"):
            if self._config.base_url and self._provider == "openai":
                settings["openai_reasoning_effort"] = effort
            else:
                settings["thinking"] = False if effort == "none" else effort
        if verbosity := overrides.get("output_verbosity"):
            settings["openai_text_verbosity"] = verbosity
        return settings  # type: ignore[return-value]

    def _reply(self, response: ModelResponse) -> Reply:
        usage = response.usage
        refusal = (response.provider_details or {}).get("refusal")
        return Reply(
            # Reasoning whose beginning is in the prompt's template comes as text, up to the mark of its end.
            text=self._asked.scrubbed((response.text or "").rpartition("</think>")[2]),
            usage=Usage(
                usage.input_tokens, usage.output_tokens, usage.cache_read_tokens, usage.cache_write_tokens
            ),
            model=response.model_name,
            finish_reason=response.finish_reason,
            refusal=self._asked.scrubbed(str(refusal)) if refusal else None,
        )

    async def _note_what_is_sent(self, request: httpx2.Request) -> None:
        """Say which overrides the request does not carry: the client leaves out what the model cannot take."""
        if unseen := [name for name in self._wanted if name not in self._seen]:
            self._seen.update(unseen)
            sent = set(_keys(json.loads(request.content or b"{}")))
            for name in unseen:
                if not sent.intersection(SENT_AS[name]):
                    self.not_sent.append(name)
                    self._say(f"{name} {self._wanted[name]!r} is not sent: the model does not take it")


def _what_is_wrong(error: Exception) -> str:
    """In one line, why the client library made no answer of a response."""
    from pydantic import ValidationError

    if isinstance(error.__cause__, ValidationError):
        found = error.__cause__.errors()
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found[:3])
    if isinstance(error, IndexError):
        return "it has no choices"
    return (str(error).splitlines() or [type(error).__name__])[0]


def _keys(value: Any) -> list[str]:
    """Every field name of a JSON value, at any depth outside of `messages` and `contents`."""
    if isinstance(value, list):
        return [key for one in value for key in _keys(one)]
    if not isinstance(value, dict):
        return []
    inner = (_keys(one) for name, one in value.items() if name not in ("messages", "contents"))
    return [*value, *(key for keys in inner for key in keys)]
