"""Values that the platform's events and services allow, in their serialised spelling."""

# ruff: noqa: S105 - event and code names, not passwords

from enum import StrEnum


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


class EssayStatus(StrEnum):
    """States of a single essay."""

    UPLOADED = "uploaded"
    TEXT_EXTRACTED = "text_extracted"
    CONTENT_INGESTING = "content_ingesting"
    CONTENT_INGESTION_FAILED = "content_ingestion_failed"
    READY_FOR_PROCESSING = "ready_for_processing"
    AWAITING_SPELLCHECK = "awaiting_spellcheck"
    SPELLCHECKING_IN_PROGRESS = "spellchecking_in_progress"
    SPELLCHECKED_SUCCESS = "spellchecked_success"
    SPELLCHECK_FAILED = "spellcheck_failed"
    AWAITING_NLP = "awaiting_nlp"
    NLP_PROCESSING_IN_PROGRESS = "nlp_processing_in_progress"
    NLP_SUCCESS = "nlp_success"
    NLP_FAILED = "nlp_failed"
    AWAITING_AI_FEEDBACK = "awaiting_ai_feedback"
    AI_FEEDBACK_PROCESSING_IN_PROGRESS = "ai_feedback_processing_in_progress"
    AI_FEEDBACK_SUCCESS = "ai_feedback_success"
    AI_FEEDBACK_FAILED = "ai_feedback_failed"
    AWAITING_EDITOR_REVISION = "awaiting_editor_revision"
    EDITOR_REVISION_PROCESSING_IN_PROGRESS = "editor_revision_processing_in_progress"
    EDITOR_REVISION_SUCCESS = "editor_revision_success"
    EDITOR_REVISION_FAILED = "editor_revision_failed"
    AWAITING_GRAMMAR_CHECK = "awaiting_grammar_check"
    GRAMMAR_CHECK_PROCESSING_IN_PROGRESS = "grammar_check_processing_in_progress"
    GRAMMAR_CHECK_SUCCESS = "grammar_check_success"
    GRAMMAR_CHECK_FAILED = "grammar_check_failed"
    AWAITING_CJ_ASSESSMENT = "awaiting_cj_assessment"
    CJ_ASSESSMENT_PROCESSING_IN_PROGRESS = "cj_assessment_processing_in_progress"
    CJ_ASSESSMENT_SUCCESS = "cj_assessment_success"
    CJ_ASSESSMENT_FAILED = "cj_assessment_failed"
    ALL_PROCESSING_COMPLETED = "all_processing_completed"
    ESSAY_CRITICAL_FAILURE = "essay_critical_failure"


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


class ErrorCode(StrEnum):
    """Codes that every service uses."""

    UNKNOWN_ERROR = "UNKNOWN_ERROR"
    VALIDATION_ERROR = "VALIDATION_ERROR"
    RESOURCE_NOT_FOUND = "RESOURCE_NOT_FOUND"
    CONFIGURATION_ERROR = "CONFIGURATION_ERROR"
    EXTERNAL_SERVICE_ERROR = "EXTERNAL_SERVICE_ERROR"
    KAFKA_PUBLISH_ERROR = "KAFKA_PUBLISH_ERROR"
    CONTENT_SERVICE_ERROR = "CONTENT_SERVICE_ERROR"
    SPELLCHECK_SERVICE_ERROR = "SPELLCHECK_SERVICE_ERROR"
    NLP_SERVICE_ERROR = "NLP_SERVICE_ERROR"
    AI_FEEDBACK_SERVICE_ERROR = "AI_FEEDBACK_SERVICE_ERROR"
    CJ_ASSESSMENT_SERVICE_ERROR = "CJ_ASSESSMENT_SERVICE_ERROR"
    LLM_PROVIDER_SERVICE_ERROR = "LLM_PROVIDER_SERVICE_ERROR"
    MISSING_REQUIRED_FIELD = "MISSING_REQUIRED_FIELD"
    INVALID_CONFIGURATION = "INVALID_CONFIGURATION"
    TIMEOUT = "TIMEOUT"
    CONNECTION_ERROR = "CONNECTION_ERROR"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
    RATE_LIMIT = "RATE_LIMIT"
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED"
    AUTHENTICATION_ERROR = "AUTHENTICATION_ERROR"
    AUTHORIZATION_ERROR = "AUTHORIZATION_ERROR"
    INVALID_API_KEY = "INVALID_API_KEY"
    INVALID_REQUEST = "INVALID_REQUEST"
    INVALID_RESPONSE = "INVALID_RESPONSE"
    PARSING_ERROR = "PARSING_ERROR"
    CIRCUIT_BREAKER_OPEN = "CIRCUIT_BREAKER_OPEN"
    REQUEST_QUEUED = "REQUEST_QUEUED"
    PROCESSING_ERROR = "PROCESSING_ERROR"
    INITIALIZATION_FAILED = "INITIALIZATION_FAILED"


class LLMErrorCode(StrEnum):
    """Codes of the LLM provider service."""

    LLM_PROVIDER_UNAVAILABLE = "LLM_PROVIDER_UNAVAILABLE"
    LLM_PROVIDER_RATE_LIMIT = "LLM_PROVIDER_RATE_LIMIT"
    LLM_PROVIDER_TIMEOUT = "LLM_PROVIDER_TIMEOUT"
    LLM_PROVIDER_API_ERROR = "LLM_PROVIDER_API_ERROR"
    LLM_INVALID_PROMPT = "LLM_INVALID_PROMPT"
    LLM_CONTENT_TOO_LONG = "LLM_CONTENT_TOO_LONG"
    LLM_INVALID_CONFIG = "LLM_INVALID_CONFIG"
    LLM_QUEUE_FULL = "LLM_QUEUE_FULL"
    LLM_INTERNAL_ERROR = "LLM_INTERNAL_ERROR"
    LLM_CALLBACK_TOPIC_MISSING = "LLM_CALLBACK_TOPIC_MISSING"
    LLM_INVALID_CALLBACK_TOPIC = "LLM_INVALID_CALLBACK_TOPIC"
    LLM_PARSING_ERROR = "LLM_PARSING_ERROR"
    LLM_INVALID_RESPONSE = "LLM_INVALID_RESPONSE"
    LLM_COST_LIMIT_EXCEEDED = "LLM_COST_LIMIT_EXCEEDED"
    LLM_CONFIGURATION_ERROR = "LLM_CONFIGURATION_ERROR"


class CJAssessmentErrorCode(StrEnum):
    """Codes of the CJ assessment service."""

    CJ_INSUFFICIENT_COMPARISONS = "CJ_INSUFFICIENT_COMPARISONS"
    CJ_SCORE_CONVERGENCE_FAILED = "CJ_SCORE_CONVERGENCE_FAILED"
    CJ_COMPARISON_IMBALANCE = "CJ_COMPARISON_IMBALANCE"
    CJ_CALLBACK_CORRELATION_FAILED = "CJ_CALLBACK_CORRELATION_FAILED"


class BatchConductorErrorCode(StrEnum):
    """Codes of the batch conductor."""

    BCS_PIPELINE_DEPENDENCY_RESOLUTION_FAILED = "BCS_PIPELINE_DEPENDENCY_RESOLUTION_FAILED"
    BCS_PIPELINE_DEPENDENCY_CYCLE_DETECTED = "BCS_PIPELINE_DEPENDENCY_CYCLE_DETECTED"
    BCS_PIPELINE_COMPATIBILITY_FAILED = "BCS_PIPELINE_COMPATIBILITY_FAILED"


class ClassManagementErrorCode(StrEnum):
    """Codes of class management."""

    COURSE_NOT_FOUND = "COURSE_NOT_FOUND"
    COURSE_VALIDATION_ERROR = "COURSE_VALIDATION_ERROR"
    MULTIPLE_COURSE_ERROR = "MULTIPLE_COURSE_ERROR"
    CLASS_NOT_FOUND = "CLASS_NOT_FOUND"
    STUDENT_NOT_FOUND = "STUDENT_NOT_FOUND"


class FileValidationErrorCode(StrEnum):
    """Codes of file validation."""

    EMPTY_CONTENT = "EMPTY_CONTENT"
    CONTENT_TOO_SHORT = "CONTENT_TOO_SHORT"
    CONTENT_TOO_LONG = "CONTENT_TOO_LONG"
    RAW_STORAGE_FAILED = "RAW_STORAGE_FAILED"
    TEXT_EXTRACTION_FAILED = "TEXT_EXTRACTION_FAILED"
    ENCRYPTED_FILE_UNSUPPORTED = "ENCRYPTED_FILE_UNSUPPORTED"
    UNKNOWN_VALIDATION_ERROR = "UNKNOWN_VALIDATION_ERROR"


class IdentityErrorCode(StrEnum):
    """Codes of the identity service."""

    IDENTITY_INVALID_CREDENTIALS = "IDENTITY_INVALID_CREDENTIALS"
    IDENTITY_USER_NOT_FOUND = "IDENTITY_USER_NOT_FOUND"
    IDENTITY_USER_ALREADY_EXISTS = "IDENTITY_USER_ALREADY_EXISTS"
    IDENTITY_EMAIL_NOT_VERIFIED = "IDENTITY_EMAIL_NOT_VERIFIED"
    IDENTITY_ACCOUNT_LOCKED = "IDENTITY_ACCOUNT_LOCKED"
    IDENTITY_TOKEN_EXPIRED = "IDENTITY_TOKEN_EXPIRED"
    IDENTITY_TOKEN_INVALID = "IDENTITY_TOKEN_INVALID"
    IDENTITY_REFRESH_TOKEN_INVALID = "IDENTITY_REFRESH_TOKEN_INVALID"
    IDENTITY_REFRESH_TOKEN_EXPIRED = "IDENTITY_REFRESH_TOKEN_EXPIRED"
    IDENTITY_VERIFICATION_TOKEN_EXPIRED = "IDENTITY_VERIFICATION_TOKEN_EXPIRED"
    IDENTITY_VERIFICATION_TOKEN_INVALID = "IDENTITY_VERIFICATION_TOKEN_INVALID"
    IDENTITY_EMAIL_ALREADY_VERIFIED = "IDENTITY_EMAIL_ALREADY_VERIFIED"
    IDENTITY_RESET_TOKEN_EXPIRED = "IDENTITY_RESET_TOKEN_EXPIRED"
    IDENTITY_RESET_TOKEN_INVALID = "IDENTITY_RESET_TOKEN_INVALID"
    IDENTITY_PASSWORD_RESET_NOT_REQUESTED = "IDENTITY_PASSWORD_RESET_NOT_REQUESTED"


class SpellcheckerErrorCode(StrEnum):
    """Codes of the spell checker."""

    SPELL_EVENT_CORRELATION_ERROR = "SPELL_EVENT_CORRELATION_ERROR"


AnyErrorCode = (
    ErrorCode
    | LLMErrorCode
    | CJAssessmentErrorCode
    | BatchConductorErrorCode
    | ClassManagementErrorCode
    | FileValidationErrorCode
    | IdentityErrorCode
    | SpellcheckerErrorCode
)


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
