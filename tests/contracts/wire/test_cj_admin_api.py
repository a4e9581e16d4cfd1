import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from eng5.contracts.wire.cj_admin_api import (
    AdminRefused,
    AnchorRegistered,
    AnchorRegistration,
    AnchorSummary,
    Instructions,
    InstructionsUpsert,
)

HTTP: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "platform/examples/http_examples.json").read_bytes()
)["cj_assessment_service"]
UPSERT: dict[str, Any] = {
    "assignment_id": "a",
    "instructions_text": "Judge overall quality.",
    "grade_scale": "eng5_np_legacy_9_step",
}


@pytest.mark.parametrize("created_at", ["2025-12-02T09:00:00Z", "Tue, 02 Dec 2025 09:00:00 GMT"])
def test_instructions_are_read_with_either_date(created_at: str) -> None:
    """The deployed service writes RFC-1123 dates and the documented one ISO-8601; both are read."""
    sample = HTTP["GET /admin/v1/assessment-instructions/assignment/{id} 200 (ISO form)"]
    read = Instructions.model_validate(sample | {"created_at": created_at})
    assert read.created_at.isoformat() == "2025-12-02T09:00:00+00:00"


def test_samples_are_read() -> None:
    """Anchor summary, registration and error bodies of the platform are read."""
    summary = AnchorSummary.model_validate(HTTP["GET /admin/v1/anchors/assignment/{id} 200 (ISO form)"])
    assert summary.anchors[0].grade == "A"
    registration = HTTP["POST /api/v1/anchors/register"]
    AnchorRegistration.model_validate(registration["request"] | {"essay_text": "x" * 100})
    assert AnchorRegistered.model_validate(registration["201"]).status == "registered"
    refused = AdminRefused.model_validate(HTTP["error as intended / as unit-tested (401,403,404,400,...)"])
    assert refused.error.code == "RESOURCE_NOT_FOUND"


def test_an_anchor_without_an_assignment_is_read() -> None:
    """The service's column may be null, and a record may lack it; neither stops the summary of the others."""
    sample = HTTP["GET /admin/v1/anchors/assignment/{id} 200 (ISO form)"]
    anchor = sample["anchors"][0]
    lacking = {name: value for name, value in anchor.items() if name != "assignment_id"}
    summary = AnchorSummary.model_validate(
        sample | {"anchors": [anchor, anchor | {"assignment_id": None}, lacking]}
    )
    assert [one.assignment_id for one in summary.anchors] == [anchor["assignment_id"], None, None]


@pytest.mark.parametrize(
    "change",
    [
        {"course_id": "c"},
        {"assignment_id": None},
        {"instructions_text": "too short"},
        {"grade_scale": "unheard_of"},
        {"student_prompt_storage_id": "x" * 256},
    ],
    ids=str,
)
def test_instructions_outside_the_contract_are_refused(change: dict[str, Any]) -> None:
    """One owner, ten characters of text, a known scale."""
    InstructionsUpsert.model_validate(UPSERT)
    with pytest.raises(ValidationError):
        InstructionsUpsert.model_validate(UPSERT | change)


@pytest.mark.parametrize(
    "change", [{"essay_text": "x" * 99}, {"grade": "Grade"}, {"assignment_id": ""}], ids=str
)
def test_anchor_outside_the_contract_is_refused(change: dict[str, Any]) -> None:
    """An anchor has at least 100 characters, a grade of at most four, and an assignment."""
    anchor = {"assignment_id": "a", "grade": "F+", "essay_text": "x" * 100}
    AnchorRegistration.model_validate(anchor)
    with pytest.raises(ValidationError):
        AnchorRegistration.model_validate(anchor | change)
