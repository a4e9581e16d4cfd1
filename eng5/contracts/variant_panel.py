"""Several variants that judge together: who voted what, and what the panel is worth. None means: not available."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from eng5.contracts.own import Estimate, OwnFile

PANEL = "panel"
"""The provider of verdicts that several variants give together."""
PanelVerdict = Literal["majority", "weights"]


class PanelMember(OwnFile):
    """A variant of a panel, with the run that its votes are of."""

    name: str
    judge: str
    batch_uuid: UUID
    votes: int = Field(description="of the panel's comparisons, those that it answered")
    usd: float | None = Field(description="what its run cost")
    accuracy: float | None = Field(description="estimated from the votes alone, without grades")
    weight: float = Field(description="log odds of the accuracy; 0 counts for nothing")


class PanelVotes(OwnFile):
    """Behind the verdicts of a panel."""

    verdict: PanelVerdict = Field(description="how the votes became verdicts")
    members: list[PanelMember]
    votes: list[list[int | None]] = Field(
        description="a row a comparison, a column a member: 1 for Essay A, -1 for Essay B, 0 a tie, None no answer"
    )


class PanelJudge(OwnFile):
    """A member, or a way of putting the votes together, by its figures on the panel's comparisons."""

    name: str
    judge: str | None
    usd: float | None
    accuracy: float | None
    weight: float | None
    ties: int
    win_rate: Estimate = Field(description="wins of the higher grade, of decided comparisons")
    kendall_tau: float | None


class PanelAgreement(OwnFile):
    """Two members on the same comparisons."""

    one: str
    other: str
    comparisons: int
    agreement: Estimate = Field(
        description="share of those that both decided in which they chose the same essay"
    )
    error_correlation: float | None = Field(
        description="of being against the grades, given the distance of grades"
    )


class PanelDifference(OwnFile):
    """The panel less a member, in a figure for which more is better."""

    member: str
    metric: str
    value: float | None
    pairs: Estimate = Field(description="asked again about the same pairs")
    essays: Estimate = Field(description="on other essays of the same grades")
    verdict: Literal["better", "worse", "cannot tell"] = Field(description="for other essays")


class VariantPanel(OwnFile):
    """What a panel is worth beside its members."""

    verdict: PanelVerdict
    members: list[PanelJudge]
    together: list[PanelJudge] = Field(description="by majority, and by weights")
    agreements: list[PanelAgreement]
    error_correlation: Estimate = Field(description="mean over every two members")
    independent: Estimate = Field(description="how many judges with independent errors the panel is worth")
    best: str | None = Field(description="the member with the highest tau on these comparisons")
    beats_best: bool | None = Field(description="shown to be better than every member; None without grades")
    differences: list[PanelDifference]
    total_usd: float | None
    sentence: str
