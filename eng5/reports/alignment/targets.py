"""Metrics against the targets of experiments.toml, and what they come to in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from eng5.contracts.analysis import Counts, Metric, Status, TargetCheck
from eng5.contracts.experiments import MetricName, Target
from eng5.pages.rendering import listed, plural, shown


def check(metric: Metric, targets: Mapping[MetricName, Target]) -> Metric:
    """The metric with its target, if it has one."""
    target = {str(name): target for name, target in targets.items()}.get(metric.name)
    if target is None:
        return metric
    bound, limit = ("max", target.max) if target.max is not None else ("min", target.min)
    assert limit is not None  # noqa: S101 - the contract of Target
    worst = None
    if metric.interval is not None:
        worst = metric.interval.high if bound == "max" else metric.interval.low
    point, of_bound = _status(metric.value, bound, limit), _status(worst, bound, limit)
    return metric.model_copy(
        update={
            "target": TargetCheck(
                bound="max" if bound == "max" else "min",
                limit=limit,
                baseline=target.baseline,
                on=target.on,
                point=point,
                interval_bound=of_bound,
                status=point if target.on == "point" else of_bound,
            )
        }
    )


def _status(value: float | None, bound: str, limit: float) -> Status:
    if value is None:
        return "unknown"
    return "met" if (value <= limit if bound == "max" else value >= limit) else "missed"


def overall(metrics: Sequence[Metric]) -> Status:
    """Missed when one target is missed; met when all are met; else unknown."""
    found = {metric.target.status for metric in metrics if metric.target is not None}
    if "missed" in found:
        return "missed"
    return "met" if found == {"met"} else "unknown"


def verdict(metrics: Sequence[Metric], counts: Counts) -> str:
    """Which targets are met and which are missed, by how much."""
    if not counts.decided:
        return "No verdict: no comparison was decided."
    aimed = [metric for metric in metrics if metric.target is not None]
    if not aimed:
        return "No targets are set; the figures stand for themselves."
    met, missed, unknown = (_with_status(aimed, status) for status in ("met", "missed", "unknown"))
    parts, targets = [], plural(len(aimed), "target")
    if missed:
        parts.append(f"Misses {len(missed)} of {targets}: {listed(map(_against, missed))}.")
    elif met:
        every = f"all {len(aimed)} targets" if len(met) == len(aimed) > 1 else f"{len(met)} of {targets}"
        parts.append(f"Meets {every}.")
    if unknown:
        parts.append(f"Not known: {listed(metric.label for metric in unknown)}.")
    return " ".join(parts)


def caveat(metrics: Sequence[Metric]) -> str | None:
    """Where result and interval do not say the same; None where they do."""
    open_ended, by_luck, unlucky = [], [], []
    for metric in metrics:
        target, side = metric.target, _side(metric)
        if target is None or side is None:
            continue
        if side == "both":
            open_ended.append(metric.label)
        elif side == "beyond" and target.status == "met":
            by_luck.append(metric.label)
        elif side == "within" and target.status == "missed":
            unlucky.append(metric.label)
    parts = []
    if open_ended:
        parts.append(f"Not certain: the interval lies on both sides of the target for {listed(open_ended)}.")
    if by_luck:
        parts.append(f"Met in this run, although the interval lies beyond the target: {listed(by_luck)}.")
    if unlucky:
        parts.append(f"Missed in this run, although the interval meets the target: {listed(unlucky)}.")
    return " ".join(parts) or None


def _side(metric: Metric) -> Literal["within", "both", "beyond"] | None:
    """Where the interval lies; None without an interval or a target."""
    target, interval = metric.target, metric.interval
    if target is None or interval is None:
        return None
    ends = [_status(end, target.bound, target.limit) for end in (interval.low, interval.high)]
    if "missed" not in ends:
        return "within"
    return "both" if "met" in ends else "beyond"


def _with_status(metrics: Sequence[Metric], status: str) -> list[Metric]:
    return [metric for metric in metrics if metric.target is not None and metric.target.status == status]


def _against(metric: Metric) -> str:
    target, interval = metric.target, metric.interval
    assert target is not None  # noqa: S101 - only metrics with a target are named
    sign = "at most" if target.bound == "max" else "at least"
    value = shown(metric.value, metric.kind)
    if target.on == "bound" and target.point == "met" and interval is not None:
        end, verb = (interval.high, "ends") if target.bound == "max" else (interval.low, "begins")
        value += f", though its interval {verb} at {shown(end, metric.kind)}"
    return f"{metric.label} {value} ({sign} {shown(target.limit, metric.kind)})"
