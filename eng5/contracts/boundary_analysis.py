"""`60_analysis.json` of a boundary test: every number of its report. None means: not available."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from eng5.contracts.analysis import Notice
from eng5.contracts.failures import FailureGroup
from eng5.contracts.own import Estimate, OwnFile
from eng5.contracts.run_summary import RunSummary

Discrimination = Literal["shown", "reversed", "excluded", "undecided", "no_data"]


class Rate(Estimate):
    """A share of counted comparisons."""

    count: int
    of: int


class Needed(OwnFile):
    """Further iterations after which an open question would be answered, if the rate stays as it is."""

    aim: Literal["show", "exclude"] | None
    more: int | None
    power: float


class EssaysRate(Estimate):
    """Win rate of the higher grade as other essays of the same grades would show it."""

    higher: int = Field(description="essays of the higher grade")
    lower: int
    p_value: float | None = Field(description="two-sided, that the grades are alike in the population")
    p_adjusted: float | None = Field(description="the same, adjusted over the boundaries of the run")
    least_p: float = Field(description="the smallest that these essays could give, were every pair right")
    wanted: int | None = Field(
        description="essays a side from which a verdict is possible; None where it is possible with these"
    )
    discrimination: Discrimination


class BoundaryFigures(OwnFile):
    """What was found for a pair, a boundary, or the whole run. All but `essays` is said of these pairs."""

    pairs: int
    listed: int = Field(description="comparisons on the list")
    decided: int
    ties: int
    failed: int
    skipped: int = Field(description="not asked, because their pair had been stopped early")
    missing: int = Field(description="listed, not skipped, and never answered")
    win_rate: Rate = Field(description="of the higher grade, raw; Wilson interval")
    higher_first: Rate = Field(description="the same where the higher grade was shown as Essay A")
    higher_second: Rate = Field(description="the same where it was shown as Essay B")
    corrected: Estimate = Field(description="win rate with both orders of every pair weighing the same")
    confidence: Estimate = Field(description="mean stated confidence, 1 to 5; t interval")
    position: Rate = Field(description="wins of Essay A, whatever its grade; exact interval")
    position_p_value: float | None = Field(description="exact two-sided binomial test against one half")
    position_balanced: Estimate = Field(
        description="wins of Essay A when both orders of every pair weigh the same: quality is held apart"
    )
    agreement: Rate = Field(description="verdicts that agree with the majority of their pair")
    agreement_coin: float | None = Field(description="what a coin would have reached")
    swap_pairs: Rate = Field(description="pairs whose majority winner is the same in both orders")
    swap_repeats: Rate = Field(description="k-th verdicts of the two orders that have the same winner")
    p_value: float | None = Field(description="two-sided test of the corrected win rate against one half")
    p_adjusted: float | None = Field(description="the same, adjusted over the pairs or boundaries of the run")
    discrimination: Discrimination = Field(description="are the essays of these pairs told apart?")
    needed: Needed | None = Field(description="to know it of these pairs")
    essays: EssaysRate | None = Field(description="the same for other essays of the grades; None for a pair")


class BoundaryPair(OwnFile):
    """Two anchors across a boundary. Names are anchor ids."""

    higher_id: str
    lower_id: str
    higher_name: str
    lower_name: str
    higher_grade: str
    lower_grade: str
    iterations: int
    stopped_at: int | None = Field(
        description="iteration after which it was known; None: never stopped early"
    )
    figures: BoundaryFigures
    outcomes_first: str = Field(
        description="a letter an iteration, the higher grade shown as Essay A: H it won, L the lower one did, "
        "T tie, F failed, - not asked or not answered"
    )
    outcomes_second: str = Field(description="the same with the higher grade shown as Essay B")
    verdicts: list[int] = Field(description="sequence numbers of the answers, in the order of the list")


class BoundaryResult(OwnFile):
    """One grade boundary; `pairs` are places in the list of pairs."""

    higher_grade: str
    lower_grade: str
    pairs: list[int]
    verdict: str
    figures: BoundaryFigures


class BoundaryAnalysis(OwnFile):
    """The whole of `60_analysis.json` of a boundary test."""

    schema_version: Literal["1"] = "1"
    run: RunSummary
    verdict: str
    notices: list[Notice]
    level: float = Field(description="of every interval; 1 - level is the error rate of every verdict")
    smallest_rate: float = Field(description="smallest win rate that counts as telling the grades apart")
    sequential: float | None = Field(
        description="error rate of early stopping; None: every pair asked in full"
    )
    deterministic: bool = Field(description="every repeat brought the same verdict, in whatever words")
    pairs: list[BoundaryPair]
    boundaries: list[BoundaryResult]
    overall: BoundaryFigures
    failures: list[FailureGroup] = Field(default=[], description="the most frequent cause first")
