"""`build/compare_boundary.json`: boundary tests of several variants, set side by side on the same pairs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from eng5.contracts.analysis import Notice
from eng5.contracts.boundary_analysis import Rate
from eng5.contracts.compare import Advice, Reading, Verdict
from eng5.contracts.own import Estimate, OwnFile
from eng5.contracts.run_summary import JudgeSummary, PromptRef


class ComparedRun(OwnFile):
    """One boundary test, on all of its own pairs."""

    name: str
    judge: JudgeSummary
    system_prompt: PromptRef | None
    rubric: PromptRef | None
    pairs: int
    comparisons: int
    corrected: Estimate = Field(description="win rate of the higher grade, corrected for position")
    position: Rate = Field(description="wins of Essay A")


class BoundaryDifference(OwnFile):
    """Win rate of the higher grade in a test less that in its reference, both corrected for position.

    Only comparisons that both were asked, of the same texts, and that both answered. Of a test with several runs,
    means over its runs.
    """

    run: str
    reference: str
    runs: int = Field(description="of the test, those that say something new")
    reference_runs: int
    boundary: tuple[str, str] | None = Field(description="higher and lower grade; None: all shared pairs")
    number_of_pairs: int
    comparisons: int = Field(
        description="matched: the k-th of a pair in an order with the k-th of the other run"
    )
    differing: int = Field(description="matched comparisons that the two judged differently")
    rate: float | None
    reference_rate: float | None
    value: float | None = Field(description="the run's rate less the reference's")
    pairs: Reading = Field(description="what both would show, asked again about the same pairs")
    essays: Reading = Field(description="what they would show on other essays of the same grades")
    more_iterations: int | None = Field(
        description="of each pair, which would decide on these pairs; None where it is decided, or no number would"
    )
    advice: Advice | None = Field(description="where the verdict for other essays is open")
    more_essays: int | None = Field(description="without which nothing can be said of other essays")

    @property
    def verdict(self) -> Verdict:
        """The reason to choose: what holds for other essays as well."""
        return self.essays.verdict


class CompareBoundary(OwnFile):
    """The whole file. Every two runs that share a pair, the baseline's first."""

    schema_version: Literal["1"] = "1"
    answer: str = Field(description="which to take, and how sure that is")
    verdicts: list[str] = Field(description="on each two of them")
    notices: list[Notice]
    level: float
    runs: list[ComparedRun]
    differences: list[BoundaryDifference]
    by_boundary: list[BoundaryDifference] = Field(
        description="the same for each boundary, when there are several"
    )
    alone: list[str] = Field(description="runs that share no pair with any other")
