"""Who may use the admin routes: a bearer token with the role ``admin``. Section 3.1 of the contracts."""

from dataclasses import dataclass, field
from typing import Any


class NotAuthorizedError(Exception):
    """The request is refused with ``status`` (401 or 403) and an error code."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = "AUTHENTICATION_ERROR" if status == 401 else "AUTHORIZATION_ERROR"


@dataclass(frozen=True)
class TokenRules:
    """What a token must satisfy; without a ``secret`` every token is refused."""

    secret: str | None = field(default=None, repr=False)
    algorithm: str = "HS256"
    audience: str = "huleedu-platform"
    issuer: str = "huleedu-identity-service"


def authorize(header: str | None, rules: TokenRules) -> dict[str, Any]:
    """The claims of an ``Authorization`` header's token; NotAuthorizedError says what is wrong with it."""
    import jwt

    if not header:
        raise NotAuthorizedError(401, "Missing Authorization header")
    parts = header.split()
    if len(parts) != 2 or parts[0].lower() != "bearer":
        raise NotAuthorizedError(401, "Invalid Authorization header: expected 'Bearer <token>'")
    if rules.secret is None:
        raise NotAuthorizedError(401, "JWT_SECRET_KEY is not set for this service")
    try:
        claims: dict[str, Any] = jwt.decode(
            parts[1],
            rules.secret,
            algorithms=[rules.algorithm],
            audience=rules.audience,
            issuer=rules.issuer,
            options={"require": ["exp", "sub", "aud", "iss"], "verify_sub": True},
        )
    except jwt.ExpiredSignatureError:
        raise NotAuthorizedError(401, "Token has expired") from None
    except jwt.PyJWTError as error:
        raise NotAuthorizedError(401, f"Invalid token: {error}") from None
    roles = claims.get("roles")
    if not isinstance(roles, list) or "admin" not in roles:
        raise NotAuthorizedError(403, "Admin role required")
    return claims
