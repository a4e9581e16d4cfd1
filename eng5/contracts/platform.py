"""Where the platform's services are."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field, SecretStr


class PlatformSettings(BaseModel, frozen=True, defer_build=True):
    """Where the services are. `embedded` starts the stand-in on loopback when a step first needs it."""

    stack: Literal["embedded", "external"] = "embedded"
    content_service_url: str | None = None
    cj_service_url: str | None = None
    kafka_bootstrap: str | None = None
    kafka_client_id: str = "eng5-np-runner"
    kafka_config: dict[str, str] = Field(default={}, repr=False, description="librdkafka settings")
    serve_token: SecretStr | None = Field(default=None, description="token of an `eng5 serve` elsewhere")
