"""`build/baseline.json`: what the baseline run had, for the figures of other runs that are counted against it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from eng5.contracts.own import OwnFile


class Baseline(OwnFile):
    """The whole of `baseline.json`. It says no more than is counted with, so that reports change only with that."""

    schema_version: Literal["1"] = "1"
    run: str
    ab_inversions: int | None = Field(
        description="direct inversions that involve an anchor of band A or B; None where no anchor has such a grade"
    )
