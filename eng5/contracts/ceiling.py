"""How good a judge can be when its graders do not agree with each other either. None means: not available."""

from __future__ import annotations

from pydantic import Field

from eng5.contracts.own import Estimate, OwnFile


class GraderRow(OwnFile):
    """One grader, and the judge in that grader's place."""

    name: str
    essays: int = Field(description="anchors that this grader graded")
    tau_others: Estimate = Field(description="Kendall's tau of the grader with the median of the others")
    judge_tau_others: Estimate = Field(description="of the judge with the same others")
    pairs: int = Field(description="pairs of anchors that the others put in an order")
    judge_agrees: float | None = Field(description="share of these pairs in which the judge agrees with them")
    grader_agrees: float | None
    advantage: Estimate = Field(description="the first less the second")
    p_adjusted: float | None = Field(
        description="one-sided, that the judge agrees less by the margin or more"
    )
    stands_in: bool = Field(description="the judge is not worse than this grader by the margin")


class Ceiling(OwnFile):
    """Several graders of the same anchors. Intervals are for other essays of the same grades."""

    graders: list[GraderRow]
    alpha: Estimate = Field(description="Krippendorff's alpha for ordinal grades, all graders")
    kappa: Estimate = Field(description="quadratic weighted kappa, the mean over every two graders")
    reliability: float | None = Field(
        description="share of the variance of the graders' median that is no error"
    )
    perfect_tau: float | None = Field(
        description="tau that a judge without error would reach against the median"
    )
    tau: Estimate = Field(description="the judge's tau with the median")
    tau_without_error: Estimate = Field(description="the same with the graders' error taken out")
    margin: float = Field(description="by how much less than a grader the judge may agree, share of pairs")
    winning_rate: float | None = Field(description="share of the graders whom the judge may stand in for")
    as_good: bool
    power: float | None = Field(description="probability of 'as good' for a judge that is just as good")
    sentence: str
