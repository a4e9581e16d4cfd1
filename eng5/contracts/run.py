"""`00_run.json`: identity and settings of a run. The only file with a clock in it."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated, Literal
from uuid import UUID, uuid5

from pydantic import (
    AwareDatetime,
    ConfigDict,
    Field,
    FiniteFloat,
    NonNegativeInt,
    model_validator,
    with_config,
)
from typing_extensions import TypedDict

from eng5.contracts.estimate import Spending
from eng5.contracts.grade_scales import DEFAULT_GRADE_SCALE, GRADE_SCALES, Scale
from eng5.contracts.judge_code import JudgeStatement
from eng5.contracts.modes import RunnerMode
from eng5.contracts.own import OwnFile, PathText
from eng5.contracts.wire.vocabulary import LLMBatchingMode, OutputVerbosity, ReasoningEffort

MOST_COMPARISONS = 1_000_000
"""A run with more would not end within days of the fastest judge."""
MOST_ITERATIONS = 1_000
"""Of a pair in each order: its win rate is then known to three points."""
Number = int | FiniteFloat
Share = Annotated[Number, Field(ge=0, le=1)]


class TextFile(OwnFile):
    """A text that decides the judge's answer: where it lies and what it says, by hash."""

    path: str = Field(description="relative to the project folder, or absolute when outside of it")
    sha256: str


@with_config(ConfigDict(extra="forbid"))
class SimulatedSettings(TypedDict, total=False):
    """Parameters of the `simulated` judge: what is left out keeps the judge's own value."""

    step: Annotated[Number, Field(description="ability between neighbouring grades, logits")]
    abilities: Annotated[dict[str, Number], Field(description="by anchor id, logits")]
    position_bias: Annotated[Number, Field(description="added to the essay shown first, logits")]
    tie_rate: Share
    error_rate: Share
    delay_ms: Annotated[Number, Field(ge=0, description="time that an answer takes")]
    outage: Annotated[
        tuple[NonNegativeInt, NonNegativeInt],
        Field(description="from, until: away while it has been asked so many questions"),
    ]


class PanelDesign(OwnFile):
    """How the comparisons of a run that people judge are shared among them."""

    pairs: int | None = Field(
        default=None, ge=1, le=MOST_COMPARISONS, description="comparisons of each judge; None: every pair"
    )
    overlap: float = Field(default=0.25, ge=0, le=1, description="share of them that every judge gets")
    order: Literal["adaptive", "fixed"] = Field(
        default="adaptive", description="whether a judge's other pairs follow from the verdicts so far"
    )
    random_share: float = Field(default=0.25, ge=0, le=1, description="of an adaptive order, drawn at random")


class JudgeSettings(OwnFile):
    """The judge that is asked for; None leaves the choice to the CJ service."""

    provider: str | None = None
    model: str | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, gt=0)
    reasoning_effort: ReasoningEffort | None = None
    output_verbosity: OutputVerbosity | None = None
    seed: int | None = Field(default=None, description="for judges that draw: `simulated`")
    simulated: SimulatedSettings | None = None
    replay: PathText | None = Field(
        default=None, description="artefact, journal or ledger of the `replay` judge"
    )
    judge: PathText | None = Field(
        default=None, description="FILE.py:NAME of a judge of one's own, relative to the study"
    )
    batching_mode: LLMBatchingMode | None = None
    allow_ties: bool = Field(default=False, description="the judge may say that neither essay is better")
    adaptive: bool = Field(
        default=False, description="below a budget of all pairs, choose pairs by the verdicts so far"
    )
    max_cost_usd: float | None = Field(default=None, gt=0, description="what the run's verdicts may cost")
    panel: PanelDesign | None = Field(default=None, description="of a run that people judge")


class BoundarySelection(OwnFile):
    """Which pairs of anchors a boundary test asks about, as the researcher names them."""

    pairs: list[str] = Field(default=[], description="HIGHER:LOWER by anchor id, file stem or its end")
    grades: list[str] = Field(default=[], description="HIGHER:LOWER grades; every pair of anchors across")
    all_adjacent: bool = Field(default=False, description="every pair across neighbouring grades")
    iterations: int = Field(
        default=10, ge=1, le=MOST_ITERATIONS, description="times that each pair is asked in each order"
    )
    sequential: bool = Field(default=False, description="stop a pair as soon as its winner is known")

    @model_validator(mode="after")
    def _names_something(self) -> BoundarySelection:
        if not (self.pairs or self.grades or self.all_adjacent):
            raise ValueError("no pairs: give pairs, grades or all_adjacent")
        return self


class ListedPair(OwnFile):
    """Two anchors across a grade boundary, asked `iterations` times in each order."""

    higher: str
    lower: str
    iterations: int = Field(ge=1)


class RunIdentity(OwnFile):
    """What makes two runs the same run. `batch_uuid` is a uuid5 of it."""

    mode: RunnerMode
    batch_id: str
    attempt: int = Field(default=1, ge=1)
    stack: Literal["embedded", "external"]
    assignment_id: str | None = None
    course_id: str | None = None
    course_code: str = "ENG5"
    language: str = "en"
    user_id: str = "eng5_np_research_runner"
    org_id: str | None = None
    grade_scale: Scale = GRADE_SCALES[DEFAULT_GRADE_SCALE]
    judge: JudgeSettings = JudgeSettings()
    system_prompt: TextFile | None = None
    rubric: TextFile | None = None
    max_comparisons: int | None = Field(default=None, ge=1)
    replicate: int = Field(default=1, ge=1)
    boundary: list[ListedPair] | None = None
    pairs_of: TextFile | None = Field(
        default=None, description="artefact whose comparisons are asked again, in its order"
    )
    sequential: float | None = Field(
        default=None, gt=0, lt=1, description="error rate at which pairs are stopped early; None: never"
    )
    own_judge: JudgeStatement | None = Field(
        default=None, description="code and statement of a judge that is not eng5's own"
    )
    essays_sha256: str = Field(
        description="over names, ids and bytes of what is sent, and the grades where the judge knows them"
    )


class RegisteredAnchor(OwnFile):
    """An anchor that the CJ service had for the assignment when the run was made; the wire has no grades."""

    id: int
    label: str
    grade: str

    @property
    def essay_prefix(self) -> str:
        """How the service's essay ids for this anchor begin."""
        return f"ANCHOR_{self.id}_"


class RunFile(OwnFile):
    """The whole of `00_run.json`."""

    schema_version: Literal["1"] = "1"
    origin: Literal["experiments", "command-line"]
    identity: RunIdentity
    batch_uuid: UUID
    created_at: AwareDatetime
    content_service_url: str | None = Field(default=None, description="None: the embedded stand-in")
    cj_service_url: str | None = None
    kafka_bootstrap: str | None = None
    await_completion: bool = True
    use_kafka: bool = True
    completion_timeout: float = Field(default=1800.0, gt=0, description="seconds to wait for the batch")
    fresh_verdicts: bool = Field(default=False, description="the judge is asked even where a verdict is kept")
    anchors_folder: str = "inputs/anchors"
    registered_anchors: list[RegisteredAnchor] = Field(default=[], description="in execute mode")
    planned: Spending | None = Field(default=None, description="as the ledger was when the run was made")
    runner_version: str
    git_sha: str | None = None
    git_dirty: bool | None = Field(
        default=None, description="the study had changes that were not committed; None without git"
    )
    python: str
    platform: str

    @property
    def correlation_id(self) -> UUID:
        """That of every event of the batch; uuid5 of the batch."""
        return uuid5(self.batch_uuid, "correlation")

    @property
    def timestamp(self) -> str:
        """`YYYYMMDD_HHMMSS` (UTC) of creation; part of the reports' names."""
        return self.created_at.astimezone(UTC).strftime("%Y%m%d_%H%M%S")
