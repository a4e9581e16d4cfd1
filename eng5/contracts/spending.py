"""What asking a run's questions takes: planned before it, and counted after it."""

from __future__ import annotations

from pydantic import Field

from eng5.contracts.own import OwnFile


class Spending(OwnFile):
    """Questions that a run asks itself, without those whose verdict was kept from before."""

    asked: int = Field(ge=0)
    cost_usd: float | None = Field(description="None: a price is not known")
    seconds: float | None = Field(description="from the first question to the last answer; None: not known")
    by_batch: bool = Field(default=False, description="through a provider's batch API: within a day")
