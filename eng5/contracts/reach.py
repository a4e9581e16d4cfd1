"""The parts of `60_analysis.json` that say how far the verdicts reach: repeats, anchors, essays without a grade."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from eng5.contracts.own import OwnFile


class MoreData(OwnFile):
    """What more would tell of a figure: standard deviations in its unit, and what would decide about its target."""

    again: float = Field(description="over runs of the same questions")
    again_twice_repeats: float
    essays: float | None = Field(description="over other essays of the same grades")
    essays_twice_repeats: float | None
    essays_twice_anchors: float | None
    decides: str | None = Field(description="what would decide on which side of the target the figure lies")
    side: Literal["decided", "open", "out of reach"] | None = Field(
        default=None,
        description="whether that is decided in both readings, can be decided in none, or is open in one",
    )


class Evidence(OwnFile):
    """How much the verdicts say, when verdicts on one pair repeat each other."""

    verdicts: int = Field(description="decided comparisons")
    pairs: int
    repeated_pairs: int = Field(description="pairs with at least two decided verdicts, in either order")
    repeats_known: bool = Field(description="whether enough pairs were repeated to tell opinions from chance")
    effective: float = Field(description="fresh verdicts that tell as much as these")
    correlation: float | None = Field(
        description="of two verdicts on one pair, beyond what the scores explain"
    )
    opinion_sd: float | None = Field(description="size of the judge's opinions about single pairs, logits")
    repeats: str = Field(description="what the repeats say, in words")
    anchors: str = Field(description="what so many anchors can and cannot carry, in words")


class GradeEstimate(OwnFile):
    """The grade that the anchors say an essay of unknown grade has; the interval is conformal (jackknife+)."""

    essay_id: str
    name: str
    grade: str
    low_grade: str
    high_grade: str
    level: float = Field(description="share of essays like the anchors whose grade the interval holds")
