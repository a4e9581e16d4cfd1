"""A number with the interval that says how sure it is."""

from __future__ import annotations

from pydantic import Field

from eng5.contracts.own import OwnFile


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
