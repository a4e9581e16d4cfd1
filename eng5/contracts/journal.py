"""`45_events.jsonl`: every message of a batch as it was received, one a line, and one closing line.

A line embeds the value as the broker gave it when that is one line of JSON. When it is not, the line has it as base64,
so that every byte can be had back; JSON on several lines is there on one line as well, to be read.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, Field
from pydantic_core import from_json

from eng5.contracts.own import OwnFile


@dataclass(frozen=True)
class Message:
    """A Kafka message, as received."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes


class JournalLine(BaseModel, frozen=True):
    """A received message; `value` is its parsed JSON, `base64` its bytes where they are not one line of JSON.

    Its place is good as long as the cluster is the same and the topic has the same id (None: the broker gave none).
    """

    cluster: str
    topic: str
    topic_id: str | None = None
    partition: int
    offset: int
    key: str | None = None
    value: Any = None
    base64: str | None = None


class JournalEnd(OwnFile):
    """The closing line: all has come (or the batch failed), read up to these offsets."""

    end: Literal["completed", "failed"]
    cluster: str
    read_to: dict[str, dict[int, int]] = Field(description="topic, partition, end offset")


END_PREFIX = b'{"end":'


def message_line(cluster: str, message: Message, topic_id: str | None = None) -> bytes:
    """The journal line of a message, without newline."""
    key = None if message.key is None else message.key.decode("utf-8", errors="backslashreplace")
    place = {"cluster": cluster, "topic": message.topic}
    if topic_id is not None:
        place["topic_id"] = topic_id
    head = json.dumps({**place, "partition": message.partition, "offset": message.offset, "key": key})
    return head[:-1].encode() + b", " + _value_field(message.value) + b"}"


def _value_field(value: bytes) -> bytes:
    # A line break within a text would be refused, so those that are left are space between values.
    one_line = value.replace(b"\n", b" ").replace(b"\r", b" ")
    field = b'"value": ' + one_line
    readable = _is_json(value) and _is_json(b"{" + field + b"}")
    if readable and one_line == value:
        return field
    encoded = b'"base64": "' + base64.b64encode(value) + b'"'
    return field + b", " + encoded if readable else encoded


def _is_json(content: bytes) -> bool:
    """Whether the parser that reads the journal takes it; it refuses deep nesting and lone surrogates."""
    try:
        from_json(content, allow_inf_nan=False)
    except ValueError:
        return False
    return True


def end_line(end: JournalEnd) -> bytes:
    """The closing line, without newline."""
    return end.model_dump_json().encode()
