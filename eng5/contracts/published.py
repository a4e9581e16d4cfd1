"""`40_published.json`: the broker's acknowledgement, and where to read the answers from."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from eng5.contracts.own import OwnFile


class Published(OwnFile):
    """The request is, or is about to be, in the log of `cluster_id`; answers lie behind `result_offsets`."""

    schema_version: Literal["1"] = "1"
    cluster_id: str
    topic: str
    partition: int | None = Field(default=None, ge=0)
    offset: int | None = Field(default=None, ge=0, description="None: not acknowledged yet")
    envelope_sha256: str
    topic_ids: dict[str, str] = Field(
        default={},
        description="topic, id; a topic that is made again has another id and none of the messages",
    )
    result_offsets: dict[str, dict[int, int]] = Field(
        description="topic, partition, end offset; taken before publishing"
    )
