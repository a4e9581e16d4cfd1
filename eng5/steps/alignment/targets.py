"""Metrics against the targets of experiments.toml, and the verdict in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eng5.contracts.analysis import Counts, Metric, Status, TargetCheck
from eng5.contracts.experiments import MetricName, Target
from eng5.steps.rendering import shown

__all__ = ["check", "overall", "verdict"]


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
    """One or two sentences: which targets are met, and how sure that is."""
    if not counts.decided:
        return "No verdict: no comparison was decided."
    aimed = [metric for metric in metrics if metric.target is not None]
    if not aimed:
        return "No targets are set; the figures stand for themselves."
    by_status: dict[Status, list[Metric]] = {"met": [], "missed": [], "unknown": []}
    for metric in aimed:
        if metric.target is not None:
            by_status[metric.target.status].append(metric)
    parts = []
    if by_status["missed"]:
        named = "; ".join(_against(metric) for metric in by_status["missed"])
        parts.append(f"Misses {len(by_status['missed'])} of {len(aimed)} targets: {named}.")
    elif by_status["met"]:
        every = "all" if len(by_status["met"]) == len(aimed) else f"{len(by_status['met'])} of"
        parts.append(f"Meets {every} {len(aimed)} targets.")
    if by_status["unknown"]:
        parts.append(f"Not known: {', '.join(metric.label for metric in by_status['unknown'])}.")
    shaky = [
        metric.label
        for metric in by_status["met"]
        if metric.target is not None and metric.target.interval_bound == "missed"
    ]
    if shaky and not by_status["missed"]:
        parts.append(f"By chance alone it could still miss: {', '.join(shaky)}.")
    return " ".join(parts)


def _against(metric: Metric) -> str:
    target = metric.target
    assert target is not None  # noqa: S101 - only metrics with a target are named
    sign = "at most" if target.bound == "max" else "at least"
    seen = target.on == "bound" and target.point == "met" and metric.interval is not None
    value = shown(metric.value, metric.kind)
    if seen and metric.interval is not None:
        end = metric.interval.high if target.bound == "max" else metric.interval.low
        value += f" with an interval that reaches {shown(end, metric.kind)}"
    return f"{metric.label} {value}, {sign} {shown(target.limit, metric.kind)} wanted"
