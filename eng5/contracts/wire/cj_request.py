"""The request for an assessment, ``ELS_CJAssessmentRequestV1``: essays, judge, and listed pairs."""

from typing import Any

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from eng5.contracts.wire.base import WireModel
from eng5.contracts.wire.envelope import BaseEventData, StorageReferenceMetadata, SystemProcessingMetadata
from eng5.contracts.wire.vocabulary import EventName, ProcessingEvent


class LLMConfigOverrides(WireModel):
    """What the request says about the judge; None leaves the service's own setting."""

    model_override: str | None = None
    temperature_override: float | None = Field(default=None, ge=0.0, le=2.0)
    max_tokens_override: int | None = Field(default=None, gt=0)
    provider_override: str | None = None
    system_prompt_override: str | None = None
    judge_rubric_override: str | None = None
    reasoning_effort: str | None = None
    output_verbosity: str | None = None


class EssayProcessingInputRefV1(WireModel):
    """An essay by id, and where its text is stored."""

    essay_id: str
    text_storage_id: str
    spellcheck_metrics: Any | None = None


class PreSpecifiedComparison(WireModel):
    """One comparison to run as listed: ``essay_a_id`` is shown as Essay A."""

    essay_a_id: str
    essay_b_id: str


class ELSCJAssessmentRequestV1(BaseEventData):
    """Data of the request event.

    Without an ``assignment_id`` the batch is a guest: no registered anchors, no grade projection.
    ``pre_specified_comparisons`` is left out of the JSON when it is None, so that such a request
    is byte for byte what a platform without the field sends and expects.
    """

    event_name: EventName = ProcessingEvent.ELS_CJ_ASSESSMENT_REQUESTED
    system_metadata: SystemProcessingMetadata
    essays_for_cj: list[EssayProcessingInputRefV1]
    language: str
    course_code: str
    student_prompt_ref: StorageReferenceMetadata | None = None
    llm_config_overrides: LLMConfigOverrides | None = None
    assignment_id: str | None = Field(default=None, max_length=100)
    user_id: str
    org_id: str | None = None
    pre_specified_comparisons: list[PreSpecifiedComparison] | None = None

    @model_serializer(mode="wrap")
    def _leave_out_absent_list(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        document: dict[str, Any] = handler(self)
        if self.pre_specified_comparisons is None:
            document.pop("pre_specified_comparisons", None)
        return document
