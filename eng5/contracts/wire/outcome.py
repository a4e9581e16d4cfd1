"""The event that ends a batch well, ``CJAssessmentCompletedV1``."""

from typing import Any

from pydantic import Field

from eng5.contracts.processing_events import ProcessingEvent
from eng5.contracts.wire.envelope import ProcessingUpdate


class CJAssessmentCompletedV1(ProcessingUpdate):
    """Data of the completion; ``processing_summary`` counts students only, and may be absent."""

    event_name: ProcessingEvent = ProcessingEvent.CJ_ASSESSMENT_COMPLETED
    cj_assessment_job_id: str
    processing_summary: dict[str, Any] = Field(default_factory=dict)
