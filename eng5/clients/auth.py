"""The bearer token of the admin routes: given by the environment, or made for development."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from eng5.contracts.credentials import Credentials
from eng5.errors import PreflightError

DEV_SUBJECT = "cj-admin-dev-cli"
DEV_SECONDS = 3600


@dataclass(frozen=True)
class Bearer:
    """A token, and the name of where it comes from."""

    source: str
    value: str = field(repr=False)


def bearer(credentials: Credentials, *, org_id: str | None = None) -> Bearer:
    """HULEEDU_SERVICE_ACCOUNT_TOKEN, else HULEEDU_ADMIN_TOKEN, else a development token of one hour.

    Raises:
        PreflightError: there is no token, or a development token would be made for production or staging.
    """
    for source, given in (
        ("HULEEDU_SERVICE_ACCOUNT_TOKEN", credentials.service_account_token),
        ("HULEEDU_ADMIN_TOKEN", credentials.admin_token),
    ):
        if given is not None:
            return Bearer(source, _one_word(given.get_secret_value(), source))
    if credentials.guarded_environment:
        raise PreflightError(
            f"no token, and none is made where ENVIRONMENT is '{credentials.guarded_environment}'",
            remedy="set HULEEDU_SERVICE_ACCOUNT_TOKEN or HULEEDU_ADMIN_TOKEN",
        )
    if credentials.jwt_secret is None:
        raise PreflightError(
            "no token for the CJ service's admin routes",
            remedy="set HULEEDU_SERVICE_ACCOUNT_TOKEN or HULEEDU_ADMIN_TOKEN; "
            "for development set JWT_SECRET_KEY to the secret of the service, and a token is made with it. Anchor "
            "alignment and boundary tests want none",
        )
    return Bearer("JWT_SECRET_KEY", _development_token(credentials, org_id))


def claims(token: str) -> dict[str, Any]:
    """What a token says, unverified: only the service can verify it.

    Raises:
        PreflightError: the text is no JSON Web Token.
    """
    import jwt

    try:
        found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        raise PreflightError(
            "the token is no JSON Web Token",
            remedy="copy it again, whole and without quotation marks (header.claims.signature)",
        ) from None
    return found


def _one_word(token: str, source: str) -> str:
    token = token.strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise PreflightError(
            f"{source} holds no token (it has spaces or line breaks in it)",
            remedy="copy the token again, whole and without quotation marks",
        )
    return token


def _development_token(credentials: Credentials, org_id: str | None) -> str:
    import warnings

    import jwt

    assert credentials.jwt_secret is not None  # noqa: S101 - checked by the only caller
    now = int(time.time())
    said: dict[str, Any] = {
        "sub": DEV_SUBJECT,
        "roles": ["admin"],
        "aud": credentials.jwt_audience,
        "iss": credentials.jwt_issuer,
        "iat": now,
        "exp": now + DEV_SECONDS,
    }
    if org_id:
        said["org_id"] = org_id
    try:
        with warnings.catch_warnings():
            # The secret is the service's; that it is short is not for its client to mend.
            warnings.simplefilter("ignore")
            return jwt.encode(
                said, credentials.jwt_secret.get_secret_value(), algorithm=credentials.jwt_algorithm
            )
    except (jwt.PyJWTError, ValueError, TypeError, NotImplementedError) as error:
        raise PreflightError(
            f"no development token can be made with {credentials.jwt_algorithm} ({type(error).__name__})",
            remedy="check JWT_ALGORITHM and JWT_SECRET_KEY, or set HULEEDU_ADMIN_TOKEN",
        ) from None
