"""What was run, as the analysis of any kind of run tells it."""

from __future__ import annotations

from uuid import UUID

from pydantic import AwareDatetime, Field

from eng5.contracts.artefact import TokenCount
from eng5.contracts.estimate import Spending
from eng5.contracts.modes import RunnerMode
from eng5.contracts.own import OwnFile


class JudgeSummary(OwnFile):
    """Who judged, as the callbacks say; `note` labels judges that are no language model."""

    provider: str | None
    model: str | None
    name: str
    is_model: bool
    note: str | None
    no_prompt: str = Field(
        default="the service's own", description="what stands for a prompt that was not sent"
    )


class PromptRef(OwnFile):
    """Which prompt was sent; the text is in the artefact."""

    path: str
    sha256: str


class RunSummary(OwnFile):
    """What was run."""

    name: str
    mode: RunnerMode
    batch_id: str
    batch_uuid: UUID
    attempt: int
    replicate: int
    created_at: AwareDatetime
    timestamp: str
    grade_scale: str
    course_code: str
    language: str
    judge: JudgeSummary
    system_prompt: PromptRef | None
    rubric: PromptRef | None
    total_usd: float | None
    tokens: list[TokenCount]
    answer_formats: list[str] = Field(default=[], description="as in the artefact's validation")
    planned: Spending | None = None
    spent: Spending | None = None
