"""The callback for one comparison, ``LLMComparisonResultV1``: a winner or an error."""

from typing import Any, Literal, Self, get_args
from uuid import UUID

from pydantic import Field, FiniteFloat, model_validator

from eng5.contracts.wire.base import WireModel, WireTime
from eng5.contracts.wire.envelope import ErrorDetail
from eng5.contracts.wire.vocabulary import LLMProviderType, Winner

OwnProvider = Literal["human", "plugin"]
"""Judges that the platform does not know, at eng5's own stand-in: people, and the user's own code."""
OWN_PROVIDERS = get_args(OwnProvider)

MAX_JUSTIFICATION = 500
"""Characters that a justification may have on the wire."""

MAX_TOKENS = 10**9
"""More for one comparison is no count of tokens, and the sum over a million of them still fits 64 bits."""

MAX_USD = 1e6
"""More for one comparison is no price."""


class TokenUsage(WireModel):
    """Tokens that a comparison took."""

    prompt_tokens: int = Field(default=0, ge=0, le=MAX_TOKENS)
    completion_tokens: int = Field(default=0, ge=0, le=MAX_TOKENS)
    total_tokens: int = Field(default=0, ge=0, le=MAX_TOKENS)


class LLMComparisonResultV1(WireModel):
    """Data of a callback; exactly one of ``winner`` and ``error_detail`` is there.

    ``request_metadata`` names the two essays in the order shown, the batch, and the hash of the prompt.
    ``cost_estimate`` is in USD, ``confidence`` runs from 1 to 5. A model gives its winner a justification and a
    confidence; people and judges of one's own need not say why, nor how sure they are.
    """

    request_id: str
    correlation_id: UUID
    winner: Winner | None = None
    justification: str | None = Field(default=None, max_length=MAX_JUSTIFICATION)
    confidence: float | None = Field(default=None, ge=1.0, le=5.0)
    error_detail: ErrorDetail | None = None
    provider: Literal[LLMProviderType, OwnProvider]
    model: str
    response_time_ms: int = Field(ge=0)
    token_usage: TokenUsage = TokenUsage()
    cost_estimate: FiniteFloat = Field(ge=0.0, le=MAX_USD)
    requested_at: WireTime
    completed_at: WireTime
    trace_id: str | None = None
    request_metadata: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _either_winner_or_error(self) -> Self:
        if (self.winner is None) is (self.error_detail is None):
            raise ValueError("a callback carries either a winner or an error_detail, and not both")
        unexplained = self.justification is None or self.confidence is None
        if unexplained and self.winner is not None and self.provider not in OWN_PROVIDERS:
            raise ValueError("a winner comes with a justification and a confidence")
        return self
