"""Why a comparison or a whole batch has no verdict: the causes, in words, and what to try next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from pydantic import BaseModel, Field

from eng5.contracts.own import OwnFile
from eng5.contracts.refusals import in_words

FailureCause = Literal[
    "cut off",
    "refused",
    "not JSON",
    "wrong winner",
    "invalid answer",
    "time-out",
    "rate limit",
    "unreachable",
    "server error",
    "too long",
    "rejected",
    "judge failed",
    "other",
]

CAUSES: Mapping[FailureCause, str] = {
    "cut off": "answer cut off at the limit of tokens",
    "refused": "the model declined to answer",
    "not JSON": "answer without the JSON object that was asked for",
    "wrong winner": "answer that names neither essay as winner",
    "invalid answer": "answer with a field that is missing or not valid",
    "time-out": "no answer in time",
    "rate limit": "the provider asked for fewer requests",
    "unreachable": "the provider could not be reached or was overloaded",
    "server error": "the provider failed",
    "too long": "essays and prompt too long for the model",
    "rejected": "the provider did not take the request",
    "judge failed": "the judge's own code failed",
    "other": "another reason",
}
"""What a person reads for a cause."""

NEXT: Mapping[FailureCause, str] = {
    "cut off": "raise max_tokens of the variant (a model that reasons needs thousands), or lower reasoning_effort",
    "refused": "read what the model said; word the prompt as an assessment, or take another model",
    "not JSON": "take a model that follows instructions, or a server that constrains answers to a JSON Schema; "
    "`eng5 doctor --judge` says whether this one does",
    "wrong winner": 'let the prompt say that the winner is "Essay A" or "Essay B" and nothing else, or set '
    "allow_ties = true",
    "invalid answer": "take names and ranges of fields of its own out of the prompt, or take a model that follows "
    "instructions",
    "time-out": "raise ENG5_LLM_TIMEOUT, lower ENG5_LLM_CONCURRENCY, or lower max_tokens",
    "rate limit": "set ENG5_LLM_REQUESTS_PER_MINUTE and ENG5_LLM_TOKENS_PER_MINUTE to what the account allows",
    "unreachable": "see that the server runs at its address (`eng5 doctor --judge`), or lower "
    "ENG5_LLM_CONCURRENCY",
    "server error": "see by `eng5 doctor --judge` that the address is that of its API, or wait until the "
    "provider works again",
    "too long": "shorten prompt and rubric, or take a model with a longer context",
    "rejected": "take the setting that the provider names out of the variant",
    "judge failed": "mend the judge's code where the message says",
    "other": "read the message of the example",
}
"""What to try first against a cause."""

_BY_CODE: Mapping[str, FailureCause] = {
    "LLM_PROVIDER_TIMEOUT": "time-out",
    "TIMEOUT": "time-out",
    "LLM_PROVIDER_RATE_LIMIT": "rate limit",
    "RATE_LIMIT": "rate limit",
    "LLM_QUEUE_FULL": "rate limit",
    "LLM_PROVIDER_UNAVAILABLE": "unreachable",
    "SERVICE_UNAVAILABLE": "unreachable",
    "CONNECTION_ERROR": "unreachable",
    "LLM_PROVIDER_API_ERROR": "server error",
    "LLM_PROVIDER_SERVICE_ERROR": "server error",
    "EXTERNAL_SERVICE_ERROR": "server error",
    "LLM_PARSING_ERROR": "not JSON",
    "PARSING_ERROR": "not JSON",
    "LLM_INVALID_RESPONSE": "invalid answer",
    "INVALID_RESPONSE": "invalid answer",
    "LLM_CONTENT_TOO_LONG": "too long",
    "LLM_INVALID_CONFIG": "rejected",
    "INVALID_REQUEST": "rejected",
    "LLM_INVALID_PROMPT": "rejected",
    "LLM_INTERNAL_ERROR": "judge failed",
}
"""For callbacks that name no cause, such as the platform's."""


class FailureGroup(OwnFile):
    """The comparisons that failed for one cause, with one of them as the example."""

    cause: FailureCause
    count: int
    sequence: int = Field(description="of the example")
    message: str | None
    raw_answer: str | None = Field(description="what the judge said in the example, shortened")


class Failures(BaseModel):
    """As much of an analysis, of whatever kind, as says why comparisons failed."""

    failures: list[FailureGroup] = []


def cause_of(error_code: str | None, named: object = None) -> FailureCause:
    """The cause that a callback names in its details, else what its error code stands for."""
    if isinstance(named, str) and named in get_args(FailureCause):
        return named  # type: ignore[return-value]
    return _BY_CODE.get(error_code or "", "other")


def batch_failure(info: Mapping[str, Any]) -> str:
    """Why the service gave a batch up, as a sentence without its full stop; `info` is the event's `error_info`."""
    said = info.get("details")
    details: Mapping[str, Any] = said if isinstance(said, Mapping) else {}
    reason, code, message = (info.get(name) for name in ("reason", "error_code", "error_message"))
    if reason == "low_success_rate" and {"completed_comparisons", "callbacks_received"} <= set(details):
        needed = details.get("success_rate_threshold")
        least = f", and {needed:.0%} are the least" if isinstance(needed, int | float) else ""
        return (
            f"only {details['completed_comparisons']} of {details['callbacks_received']} comparisons were "
            f"answered{least} (low_success_rate)"
        )
    if reason == "stuck_timeout_insufficient_progress":
        return f"it did not get on any more, with {info.get('progress_pct')} % of the comparisons done ({reason})"
    if message:
        return f"{str(message).rstrip('.')}{f' ({code})' if code else ''}"
    rest = {name: value for name, value in info.items() if value and name in ("details", "progress_pct")}
    words = f": {in_words(rest)}" if rest else ""
    return f"{reason or code or 'no reason given'}{words}"


def batch_remedy(info: Mapping[str, Any]) -> str | None:
    """What the service says to do, if it does."""
    details = info.get("details")
    remedy = details.get("remedy") if isinstance(details, Mapping) else None
    return remedy if isinstance(remedy, str) and remedy else None
