"""The parts of `60_analysis.json` that look at the judge, or at several side by side. None means: not available."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from eng5.contracts.own import Estimate, Interval, OwnFile


class GapRow(OwnFile):
    """Position bias among pairs that lie `gap` levels apart; None: a grade is unknown."""

    gap: int | None
    decided: int
    first_wins: int
    share: Estimate


class Flip(OwnFile):
    """A pair whose winner changed when the order was swapped; `favoured` is the winning position."""

    one_id: str
    other_id: str
    one_name: str
    other_name: str
    one_grade: str | None
    other_grade: str | None
    favoured: Literal["A", "B"]
    verdicts: list[int]


class Position(OwnFile):
    """Does it matter which essay is shown first?"""

    first_share: Estimate
    first_wins: int
    decided: int
    p_value: float | None
    eta: Estimate = Field(description="advantage of position A among essays of equal quality, logits")
    in_scores: bool = Field(default=False, description="whether the scores take it out")
    swapped_pairs: int = Field(description="pairs decided in both orders")
    consistent_pairs: int
    consistency: Estimate
    by_gap: list[GapRow]
    flips: list[Flip]


class LengthBias(OwnFile):
    """Do longer essays get more than the experts' grade?"""

    compared: int = Field(description="decided comparisons of essays of different length")
    longer_won: Estimate = Field(description="share of them that the longer essay won")
    longer_graded_higher: float | None = Field(
        description="of those with different grades, the share in which the experts put the longer one higher"
    )
    tendency: Estimate = Field(
        description="Kendall's tau of an anchor's length and of how much higher the judge puts it than its grade; "
        "0: length does not matter beyond the grade; the interval is for other essays"
    )


class Coin(OwnFile):
    """Scale separation of a judge that tosses a coin for the same comparisons."""

    mean: float
    upper: float = Field(description="a coin exceeds it in 5 % of resamples")
    p_value: float = Field(description="share of coins that score at least as high as the judge")
    resamples: int
    seed: int


class SplitHalf(OwnFile):
    """Correlation of the scores from two random halves of the comparisons, over resamples."""

    correlation: float
    stepped_up: float | None = Field(description="what it implies for all comparisons, Spearman-Brown")
    low: float = Field(description="the middle 95 % of the splits")
    high: float
    resamples: int
    seed: int


class Reliability(OwnFile):
    """Would the same judge order the essays the same way again?"""

    separation_reliability: Estimate
    separation_index: Estimate
    coin: Coin | None
    reliable: bool | None = Field(description="more reliable than a coin, at 5 %")
    essays: int = Field(description="essays on the common scale")
    split_half: SplitHalf | None
    triads: int
    circular_triads: int
    circular_share: float | None
    circular_share_coin: float
    repeated_pairs: int
    agreement: float | None = Field(description="share of repeats that agree with their pair's majority")
    agreement_coin: float | None
    repeats_identical: bool | None


class GradeBoundary(OwnFile):
    """Where one grade ends and the next begins on the judge's scale, logits."""

    lower_grade: str
    higher_grade: str
    position: Estimate


class Prediction(OwnFile):
    """An anchor's grade predicted from the other anchors."""

    name: str
    essay_id: str
    grade: str
    predicted: Estimate = Field(description="levels of the scale, the lowest grade 0")
    predicted_grade: str
    low_grade: str
    high_grade: str
    difference: float = Field(description="predicted minus expert, levels")
    looks_wrong: bool = Field(description="the expert grade lies outside the prediction's interval")


class Ruler(OwnFile):
    """The anchors as a ruler for other essays. Predictions: largest disagreement first."""

    rises: float = Field(description="confidence that the judge's scale rises with the grade")
    boundaries: list[GradeBoundary]
    predictions: list[Prediction]
    weighted_kappa: Estimate
    exact_agreement: Estimate
    adjacent_agreement: Estimate


class CalibrationBin(OwnFile):
    """Verdicts of one stated confidence, against being right by expert order."""

    confidence: int = Field(description="stated confidence, rounded to a whole number 1 to 5")
    probability: float = Field(description="mean probability of being right that these confidences claim")
    count: int
    right: int
    share: Estimate


class Calibration(OwnFile):
    """Is the judge as often right as it says?"""

    bins: list[CalibrationBin]
    count: int
    missing: int = Field(description="verdicts without a stated confidence")
    expected_error: float | None = Field(description="expected calibration error")
    expected_error_if_calibrated: float | None = Field(description="what chance alone would make of it")
    overconfidence: float | None = Field(
        description="how much more often it claims to be right than it is, mean over verdicts"
    )
    mean_confidence: Estimate


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
