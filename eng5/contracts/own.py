"""The base of eng5's own files: strict and frozen."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, Field

Model = TypeVar("Model", bound=BaseModel)

LONGEST_PATH = 1000
LONGEST_NAME = 255


def _writable_path(text: str) -> str:
    """What any system can open: no NUL, and no part longer than a file's name may be."""
    if "\0" in text:
        raise ValueError("a path cannot have a NUL character")
    if max(len(part.encode("utf-8", "replace")) for part in text.split("/")) > LONGEST_NAME:
        raise ValueError(f"a file's name has at most {LONGEST_NAME} bytes")
    return text


PathText = Annotated[str, Field(min_length=1, max_length=LONGEST_PATH), AfterValidator(_writable_path)]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class OwnFile(BaseModel, extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True):
    """An own file or a part of one: unknown fields are errors, values do not change, NaN is refused."""


def with_fields_of(source: object, kind: type[Model], /, **others: object) -> Model:
    """A `kind` whose fields are those that `source` has under the same names, and `others`, which win."""
    names = (name for name in kind.model_fields if name not in others and hasattr(source, name))
    return kind.model_validate({name: getattr(source, name) for name in names} | others)


class Interval(OwnFile):
    """A two-sided interval that says how it was made."""

    low: float
    high: float
    level: float = Field(gt=0, lt=1)
    method: str
    resamples: int | None = None
    seed: int | None = None


class Estimate(OwnFile):
    """A number with its uncertainty."""

    value: float | None = None
    interval: Interval | None = None
