"""What changed since the baseline, for the first line of the gate's summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from eng5.contracts.analysis import Metric
from eng5.contracts.gate import Gate, GateCheck
from eng5.pages.rendering import plural, shown

Since = Literal["better", "worse", "the same"]


@dataclass(frozen=True)
class Before:
    """Figures of the baseline; without a name it is the baseline itself that is looked at."""

    name: str | None
    metrics: Sequence[Metric]


def before_of(before: Before | None, metric: Metric) -> float | None:
    """What a figure was: of the baseline's runs, or, without any, what the target says."""
    if before is None:
        return None if metric.target is None else metric.target.baseline
    return next((one.value for one in before.metrics if one.name == metric.name), None)


def since(value: float | None, before: float | None, bound: Literal["max", "min"]) -> Since | None:
    """Which way a figure went; towards its limit is better."""
    if value is None or before is None:
        return None
    if value == before:
        return "the same"
    return "better" if (value < before) is (bound == "max") else "worse"


def headline(gates: Sequence[Gate]) -> str:
    """Whether the targets are met, and what changed since the baseline: one line."""
    if len(gates) == 1:
        return f"{outcome(gates)}; {_changes(gates[0])}"
    others = [gate for gate in gates if gate.against is not None]
    if not others:
        return outcome(gates)
    counts = [f"{gate.run} {_counts(gate)}" for gate in others]
    return f"{outcome(gates)}; since {_against(others[0])}: {', '.join(counts)}"


def outcome(gates: Sequence[Gate]) -> str:
    """Whether the targets are met: by how many variants, or how many of them by the only one."""
    if len(gates) == 1:
        return _of_one(gates[0])
    failed = sum(not gate.passed for gate in gates)
    if not failed:
        return f"All {len(gates)} variants meet their targets"
    return f"{failed} of {len(gates)} variants {'misses its' if failed == 1 else 'miss their'} targets"


def _of_one(gate: Gate) -> str:
    missed = sum(check.status != "met" for check in gate.checks)
    targets = plural(len(gate.checks), "target")
    if missed:
        return f"{gate.run} misses {missed} of {targets}"
    return f"{gate.run} meets {'all ' if len(gate.checks) > 1 else 'its '}{targets}"


def _against(gate: Gate) -> str:
    return "the baseline of [targets]" if gate.against == "[targets]" else f"{gate.against}"


def _changes(gate: Gate) -> str:
    """Every figure that changed, then those that did not."""
    if gate.against is None:
        return "it is the baseline"
    if all(check.since is None for check in gate.checks):
        return "there is no baseline to compare with"
    moved = [
        f"{check.label} {shown(check.baseline, check.kind)} → {shown(check.value, check.kind)} ({check.since})"
        for check in gate.checks
        if check.since in ("better", "worse")
    ]
    return f"since {_against(gate)}: {', '.join(moved) or 'nothing changed'}"


def _counts(gate: Gate) -> str:
    """ "3 better, 1 worse", "as before"."""
    parts = [f"{number} {way}" for way in ("better", "worse") if (number := _number(gate.checks, way))]
    return " and ".join(parts) or ("as before" if _number(gate.checks, "the same") else "not known")


def _number(checks: Sequence[GateCheck], way: str) -> int:
    return sum(check.since == way for check in checks)
