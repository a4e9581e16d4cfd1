"""What a run or a variant says by itself: the targets' metrics and the win rate of the higher grade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from eng5.contracts.analysis import Metric
from eng5.contracts.compare import Figures
from eng5.contracts.experiments import MetricName, Target
from eng5.contracts.own import Interval
from eng5.reports.alignment import metrics
from eng5.reports.alignment.dataset import Dataset, interval
from eng5.reports.alignment.targets import check
from eng5.reports.variants.dataset import JudgedRun, pool, repeat_each_other
from eng5.stats import inversions, paired_metrics
from eng5.stats.asked_again import Reruns, reruns
from eng5.stats.bradley_terry.fit import fit as fit_bradley_terry
from eng5.stats.comparisons import BoolArray, FloatArray, IntArray
from eng5.stats.inversions import BandRegression
from eng5.stats.posterior import draw
from eng5.stats.win_rate import win_rate

SHOWN = ("win_rate", "direct_inversions", "zero_win_anchors", "kendall_tau", "ab_inversions", "ab_regression")
PAIRED = ("win_rate", "direct_inversions", "zero_win_anchors", "kendall_tau", "ab_inversions")
"""The figures whose difference is tested. A/B regression is a difference already."""
ON_HELD_OUT = ("win_rate", "direct_inversions")


def measure(
    runs: Sequence[Dataset], targets: Mapping[MetricName, Target], in_band_baseline: float | None
) -> list[Metric]:
    """The figures SHOWN of one run, or the means over several runs of a variant; with targets, and those that have one.

    A count such as inversions depends on how often each pair was judged, so runs are not thrown together:
    each is counted by itself. The intervals are as wide as those of the first run, about the mean. Runs that
    repeat each other are one: they say nothing new.

    Args:
        in_band_baseline: A/B inversions of the baseline, the mean over its runs. A/B regression is what the
            mean has in excess of it: means of excesses would find a regression in chance alone.
    """
    runs = runs[:1] if repeat_each_other(runs) else runs
    together = pool(runs)
    names = [*SHOWN, *(name for name in targets if name not in SHOWN)]
    each, again = zip(*[_of_run(run, in_band_baseline) for run in runs], strict=True)
    first = each[0]
    means = {name: _mean([of_run[name].value for of_run in each]) for name in names}
    found = [_moved(first[name], means[name]) for name in names]
    in_band = means["ab_inversions"]
    if len(each) > 1 and in_band is not None and in_band_baseline is not None and again[0] is not None:
        regression = BandRegression(in_band, in_band_baseline)
        found = metrics.with_regression(found, regression, again[0], runs[0], "a run on average")
    rate = of_win_rate(together)
    return [rate if metric.name == rate.name else check(metric, targets) for metric in found]


def _moved(metric: Metric, value: float | None) -> Metric:
    """The metric with this value, and its intervals as far about it as about its own."""
    by = 0.0 if value is None or metric.value is None else value - metric.value
    natural = -1.0 if metric.kind == "ratio" else 0.0

    def moved(span: Interval) -> Interval:
        lowest = min(natural, span.low)
        return span.model_copy(
            update={"low": max(lowest, span.low + by), "high": max(lowest, span.high + by)}
        )

    spans = {
        name: None if span is None or value is None else moved(span)
        for name, span in (("interval", metric.interval), ("other_essays", metric.other_essays))
    }
    return metric.model_copy(update={"value": value, **spans})


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _of_run(data: Dataset, in_band_baseline: float | None) -> tuple[dict[str, Metric], Reruns | None]:
    fit = again = draws = None
    if data.comparisons.decided.any():
        draws = draw(data.comparisons, data.level, position_effect=data.positions)
        biased = data.positions and 0 not in draws.interval(draws.eta)
        fit, again = (
            fit_bradley_terry(data.comparisons, position_effect=biased),
            reruns(draws, position_effect=biased),
        )
    found = inversions.inversions(data.comparisons, data.level)
    known, _ = metrics.figures(data, fit, again, found, in_band_baseline, draws)
    return {metric.name: metric for metric in [of_win_rate(data), *known]}, again


def of_win_rate(data: Dataset) -> Metric:
    """Share of the decided comparisons of different grades that the higher grade won."""
    first, second = data.level[data.comparisons.first], data.level[data.comparisons.second]
    graded = data.comparisons.decided & (first >= 0) & (second >= 0) & (first != second)
    right = np.sign(first - second) == data.comparisons.outcome
    rate = win_rate(int(right[graded].sum()), int(graded.sum()))
    return Metric(
        name="win_rate",
        label="Wins of the higher grade",
        kind="share",
        value=rate.rate,
        interval=interval(rate.interval),
        note=f"of {rate.decided} decided comparisons of different grades",
    )


def band_count(runs: Sequence[Dataset]) -> float | None:
    """Direct inversions that involve a grade of band A or B, the mean over runs."""
    return _mean([metrics.band_count(run, inversions.inversions(run.comparisons, run.level)) for run in runs])


def figures(runs: Sequence[JudgedRun], data: Sequence[Dataset], measured: Sequence[Metric]) -> Figures:
    """What `runs` say; `data` are the comparisons of each of them that `measured` counts."""
    costs = [run.artefact.costs for run in runs]
    tokens = [used for cost in costs for used in cost.token_counts]
    known = [cost.total_usd for cost in costs if cost.total_usd is not None]
    return Figures(
        runs=[run.name for run in runs],
        created_at=max(run.artefact.metadata.generated_at for run in runs),
        pairs=len({pair for each in data for pair in each.by_pair}),
        comparisons=sum(len(each.answered) for each in data),
        decided=sum(int(each.comparisons.decided.sum()) for each in data),
        total_usd=sum(known) if len(known) == len(costs) else None,
        prompt_tokens=sum(used.prompt_tokens for used in tokens),
        completion_tokens=sum(used.completion_tokens for used in tokens),
        seconds=_seconds([each for run, each in zip(runs, data, strict=True) if not _by_batch(run)]),
        metrics=list(measured),
    )


def _by_batch(run: JudgedRun) -> bool:
    """Asked through a provider's batch API, which says nothing about how long an answer takes."""
    spent = run.artefact.costs.spent
    return spent is not None and spent.by_batch


def _seconds(data: Sequence[Dataset]) -> float | None:
    """Median time of an answer; of one that was kept from before, the time that it took then."""
    times = [
        (verdict.completed_at - verdict.started_at).total_seconds()
        for each in data
        for verdict in each.answered
        if verdict.started_at is not None and verdict.completed_at is not None
    ]
    return float(np.median(times)) if times else None


def paired(data: Dataset) -> dict[str, paired_metrics.PairedMetric]:
    """The metrics whose difference is tested, by name."""
    level = data.level
    return {
        "win_rate": paired_metrics.win_rate(level),
        "direct_inversions": paired_metrics.direct_inversions(level),
        "zero_win_anchors": paired_metrics.zero_wins(level),
        "kendall_tau": paired_metrics.tau_b(level),
        "ab_inversions": _in_band(paired_metrics.direct_inversions(level), data.in_band),
    }


def _in_band(metric: paired_metrics.PairedMetric, in_band: BoolArray) -> paired_metrics.PairedMetric:
    """The same metric of the comparisons that involve an essay for which `in_band`, shape (n,), is true."""

    def evaluate(n: int, first: IntArray, second: IntArray, outcomes: IntArray) -> FloatArray:
        rows = in_band[first] | in_band[second]
        return metric.evaluate(n, first[rows], second[rows], outcomes[:, rows])

    def parts(n: int, first: IntArray, second: IntArray, outcomes: IntArray) -> FloatArray:
        rows = in_band[first] | in_band[second]
        return metric.parts(n, first[rows], second[rows], outcomes[rows])

    return replace(metric, name="ab_inversions", evaluate=evaluate, parts=parts)
