import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from eng5.contracts.wire.comparison_result import LLMComparisonResultV1

EXAMPLES = Path(__file__).parents[2] / "platform" / "examples"
SUCCESS: dict[str, Any] = json.loads((EXAMPLES / "llm_provider_comparison_result.success.json").read_bytes())[
    "data"
]
ERROR: dict[str, Any] = json.loads((EXAMPLES / "llm_provider_comparison_result.error.json").read_bytes())[
    "data"
]


@pytest.mark.parametrize(
    "message",
    [
        SUCCESS | {"error_detail": ERROR["error_detail"]},
        SUCCESS | {"winner": None},
        ERROR | {"error_detail": None},
        SUCCESS | {"winner": "essay_a"},
        SUCCESS | {"justification": "x" * 501},
        SUCCESS | {"justification": None},
        SUCCESS | {"confidence": 0.5},
        SUCCESS | {"confidence": 5.5},
        SUCCESS | {"confidence": None},
        SUCCESS | {"confidence": float("nan")},
        SUCCESS | {"provider": "azure"},
        SUCCESS | {"response_time_ms": -1},
        SUCCESS | {"cost_estimate": float("inf")},
        SUCCESS | {"token_usage": {"prompt_tokens": -1}},
        ERROR | {"error_detail": ERROR["error_detail"] | {"error_code": "NO_SUCH_CODE"}},
    ],
    ids=lambda message: str(sorted(k for k in message if message[k] != SUCCESS.get(k))),
)
def test_callback_outside_the_contract_is_refused(message: dict[str, Any]) -> None:
    """A callback is either a full verdict or an error, with every value in its range."""
    with pytest.raises(ValidationError):
        LLMComparisonResultV1.model_validate(message)


@pytest.mark.parametrize(
    "code", ["LLM_PARSING_ERROR", "CJ_INSUFFICIENT_COMPARISONS", "BCS_PIPELINE_DEPENDENCY_CYCLE_DETECTED"]
)
def test_error_codes_of_every_family_are_accepted(code: str) -> None:
    """An error may carry the code of any service."""
    message = ERROR | {"error_detail": ERROR["error_detail"] | {"error_code": code}}
    assert LLMComparisonResultV1.model_validate(message).error_detail is not None


def test_limits_belong_to_the_range() -> None:
    """500 characters and a confidence of 1 or 5 are inside."""
    for confidence in (1.0, 5.0):
        LLMComparisonResultV1.model_validate(SUCCESS | {"confidence": confidence, "justification": "x" * 500})


def test_unknown_fields_and_missing_defaults_are_accepted() -> None:
    """Reading is lenient: new fields are ignored, optional ones take their defaults."""
    message = {k: v for k, v in SUCCESS.items() if k not in ("token_usage", "request_metadata", "trace_id")}
    read = LLMComparisonResultV1.model_validate(message | {"new": 1})
    assert (read.token_usage.total_tokens, read.request_metadata) == (0, {})
