"""What a model refuses, as a sentence: the table, the key, what is wrong with it, and the nearest known name."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from typing_extensions import get_type_hints, is_typeddict

Location = tuple[int | str, ...]
CLOSE = 0.65
"""Likeness, 0 to 1, from which a name is offered for another."""
KINDS = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a number of fewer digits",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list, [ … ]",
    "tuple_type": "a list, [ … ]",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}
"""What a value of the wrong kind should be."""
LIMITS: Mapping[str, str] = {
    "greater_than_equal": "{ge} is the least",
    "greater_than": "it has to be more than {gt}",
    "less_than_equal": "{le} is the most",
    "less_than": "it has to be less than {lt}",
    "string_too_short": "it is too short",
    "string_too_long": "{max_length} characters are the most",
    "too_short": "{min_length} entries are the least",
    "too_long": "{max_length} entries are the most",
}


def sentence(error: ValidationError, model: type[BaseModel]) -> str:
    """The first refusal; an unknown key comes before what it leaves missing."""
    details = error.errors(include_url=False, include_context=True)
    first = next((one for one in details if one["type"] == "extra_forbidden"), details[0])
    kind = first["type"]
    where = first["loc"] if kind == "extra_forbidden" else _without_tags(model, first["loc"])
    table, key = where[:-1], str(where[-1]) if where else ""
    if kind == "extra_forbidden":
        return f"{_in(table)}there is no key '{key}'{nearest(key, _keys(model, table))}"
    if kind == "missing" and isinstance(where[-1], int):
        return f"{_at(table[:-1], str(table[-1]), first)}: the list is too short"
    if kind == "missing":
        given = _keys_given(first)
        return f"{_in(table)}the key '{key}' is missing{_instead(key, given, _keys(model, table))}"
    if kind == "literal_error":
        known = _literals(first)
        said = str(first["input"])
        if first["loc"][-1:] == ("[key]",):
            return f"{_in(table)}there is no key '{said}'{nearest(said, known)}"
        return f"{_at(table, key, first)} is unknown{nearest(said, known)}"
    if kind == "value_error":
        place = ".".join(map(str, where))
        return f"{place}: {_reason(first)}" if place else _reason(first)
    if kind == "string_pattern_mismatch" and key == "language":
        return f"{_at(table, key, first)} is no language tag: write one such as en or sv"
    if kind in KINDS:
        wanted = KINDS["float_type"] if first["loc"][-1] == "int" else KINDS[kind]
        return f"{_at(table, key, first)} is not {wanted}"
    if kind in LIMITS:
        limits = {name: _limit(value) for name, value in first.get("ctx", {}).items() if name != "error"}
        return f"{_at(table, key, first)}: {LIMITS[kind].format(**limits)}"
    return f"{_at(table, key, first)}: {first['msg'][:1].lower()}{first['msg'][1:]}"


def _limit(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def in_words(document: object) -> str:
    """A document of JSON, or a text that may be one, without brackets and quotes: `name: value; other.name: value`."""
    if isinstance(document, str):
        try:
            read = json.loads(document)
        except (ValueError, RecursionError):
            return document
        return in_words(read) if isinstance(read, Mapping | list) else document
    return "; ".join(_named_values(document, ""))


def _named_values(document: object, name: str) -> Iterator[str]:
    if isinstance(document, Mapping):
        for key, value in document.items():
            yield from _named_values(value, f"{name}.{key}" if name else str(key))
    elif isinstance(document, list):
        for value in document:
            yield from _named_values(value, name)
    else:
        words = {"None": "none", "True": "yes", "False": "no"}
        text = str(document)
        yield f"{name}: {words.get(text, text)}" if name else words.get(text, text)


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?`, or all known names when none is near."""
    names = sorted(known)
    found = difflib.get_close_matches(name.lower(), names, n=1, cutoff=CLOSE)
    found = found or [one for one in names if len(name) > 2 and name.lower() in one]
    if found:
        return f"; did you mean '{found[0]}'?"
    return f"; there are: {', '.join(names)}" if names else ""


def _in(table: Location) -> str:
    return f"[{'.'.join(map(str, table))}]: " if table else ""


def _at(table: Location, key: str, error: ErrorDetails) -> str:
    """`[table] key = value`, the value only where it is short and no table."""
    given = error["input"]
    shown = f" = {given!r}" if isinstance(given, str | int | float) and len(repr(given)) <= 80 else ""
    if isinstance(given, bool):
        shown = f" = {str(given).lower()}"
    return f"{_in(table).removesuffix(': ')}{' ' if table else ''}{key}{shown}"


def _reason(error: ErrorDetails) -> str:
    return error["msg"].removeprefix("Value error, ")


def _literals(error: ErrorDetails) -> list[str]:
    text = str(error.get("ctx", {}).get("expected", ""))
    return [part.strip().strip("'") for part in text.replace(" or ", ", ").split(",") if part.strip()]


def _keys_given(error: ErrorDetails) -> list[str]:
    return [str(key) for key in error["input"]] if isinstance(error["input"], Mapping) else []


def _instead(key: str, given: list[str], known: set[str]) -> str:
    """A key that is there under a name that nobody knows."""
    strangers = [name for name in given if name not in known]
    found = difflib.get_close_matches(key, strangers, n=1, cutoff=CLOSE)
    return f"; '{found[0]}' is near it" if found else ""


def _keys(model: type[BaseModel], table: Location) -> set[str]:
    """The keys that a table may have."""
    kinds: list[Any] = [model]
    for part in table:
        kinds = [below for kind in kinds for below in _below(kind, str(part))]
    return {name for kind in kinds for name in _fields(kind)}


def _without_tags(model: type[BaseModel], where: Location) -> Location:
    """A place in the file's own words: pydantic names the member of a union that refused, too."""
    kinds: list[Any] = [model]
    kept: list[int | str] = []
    for part in where:
        below = [one for kind in kinds for one in _below(kind, str(part))]
        if below or isinstance(part, int):
            kept.append(part)
            kinds = below
    return tuple(kept)


def _fields(kind: Any) -> Mapping[str, Any]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {name: field.annotation for name, field in kind.model_fields.items()}
    if is_typeddict(kind):
        return get_type_hints(kind, include_extras=True)
    return {}


def _below(kind: Any, part: str) -> list[Any]:
    """The kinds that a key of a table may hold: those of a field, or of any entry of a mapping."""
    fields = _fields(kind)
    if fields:
        return _parts(fields[part]) if part in fields else []
    if get_origin(kind) in (dict, Mapping):
        return _parts(get_args(kind)[1])
    return []


def _parts(kind: Any) -> list[Any]:
    """The members of a union or of an annotation, and the kind itself."""
    if get_origin(kind) in (dict, list, tuple, Literal):
        return [kind]
    return [kind, *(below for one in get_args(kind) for below in _parts(one))]
