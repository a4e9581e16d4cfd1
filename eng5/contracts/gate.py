"""`reports/gate_<run>.json`: does a run meet its targets?"""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from eng5.contracts.analysis import Status
from eng5.contracts.own import Interval, OwnFile


class GateCheck(OwnFile):
    """A target of experiments.toml against what the run reached."""

    metric: str
    label: str
    kind: Literal["count", "ratio", "share"]
    status: Status
    value: float | None
    interval: Interval | None
    bound: Literal["max", "min"]
    limit: float
    on: Literal["point", "bound"]
    judged: float | None = Field(
        description="what is held against the limit: the value, or the interval's worse end"
    )
    margin: float | None = Field(description="room that is left; below 0: by how much the target is missed")
    beyond_chance: bool | None = Field(
        description="the whole interval lies on the same side of the limit as the value; None without an interval"
    )
    baseline: float | None = Field(
        description="what it was before: of the baseline variant, or what the target of experiments.toml says"
    )
    since: Literal["better", "worse", "the same"] | None = Field(
        description="against `baseline`; None without one, and of the baseline itself"
    )
    sentence: str
    note: str | None


class Gate(OwnFile):
    """The whole of `gate_<run>.json`. A target that cannot be judged is not met."""

    schema_version: Literal["1"] = "1"
    run: str = Field(
        description="the variant, where several of its runs are held against the targets together"
    )
    runs: list[str] = Field(description="the runs behind it; figures are means over them")
    batch_uuid: UUID = Field(description="of the first run")
    passed: bool
    against: str | None = Field(
        description="the variant whose figures `baseline` has, or '[targets]'; None of the baseline itself"
    )
    checks: list[GateCheck]
    notices: list[str]
