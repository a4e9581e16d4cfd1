"""The event that ends a batch well, ``CJAssessmentCompletedV1``."""

from typing import Any

from pydantic import Field

from eng5.contracts.wire.base import WireTime, utc_now
from eng5.contracts.wire.envelope import BaseEventData, ProcessingUpdate
from eng5.contracts.wire.vocabulary import EventName, ProcessingEvent


class CJAssessmentCompletedV1(ProcessingUpdate):
    """Data of the completion; ``processing_summary`` counts students only, and may be absent."""

    event_name: EventName = ProcessingEvent.CJ_ASSESSMENT_COMPLETED
    cj_assessment_job_id: str
    processing_summary: dict[str, Any] = Field(default_factory=dict)


INITIALIZATION_FAILED_JOB = "INITIALIZATION_FAILED"
"""The job id of a batch that failed before it got one."""


class CJAssessmentFailedV1(ProcessingUpdate):
    """Data of the failure; the reason is in ``system_metadata.error_info``."""

    event_name: EventName = ProcessingEvent.CJ_ASSESSMENT_FAILED
    cj_assessment_job_id: str


class ResourceConsumptionV1(BaseEventData):
    """Data of the consumption event: ``quantity`` units of ``resource_type`` for a user."""

    event_name: EventName = ProcessingEvent.RESOURCE_CONSUMPTION_REPORTED
    user_id: str
    org_id: str | None = None
    resource_type: str
    quantity: int = Field(ge=0)
    service_name: str
    processing_id: str
    consumed_at: WireTime = Field(default_factory=utc_now)
