import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from eng5.stack.cj_core.batch import BatchRecords, BatchRequest


@pytest.fixture
def raw(bench: Any) -> bytes:
    """A request for a batch with a fixed id, which is no UUID."""
    request: bytes = bench.request({}, batch="../batch of a foreign client")
    return request


def test_record_of_a_known_request_is_found_again(tmp_path: Path, raw: bytes) -> None:
    """The same bytes get the same record, times included, whatever characters the batch's id has."""
    request = BatchRequest.parse(raw)
    first = asyncio.run(BatchRecords(tmp_path).open(request, "place"))
    assert asyncio.run(BatchRecords(tmp_path).open(request, "another place")) == first
    assert [path.parent for path in tmp_path.rglob("*.json")] == [tmp_path / "batches"]


def test_other_request_for_the_same_batch_begins_anew(tmp_path: Path, raw: bytes) -> None:
    """A request that says something else is another piece of work."""
    records = BatchRecords(tmp_path)
    first = asyncio.run(records.open(BatchRequest.parse(raw), "place")).record
    changed = BatchRequest.parse(raw.replace(b'"tester"', b'"another"'))
    other = asyncio.run(records.open(changed, "place")).record
    assert other.started_at > first.started_at
    assert other.request != first.request


def test_job_and_namespace_follow_from_the_batch(raw: bytes) -> None:
    """They do not depend on when or how often the batch is seen."""
    one, other = BatchRequest.parse(raw), BatchRequest.parse(raw.replace(b'"tester"', b'"another"'))
    assert (one.job_id, one.namespace) == (other.job_id, other.namespace)
    assert BatchRequest.parse(raw.replace(b"foreign", b"second")).job_id != one.job_id


def test_batch_id_may_be_in_the_metadata_only(raw: bytes) -> None:
    """``entity_id`` is optional in the event's data, and required in its system_metadata."""
    document = json.loads(raw)
    del document["data"]["entity_id"]
    assert BatchRequest.parse(json.dumps(document).encode()).batch_id == "../batch of a foreign client"


def test_request_that_does_not_fit_is_refused(raw: bytes) -> None:
    """Both validation steps count."""
    with pytest.raises(ValidationError, match="event_name"):
        BatchRequest.parse(raw.replace(b'"els.cj_assessment.requested"', b'"no.such.event"'))
