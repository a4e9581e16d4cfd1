import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from eng5.contracts.wire.outcome import CJAssessmentCompletedV1

EXAMPLES = Path(__file__).parents[2] / "platform" / "examples"
COMPLETED: dict[str, Any] = json.loads((EXAMPLES / "cj_assessment_completed.json").read_bytes())["data"]


def test_summary_may_be_absent() -> None:
    """A completion without a processing summary is read, with an empty one."""
    message = {key: value for key, value in COMPLETED.items() if key != "processing_summary"}
    assert CJAssessmentCompletedV1.model_validate(message).processing_summary == {}


@pytest.mark.parametrize(
    "change", [{"status": "done"}, {"system_metadata": None}, {"cj_assessment_job_id": None}]
)
def test_completion_outside_the_contract_is_refused(change: dict[str, Any]) -> None:
    """An unknown status, and a missing job or metadata, are refused."""
    with pytest.raises(ValidationError):
        CJAssessmentCompletedV1.model_validate(COMPLETED | change)


def test_essay_status_is_a_status_too() -> None:
    """The status may be one of an essay's."""
    message = CJAssessmentCompletedV1.model_validate(COMPLETED | {"status": "cj_assessment_success"})
    assert message.status == "cj_assessment_success"
