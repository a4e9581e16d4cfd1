import json
from pathlib import Path
from typing import Any

import pytest

from eng5.contracts.wire.outcome import INITIALIZATION_FAILED_JOB, CJAssessmentFailedV1

EXAMPLES = Path(__file__).parents[1] / "platform" / "examples"


def failed(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((EXAMPLES / f"cj_assessment_failed.{name}.json").read_bytes())["data"]
    return data


@pytest.mark.parametrize(
    ("name", "key"),
    [("initialization", "error_code"), ("low_success_rate", "reason"), ("stuck_timeout", "reason")],
)
def test_reason_is_in_error_info(name: str, key: str) -> None:
    """Each of the three failures says why in error_info."""
    message = CJAssessmentFailedV1.model_validate(failed(name))
    assert key in message.system_metadata.error_info


def test_failed_initialization_has_no_job() -> None:
    """A batch that failed early carries the fixed job id and no times."""
    message = CJAssessmentFailedV1.model_validate(failed("initialization"))
    assert message.cj_assessment_job_id == INITIALIZATION_FAILED_JOB
    assert message.system_metadata.started_at is None


def test_name_of_the_completion_is_accepted() -> None:
    """The topic decides what a message is: a failure that is named a completion is still read."""
    CJAssessmentFailedV1.model_validate(failed("initialization") | {"event_name": "cj_assessment.completed"})
