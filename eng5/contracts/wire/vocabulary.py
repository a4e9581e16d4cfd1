"""Values that the platform's events and services allow, in their serialised spelling."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _one_of(what: str, *allowed: Sequence[str]) -> Callable[[str], str]:
    known = {value for values in allowed for value in values}

    def check(value: str) -> str:
        if value not in known:
            raise ValueError(f"unknown {what} '{value}'")
        return value

    return check


ProcessingStage = Literal["pending", "initialized", "processing", "completed", "failed", "cancelled"]
"""Where an entity stands, in ``system_metadata``."""

BATCH_STATUSES: Sequence[str] = _words(
    """
    awaiting_content_validation content_ingestion_failed awaiting_pipeline_configuration
    ready_for_pipeline_execution processing_pipelines awaiting_student_validation
    student_validation_completed validation_timeout_processed completed_successfully
    completed_with_failures failed_critically cancelled
    """
)
"""States of a batch; CJ uses the last four."""
ESSAY_STATUSES: Sequence[str] = _words(
    """
    uploaded text_extracted content_ingesting content_ingestion_failed ready_for_processing
    awaiting_spellcheck spellchecking_in_progress spellchecked_success spellcheck_failed awaiting_nlp
    nlp_processing_in_progress nlp_success nlp_failed awaiting_ai_feedback
    ai_feedback_processing_in_progress ai_feedback_success ai_feedback_failed awaiting_editor_revision
    editor_revision_processing_in_progress editor_revision_success editor_revision_failed
    awaiting_grammar_check grammar_check_processing_in_progress grammar_check_success
    grammar_check_failed awaiting_cj_assessment cj_assessment_processing_in_progress
    cj_assessment_success cj_assessment_failed all_processing_completed essay_critical_failure
    """
)
"""States of a single essay."""
Status = Annotated[str, AfterValidator(_one_of("status", BATCH_STATUSES, ESSAY_STATUSES))]


CourseCode = Literal["ENG5", "ENG6", "ENG7", "SV1", "SV2", "SV3"]
"""Courses that a batch can belong to."""
Language = Literal["en", "sv"]
"""Languages the platform names; the request itself takes any text."""
LLMProviderType = Literal["anthropic", "openai", "google", "openrouter", "mock"]
"""Providers that a comparison can name."""
LLMBatchingMode = Literal["per_request", "serial_bundle", "provider_batch_api"]
"""Hints for how comparisons are sent to a provider."""
ReasoningEffort = Literal["none", "low", "medium", "high"]
OutputVerbosity = Literal["low", "medium", "high"]
"""What the LLM provider service takes as ``reasoning_effort`` and ``output_verbosity``."""


class Winner(StrEnum):
    """Which of the two essays, as presented, was judged the better."""

    ESSAY_A = "Essay A"
    ESSAY_B = "Essay B"


CONTENT_TYPES: Sequence[str] = _words(
    """
    original_essay corrected_text processing_log nlp_metrics_json student_facing_ai_feedback_text
    ai_editor_revision_text ai_detailed_analysis_json grammar_analysis_json cj_results_json raw_upload_blob
    extracted_plaintext student_prompt_text
    """
)
"""Kinds of stored content; keys of a storage reference."""
ContentType = Annotated[str, AfterValidator(_one_of("content type", CONTENT_TYPES))]
STUDENT_PROMPT = "student_prompt_text"


class ConfidenceLabel(StrEnum):
    """How sure a projected grade is."""

    HIGH = "HIGH"
    MID = "MID"
    LOW = "LOW"


ERROR_CODES: Mapping[str, Sequence[str]] = {
    "ErrorCode": _words(
        """
            UNKNOWN_ERROR VALIDATION_ERROR RESOURCE_NOT_FOUND CONFIGURATION_ERROR EXTERNAL_SERVICE_ERROR
            KAFKA_PUBLISH_ERROR CONTENT_SERVICE_ERROR SPELLCHECK_SERVICE_ERROR NLP_SERVICE_ERROR
            AI_FEEDBACK_SERVICE_ERROR CJ_ASSESSMENT_SERVICE_ERROR LLM_PROVIDER_SERVICE_ERROR
            MISSING_REQUIRED_FIELD INVALID_CONFIGURATION TIMEOUT CONNECTION_ERROR SERVICE_UNAVAILABLE
            RATE_LIMIT QUOTA_EXCEEDED AUTHENTICATION_ERROR AUTHORIZATION_ERROR INVALID_API_KEY
            INVALID_REQUEST INVALID_RESPONSE PARSING_ERROR CIRCUIT_BREAKER_OPEN REQUEST_QUEUED
            PROCESSING_ERROR INITIALIZATION_FAILED
            """
    ),
    "LLMErrorCode": _words(
        """
            LLM_PROVIDER_UNAVAILABLE LLM_PROVIDER_RATE_LIMIT LLM_PROVIDER_TIMEOUT LLM_PROVIDER_API_ERROR
            LLM_INVALID_PROMPT LLM_CONTENT_TOO_LONG LLM_INVALID_CONFIG LLM_QUEUE_FULL LLM_INTERNAL_ERROR
            LLM_CALLBACK_TOPIC_MISSING LLM_INVALID_CALLBACK_TOPIC LLM_PARSING_ERROR LLM_INVALID_RESPONSE
            LLM_COST_LIMIT_EXCEEDED LLM_CONFIGURATION_ERROR
            """
    ),
    "CJAssessmentErrorCode": _words(
        """
            CJ_INSUFFICIENT_COMPARISONS CJ_SCORE_CONVERGENCE_FAILED CJ_COMPARISON_IMBALANCE
            CJ_CALLBACK_CORRELATION_FAILED
            """
    ),
    "BatchConductorErrorCode": _words(
        """
            BCS_PIPELINE_DEPENDENCY_RESOLUTION_FAILED BCS_PIPELINE_DEPENDENCY_CYCLE_DETECTED
            BCS_PIPELINE_COMPATIBILITY_FAILED
            """
    ),
    "ClassManagementErrorCode": _words(
        """
            COURSE_NOT_FOUND COURSE_VALIDATION_ERROR MULTIPLE_COURSE_ERROR CLASS_NOT_FOUND STUDENT_NOT_FOUND
            """
    ),
    "FileValidationErrorCode": _words(
        """
            EMPTY_CONTENT CONTENT_TOO_SHORT CONTENT_TOO_LONG RAW_STORAGE_FAILED TEXT_EXTRACTION_FAILED
            ENCRYPTED_FILE_UNSUPPORTED UNKNOWN_VALIDATION_ERROR
            """
    ),
    "IdentityErrorCode": _words(
        """
            IDENTITY_INVALID_CREDENTIALS IDENTITY_USER_NOT_FOUND IDENTITY_USER_ALREADY_EXISTS
            IDENTITY_EMAIL_NOT_VERIFIED IDENTITY_ACCOUNT_LOCKED IDENTITY_TOKEN_EXPIRED
            IDENTITY_TOKEN_INVALID IDENTITY_REFRESH_TOKEN_INVALID IDENTITY_REFRESH_TOKEN_EXPIRED
            IDENTITY_VERIFICATION_TOKEN_EXPIRED IDENTITY_VERIFICATION_TOKEN_INVALID
            IDENTITY_EMAIL_ALREADY_VERIFIED IDENTITY_RESET_TOKEN_EXPIRED IDENTITY_RESET_TOKEN_INVALID
            IDENTITY_PASSWORD_RESET_NOT_REQUESTED
            """
    ),
    "SpellcheckerErrorCode": _words(
        """
            SPELL_EVENT_CORRELATION_ERROR
            """
    ),
}
"""Codes that an ``ErrorDetail`` may carry, by the family of services that uses them."""
ErrorCode = Annotated[str, AfterValidator(_one_of("error code", *ERROR_CODES.values()))]


class ProcessingEvent(StrEnum):
    """Names of the events that eng5 sends or reads."""

    ELS_CJ_ASSESSMENT_REQUESTED = "els.cj_assessment.requested"
    CJ_ASSESSMENT_COMPLETED = "cj_assessment.completed"
    CJ_ASSESSMENT_FAILED = "cj_assessment.failed"
    ASSESSMENT_RESULT_PUBLISHED = "assessment.result.published"
    RESOURCE_CONSUMPTION_REPORTED = "resource.consumption.reported"
    LLM_PROVIDER_COMPARISON_RESULT = "llm_provider.comparison_result"


EVENT_NAMES: Sequence[str] = _words(
    """
    batch.essays.registered batch.essays.ready batch.pipeline.completed batch.phase.skipped
    essay.slot.assigned essay.content.provisioned excess.content.provisioned essay.validation.failed
    batch.content.provisioning.completed batch.student.matching.initiate.command
    batch.student.matching.requested batch.spellcheck.initiate.command
    batch.cj_assessment.initiate.command batch.ai_feedback.initiate.command batch.nlp.initiate.command
    batch.nlp.initiate.command.v2 els.batch.phase.outcome batch.validation.errors
    client.batch.pipeline.request pipeline.denied essay.spellcheck.completed essay.spellcheck.requested
    spellcheck.phase.completed spellcheck.results batch.nlp.processing.requested
    batch.nlp.processing.requested.v2 els.cj_assessment.requested cj_assessment.completed
    cj_assessment.failed essay.nlp.completed batch.nlp.analysis.completed batch.author.matches.suggested
    essay.aifeedback.completed essay.editor_revision.completed essay.student.association.updated
    batch.file.added batch.file.removed class.created class.updated student.created student.updated
    student.associations.confirmed validation.timeout.processed teacher.notification.requested
    batch.results.ready batch.assessment.completed assessment.result.published
    resource.consumption.reported llm_provider.request.started llm_provider.request.completed
    llm_provider.failure llm_provider.usage.analytics llm_provider.cost.alert llm_provider.cost.tracking
    llm_provider.comparison_result identity.user.registered identity.email.verification.requested
    identity.email.verified identity.password.reset.requested identity.password.reset.completed
    identity.login.succeeded identity.login.failed email.notification.requested email.sent
    email.delivery_failed entitlements.subscription.activated entitlements.subscription.changed
    entitlements.subscription.canceled entitlements.usage.authorized entitlements.usage.recorded
    entitlements.credit.balance.changed entitlements.rate_limit.exceeded
    entitlements.resource.access.granted
    """
)
"""All that ``event_name`` may say, those of events that are never seen here among them."""
EventName = Annotated[str, AfterValidator(_one_of("event", EVENT_NAMES))]
