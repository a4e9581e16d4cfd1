"""Kafka topics and the service names that appear on them.

Consumers dispatch on the topic: ``event_type`` is not spelt consistently on the platform.
"""

from typing import Final

CJ_REQUESTED: Final = "huleedu.els.cj_assessment.requested.v1"
COMPARISON_RESULT: Final = "huleedu.llm_provider.comparison_result.v1"
CJ_COMPLETED: Final = "huleedu.cj_assessment.completed.v1"
CJ_FAILED: Final = "huleedu.cj_assessment.failed.v1"
ASSESSMENT_RESULT: Final = "huleedu.assessment.result.published.v1"
RESOURCE_CONSUMPTION: Final = "huleedu.resource.consumption.v1"

COMPARISON_REQUESTED: Final = "eng5.comparison.requested.v1"
VERDICT: Final = "eng5.verdict.v1"
BATCH: Final = "eng5.batch.v1"
"""Questions to the judges of `eng5 serve`, their answers, and how far batches are; ours, not the platform's."""

RESULT_TOPICS: Final = (COMPARISON_RESULT, CJ_COMPLETED, CJ_FAILED, ASSESSMENT_RESULT)
"""Every topic on which a batch is answered."""

ALL_TOPICS: Final = (CJ_REQUESTED, *RESULT_TOPICS, RESOURCE_CONSUMPTION)

RUNNER_SERVICE: Final = "eng5_np_batch_runner"
LLM_SERVICE: Final = "llm_provider_service"
CJ_SERVICE: Final = "cj_assessment_service"
CONTENT_SERVICE: Final = "content_service"

COMPARISON_RESULT_EVENT_TYPE: Final = "LLMComparisonResultV1"
ASSESSMENT_RESULT_EVENT_TYPE: Final = "assessment.result.published"
