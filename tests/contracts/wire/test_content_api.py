import json
from pathlib import Path
from typing import Any

from eng5.contracts.wire.content_api import ContentFailed, ContentRefused, ContentStored

HTTP: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "platform/examples/http_examples.json").read_bytes()
)["content_service"]


def test_upload_answer_is_read() -> None:
    """The storage id is in the 201."""
    answer = ContentStored.model_validate(HTTP["POST /v1/content"]["201"])
    assert answer.storage_id == "9f1c2d3e4f5061728394a5b6c7d8e9f0"


def test_refusals_with_http_dates_are_read() -> None:
    """The service dates its errors in RFC-1123, and the date is understood."""
    empty = ContentRefused.model_validate(HTTP["POST /v1/content"]["400_empty_body"])
    missing = ContentRefused.model_validate(HTTP["GET /v1/content/{id}"]["404"])
    assert empty.error.details == {"field": "request_body"}
    assert missing.error.timestamp.isoformat() == "2025-12-02T09:00:00+00:00"


def test_unexpected_error_is_read() -> None:
    """A 500 carries the short form."""
    assert ContentFailed.model_validate(HTTP["POST /v1/content"]["500"]).error.error_code == "UNKNOWN_ERROR"
