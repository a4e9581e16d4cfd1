"""`build/compare.json`: the variants of experiments.toml side by side. None means: not available."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from eng5.contracts.analysis import Metric, Notice
from eng5.contracts.experts import VariantsBesideExperts
from eng5.contracts.own import Interval, OwnFile
from eng5.contracts.reach import GradeEstimate
from eng5.contracts.run_summary import JudgeSummary, PromptRef
from eng5.contracts.text_diff import TextDiff

Direction = Literal["put right", "put wrong", "no right side"]
Verdict = Literal["better", "worse", "cannot tell"]
Sure = Literal["other essays", "these pairs", "no"]


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
    seconds: float | None = Field(description="median time of an answer; None where it is not known")
    metrics: list[Metric] = Field(description="of pairs that the baseline judged as well")

    def metric(self, name: str) -> Metric:
        """The figure called `name`; KeyError when there is none."""
        for metric in self.metrics:
            if metric.name == name:
                return metric
        raise KeyError(name)


class Reading(OwnFile):
    """What is known of a difference, read in one of two ways; None where nothing can be said."""

    interval: Interval | None
    p_value: float | None = Field(description="two-sided, that there is no difference")
    p_adjusted: float | None = Field(description="the same, Holm-adjusted over the differences of its family")
    verdict: Verdict


class Advice(OwnFile):
    """What would decide at 80 % power, if the true difference is the observed one."""

    kind: Literal["comparisons", "anchors", "replicates", "never", "nothing seen"] = Field(
        description="replicates: it lies within the noise of runs"
    )
    more: int | None = Field(
        description="about how many more comparisons of each, replicates of each, or anchors; None where they "
        "alone would not decide"
    )
    repeats_known: bool = Field(
        description="replicates show how much the verdicts vary, so comparisons could have been the answer"
    )


class MoreOfDifference(OwnFile):
    """Standard error of a difference for other essays, now and with more of one thing."""

    now: float
    twice_anchors: float
    twice_comparisons: float | None = Field(description="of the same pairs; None without replicates")


class Difference(OwnFile):
    """A metric of a variant less that of its reference, both on the comparisons that they have in common."""

    metric: str
    label: str
    kind: Literal["count", "ratio", "share"]
    higher_is_better: bool
    reference: str = Field(description="the variant that it is compared with")
    variant: str
    reference_value: float | None
    variant_value: float | None
    value: float | None = Field(description="the variant's value less the reference's")
    pairs: Reading = Field(description="what both would show, asked again about the same pairs")
    essays: Reading = Field(description="what they would show on other essays of the same grades")
    comparisons: int = Field(description="that every run of both has")
    differing: int = Field(description="pairs of anchors on which not all of their verdicts agree")
    band: float | None = Field(description="how far apart the two may lie by chance alone")
    beyond_noise: bool | None = Field(description="farther apart than that; None where it is not known")
    advice: Advice | None = Field(description="where the verdict for other essays is open")
    more_data: MoreOfDifference | None = Field(description="None where nothing is known of other essays")

    @property
    def verdict(self) -> Verdict:
        """The reason to choose: what holds for other essays as well."""
        return self.essays.verdict


class ComparedVariant(OwnFile):
    """A variant of experiments.toml, or comparisons of another tool. The baseline has no verdict."""

    name: str
    paraphrase_of: str | None = Field(description="the variant whose meaning it keeps")
    judge: JudgeSummary
    system_prompt: PromptRef | None
    rubric: PromptRef | None
    figures: Figures = Field(description="of all its runs")
    each: list[Figures] = Field(description="of each run, where there are several")
    verdict: Verdict | None
    sentence: str = Field(description="the verdict against the baseline in words")
    changes: list[TextDiff] = Field(
        description="its prompts against the baseline's; none of the baseline itself"
    )


class Noise(OwnFile):
    """How far runs of one prompt lie apart in a metric, from the variance between them."""

    metric: str
    label: str
    kind: Literal["count", "ratio", "share"]
    sd: float = Field(description="standard deviation between runs of one prompt")
    degrees: int = Field(description="of freedom: runs less prompts")
    band: float | None = Field(
        description="95 % of differences of two runs are smaller; None with one degree of freedom"
    )


class NoiseBand(OwnFile):
    """Runs that differ by nothing but chance: replicates of a prompt, and rewordings that keep its meaning."""

    groups: list[list[str]] = Field(description="runs of one prompt")
    metrics: list[Noise]


class FlippedAnchors(OwnFile):
    """Two anchors, the higher grade first."""

    higher_id: str
    lower_id: str
    higher_name: str
    lower_name: str


class FlippedGrades(OwnFile):
    """Flipped pairs of two grades, in one direction."""

    direction: Direction = Field(
        description="from against the grades to with them, the other way, or of equal or unknown grades"
    )
    higher_grade: str | None
    lower_grade: str | None
    pairs: list[FlippedAnchors]


class Flips(OwnFile):
    """Pairs of anchors of which two variants name different winners. `one` comes first in experiments.toml."""

    one: str
    other: str
    pairs: int = Field(description="pairs with a winner in both")
    flipped: int
    righted: int = Field(description="against the grades by `one`, with them by `other`")
    wronged: int = Field(description="with the grades by `one`, against them by `other`")
    by_grade: list[FlippedGrades] = Field(description="put right first, then by expert order")


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


class HeldOutGrade(GradeEstimate):
    """A held-out anchor graded as an essay of unknown grade is: read off the other anchors."""

    expert_grade: str
    holds: bool = Field(description="the interval has the experts' grade in it")


class HeldOutVariant(OwnFile):
    """A variant on comparisons that involve a held-out anchor."""

    name: str
    comparisons: int
    metrics: list[Metric]
    grades: list[HeldOutGrade] = Field(description="none where the other anchors lay no rising line")


class Holdout(OwnFile):
    """Anchors that no figure elsewhere in the file counts; prompts are not tuned on them."""

    anchors: list[str]
    variants: list[HeldOutVariant]
    differences: list[Difference] = Field(description="each variant from the baseline")


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


class Compare(OwnFile):
    """The whole of `compare.json`; the baseline is the first of the variants."""

    schema_version: Literal["1"] = "1"
    baseline: str
    grade_scale: str
    verdict: str = Field(description="which variant to take, in one sentence")
    leaderboard: Leaderboard
    notices: list[Notice]
    anchors: list[str] = Field(description="names, in expert order, without those held out")
    level: float = Field(description="of every interval; 1 - level is the error rate of every verdict")
    decided_by: str = Field(
        description="name of the metric that verdicts go by: `decide_by` of experiments.toml"
    )
    variants: list[ComparedVariant]
    differences: list[Difference] = Field(
        description="every two variants in the deciding metric, and in the others each from the baseline"
    )
    noise: NoiseBand | None
    flips: list[Flips]
    split: list[SplitPair] = Field(description="the pairs behind the flips, in expert order")
    holdout: Holdout | None
    experts: VariantsBesideExperts | None = Field(
        default=None, description="where people judged the same essays"
    )
