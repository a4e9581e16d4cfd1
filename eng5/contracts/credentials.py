"""Who the runner is to the CJ service's admin routes."""

from __future__ import annotations

import re

from pydantic import BaseModel, Field, SecretStr


class Credentials(BaseModel, frozen=True):
    """Tokens and the means to make one. Secrets do not show in a repr, a log or an error."""

    service_account_token: SecretStr | None = None
    admin_token: SecretStr | None = None
    jwt_secret: SecretStr | None = None
    jwt_algorithm: str = "HS256"
    jwt_audience: str = "huleedu-platform"
    jwt_issuer: str = "huleedu-identity-service"
    guarded_environment: str | None = Field(
        default=None, description="production or staging: no development token is made there"
    )


TOKEN_SHAPE = re.compile(r"[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}")


def without_tokens(text: str) -> str:
    """`text` with everything that looks like a JSON Web Token blanked out."""
    return TOKEN_SHAPE.sub("[token]", text)
