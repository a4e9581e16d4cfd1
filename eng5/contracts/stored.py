"""A long list of a file that stays on disk: read piece by piece, so that memory does not grow with it.

Own files have canonical bytes: two spaces a level, one line a scalar. An item of a list that is a field of the
file's top object therefore begins and ends on lines of its own, which no text in it can imitate, for a line
break within a JSON string is written as two characters.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Generic, Protocol, TypeVar, get_args, overload

from pydantic import BaseModel, GetCoreSchemaHandler, TypeAdapter
from pydantic_core import CoreSchema, core_schema, to_json

Item = TypeVar("Item", bound=BaseModel)

OPENS, BETWEEN, CLOSES = b"    {\n", b"\n    },\n    {\n", b"\n    }"
AT_ONCE = 512
"""Items that are parsed together: a call for each would take most of the time."""
CHUNK = 1 << 20


class Bytes(Protocol):
    """Something with bytes at places 0 … size."""

    size: int

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`."""


class StoredTexts(Protocol):
    """The lines between the braces of each item, without the last line's end."""

    def __len__(self) -> int: ...

    def __getitem__(self, place: int, /) -> bytes: ...


class Stored(Sequence[Item], Generic[Item]):
    """The items of a list, each parsed when it is looked at."""

    def __init__(self, kind: type[Item], texts: StoredTexts) -> None:
        self._kind = kind
        self._texts = texts
        self._list = TypeAdapter(list[kind])  # type: ignore[valid-type]

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, place: int) -> Item: ...

    @overload
    def __getitem__(self, place: slice) -> list[Item]: ...

    def __getitem__(self, place: int | slice) -> Item | list[Item]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        return self._kind.model_validate_json(b"{" + self._texts[place % len(self)] + b"}")

    def __iter__(self) -> Iterator[Item]:
        for start in range(0, len(self), AT_ONCE):
            texts = (self._texts[place] for place in range(start, min(start + AT_ONCE, len(self))))
            yield from self._list.validate_json(b"[{" + b"},{".join(texts) + b"}]")

    def chunks(self) -> Iterator[bytes]:
        """The list as it stands in the file, from `[` to `]`."""
        if not len(self):
            yield b"[]"
            return
        yield b"[\n"
        for place in range(len(self)):
            yield (BETWEEN if place else OPENS) + self._texts[place]
        yield CLOSES + b"\n  ]"

    def chosen(self, places: Sequence[int]) -> Stored[Item]:
        """Those at ``places``."""
        return Stored(self._kind, _Chosen(self._texts, places))


class _Chosen:
    def __init__(self, texts: StoredTexts, places: Sequence[int]) -> None:
        self._texts, self._places = texts, places

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, place: int, /) -> bytes:
        return self._texts[self._places[place]]


def chosen(items: Sequence[Item], places: Sequence[int]) -> Sequence[Item]:
    """The items at ``places``, which stay on disk where they are."""
    if len(places) == len(items):
        return items
    return items.chosen(places) if isinstance(items, Stored) else tuple(items[place] for place in places)


class InList:
    """Marks a field `Sequence[Item]` that is validated and written as a list, or is a `Stored` already."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        (item,) = get_args(source)
        as_list = handler.generate_schema(list[item])  # type: ignore[valid-type]
        return core_schema.no_info_wrap_validator_function(
            lambda value, validate: value if isinstance(value, Stored) else validate(value), as_list
        )


class InFile:
    """The texts of a list within a file."""

    def __init__(self, source: Bytes) -> None:
        self._source = source
        self.starts, self.ends = array("Q"), array("Q")

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, place: int, /) -> bytes:
        return self._source.read(self.starts[place], self.ends[place])


def items_of(rows: Sequence[dict[str, Any]], field: str) -> bytes:
    """The texts of the items of a list, given as their fields in their order, with `BETWEEN` between them."""
    whole = to_json({field: rows}, indent=2)
    return whole[whole.index(OPENS) + len(OPENS) : whole.rindex(CLOSES)]


def split(source: Bytes, field: str, kind: type[Item]) -> tuple[bytes, Stored[Item]] | None:
    """A file without the items of a list, and the list; None where the bytes are not canonical or the list is empty.

    Raises:
        ValidationError: an item is not as it should be.
    """
    opening, closing = f'\n  "{field}": [\n    {{\n'.encode(), CLOSES + b"\n  ]"
    head, at = b"", 0
    while (found := head.find(opening, max(0, at - CHUNK - len(opening)))) < 0:
        if at >= source.size:
            return None
        head, at = head + source.read(at, at + CHUNK), at + CHUNK
    start = found + len(opening)
    head = head[: start - len(b"\n    {\n")]
    texts = InFile(source)
    carried, place = b"", start
    while True:
        block = source.read(place + len(carried), place + len(carried) + CHUNK)
        if not block:
            return None
        carried += block
        end = carried.find(closing)
        last = len(carried) if end < 0 else end
        begin = 0
        while (until := carried.find(BETWEEN, begin, last)) >= 0:
            texts.starts.append(place + begin)
            texts.ends.append(place + until)
            begin = until + len(BETWEEN)
        if end >= 0:
            texts.starts.append(place + begin)
            texts.ends.append(place + end)
            break
        carried, place = carried[begin:], place + begin
    stored = Stored(kind, texts)
    for _ in stored:
        pass
    return head + b"]" + source.read(texts.ends[-1] + len(closing), source.size), stored


def chunks(model: BaseModel, field: str) -> Iterator[bytes]:
    """The canonical bytes of an own file of which a list may be stored."""
    items = getattr(model, field)
    if not isinstance(items, Stored):
        yield model.__pydantic_serializer__.to_json(model, indent=2) + b"\n"
        return
    bare = model.model_copy(update={field: []})
    empty = f'\n  "{field}": []'.encode()
    head, tail = (bare.__pydantic_serializer__.to_json(bare, indent=2) + b"\n").split(empty)
    yield from chain([head + empty[:-2]], items.chunks(), [tail])
