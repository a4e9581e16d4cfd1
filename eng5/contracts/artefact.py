"""`50_artefact.json`: what was asked and what came back. A pure fold over the files before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from eng5.contracts.estimate import Spending
from eng5.contracts.experiments import RUN_NAME
from eng5.contracts.failures import FailureCause
from eng5.contracts.grade_scales import Scale
from eng5.contracts.inventory import Essay, InventoryFile
from eng5.contracts.judge_code import JudgeStatement
from eng5.contracts.modes import RunnerMode
from eng5.contracts.own import OwnFile, Sha256
from eng5.contracts.run import JudgeSettings, ListedPair
from eng5.contracts.stored import Bytes, InList, split
from eng5.contracts.variant_panel import PanelVotes


class PromptText(OwnFile):
    """A prompt as it was sent."""

    path: str
    sha256: Sha256
    text: str


class Metadata(OwnFile):
    """Where the artefact comes from. `generated_at` is the creation of the run: a fold has no clock."""

    runner_mode: RunnerMode
    batch_id: str = Field(pattern=RUN_NAME)
    batch_uuid: UUID
    attempt: int
    replicate: int
    generated_at: AwareDatetime
    timestamp: str = Field(pattern="^[0-9]{8}_[0-9]{6}$")
    assignment_id: str | None
    course_id: str | None
    course_code: str
    language: str
    grade_scale: Scale
    runner_version: str
    git_sha: str | None
    git_dirty: bool | None = Field(default=None, description="there were changes that were not committed")
    judge: JudgeSettings
    own_judge: JudgeStatement | None = None
    system_prompt: PromptText | None
    rubric: PromptText | None
    max_comparisons: int | None
    boundary: list[ListedPair] | None
    sequential: float | None = None
    imported: Imported | None = None


class Imported(OwnFile):
    """Comparisons of another tool, read from its file."""

    file: str = Field(description="name of the file")
    sha256: Sha256
    columns: dict[str, str] = Field(description="what was read from which column")
    positions: bool = Field(description="the file says which text was on the left, here position A")
    people: bool = Field(default=False, description="its judges are people: the run is one of experts")


class NamedEssay(OwnFile):
    """An essay of which only the name is here, and perhaps a grade."""

    essay_id: str
    name: str
    grade: str | None = None
    grades: dict[str, str] = Field(default={}, description="grader to grade, where several graded")


class Inputs(OwnFile):
    """The input files of the run."""

    instructions: InventoryFile | None
    prompt: InventoryFile | None
    anchors: list[Essay]
    students: list[Essay]
    grade_notices: list[str] = Field(default=[], description="what grades.csv says that counts for nothing")
    named: list[NamedEssay] = Field(default=[], description="of imported comparisons, essays without a text")


class Comparison(OwnFile):
    """One verdict, or the lack of one. Position A is `essay_a_id`, as it was shown to the judge."""

    sequence: int = Field(ge=1, description="1-based, in the canonical order of the artefact")
    request_id: str
    correlation_id: UUID
    comparison_index: int | None = None
    status: Literal["succeeded", "tie", "failed"]
    essay_a_id: str
    essay_b_id: str
    winner_id: str | None = None
    loser_id: str | None = None
    confidence: float | None = None
    justification: str | None = None
    raw_answer: str | None = Field(
        default=None, description="what the model wrote, at most 2000 characters; None where it is not kept"
    )
    failure_reason: str | None = None
    failure_cause: FailureCause | None = Field(default=None, description="of a comparison that failed")
    error_code: str | None = None
    provider: str
    model: str
    prompt_hash: str | None = None
    reused: bool = Field(default=False, description="the verdict was first asked for by an earlier batch")
    tokens_prompt: int = 0
    tokens_completion: int = 0
    cost_usd: float | None = None
    started_at: AwareDatetime | None = Field(
        default=None, description="None where an imported file does not say"
    )
    completed_at: AwareDatetime | None = None


class ServiceScore(OwnFile):
    """An essay in the CJ service's own result. The wire carries no standard error and no count."""

    essay_id: str
    bt_score: float
    rank: int
    is_anchor: bool
    letter_grade: str
    normalized_score: float
    confidence_score: float
    confidence_label: str
    comparison_count: int = Field(description="counted from the comparisons, not taken from the wire")
    anchor_grade: str | None


class TokenCount(OwnFile):
    """Tokens and cost of one judge."""

    provider: str
    model: str
    comparisons: int
    prompt_tokens: int
    completion_tokens: int
    usd: float | None


class Costs(OwnFile):
    """What the run cost; None where the price is unknown."""

    total_usd: float | None
    token_counts: list[TokenCount]
    planned: Spending | None = Field(default=None, description="what the run was expected to ask itself")
    spent: Spending | None = Field(default=None, description="what it asked itself; None without a plan")


class Quarantined(OwnFile):
    """A message that could not be read; its bytes are in the journal."""

    topic: str
    partition: int
    offset: int
    reason: str


class Validation(OwnFile):
    """How complete the artefact is, and over which bytes it was folded."""

    artefact_checksum: str = Field(description="SHA-256 of the file with this field empty")
    manifest: list[InventoryFile]
    complete: bool
    batch_status: Literal["completed", "failed", "partial", "not published"]
    failure: str | None = Field(default=None, description="why the service gave the batch up, in words")
    remedy: str | None = Field(default=None, description="what the service says to do about that")
    observed: dict[str, int] = Field(description="messages of this batch by kind")
    duplicates: int
    unlisted: int = Field(default=0, description="callbacks for comparisons that were not asked for")
    missing: int = Field(default=0, description="listed comparisons without a callback")
    expected: int | None = Field(
        default=None, description="comparisons that the request asks for; None where it does not say"
    )
    quarantined: list[Quarantined]
    answer_formats: list[str] = Field(
        default=[], description="by which fields of a request answers were kept to their JSON Schema"
    )
    cut_off: int = Field(default=0, description="comparisons of which an answer was cut off, first or last")
    model_used: str | None = None
    provider_used: str | None = None


class Artefact(OwnFile):
    """The whole of `50_artefact.json`. The comparisons of a large one are left on disk until they are looked at."""

    schema_version: Literal["2.0.0"] = "2.0.0"
    metadata: Metadata
    inputs: Inputs
    llm_comparisons: Annotated[Sequence[Comparison], InList()]
    bt_summary: list[ServiceScore]
    costs: Costs
    validation: Validation
    panel: PanelVotes | None = Field(
        default=None, description="of verdicts that several variants gave together"
    )

    @classmethod
    def piecewise(cls, source: Bytes) -> Artefact | None:
        """The artefact with its comparisons left where they are; None where only reading it whole can tell."""
        parts = split(source, "llm_comparisons", Comparison)
        if parts is None:
            return None
        rest, comparisons = parts
        return cls.model_validate_json(rest).model_copy(update={"llm_comparisons": comparisons})
