"""One handler a mode: what the mode needs before it may start, and how far it drives the graph.

Each imports what only its own mode needs when it is carried out: a plan is quick.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from eng5.contracts.modes import RunnerMode
from eng5.handlers.anchor_align import AnchorAlignHandler
from eng5.handlers.boundary_test import BoundaryTestHandler
from eng5.handlers.dry_run import DryRunHandler
from eng5.handlers.execute import ExecuteHandler
from eng5.handlers.plan import PlanHandler
from eng5.protocols import ModeHandlerProtocol

__all__ = ["HANDLER_MAP"]

HANDLER_MAP: Mapping[RunnerMode, type[ModeHandlerProtocol]] = MappingProxyType(
    {
        RunnerMode.PLAN: PlanHandler,
        RunnerMode.DRY_RUN: DryRunHandler,
        RunnerMode.EXECUTE: ExecuteHandler,
        RunnerMode.ANCHOR_ALIGN_TEST: AnchorAlignHandler,
        RunnerMode.BOUNDARY_TEST: BoundaryTestHandler,
    }
)
