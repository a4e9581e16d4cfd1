"""Messages of the platform for one batch, made from its samples."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from eng5.contracts.journal import JournalLine

EXAMPLES = Path(__file__).parent / "platform" / "examples"
SAMPLE_BATCH = "5d0b2f8e-6f2c-4d0e-9a41-3b7c1f0a9e11"
_samples = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in EXAMPLES.glob("*.json")}


def sample(name: str, batch: UUID | str = SAMPLE_BATCH) -> dict[str, Any]:
    """A copy of a sample message that names `batch`."""
    document: dict[str, Any] = _renamed(_samples[name], str(batch))
    return document


def _renamed(value: Any, batch: str) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(one, batch) for key, one in value.items()}
    if isinstance(value, list):
        return [_renamed(one, batch) for one in value]
    return batch if value == SAMPLE_BATCH else value


def callback(
    batch: UUID | str,
    first: str = "student::ANCHOR_ESSAY_ENG_5_78DB411E",
    second: str = "student::ANCHOR_ESSAY_ENG_5_D298E687",
    *,
    number: int = 0,
    kind: str = "success",
    metadata: dict[str, Any] | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """A callback of its own request; `kind` is success or error, `metadata` and `changes` alter the sample."""
    document = sample(f"llm_provider_comparison_result.{kind}", batch)
    identity = str(uuid5(NAMESPACE_OID, f"{batch} {number}"))
    document["correlation_id"] = identity
    data = document["data"]
    data |= {"request_id": f"request-{number:05}", "correlation_id": identity, **changes}
    data["request_metadata"] |= {"essay_a_id": first, "essay_b_id": second, **(metadata or {})}
    return document


def completed(batch: UUID | str) -> dict[str, Any]:
    """The completion of the batch."""
    return sample("cj_assessment_completed", batch)


def result(batch: UUID | str) -> dict[str, Any]:
    """The scores of the batch."""
    return sample("assessment_result_published.guest", batch)


def failed(batch: UUID | str, reason: str = "low_success_rate") -> dict[str, Any]:
    """The failure of the batch."""
    return sample(f"cj_assessment_failed.{reason}", batch)


def raw(document: dict[str, Any]) -> bytes:
    """The bytes on the wire."""
    return json.dumps(document).encode()


def bytes_of(line: bytes) -> bytes:
    """The value that a journal line was made from, to the byte."""
    entry = JournalLine.model_validate_json(line)
    if entry.base64 is not None:
        return b64decode(entry.base64)
    field = b'"value": '
    return line[line.index(field) + len(field) : -1]
