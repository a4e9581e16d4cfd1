import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from eng5.contracts.wire.base import to_wire
from eng5.contracts.wire.cj_request import (
    ELSCJAssessmentRequestV1,
    EssayProcessingInputRefV1,
    LLMConfigOverrides,
    PreSpecifiedComparison,
)
from eng5.contracts.wire.envelope import SystemProcessingMetadata

PLATFORM = Path(__file__).parents[2] / "platform"
GUEST: dict[str, Any] = json.loads(
    (PLATFORM / "examples/els_cj_assessment_requested.guest.json").read_bytes()
)["data"]


@pytest.mark.parametrize("field", ["system_metadata", "essays_for_cj", "user_id", "language", "course_code"])
def test_missing_field_is_refused(field: str) -> None:
    """The platform's required fields are required here."""
    with pytest.raises(ValidationError, match=field):
        ELSCJAssessmentRequestV1.model_validate({key: value for key, value in GUEST.items() if key != field})


@pytest.mark.parametrize(
    "change",
    [
        {"assignment_id": "x" * 101},
        {"llm_config_overrides": {"temperature_override": 2.5}},
        {"llm_config_overrides": {"max_tokens_override": 0}},
        {"event_name": "no.such.event"},
    ],
    ids=str,
)
def test_value_outside_the_contract_is_refused(change: dict[str, Any]) -> None:
    """What the platform rejects is rejected here."""
    with pytest.raises(ValidationError):
        ELSCJAssessmentRequestV1.model_validate(GUEST | change)


@pytest.mark.parametrize(
    "change",
    [
        {"unheard_of": 1},
        {"essays_for_cj": []},
        {"language": "xx"},
        {"essays_for_cj": [{"essay_id": "e" * 60, "text_storage_id": "t"}]},
        {"llm_config_overrides": {"reasoning_effort": "max"}},
        {"llm_config_overrides": {"temperature_override": 0.0}},
        {"assignment_id": "x" * 100},
    ],
    ids=lambda change: str(change)[:40],
)
def test_value_inside_the_contract_is_accepted(change: dict[str, Any]) -> None:
    """What the platform accepts is accepted here."""
    ELSCJAssessmentRequestV1.model_validate(GUEST | change)


def test_event_name_defaults() -> None:
    """A request that does not say what it is gets the right event name."""
    request = ELSCJAssessmentRequestV1.model_validate({k: v for k, v in GUEST.items() if k != "event_name"})
    assert request.event_name == "els.cj_assessment.requested"


def made_request(pairs: list[PreSpecifiedComparison] | None) -> ELSCJAssessmentRequestV1:
    return ELSCJAssessmentRequestV1(
        entity_id="b",
        entity_type="batch",
        system_metadata=SystemProcessingMetadata(entity_id="b", entity_type="batch"),
        essays_for_cj=[EssayProcessingInputRefV1(essay_id="Å", text_storage_id="0" * 32)],
        language="en",
        course_code="ENG5",
        llm_config_overrides=LLMConfigOverrides(temperature_override=0.0),
        user_id="u",
        pre_specified_comparisons=pairs,
    )


@pytest.mark.parametrize("pairs", [None, [PreSpecifiedComparison(essay_a_id="x", essay_b_id="y")]])
def test_made_request_fits_the_platform_schema(pairs: list[PreSpecifiedComparison] | None) -> None:
    """A request made here validates against the platform's schema, with and without listed pairs."""
    schema = json.loads((PLATFORM / "schemas/ELS_CJAssessmentRequestV1.schema.json").read_bytes())["data"]
    Draft202012Validator(schema).validate(json.loads(to_wire(made_request(pairs))))


def test_absent_list_leaves_no_trace() -> None:
    """Without listed comparisons the JSON has exactly the keys of the platform's own request."""
    assert list(json.loads(to_wire(made_request(None)))) == list(GUEST)


def test_listed_comparisons_travel_in_order() -> None:
    """Listed comparisons, repeats included, come back as they were given; an empty list is kept."""
    pairs = [PreSpecifiedComparison(essay_a_id=a, essay_b_id=b) for a, b in ("xy", "yx", "xy")]
    read = ELSCJAssessmentRequestV1.model_validate_json(to_wire(made_request(pairs)))
    assert read.pre_specified_comparisons == pairs
    assert json.loads(to_wire(made_request([])))["pre_specified_comparisons"] == []
