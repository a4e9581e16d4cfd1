"""Metrics against the targets of experiments.toml, and what they come to in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from eng5.contracts.analysis import Counts, Metric, Status, TargetCheck
from eng5.contracts.experiments import MetricName, Target
from eng5.steps.rendering import shown

__all__ = ["caveat", "check", "overall", "verdict"]


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
    parts = []
    if missed:
        parts.append(f"Misses {len(missed)} of {len(aimed)} targets: {_listed(map(_against, missed))}.")
    elif met:
        every = "all" if len(met) == len(aimed) else f"{len(met)} of"
        parts.append(f"Meets {every} {len(aimed)} targets.")
    if unknown:
        parts.append(f"Not known: {_listed(metric.label for metric in unknown)}.")
    return " ".join(parts)


def caveat(metrics: Sequence[Metric]) -> str | None:
    """Which results the intervals leave open; None when none is."""
    open_ended = [
        *(metric.label for metric in _with_status(metrics, "met") if _may_miss(metric)),
        *(metric.label for metric in _with_status(metrics, "missed") if _interval_reaches_target(metric)),
    ]
    if not open_ended:
        return None
    return f"Not certain: the interval lies on both sides of the target for {_listed(open_ended)}."


def _with_status(metrics: Sequence[Metric], status: str) -> list[Metric]:
    return [metric for metric in metrics if metric.target is not None and metric.target.status == status]


def _listed(items: Iterable[str]) -> str:
    words = list(items)
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _may_miss(metric: Metric) -> bool:
    return metric.target is not None and metric.target.interval_bound == "missed"


def _interval_reaches_target(metric: Metric) -> bool:
    target, interval = metric.target, metric.interval
    if target is None or interval is None:
        return False
    return interval.low <= target.limit if target.bound == "max" else interval.high >= target.limit


def _against(metric: Metric) -> str:
    target, interval = metric.target, metric.interval
    assert target is not None  # noqa: S101 - only metrics with a target are named
    sign = "at most" if target.bound == "max" else "at least"
    value = shown(metric.value, metric.kind)
    if target.on == "bound" and target.point == "met" and interval is not None:
        value += (
            f", interval to {shown(interval.high if target.bound == 'max' else interval.low, metric.kind)}"
        )
    return f"{metric.label} {value} ({sign} {shown(target.limit, metric.kind)})"
