"""The client library's models, one a provider, with our own HTTP client and our addresses."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from eng5.judges.provider_errors import AskedModel

if TYPE_CHECKING:
    import httpx2
    from pydantic_ai.models import Model


def http_client(
    timeout: float, hook: Callable[[httpx2.Request], Any], transport: httpx2.AsyncBaseTransport | None
) -> httpx2.AsyncClient:
    """A client whose requests `hook` sees; `transport` replaces the network."""
    import httpx2

    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=64)
    hooks: dict[str, list[Callable[..., Any]]] = {"request": [hook], "response": [_name_hidden_failure]}
    return httpx2.AsyncClient(timeout=timeout, limits=limits, transport=transport, event_hooks=hooks)


async def _name_hidden_failure(response: httpx2.Response) -> None:
    """Some gateways send a failure with status 200: it gets the status that it names, or that of a server's failure."""
    if response.status_code != 200 or "json" not in response.headers.get("content-type", ""):
        return
    try:
        body = json.loads(await response.aread())
    except ValueError:
        return
    error = body.get("error") if isinstance(body, dict) and "choices" not in body else None
    if error:
        code = error.get("code") if isinstance(error, dict) else None
        response.status_code = code if isinstance(code, int) and 400 <= code < 600 else 500


def model_of(asked: AskedModel, http: httpx2.AsyncClient, *, limit_renamed: bool = False) -> Model[Any]:
    """The model with our own HTTP client, and with addresses that no variable of a vendor's SDK can change.

    ``limit_renamed``: a server of one's own takes `max_completion_tokens`, as OpenAI does, and not `max_tokens`.
    """
    warnings.filterwarnings("ignore", "Sampling parameters", UserWarning)  # we say it ourselves, by name
    provider, model = asked.provider, asked.model
    reached: dict[str, Any] = {"api_key": asked.key, "base_url": asked.base_url, "http_client": http}
    if provider == "anthropic":
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider

        return AnthropicModel(model, provider=AnthropicProvider(**reached))
    if provider == "google":
        from pydantic_ai.models.google import GoogleModel
        from pydantic_ai.providers.google import GoogleProvider

        return GoogleModel(model, provider=GoogleProvider(**reached))
    from openai import AsyncOpenAI

    client = AsyncOpenAI(**reached, max_retries=0)
    if provider == "openrouter":
        from pydantic_ai.models.openrouter import OpenRouterModel
        from pydantic_ai.providers.openrouter import OpenRouterProvider

        return OpenRouterModel(model, provider=OpenRouterProvider(openai_client=client))
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    if asked.config.base_url is None:
        return OpenAIChatModel(model, provider=OpenAIProvider(openai_client=client))
    from pydantic_ai.profiles.openai import OpenAIModelProfile

    from eng5.judges.own_server import OwnServerModel

    profile = OpenAIModelProfile(openai_chat_supports_max_completion_tokens=limit_renamed)
    return OwnServerModel(model, provider=OpenAIProvider(openai_client=client), profile=profile)
