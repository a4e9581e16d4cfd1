"""How LLM providers are reached: addresses, keys and limits. Never written to a file."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, field_validator

LLM_PROVIDERS = ("openai", "anthropic", "google", "openrouter")
"""The providers of the wire that are LLMs; `openai` with an address is any OpenAI-compatible server."""

DEFAULT_BASE_URLS = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
    "google": "https://generativelanguage.googleapis.com",
    "openrouter": "https://openrouter.ai/api/v1",
}


class LlmProviderConfig(BaseModel, frozen=True, extra="forbid", allow_inf_nan=False):
    """One provider. Without a `base_url` it is the vendor's own address, which needs a key."""

    key: SecretStr | None = None
    base_url: str | None = None
    concurrency: int = Field(default=16, ge=1, description="questions under way at a time")
    requests_per_minute: float | None = Field(default=None, gt=0)
    tokens_per_minute: float | None = Field(default=None, gt=0)
    timeout: float = Field(default=120.0, gt=0, description="seconds that one request may take")
    attempts: int = Field(default=6, ge=1, description="tries of one request when the provider fails")
    longest_answer: int = Field(
        default=8192, ge=1, description="tokens with which an answer that was cut off may be asked again"
    )
    reasks: int = Field(default=2, ge=0, description="how often an answer that is not valid is asked again")

    @field_validator("base_url")
    @classmethod
    def _no_credentials(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an address such as http://localhost:8080/v1")
        if parts.username or parts.password or parts.query:
            raise ValueError("must not contain a user, a password or a query; give the key on its own")
        return value.rstrip("/")


class LlmConfig(BaseModel, frozen=True, extra="forbid"):
    """All providers; one that is not named has the defaults."""

    providers: dict[str, LlmProviderConfig] = {}

    def of(self, provider: str) -> LlmProviderConfig:
        """The provider's configuration."""
        return self.providers.get(provider, LlmProviderConfig())
