"""Which token is used, what it says, and that it never shows."""

from __future__ import annotations

import time

import jwt
import pytest
from pydantic import SecretStr

from eng5.clients.auth import bearer, claims
from eng5.contracts.credentials import Credentials, without_tokens
from eng5.environment import credentials
from eng5.errors import PreflightError

SECRET = "a secret of the tests, long enough for HS256"


def test_the_service_account_comes_first() -> None:
    """HULEEDU_SERVICE_ACCOUNT_TOKEN, then HULEEDU_ADMIN_TOKEN, then a token made with JWT_SECRET_KEY."""
    everything = {
        "HULEEDU_SERVICE_ACCOUNT_TOKEN": "service",
        "HULEEDU_ADMIN_TOKEN": "admin",
        "JWT_SECRET_KEY": SECRET,
    }
    sources = []
    while everything:
        found = bearer(credentials(everything))
        sources.append(found.source)
        del everything[found.source]
    assert sources == ["HULEEDU_SERVICE_ACCOUNT_TOKEN", "HULEEDU_ADMIN_TOKEN", "JWT_SECRET_KEY"]


def test_a_development_token_is_what_the_platform_verifies() -> None:
    """Signed with the secret, for the platform's audience and issuer, role admin, one hour, with the organisation."""
    token = bearer(Credentials(jwt_secret=SecretStr(SECRET)), org_id="org-7").value
    said = jwt.decode(
        token, SECRET, algorithms=["HS256"], audience="huleedu-platform", issuer="huleedu-identity-service"
    )
    assert (said["sub"], said["roles"], said["org_id"]) == ("cj-admin-dev-cli", ["admin"], "org-7")
    assert said["exp"] - said["iat"] == 3600
    assert abs(said["iat"] - time.time()) < 60


@pytest.mark.parametrize("variable", ["ENVIRONMENT", "HULEEDU_ENVIRONMENT"])
@pytest.mark.parametrize("name", ["production", "PROD", " Staging "])
def test_no_development_token_for_production_or_staging(variable: str, name: str) -> None:
    """Either variable forbids it, in any spelling, even when the other says development."""
    other = {"ENVIRONMENT": "HULEEDU_ENVIRONMENT", "HULEEDU_ENVIRONMENT": "ENVIRONMENT"}[variable]
    with pytest.raises(PreflightError, match="none is made"):
        bearer(credentials({variable: name, other: "development", "JWT_SECRET_KEY": SECRET}))


def test_a_given_token_is_good_in_production() -> None:
    """Only the made one is refused."""
    assert bearer(credentials({"ENVIRONMENT": "production", "HULEEDU_ADMIN_TOKEN": "t"})).value == "t"


def test_without_anything_the_message_names_the_variables() -> None:
    """The remedy says which of the three to set."""
    with pytest.raises(
        PreflightError, match=r"HULEEDU_SERVICE_ACCOUNT_TOKEN.*HULEEDU_ADMIN_TOKEN.*JWT_SECRET_KEY"
    ):
        bearer(Credentials())


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "Bearer abc", "tököken"])
def test_a_damaged_token_is_refused_without_being_shown(token: str) -> None:
    """What cannot stand in a header is refused before it is sent; the message does not repeat it."""
    with pytest.raises(PreflightError, match="HULEEDU_ADMIN_TOKEN holds no token") as refusal:
        bearer(credentials({"HULEEDU_ADMIN_TOKEN": token}))
    assert token not in str(refusal.value)


def test_an_unknown_algorithm_is_refused() -> None:
    """JWT_ALGORITHM has to be one that the secret can sign with."""
    with pytest.raises(PreflightError, match="JWT_ALGORITHM"):
        bearer(credentials({"JWT_SECRET_KEY": SECRET, "JWT_ALGORITHM": "HS1"}))


def test_a_short_secret_is_used_without_a_word() -> None:
    """Its length is the service's business; no warning gets between."""
    assert bearer(credentials({"JWT_SECRET_KEY": "short"})).value.count(".") == 2


def test_claims_are_read_without_the_secret() -> None:
    """Anybody can see what a token says; whether it is genuine only the service knows."""
    token = jwt.encode({"sub": "x", "roles": []}, SECRET)
    assert claims(token) == {"sub": "x", "roles": []}
    with pytest.raises(PreflightError, match="no JSON Web Token"):
        claims("not a token")


def test_secrets_do_not_show() -> None:
    """Neither in a repr nor in text that went through `without_tokens`."""
    token = jwt.encode({"sub": "x"}, SECRET)
    means = credentials({"HULEEDU_ADMIN_TOKEN": token, "JWT_SECRET_KEY": SECRET})
    shown = f"{means!r} {means} {bearer(means)!r}"
    assert token not in shown
    assert SECRET not in shown
    assert without_tokens(f"the token {token} is bad") == "the token [token] is bad"
