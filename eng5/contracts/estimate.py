"""What a run will ask and cost, said before anything is spent, and counted after it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from eng5.contracts.own import OwnFile


class Spending(OwnFile):
    """Questions that a run asks itself, without those whose verdict was kept from before."""

    asked: int = Field(ge=0)
    cost_usd: float | None = Field(description="None: a price is not known")
    seconds: float | None = Field(description="from the first question to the last answer; None: not known")
    by_batch: bool = Field(default=False, description="through a provider's batch API: within a day")


class RunEstimate(OwnFile):
    """One run. Tokens, cost and time are of the calls that are still to be made."""

    provider: str
    model: str
    comparisons: list[tuple[str, str]] = Field(description="essay ids in the order shown")
    reusable: int = Field(ge=0, description="comparisons whose verdict is kept")
    failed: int = Field(default=0, ge=0, description="comparisons that failed in this attempt, and stand so")
    prompt_tokens: int = Field(ge=0)
    completion_tokens: int = Field(ge=0)
    basis: Literal["answers of this model", "length of the texts", "no model"]
    cost_usd: float | None = Field(description="None: the price is not known")
    seconds: float | None = Field(description="None: nothing is known of the server's speed")
    by_batch: bool = Field(default=False, description="asked through the provider's batch API: within a day")
    other_way: Spending | None = Field(
        default=None,
        description="the same calls one by one when by batch, else by batch; None: there is no batch API",
    )
    notes: list[str] = Field(default=[])

    @property
    def calls(self) -> int:
        """Questions that have to be asked."""
        return len(self.comparisons) - self.reusable - self.failed

    @property
    def spending(self) -> Spending:
        """What is to be frozen with the run."""
        return Spending(
            asked=self.calls, cost_usd=self.cost_usd, seconds=self.seconds, by_batch=self.by_batch
        )
