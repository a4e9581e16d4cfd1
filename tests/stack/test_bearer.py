import pytest

from eng5.stack.bearer import NotAuthorizedError, TokenRules, authorize


def test_without_a_secret_nobody_gets_in() -> None:
    """A service that has no secret refuses every token, and says why."""
    with pytest.raises(NotAuthorizedError, match="JWT_SECRET_KEY is not set") as refused:
        authorize("Bearer x", TokenRules())
    assert (refused.value.status, refused.value.code) == (401, "AUTHENTICATION_ERROR")


def test_secret_is_not_shown() -> None:
    """The rules can be logged."""
    assert "hidden" not in repr(TokenRules(secret="hidden"))
