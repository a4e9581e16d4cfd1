"""The answer of a comparison of variants: which prompt to take, how sure that is, and who stands where."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from eng5.contracts.own import OwnFile

Sure = Literal["other essays", "these pairs", "no"]


class Place(OwnFile):
    """A variant's place, by the deciding metric."""

    variant: str
    rank: int | None = Field(description="1 the best; equal values share a rank; None without a value")
    groups: str = Field(description="letters; two variants that share one cannot be told apart")
    better_than: list[str] = Field(description="variants that it is better than, for other essays too")
    worse_than: list[str]
    targets_met: int
    targets: int = Field(description="how many are set")


class Leaderboard(OwnFile):
    """Places best first, and what follows from them."""

    take: str = Field(description="the variant to take")
    as_well: list[str] = Field(description="variants that cannot be told from it")
    sure: Sure = Field(
        description="where it is shown to be better than the baseline, or, if it is that, than all others: "
        "for other essays of the same grades, on these pairs asked again, or neither"
    )
    answer: str = Field(description="which variant to take, in one sentence")
    certainty: str = Field(description="how sure that is, in words")
    next_steps: list[str] = Field(description="what would make it surer")
    places: list[Place]
