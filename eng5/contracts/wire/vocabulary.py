"""Values that the platform's events and services allow, in their serialised spelling."""

# ruff: noqa: S105 - names of events, not passwords

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated

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


class ProcessingStage(StrEnum):
    """Where an entity stands, in ``system_metadata``."""

    PENDING = "pending"
    INITIALIZED = "initialized"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class BatchStatus(StrEnum):
    """States of a batch; CJ uses the last four."""

    AWAITING_CONTENT_VALIDATION = "awaiting_content_validation"
    CONTENT_INGESTION_FAILED = "content_ingestion_failed"
    AWAITING_PIPELINE_CONFIGURATION = "awaiting_pipeline_configuration"
    READY_FOR_PIPELINE_EXECUTION = "ready_for_pipeline_execution"
    PROCESSING_PIPELINES = "processing_pipelines"
    AWAITING_STUDENT_VALIDATION = "awaiting_student_validation"
    STUDENT_VALIDATION_COMPLETED = "student_validation_completed"
    VALIDATION_TIMEOUT_PROCESSED = "validation_timeout_processed"
    COMPLETED_SUCCESSFULLY = "completed_successfully"
    COMPLETED_WITH_FAILURES = "completed_with_failures"
    FAILED_CRITICALLY = "failed_critically"
    CANCELLED = "cancelled"


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
EssayStatus = Annotated[str, AfterValidator(_one_of("status", ESSAY_STATUSES))]


class CourseCode(StrEnum):
    """Courses that a batch can belong to."""

    ENG5 = "ENG5"
    ENG6 = "ENG6"
    ENG7 = "ENG7"
    SV1 = "SV1"
    SV2 = "SV2"
    SV3 = "SV3"


class Language(StrEnum):
    """Languages the platform names; the request itself takes any text."""

    EN = "en"
    SV = "sv"


class Winner(StrEnum):
    """Which of the two essays, as presented, was judged the better."""

    ESSAY_A = "Essay A"
    ESSAY_B = "Essay B"


class ContentType(StrEnum):
    """Kinds of stored content; keys of a storage reference."""

    ORIGINAL_ESSAY = "original_essay"
    CORRECTED_TEXT = "corrected_text"
    PROCESSING_LOG = "processing_log"
    NLP_METRICS_JSON = "nlp_metrics_json"
    STUDENT_FACING_AI_FEEDBACK_TEXT = "student_facing_ai_feedback_text"
    AI_EDITOR_REVISION_TEXT = "ai_editor_revision_text"
    AI_DETAILED_ANALYSIS_JSON = "ai_detailed_analysis_json"
    GRAMMAR_ANALYSIS_JSON = "grammar_analysis_json"
    CJ_RESULTS_JSON = "cj_results_json"
    RAW_UPLOAD_BLOB = "raw_upload_blob"
    EXTRACTED_PLAINTEXT = "extracted_plaintext"
    STUDENT_PROMPT_TEXT = "student_prompt_text"


class LLMProviderType(StrEnum):
    """Providers that a comparison can name."""

    ANTHROPIC = "anthropic"
    OPENAI = "openai"
    GOOGLE = "google"
    OPENROUTER = "openrouter"
    MOCK = "mock"


class LLMBatchingMode(StrEnum):
    """Hints for how comparisons are sent to a provider."""

    PER_REQUEST = "per_request"
    SERIAL_BUNDLE = "serial_bundle"
    PROVIDER_BATCH_API = "provider_batch_api"


class ReasoningEffort(StrEnum):
    """What the LLM provider service takes as ``reasoning_effort``."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class OutputVerbosity(StrEnum):
    """What the LLM provider service takes as ``output_verbosity``."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


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
    """Event names that ``event_name`` of any event may carry."""

    BATCH_ESSAYS_REGISTERED = "batch.essays.registered"
    BATCH_ESSAYS_READY = "batch.essays.ready"
    BATCH_PIPELINE_COMPLETED = "batch.pipeline.completed"
    BATCH_PHASE_SKIPPED = "batch.phase.skipped"
    ESSAY_SLOT_ASSIGNED = "essay.slot.assigned"
    ESSAY_CONTENT_PROVISIONED = "essay.content.provisioned"
    EXCESS_CONTENT_PROVISIONED = "excess.content.provisioned"
    ESSAY_VALIDATION_FAILED = "essay.validation.failed"
    BATCH_CONTENT_PROVISIONING_COMPLETED = "batch.content.provisioning.completed"
    BATCH_STUDENT_MATCHING_INITIATE_COMMAND = "batch.student.matching.initiate.command"
    BATCH_STUDENT_MATCHING_REQUESTED = "batch.student.matching.requested"
    BATCH_SPELLCHECK_INITIATE_COMMAND = "batch.spellcheck.initiate.command"
    BATCH_CJ_ASSESSMENT_INITIATE_COMMAND = "batch.cj_assessment.initiate.command"
    BATCH_AI_FEEDBACK_INITIATE_COMMAND = "batch.ai_feedback.initiate.command"
    BATCH_NLP_INITIATE_COMMAND = "batch.nlp.initiate.command"
    BATCH_NLP_INITIATE_COMMAND_V2 = "batch.nlp.initiate.command.v2"
    ELS_BATCH_PHASE_OUTCOME = "els.batch.phase.outcome"
    BATCH_VALIDATION_ERRORS = "batch.validation.errors"
    CLIENT_BATCH_PIPELINE_REQUEST = "client.batch.pipeline.request"
    PIPELINE_DENIED = "pipeline.denied"
    ESSAY_SPELLCHECK_COMPLETED = "essay.spellcheck.completed"
    ESSAY_SPELLCHECK_REQUESTED = "essay.spellcheck.requested"
    SPELLCHECK_PHASE_COMPLETED = "spellcheck.phase.completed"
    SPELLCHECK_RESULTS = "spellcheck.results"
    BATCH_NLP_PROCESSING_REQUESTED = "batch.nlp.processing.requested"
    BATCH_NLP_PROCESSING_REQUESTED_V2 = "batch.nlp.processing.requested.v2"
    ELS_CJ_ASSESSMENT_REQUESTED = "els.cj_assessment.requested"
    CJ_ASSESSMENT_COMPLETED = "cj_assessment.completed"
    CJ_ASSESSMENT_FAILED = "cj_assessment.failed"
    ESSAY_NLP_COMPLETED = "essay.nlp.completed"
    BATCH_NLP_ANALYSIS_COMPLETED = "batch.nlp.analysis.completed"
    BATCH_AUTHOR_MATCHES_SUGGESTED = "batch.author.matches.suggested"
    ESSAY_AIFEEDBACK_COMPLETED = "essay.aifeedback.completed"
    ESSAY_EDITOR_REVISION_COMPLETED = "essay.editor_revision.completed"
    ESSAY_STUDENT_ASSOCIATION_UPDATED = "essay.student.association.updated"
    BATCH_FILE_ADDED = "batch.file.added"
    BATCH_FILE_REMOVED = "batch.file.removed"
    CLASS_CREATED = "class.created"
    CLASS_UPDATED = "class.updated"
    STUDENT_CREATED = "student.created"
    STUDENT_UPDATED = "student.updated"
    STUDENT_ASSOCIATIONS_CONFIRMED = "student.associations.confirmed"
    VALIDATION_TIMEOUT_PROCESSED = "validation.timeout.processed"
    TEACHER_NOTIFICATION_REQUESTED = "teacher.notification.requested"
    BATCH_RESULTS_READY = "batch.results.ready"
    BATCH_ASSESSMENT_COMPLETED = "batch.assessment.completed"
    ASSESSMENT_RESULT_PUBLISHED = "assessment.result.published"
    RESOURCE_CONSUMPTION_REPORTED = "resource.consumption.reported"
    LLM_PROVIDER_REQUEST_STARTED = "llm_provider.request.started"
    LLM_PROVIDER_REQUEST_COMPLETED = "llm_provider.request.completed"
    LLM_PROVIDER_FAILURE = "llm_provider.failure"
    LLM_PROVIDER_USAGE_ANALYTICS = "llm_provider.usage.analytics"
    LLM_PROVIDER_COST_ALERT = "llm_provider.cost.alert"
    LLM_PROVIDER_COST_TRACKING = "llm_provider.cost.tracking"
    LLM_PROVIDER_COMPARISON_RESULT = "llm_provider.comparison_result"
    IDENTITY_USER_REGISTERED = "identity.user.registered"
    IDENTITY_EMAIL_VERIFICATION_REQUESTED = "identity.email.verification.requested"
    IDENTITY_EMAIL_VERIFIED = "identity.email.verified"
    IDENTITY_PASSWORD_RESET_REQUESTED = "identity.password.reset.requested"
    IDENTITY_PASSWORD_RESET_COMPLETED = "identity.password.reset.completed"
    IDENTITY_LOGIN_SUCCEEDED = "identity.login.succeeded"
    IDENTITY_LOGIN_FAILED = "identity.login.failed"
    EMAIL_NOTIFICATION_REQUESTED = "email.notification.requested"
    EMAIL_SENT = "email.sent"
    EMAIL_DELIVERY_FAILED = "email.delivery_failed"
    ENTITLEMENTS_SUBSCRIPTION_ACTIVATED = "entitlements.subscription.activated"
    ENTITLEMENTS_SUBSCRIPTION_CHANGED = "entitlements.subscription.changed"
    ENTITLEMENTS_SUBSCRIPTION_CANCELED = "entitlements.subscription.canceled"
    ENTITLEMENTS_USAGE_AUTHORIZED = "entitlements.usage.authorized"
    ENTITLEMENTS_USAGE_RECORDED = "entitlements.usage.recorded"
    ENTITLEMENTS_CREDIT_BALANCE_CHANGED = "entitlements.credit.balance.changed"
    ENTITLEMENTS_RATE_LIMIT_EXCEEDED = "entitlements.rate_limit.exceeded"
    ENTITLEMENTS_RESOURCE_ACCESS_GRANTED = "entitlements.resource.access.granted"
