"""The journal's lines: every byte of a message can be had back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eng5.contracts.journal import END_PREFIX, JournalEnd, JournalLine, Message, end_line, message_line
from tests.messages import EXAMPLES, bytes_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
PADDING = st.text(alphabet=" \t\r\n", max_size=3).map(str.encode)
DOCUMENTS = st.builds(
    lambda before, value, escaped, after: (
        before + json.dumps(value, ensure_ascii=escaped).encode("utf-8", "replace") + after
    ),
    PADDING,
    JSON,
    st.booleans(),
    PADDING,
)


def message(value: bytes, key: bytes | None = None) -> Message:
    return Message("topic", 2, 17, key, value)


@given(st.binary() | DOCUMENTS | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(b"")
@example(b"null")
@example(b'{"a": 1, "a": 2}')
@example(b'1, "cluster": "other"')
@example(b'1}\n{"end":"completed"')
@example(b'"\\ud800"')
@example(b"NaN")
@example(b"1e999")
@example(b"1" * 5000)
@example(b"[" * 150 + b"]" * 150)
@example(b"[" * 200 + b"]" * 200)
@example(b"[" * 50_000)
@example(b'\xef\xbb\xbf{"a": 1}')
def test_every_byte_survives(value: bytes) -> None:
    """Whatever was received, the line is one line that reads back, and the value is in it to the byte."""
    line = message_line("cluster", message(value))
    assert b"\n" not in line and b"\r" not in line
    entry = JournalLine.model_validate_json(line)
    assert (entry.cluster, entry.topic, entry.partition, entry.offset, entry.key) == (
        "cluster",
        "topic",
        2,
        17,
        None,
    )
    assert bytes_of(line) == value


@given(st.none() | st.binary(max_size=20), st.text(max_size=10))
def test_keys_and_clusters(key: bytes | None, cluster: str) -> None:
    """A key that is UTF-8 comes back as it was; no key is None."""
    try:
        text = None if key is None else key.decode()
        cluster.encode()
    except UnicodeError:
        text = None
        key = None
        cluster = "cluster"
    entry = JournalLine.model_validate_json(message_line(cluster, message(b"{}", key)))
    assert (entry.key, entry.cluster) == (text, cluster)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_messages_of_the_platform_are_embedded(path: str) -> None:
    """A message as the platform writes it, on one line, can be read in the journal with the eye."""
    document = json.loads((EXAMPLES / path).read_text(encoding="utf-8"))
    entry = JournalLine.model_validate_json(message_line("cluster", message(json.dumps(document).encode())))
    assert (entry.value, entry.base64) == (document, None)


@pytest.mark.parametrize("value", [b"not JSON", b"\xff", b"NaN", b'{"a": Infinity}', b'"a line\nbreak"'])
def test_what_is_not_json_is_encoded(value: bytes) -> None:
    """It stands as base64."""
    entry = JournalLine.model_validate_json(message_line("cluster", message(value)))
    assert entry.value is None
    assert entry.base64


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_json_on_several_lines_can_be_read(path: Path, end: bytes) -> None:
    """As another platform may write it, and a file holds it: what it says is there, and its bytes."""
    value = path.read_bytes().replace(b"\n", end)
    line = message_line("cluster", message(value))
    assert JournalLine.model_validate_json(line).value == json.loads(value)
    assert bytes_of(line) == value


def test_the_closing_line() -> None:
    """It is told from a message by its beginning alone, and says what was read."""
    end = JournalEnd(end="completed", cluster="cluster", read_to={"topic": {0: 1, 2: 3}})
    line = end_line(end)
    assert line.startswith(END_PREFIX)
    assert not message_line("cluster", message(b'{"end":"completed"}')).startswith(END_PREFIX)
    assert JournalEnd.model_validate_json(line) == end
