"""`build/compare.json`: the variants of experiments.toml side by side. None means: not available."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from eng5.contracts.analysis import Estimate, Judge, Metric, Notice, PromptRef
from eng5.contracts.own import OwnFile

Verdict = Literal["better", "worse", "cannot tell"]


class Figures(OwnFile):
    """What one run says, or several runs of a variant: sums and, for metrics, means over the runs."""

    runs: list[str]
    created_at: AwareDatetime = Field(description="of the latest run")
    pairs: int = Field(description="pairs of anchors with an answer")
    comparisons: int = Field(description="answers, ties included")
    decided: int
    total_usd: float | None
    prompt_tokens: int
    completion_tokens: int
    metrics: list[Metric] = Field(description="of pairs that the baseline judged as well")

    def metric(self, name: str) -> Metric:
        """The figure called `name`; KeyError when there is none."""
        for metric in self.metrics:
            if metric.name == name:
                return metric
        raise KeyError(name)


class Difference(OwnFile):
    """A metric of a variant less that of the baseline, both on the comparisons that they have in common."""

    metric: str
    label: str
    kind: Literal["count", "ratio", "share"]
    higher_is_better: bool
    baseline: float | None
    variant: float | None
    difference: Estimate
    p_value: float | None = Field(description="two-sided, that the variant judges as the baseline does")
    p_adjusted: float | None = Field(description="the same, Holm-adjusted over the variants")
    comparisons: int = Field(description="that both have")
    differing: int = Field(description="pairs of anchors on which their verdicts differ at all")
    verdict: Verdict
    needed: int | None = Field(
        description="about how many more comparisons of each would decide; None where decided or not known"
    )
    beyond_noise: bool | None = Field(
        description="larger than any difference between two runs of one prompt; None without such runs"
    )


class ComparedVariant(OwnFile):
    """A variant of experiments.toml. `differences` and `verdict` are those from the baseline, which has none."""

    name: str
    paraphrase_of: str | None = Field(description="the variant whose meaning it keeps")
    judge: Judge
    system_prompt: PromptRef | None
    rubric: PromptRef | None
    figures: Figures = Field(description="of all its runs")
    each: list[Figures] = Field(description="of each run, where there are several")
    differences: list[Difference]
    verdict: Verdict | None
    sentence: str = Field(description="the verdict in words")


class Noise(OwnFile):
    """How far runs of one prompt lie apart in a metric."""

    metric: str
    label: str
    kind: Literal["count", "ratio", "share"]
    largest: float = Field(description="largest difference between two runs")
    mean: float = Field(description="mean absolute difference")
    couples: int = Field(description="couples of runs behind it")


class NoiseBand(OwnFile):
    """Runs that differ by nothing but chance: replicates of a prompt, and rewordings that keep its meaning."""

    groups: list[list[str]] = Field(description="runs of one prompt")
    metrics: list[Noise]


class Flips(OwnFile):
    """Pairs of anchors of which two variants name different winners. `one` comes first in experiments.toml."""

    one: str
    other: str
    pairs: int = Field(description="pairs with a winner in both")
    flipped: int
    righted: int = Field(description="against the grades by `one`, with them by `other`")
    wronged: int = Field(description="with the grades by `one`, against them by `other`")


class Cell(OwnFile):
    """What a variant says of a pair; all 0 when it has no answer."""

    higher_wins: int
    lower_wins: int
    ties: int

    @property
    def net(self) -> int:
        """+1 when the higher won more often, -1 when the lower did, 0 for neither."""
        return (self.higher_wins > self.lower_wins) - (self.higher_wins < self.lower_wins)


class Opinion(OwnFile):
    """A verdict in the judge's own words, shortened; the artefact of the run has all of it."""

    run: str
    sequence: int
    first_name: str
    second_name: str
    winner_name: str | None
    confidence: float | None
    justification: str | None


class SplitPair(OwnFile):
    """A pair of anchors of which variants name different winners. With equal grades `higher` is the first by name."""

    higher_id: str
    lower_id: str
    higher_name: str
    lower_name: str
    higher_grade: str | None
    lower_grade: str | None
    graded: bool = Field(description="the grades are known and differ")
    cells: list[Cell] = Field(description="a cell a variant, in their order")
    opinions: list[Opinion]


class HeldOutVariant(OwnFile):
    """A variant on comparisons that involve a held-out anchor."""

    name: str
    comparisons: int
    metrics: list[Metric]
    differences: list[Difference]


class Holdout(OwnFile):
    """Anchors that no figure elsewhere in the file counts; prompts are not tuned on them."""

    anchors: list[str]
    variants: list[HeldOutVariant]


class Compare(OwnFile):
    """The whole of `compare.json`; the baseline is the first of the variants."""

    schema_version: Literal["1"] = "1"
    baseline: str
    grade_scale: str
    verdict: str
    notices: list[Notice]
    anchors: list[str] = Field(description="names, in expert order, without those held out")
    level: float = Field(description="of every interval; 1 - level is the error rate of every verdict")
    decided_by: str = Field(description="name of the metric that `verdict` of a variant goes by")
    variants: list[ComparedVariant]
    noise: NoiseBand | None
    flips: list[Flips]
    split: list[SplitPair] = Field(description="the pairs behind the flips, in expert order")
    holdout: Holdout | None
