"""A list left on disk: read piece by piece it is the list, and its bytes are those of the whole file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from eng5.contracts import stored
from eng5.contracts.stored import InList, Stored, chosen, chunks, split
from eng5.files import FileBytes, model_bytes


class Part(BaseModel):
    count: int
    text: str | None = None
    inner: list[dict[str, str]] = []


class Whole(BaseModel):
    head: list[Part]
    parts: Annotated[Sequence[Part], InList()]
    tail: list[Part]


TEXTS = st.text(max_size=8) | st.sampled_from(["\n    },\n    {\n", "\n    }\n  ]", '"parts": [', "\u2028\r"])
PARTS = st.builds(
    Part,
    count=st.integers(),
    text=TEXTS,
    inner=st.lists(st.dictionaries(TEXTS, TEXTS, max_size=2), max_size=2),
)


@given(
    st.lists(PARTS, max_size=3),
    st.lists(PARTS, min_size=1, max_size=9),
    st.lists(PARTS, max_size=3),
    st.integers(1, 99),
)
def test_a_list_in_a_file(
    tmp_path_factory: pytest.TempPathFactory, head: list[Part], parts: list[Part], tail: list[Part], size: int
) -> None:
    """Whatever the texts say and wherever a piece ends, items, rest and bytes are those of the file."""
    path = tmp_path_factory.mktemp("stored") / "whole.json"
    whole = Whole(head=head, parts=parts, tail=tail)
    path.write_bytes(model_bytes(whole))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored, "CHUNK", size)
        patch.setattr(stored, "AT_ONCE", 2)
        found = split(FileBytes(path), "parts", Part)
        assert found is not None
        rest, items = found
        assert list(items) == parts and len(items) == len(parts)
        assert [items[place] for place in range(-1, len(parts))] == [parts[-1], *parts]
        assert items[1:] == parts[1:]
        odd = range(1, len(parts), 2)
        assert list(chosen(items, odd)) == list(chosen(parts, odd)) == parts[1::2]
        assert Whole.model_validate_json(rest) == whole.model_copy(update={"parts": []})
        again = Whole(head=head, parts=items, tail=tail)
        assert isinstance(again.parts, Stored)
        assert b"".join(chunks(again, "parts")) == path.read_bytes()


@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"parts": [{"count": 1}]}', b'{\n  "parts": [\n    {\n      "count": 1']
)
def test_what_is_not_canonical_is_left_to_others(tmp_path: Path, content: bytes) -> None:
    """Another form of JSON, a list without items, and a file that ends too early are not split."""
    path = tmp_path / "file.json"
    path.write_bytes(content)
    assert split(FileBytes(path), "parts", Part) is None


def test_an_item_that_is_wrong_is_an_error_at_once(tmp_path: Path) -> None:
    """Not only when somebody looks at it."""
    path = tmp_path / "file.json"
    path.write_bytes(model_bytes(Whole(head=[], parts=[Part(count=1)], tail=[])).replace(b": 1", b": true?"))
    with pytest.raises(ValidationError):
        split(FileBytes(path), "parts", Part)


def test_a_place_outside_is_an_error(tmp_path: Path) -> None:
    """As for a list."""
    path = tmp_path / "file.json"
    path.write_bytes(model_bytes(Whole(head=[], parts=[Part(count=1)], tail=[])))
    found = split(FileBytes(path), "parts", Part)
    assert found is not None
    with pytest.raises(IndexError):
        found[1][1]
