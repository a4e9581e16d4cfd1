"""The modes of the runner, and how they differ: one description of each, for the graph, the steps and the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal


class RunnerMode(StrEnum):
    """What the runner is asked to do."""

    PLAN = "plan"
    DRY_RUN = "dry-run"
    EXECUTE = "execute"
    ANCHOR_ALIGN_TEST = "anchor-align-test"
    BOUNDARY_TEST = "boundary-test"

    @property
    def about(self) -> Mode:
        """How this mode differs from the others."""
        return MODES[self]


@dataclass(frozen=True, kw_only=True)
class Mode:
    """What a mode reads, sends and reports.

    Attributes:
        reads: whose essays are read from `inputs/`; in execute mode the CJ service has anchors of its own.
        sends: whose essays are compared, None where nothing is sent. Anchors go out as students of a guest batch,
            which has no assignment, no projection and no anchors of the CJ service.
        measures: what an artefact is measured for, the folder under `reports/`.
        page: the module under `reports/` that makes the pages.
        has_targets: its figures are held against the targets of experiments.toml and against the baseline.
    """

    reads: tuple[Literal["anchors", "students"], ...] = ("anchors", "students")
    sends: Literal["anchors", "students"] | None = None
    measures: Literal["alignment", "boundary"] = "alignment"
    page: str = "alignment.report"
    has_targets: bool = True


MODES: Mapping[RunnerMode, Mode] = MappingProxyType(
    {
        RunnerMode.PLAN: Mode(),
        RunnerMode.DRY_RUN: Mode(),
        RunnerMode.EXECUTE: Mode(
            reads=("students",), sends="students", page="alignment.students", has_targets=False
        ),
        RunnerMode.ANCHOR_ALIGN_TEST: Mode(reads=("anchors",), sends="anchors"),
        RunnerMode.BOUNDARY_TEST: Mode(
            reads=("anchors",),
            sends="anchors",
            measures="boundary",
            page="boundary.report",
            has_targets=False,
        ),
    }
)
