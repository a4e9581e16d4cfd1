"""Causes of failures: every one has words and a remedy; batches say why in a sentence."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.contracts.failures import CAUSES, NEXT, FailureCause, batch_failure, batch_remedy, cause_of


def test_every_cause_has_words_and_a_next_step() -> None:
    """Nobody reads a code."""
    assert set(CAUSES) == set(NEXT) == set(get_args(FailureCause))


@pytest.mark.parametrize(
    ("code", "named", "cause"),
    [
        ("LLM_INVALID_RESPONSE", "cut off", "cut off"),
        ("LLM_INVALID_RESPONSE", None, "invalid answer"),
        ("LLM_PROVIDER_TIMEOUT", "no such cause", "time-out"),
        ("RATE_LIMIT", None, "rate limit"),
        ("SPELL_EVENT_CORRELATION_ERROR", None, "other"),
        (None, {"cause": 1}, "other"),
    ],
)
def test_the_cause_is_the_named_one_or_that_of_the_code(
    code: str | None, named: object, cause: FailureCause
) -> None:
    """Our own callbacks name it; the platform's have a code only."""
    assert cause_of(code, named) == cause


@pytest.mark.parametrize(
    ("info", "words"),
    [
        ({}, "no reason given"),
        ({"error_code": "AUTHENTICATION_ERROR", "error_message": "no."}, "no (AUTHENTICATION_ERROR)"),
        ({"reason": "odd", "details": {"a": 1}}, "odd: details.a: 1"),
        (
            {
                "reason": "low_success_rate",
                "details": {
                    "callbacks_received": 66,
                    "completed_comparisons": 7,
                    "success_rate_threshold": 0.8,
                },
            },
            "only 7 of 66 comparisons were answered, and 80% are the least (low_success_rate)",
        ),
    ],
)
def test_a_batch_says_why_in_words(info: dict[str, Any], words: str) -> None:
    """No brackets and quotes of JSON."""
    assert batch_failure(info) == words


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(
    st.dictionaries(
        st.sampled_from(["reason", "details", "error_code", "error_message", "progress_pct"])
        | st.text(max_size=3),
        JSON | st.sampled_from(["low_success_rate", "stuck_timeout_insufficient_progress"]),
    )
)
def test_whatever_a_service_says_becomes_words(info: dict[str, Any]) -> None:
    """Any document of JSON."""
    assert batch_failure(info)
    assert batch_remedy(info) is None or isinstance(batch_remedy(info), str)
