import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ValidationError

from eng5.contracts.wire.assessment_result import AssessmentResultV1
from eng5.contracts.wire.base import to_wire
from eng5.contracts.wire.cj_request import ELSCJAssessmentRequestV1
from eng5.contracts.wire.comparison_result import LLMComparisonResultV1
from eng5.contracts.wire.envelope import StorageReferenceMetadata, read_envelope
from eng5.contracts.wire.outcome import CJAssessmentCompletedV1, CJAssessmentFailedV1

PLATFORM = Path(__file__).parents[2] / "platform"
MODELS: dict[str, tuple[type[BaseModel], str]] = {
    "els_cj_assessment_requested": (ELSCJAssessmentRequestV1, "ELS_CJAssessmentRequestV1"),
    "llm_provider_comparison_result": (LLMComparisonResultV1, "LLMComparisonResultV1"),
    "cj_assessment_completed": (CJAssessmentCompletedV1, "CJAssessmentCompletedV1"),
    "cj_assessment_failed": (CJAssessmentFailedV1, "CJAssessmentFailedV1"),
    "assessment_result_published": (AssessmentResultV1, "AssessmentResultV1"),
}
SAMPLES = sorted(path for path in (PLATFORM / "examples").glob("*.json") if path.name != "http_examples.json")


def test_every_event_has_a_sample() -> None:
    """The samples cover all five events, so the tests over them miss none."""
    assert {path.name.split(".")[0] for path in SAMPLES} == set(MODELS)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_sample_survives_reading_and_writing(path: Path) -> None:
    """A platform's message comes back byte for byte after both validation steps."""
    model, _ = MODELS[path.name.split(".")[0]]
    sample = json.loads(path.read_bytes())
    envelope = read_envelope(path.read_bytes())
    written = to_wire(envelope.model_copy(update={"data": envelope.data_as(model)}))
    assert written == json.dumps(sample).encode()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_written_sample_fits_the_platform_schema(path: Path) -> None:
    """What the models write validates against the platform's JSON Schema."""
    model, schema_name = MODELS[path.name.split(".")[0]]
    schema = json.loads((PLATFORM / "schemas" / f"{schema_name}.schema.json").read_bytes())
    envelope = read_envelope(path.read_bytes())
    written = json.loads(to_wire(envelope.model_copy(update={"data": envelope.data_as(model)})))
    Draft202012Validator(schema["envelope"]).validate(written)
    Draft202012Validator(schema["data"]).validate(written["data"])


def test_envelope_leaves_data_unchecked() -> None:
    """The first step accepts any data; only the second step refuses it."""
    envelope = read_envelope(
        b'{"event_type": "x", "source_service": "y", "data": {"rank": 0}, "new_field": 1}'
    )
    assert envelope.data == {"rank": 0}
    with pytest.raises(ValidationError):
        envelope.data_as(CJAssessmentCompletedV1)


def test_event_id_is_made_when_absent() -> None:
    """An envelope without an id gets a fresh one."""
    raw = b'{"event_type": "x", "source_service": "y", "data": null}'
    assert read_envelope(raw).event_id != read_envelope(raw).event_id


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"\xff\xfe", b'{"event_type": "x", "data": {}}', b"[" * 100_000],
    ids=["empty", "truncated", "list", "not utf-8", "no source_service", "too deep"],
)
def test_malformed_envelope_is_refused(raw: bytes) -> None:
    """Bytes that are no envelope raise ValidationError, whatever is wrong with them."""
    with pytest.raises(ValidationError):
        read_envelope(raw)


def test_unknown_content_type_key_is_refused() -> None:
    """A storage reference names only known kinds of content."""
    StorageReferenceMetadata.model_validate({"references": {"student_prompt_text": {"storage_id": "1"}}})
    with pytest.raises(ValidationError):
        StorageReferenceMetadata.model_validate({"references": {"essay": {"storage_id": "1"}}})
