"""Values that the platform's events and services allow, in their serialised spelling."""

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
