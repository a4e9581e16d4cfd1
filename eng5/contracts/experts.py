"""Human experts beside a judge: their agreement, the judge against them, and scores with the judge's scale as prior.

None means: not available.
"""

from __future__ import annotations

from pydantic import Field

from eng5.contracts.own import Estimate, OwnFile


class ExpertAgreement(OwnFile):
    """Judges of one run on the same pairs. Intervals are for other essays and other judges of the same kind."""

    judges: int
    pairs: int = Field(description="pairs of essays that at least two of them decided")
    couples: int = Field(description="two verdicts of two judges on one pair")
    agreement: Estimate = Field(description="share of the couples that chose the same essay")
    alpha: Estimate = Field(description="Krippendorff's alpha of all verdicts, ties included")
    ceiling: Estimate = Field(description="the most that any judge can agree with a single one of them")
    sentence: str


class ExpertStandIn(OwnFile):
    """The judge in the place of one expert, by agreement with the other experts."""

    expert: str
    pairs: int
    judge_agrees: float | None
    expert_agrees: float | None
    advantage: Estimate
    p_adjusted: float | None
    stands_in: bool


class ExpertWords(OwnFile):
    """A verdict in words; `judge` is a pseudonym."""

    judge: str
    winner_name: str | None
    words: str | None


class PartedPair(OwnFile):
    """A pair of which judge and experts think differently."""

    one_name: str
    other_name: str
    one_grade: str | None
    other_grade: str | None
    judge_for_one: int
    judge_for_other: int
    experts_for_one: int
    experts_for_other: int
    apart: float = Field(description="how much oftener the judge chooses the one, few verdicts drawn to 1/2")
    judge_words: list[ExpertWords]
    expert_words: list[ExpertWords]


class BesideExperts(OwnFile):
    """A judge and experts on the same pairs."""

    run: str = Field(description="of the experts")
    pairs: int
    verdicts: int = Field(description="of experts, on these pairs")
    with_experts: Estimate = Field(description="how often a verdict of the judge is an expert's")
    among_experts: Estimate = Field(description="how often verdicts of two experts are the same")
    difference: Estimate
    corrected: Estimate = Field(description="the first with chance taken out: 0 is a coin, 1 always")
    corrected_experts: Estimate
    ceiling: float | None = Field(description="the most that any judge can agree with one of these experts")
    of_ceiling: float | None = Field(description="share of the way from a coin to the ceiling")
    margin: float
    stand_ins: list[ExpertStandIn]
    winning_rate: float | None
    as_good: bool
    parted: list[PartedPair] = Field(description="the largest difference first")
    parted_in_all: int
    sentence: str


class PriorScore(OwnFile):
    """An essay by the experts alone, and with the judge's scale beside them; logits, mean 0."""

    essay_id: str
    name: str
    grade: str | None
    judge: float | None = Field(description="its place on the judge's scale, logits")
    alone: Estimate
    together: Estimate


class PriorScores(OwnFile):
    """Scores of experts with another run's scale as prior, whose weight is estimated."""

    run: str = Field(description="of the judge whose scale it is")
    judge: str
    comparisons: int
    related: float = Field(description="probability that the scale says anything about the experts'")
    correlation: float
    slope: float = Field(description="logits of the experts to a logit of the judge")
    scatter: float = Field(description="of the experts' scores about the judge's, logits")
    weight: float = Field(description="share of what is known of an essay that comes from the judge's scale")
    worth: float = Field(description="further comparisons that would have made the scores as exact")
    scores: list[PriorScore]
    sentence: str


class ExpertsLine(OwnFile):
    """A variant against experts, on the pairs that both decided."""

    variant: str
    pairs: int
    with_experts: Estimate = Field(description="how often a verdict of the variant is an expert's")
    among_experts: Estimate = Field(description="how often those of two experts are the same, on these pairs")
    difference: Estimate
    of_ceiling: float | None = Field(description="share of the way from a coin to what any judge could reach")
    winning_rate: float | None = Field(
        description="share of the experts whom it is shown to be able to replace"
    )


class VariantsBesideExperts(OwnFile):
    """Every variant against one run of experts, the one that agrees most first."""

    run: str
    lines: list[ExpertsLine]
