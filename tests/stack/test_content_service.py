import uuid
from typing import Any

import pytest

from eng5.contracts.wire.content_api import MAX_CONTENT_BYTES, ContentFailed, ContentRefused, ContentStored


@pytest.mark.parametrize("body", [b"text", bytes(range(256)), "åäö\r\n".encode()])
def test_bytes_come_back_as_they_were_stored(bench: Any, body: bytes) -> None:
    """An upload answers 201 with 32 hexadecimal digits, under which the same bytes and type are found."""
    url = bench.addresses.content_service_url
    stored = bench.http.post(url, content=body, headers={"Content-Type": "application/octet-stream"})
    answer = ContentStored.model_validate(stored.json())
    assert stored.status_code == 201
    assert answer.storage_id == uuid.UUID(hex=answer.storage_id).hex
    found = bench.http.get(f"{url}/{answer.storage_id}")
    assert (found.content, found.headers["content-type"]) == (body, "application/octet-stream")
    assert bench.http.get(f"{url}/{answer.storage_id.upper()}").content == body


def test_content_type_defaults_to_plain_text(bench: Any) -> None:
    """Without a Content-Type the stored one is text/plain."""
    url = bench.addresses.content_service_url
    request = bench.http.build_request("POST", url, content=b"x")
    request.headers.pop("content-type", None)
    storage_id = bench.http.send(request).json()["storage_id"]
    assert bench.http.get(f"{url}/{storage_id}").headers["content-type"] == "text/plain"


def test_same_bytes_get_a_new_id(bench: Any) -> None:
    """The service does not recognise what it has."""
    assert bench.upload("the same") != bench.upload("the same")


def test_empty_body_is_refused(bench: Any) -> None:
    """400 with the full error, its time in RFC-1123."""
    answer = bench.http.post(bench.addresses.content_service_url, content=b"")
    error = ContentRefused.model_validate(answer.json()).error
    assert answer.status_code == 400
    assert (error.error_code, error.details, error.operation) == (
        "VALIDATION_ERROR",
        {"field": "request_body"},
        "upload_content",
    )
    assert answer.json()["error"]["timestamp"].endswith("GMT")


@pytest.mark.parametrize("content_id", ["0" * 31, "0" * 33, "g" * 32, "..%2F..%2Fetc%2Fpasswd"])
def test_id_that_is_none_is_refused(bench: Any, content_id: str) -> None:
    """Anything but 32 hexadecimal digits is 400, or no route at all."""
    answer = bench.http.get(f"{bench.addresses.content_service_url}/{content_id}")
    if answer.status_code != 404:
        assert answer.status_code == 400
        assert ContentRefused.model_validate(answer.json()).error.details == {"field": "content_id"}
    assert b"root" not in answer.content


def test_unknown_id_is_not_found(bench: Any) -> None:
    """404 names the resource."""
    answer = bench.http.get(f"{bench.addresses.content_service_url}/{'0' * 32}")
    error = ContentRefused.model_validate(answer.json()).error
    assert answer.status_code == 404
    assert error.details == {"resource_type": "content", "resource_id": "0" * 32}


@pytest.mark.parametrize(("excess", "status"), [(0, 201), (1, 500)])
def test_limit_of_sixteen_mebibytes(bench: Any, excess: int, status: int) -> None:
    """16 MiB are stored; one byte more is an unexpected error, as on the platform."""
    answer = bench.http.post(bench.addresses.content_service_url, content=bytes(MAX_CONTENT_BYTES + excess))
    assert answer.status_code == status
    if status == 500:
        assert ContentFailed.model_validate(answer.json()).error.error_code == "UNKNOWN_ERROR"


def test_health_and_unknown_routes(bench: Any) -> None:
    """The service says that it is healthy; other methods and routes are 405 and 404."""
    url = bench.addresses.content_service_url
    assert bench.http.get(url.replace("/v1/content", "/healthz")).json()["version"] == "1.0.0"
    assert bench.http.put(f"{url}/{'0' * 32}", content=b"x").status_code == 405
    assert bench.http.get(url.replace("/v1/content", "/v2")).status_code == 404
