"""What a run will ask and cost, said before anything is spent."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from eng5.contracts.own import OwnFile


class RunEstimate(OwnFile):
    """One run. Tokens, cost and time are of the calls that are still to be made."""

    provider: str
    model: str
    comparisons: list[tuple[str, str]] = Field(description="essay ids in the order shown")
    reusable: int = Field(ge=0, description="comparisons whose verdict is kept")
    prompt_tokens: int = Field(ge=0)
    completion_tokens: int = Field(ge=0)
    basis: Literal["verdicts kept of this model", "length of the texts", "no model"]
    cost_usd: float | None = Field(description="None: the price is not known")
    seconds: float
    notes: list[str] = Field(default=[])

    @property
    def calls(self) -> int:
        """Questions that have to be asked."""
        return len(self.comparisons) - self.reusable
