"""`60_analysis.json`: every number that a report shows, with its interval. None means: not available."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from eng5.contracts.baseline import Baseline
from eng5.contracts.ceiling import Ceiling
from eng5.contracts.dispute import Dispute
from eng5.contracts.experts import BesideExperts, ExpertAgreement, PriorScores
from eng5.contracts.failures import FailureGroup
from eng5.contracts.judge_quality import Calibration, JudgeFacet, LengthBias, Position, Reliability, Ruler
from eng5.contracts.own import Estimate, Interval, OwnFile
from eng5.contracts.reach import Evidence, GradeEstimate, MoreData
from eng5.contracts.run_summary import RunSummary
from eng5.contracts.variant_panel import VariantPanel

LARGEST_MATRIX = 30
"""Essays above which nobody reads who beat whom cell by cell."""

RealOrNoise = Literal["likely real", "unclear", "likely noise"]
Status = Literal["met", "missed", "unknown"]


class TargetCheck(OwnFile):
    """A metric against its target of experiments.toml."""

    bound: Literal["max", "min"]
    limit: float
    baseline: float | None
    on: Literal["point", "bound"]
    point: Status = Field(description="judged by the value")
    interval_bound: Status = Field(description="judged by the interval's worse end")
    status: Status = Field(description="the one of the two that `on` names")


class Metric(Estimate):
    """A figure of the summary. `value` is this run's; `interval` is for what is expected of this judge on these pairs.

    Both are of one figure: the mean of the value over runs, with the same questions asked again, or with other
    essays of the same grades.
    """

    name: str
    label: str
    kind: Literal["count", "ratio", "share"]
    meaning: str = Field(default="", description="the figure in a sentence without jargon")
    other_essays: Interval | None = Field(
        default=None, description="expected of this judge on essays like these"
    )
    more: MoreData | None = None
    target: TargetCheck | None = None
    note: str | None = None


class Counts(OwnFile):
    """How much there was to go on."""

    essays: int
    graded: int
    possible_pairs: int
    judged_pairs: int = Field(description="pairs with at least one decided comparison")
    comparisons: int
    decided: int
    ties: int
    failed: int
    missing: int = Field(description="asked for and never answered")
    reused: int = Field(default=0, description="of the comparisons, those whose verdict was kept from before")


class Notice(OwnFile):
    """Something a reader must know before trusting the figures."""

    code: str
    text: str
    severity: Literal["alarm", "remark"] = Field(
        default="remark", description="an alarm says that figures cannot be trusted as they stand"
    )


class EssayRow(OwnFile):
    """One essay, in expert order (best first). `expected_rank` averages over equal grades."""

    essay_id: str
    name: str
    source_file: str | None
    grade: str | None
    level: int | None = Field(description="place of the grade on the scale, 0 the lowest")
    score: float | None = Field(description="Bradley-Terry ability, logits, mean 0")
    standard_error: float | None = Field(description="of the score, as other pairs would show it")
    score_interval: Interval | None
    rank: int | None = Field(description="1 the highest score; equal scores share rank to rank_last")
    rank_last: int | None
    expected_rank: float | None
    expected_rank_first: int | None
    expected_rank_last: int | None
    played: int
    wins: int
    losses: int
    ties: int
    failed: int
    win_rate: Estimate
    infit: float | None = None
    outfit: float | None = None
    service_score: float | None = Field(description="the CJ service's own score")
    service_rank: int | None


class PairResult(OwnFile):
    """What the judge said about two essays of different grades; `verdicts` are sequence numbers."""

    higher_id: str
    lower_id: str
    higher_name: str
    lower_name: str
    higher_grade: str
    lower_grade: str
    higher_wins: int
    lower_wins: int
    ties: int
    winner_name: str | None
    confidence: float | None = Field(description="mean stated confidence of the verdicts against the grades")
    justification: str | None = Field(
        description="shortened, of the most confident verdict against the grades"
    )
    probability: float | None = Field(
        description="that this judge, asked again about this pair, prefers the lower grade"
    )
    mostly: float | None = Field(
        default=None, description="probability that it does so in most of many askings"
    )
    if_it_repeats: float | None = Field(
        default=None,
        description="`probability` if the judge always repeats itself; None where the repeats tell",
    )
    tag: RealOrNoise | None
    verdicts: list[int]


class GradePair(OwnFile):
    """Probability that the judge's scale has two grades in the right order."""

    higher_grade: str
    lower_grade: str
    probability: float


class GradeGroup(OwnFile):
    """A grade, or neighbouring grades that are shown as one."""

    label: str
    lowest: int = Field(description="level of its lowest grade")
    highest: int
    essays: int


class GradeMatrix(OwnFile):
    """Wins between groups of grades, best group first."""

    groups: list[GradeGroup]
    wins: list[list[int]] = Field(description="wins of the row's essays over the column's")


class Fit(OwnFile):
    """How the Bradley-Terry fit went."""

    method: str
    converged: bool
    iterations: int
    gradient_norm: float
    log_likelihood: float
    components: list[list[str]] = Field(description="names of essays that comparisons connect")
    no_wins: list[str]
    no_losses: list[str]


class Analysis(OwnFile):
    """The whole of `60_analysis.json`."""

    schema_version: Literal["1"] = "1"
    run: RunSummary
    baseline: Baseline | None = Field(default=None, description="what A/B regression was counted against")
    verdict: str = Field(description="which targets are met, in words")
    caveat: str | None = Field(description="which of that the intervals leave open")
    status: Status
    notices: list[Notice]
    counts: Counts
    evidence: Evidence | None = None
    metrics: list[Metric]
    essays: list[EssayRow]
    inversions: list[PairResult]
    contested: list[PairResult]
    disagreements: list[str] = Field(description="the largest disagreements in words, largest first")
    fit: Fit | None
    service_rank_differences: int | None = Field(
        description="essays that the CJ service ranks elsewhere; None without its result"
    )
    win_matrix: list[list[int]] = Field(
        description="wins of the row's essay over the column's, as `essays`; empty above LARGEST_MATRIX essays"
    )
    grade_matrix: GradeMatrix | None = Field(default=None, description="above LARGEST_MATRIX essays")
    grade_pairs: list[GradePair] = Field(default=[])
    position: Position | None = None
    length: LengthBias | None = Field(default=None, description="None where no lengths are known")
    reliability: Reliability | None = None
    ruler: Ruler | None = None
    grade_estimates: list[GradeEstimate] = Field(default=[])
    calibration: Calibration | None = None
    ceiling: Ceiling | None = Field(default=None, description="None without several graders of the anchors")
    failures: list[FailureGroup] = Field(default=[], description="the most frequent cause first")
    judges: list[JudgeFacet] = Field(default=[], description="of a run with several judges")
    experts: ExpertAgreement | None = Field(default=None, description="of a run with several judges")
    beside_experts: BesideExperts | None = Field(
        default=None, description="where experts judged the same essays"
    )
    with_prior: PriorScores | None = Field(default=None, description="of a run that people judged")
    dispute: Dispute | None = Field(default=None, description="None until experts answered on doubtful pairs")
    panel: VariantPanel | None = Field(default=None, description="of several variants that judge together")

    def metric(self, name: str) -> Metric:
        """The figure called `name`; KeyError when there is none."""
        for metric in self.metrics:
            if metric.name == name:
                return metric
        raise KeyError(name)
