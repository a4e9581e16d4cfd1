"""The event that ends a batch badly, ``CJAssessmentFailedV1``."""

from eng5.contracts.processing_events import ProcessingEvent
from eng5.contracts.wire.envelope import ProcessingUpdate

INITIALIZATION_FAILED_JOB = "INITIALIZATION_FAILED"
"""The job id of a batch that failed before it got one."""


class CJAssessmentFailedV1(ProcessingUpdate):
    """Data of the failure; the reason is in ``system_metadata.error_info``."""

    event_name: ProcessingEvent = ProcessingEvent.CJ_ASSESSMENT_FAILED
    cj_assessment_job_id: str
