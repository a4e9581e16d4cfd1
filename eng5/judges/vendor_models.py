"""The client library's models, one a provider, with our own HTTP client and our addresses."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from eng5.contracts.llm_config import DEFAULT_BASE_URLS, LlmProviderConfig

if TYPE_CHECKING:
    import httpx2
    from pydantic_ai.models import Model


def http_client(
    timeout: float, hook: Callable[[httpx2.Request], Any], transport: httpx2.AsyncBaseTransport | None
) -> httpx2.AsyncClient:
    """A client whose requests `hook` sees; `transport` replaces the network."""
    import httpx2

    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=64)
    return httpx2.AsyncClient(
        timeout=timeout, limits=limits, transport=transport, event_hooks={"request": [hook]}
    )


def model_of(
    provider: str, model: str, config: LlmProviderConfig, key: str, http: httpx2.AsyncClient
) -> Model[Any]:
    """The model with our own HTTP client, and with addresses that no variable of a vendor's SDK can change."""
    warnings.filterwarnings("ignore", "Sampling parameters", UserWarning)  # we say it ourselves, by name
    base_url = config.base_url or DEFAULT_BASE_URLS[provider]
    if provider == "anthropic":
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider

        return AnthropicModel(
            model, provider=AnthropicProvider(api_key=key, base_url=base_url, http_client=http)
        )
    if provider == "google":
        from pydantic_ai.models.google import GoogleModel
        from pydantic_ai.providers.google import GoogleProvider

        return GoogleModel(model, provider=GoogleProvider(api_key=key, base_url=base_url, http_client=http))
    from openai import AsyncOpenAI

    client = AsyncOpenAI(api_key=key, base_url=base_url, http_client=http, max_retries=0)
    if provider == "openrouter":
        from pydantic_ai.models.openrouter import OpenRouterModel
        from pydantic_ai.providers.openrouter import OpenRouterProvider

        return OpenRouterModel(model, provider=OpenRouterProvider(openai_client=client))
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.profiles.openai import OpenAIModelProfile
    from pydantic_ai.providers.openai import OpenAIProvider

    own_server = OpenAIModelProfile(openai_chat_supports_max_completion_tokens=False)
    return OpenAIChatModel(
        model,
        provider=OpenAIProvider(openai_client=client),
        profile=own_server if config.base_url else None,
    )
