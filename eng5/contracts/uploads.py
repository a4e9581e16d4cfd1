"""`20_uploads.json` and the journal of every upload ever made."""

from __future__ import annotations

from typing import Literal

from eng5.contracts.own import OwnFile


class Uploads(OwnFile):
    """Text SHA-256 to storage id, for one run."""

    schema_version: Literal["1"] = "1"
    content_service: str
    storage_ids: dict[str, str]
    prompt_storage_id: str | None = None


class UploadRecord(OwnFile):
    """One line of `build/uploads.jsonl`: this text has this id at this service."""

    content_service: str
    text_sha256: str
    storage_id: str
