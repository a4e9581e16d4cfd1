"""Several judges of one run, side by side. None means: not available."""

from __future__ import annotations

from pydantic import Field

from eng5.contracts.own import Estimate, Interval, OwnFile


class JudgeFacet(OwnFile):
    """One judge among the judges of a run."""

    name: str
    comparisons: int
    ties: int
    failed: int
    agreement: Estimate = Field(description="decided comparisons that agree with the others' order of scores")
    compared_with_others: int = Field(description="decided comparisons in which the others know an order")
    infit: float | None = Field(
        description="1 is expected; far above, the judge decides otherwise than the rest"
    )
    infit_interval: Interval | None = None
    peers: Estimate = Field(
        default=Estimate(), description="its verdicts that are another judge's on the same pair"
    )
    first_share: Estimate = Field(description="decided comparisons won by the essay shown first, on the left")
    lean: str | None = Field(description="left or right, where the interval leaves out one half")
    median_seconds: float | None = Field(description="time that a comparison took")
    seconds_interval: Interval | None = Field(default=None, description="of the median")
