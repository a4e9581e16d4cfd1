"""Who the runner is to the CJ service's admin routes."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, SecretStr

__all__ = ["Credentials"]


class Credentials(BaseModel):
    """Tokens and the means to make one. Secrets do not show in a repr, a log or an error."""

    model_config = ConfigDict(frozen=True)

    service_account_token: SecretStr | None = None
    admin_token: SecretStr | None = None
    jwt_secret: SecretStr | None = None
    jwt_algorithm: str = "HS256"
    jwt_audience: str = "huleedu-platform"
    jwt_issuer: str = "huleedu-identity-service"
    environment: str | None = None
    """ENVIRONMENT or HULEEDU_ENVIRONMENT, whichever forbids a development token."""
