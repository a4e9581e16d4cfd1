"""`build/compare_boundary.json`: boundary tests of several variants, set side by side on the same pairs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from eng5.contracts.analysis import Judge, Notice, PromptRef
from eng5.contracts.boundary_analysis import Rate
from eng5.contracts.own import Estimate, OwnFile


class ComparedRun(OwnFile):
    """One boundary test, on all of its own pairs."""

    name: str
    judge: Judge
    system_prompt: PromptRef | None
    rubric: PromptRef | None
    pairs: int
    comparisons: int
    corrected: Estimate = Field(description="win rate of the higher grade, corrected for position")
    position: Rate = Field(description="wins of Essay A")


class Difference(OwnFile):
    """Win rate of the higher grade in a run less that in its reference, both corrected for position.

    Only comparisons that both were asked, of the same texts, and that both answered.
    """

    run: str
    reference: str
    boundary: tuple[str, str] | None = Field(description="higher and lower grade; None: all shared pairs")
    pairs: int
    comparisons: int = Field(
        description="matched: the k-th of a pair in an order with the k-th of the other run"
    )
    differing: int = Field(
        description="matched comparisons that the two judged differently; pairs, where a judge is deterministic"
    )
    rate: float | None
    reference_rate: float | None
    difference: Estimate
    p_value: float | None = Field(description="two-sided, by exchange of the two runs' verdicts")
    p_adjusted: float | None = Field(description="the same, Holm-adjusted over the rows of its table")
    verdict: Literal["better", "worse", "cannot_tell"]
    needed: int | None = Field(description="about how many more comparisons of each would decide")


class CompareBoundary(OwnFile):
    """The whole file. The first run of every reference is the reference itself."""

    schema_version: Literal["1"] = "1"
    verdicts: list[str]
    notices: list[Notice]
    level: float
    runs: list[ComparedRun]
    differences: list[Difference]
    by_boundary: list[Difference] = Field(description="the same for each boundary, when there are several")
    alone: list[str] = Field(
        description="runs that share no pair with an earlier one, and no later one with them"
    )
