"""Scores and projected grades of a finished batch, ``AssessmentResultV1``."""

from typing import Any

from pydantic import Field, FiniteFloat

from eng5.contracts.wire.base import WireModel, WireTime, utc_now
from eng5.contracts.wire.envelope import BaseEventData
from eng5.contracts.wire.vocabulary import ConfidenceLabel, EventName, ProcessingEvent


class EssayResultV1(WireModel):
    """One essay's score, rank (1 is best) and projected grade; anchors always carry grade ``U``."""

    essay_id: str
    normalized_score: float = Field(ge=0.0, le=1.0)
    letter_grade: str = Field(pattern=r"^([A-F][+-]?|U)$")
    confidence_score: float = Field(ge=0.0, le=1.0)
    confidence_label: ConfidenceLabel
    bt_score: FiniteFloat
    rank: int = Field(gt=0)
    is_anchor: bool = False
    feedback_uri: str | None = None
    metrics_uri: str | None = None
    display_name: str | None = None


class AssessmentResultV1(BaseEventData):
    """Data of the result; ``comparison_count`` in ``assessment_metadata`` is an estimate."""

    event_name: EventName = ProcessingEvent.ASSESSMENT_RESULT_PUBLISHED
    batch_id: str
    cj_assessment_job_id: str
    assignment_id: str | None = Field(default=None, max_length=100)
    assessment_method: str
    model_used: str
    model_provider: str
    model_version: str | None = None
    essay_results: list[EssayResultV1]
    assessment_metadata: dict[str, Any] = Field(default_factory=dict)
    assessed_at: WireTime = Field(default_factory=utc_now)
