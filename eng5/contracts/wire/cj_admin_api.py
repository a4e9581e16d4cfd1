"""Bodies of the CJ service's HTTP API: instructions, prompts, rubrics, anchors."""

from typing import Any, Self

from pydantic import Field, model_validator

from eng5.contracts.grade_scales import scale_of
from eng5.contracts.wire.base import WireModel, WireTime

INSTRUCTIONS_ROUTE = "/admin/v1/assessment-instructions"
PROMPTS_ROUTE = "/admin/v1/student-prompts"
RUBRICS_ROUTE = "/admin/v1/judge-rubrics"
ANCHORS_ROUTE = "/admin/v1/anchors"
REGISTER_ANCHOR_ROUTE = "/api/v1/anchors/register"

RESEARCH_ORIGIN = "research_experiment"
CANONICAL_ORIGIN = "canonical_national"
"""The context origin whose judge rubric a request cannot override."""
ORIGINS = (RESEARCH_ORIGIN, CANONICAL_ORIGIN)


class InstructionsUpsert(WireModel):
    """POST of assessment instructions, for an assignment or a course but not both."""

    assignment_id: str | None = Field(default=None, min_length=1, max_length=100)
    course_id: str | None = Field(default=None, min_length=1, max_length=100)
    instructions_text: str = Field(min_length=10)
    grade_scale: str
    context_origin: str = RESEARCH_ORIGIN
    student_prompt_storage_id: str | None = Field(default=None, max_length=255)

    @model_validator(mode="after")
    def _one_owner_and_known_scale(self) -> Self:
        if (self.assignment_id is None) == (self.course_id is None):
            raise ValueError("give either assignment_id or course_id")
        scale_of(self.grade_scale)
        return self


class Instructions(WireModel):
    """The service's answer about assessment instructions."""

    id: int
    assignment_id: str | None = None
    course_id: str | None = None
    instructions_text: str
    grade_scale: str
    context_origin: str
    student_prompt_storage_id: str | None = None
    created_at: WireTime


class InstructionsPage(WireModel):
    """A page of instructions, newest first."""

    items: list[Instructions]
    total: int
    page: int
    page_size: int


class StudentPromptUpsert(WireModel):
    """POST of the assignment text that the pupils wrote to."""

    assignment_id: str
    prompt_text: str = Field(min_length=10)


class StudentPrompt(WireModel):
    """The assignment text, with the instructions it belongs to."""

    assignment_id: str
    student_prompt_storage_id: str
    prompt_text: str
    instructions_text: str
    grade_scale: str
    created_at: WireTime


class JudgeRubricUpsert(WireModel):
    """POST of the rubric that the judge uses for an assignment."""

    assignment_id: str
    rubric_text: str = Field(min_length=10)


class JudgeRubric(WireModel):
    """The judge's rubric, with the instructions it belongs to."""

    assignment_id: str
    judge_rubric_storage_id: str
    rubric_text: str
    instructions_text: str
    grade_scale: str
    created_at: WireTime


class AnchorRecord(WireModel):
    """A registered anchor essay; one that belongs to a course has no assignment."""

    id: int
    assignment_id: str | None = None
    anchor_label: str
    grade: str
    grade_scale: str
    text_storage_id: str
    created_at: WireTime


class AnchorSummary(WireModel):
    """The anchors of an assignment; ``anchor_count`` and ``anchors`` are those of its grade scale."""

    assignment_id: str
    grade_scale: str
    anchor_count: int
    anchors: list[AnchorRecord]
    anchor_count_total: int
    anchor_count_by_scale: dict[str, int]


class AnchorRegistration(WireModel):
    """POST of one anchor essay; the label is the grade when none is given."""

    assignment_id: str = Field(min_length=1)
    grade: str = Field(min_length=1, max_length=4)
    essay_text: str = Field(min_length=100)
    anchor_label: str | None = None


class AnchorRegistered(WireModel):
    """201 of a registration."""

    anchor_id: int
    storage_id: str
    grade_scale: str
    status: str


class AdminErrorDetail(WireModel):
    """An error of the admin routes."""

    code: str
    message: str
    correlation_id: str
    service: str
    timestamp: WireTime
    details: dict[str, Any] = Field(default_factory=dict)


class AdminRefused(WireModel):
    """The intended error body; some deployments answer ``{"error": str, "message": str}`` with 500."""

    error: AdminErrorDetail
