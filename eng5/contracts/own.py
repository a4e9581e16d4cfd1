"""The base of eng5's own files: strict and frozen."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class OwnFile(BaseModel):
    """An own file or a part of one: unknown fields are errors, values do not change, NaN is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


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
