"""What a run or a variant says by itself: the targets' metrics and the win rate of the higher grade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from eng5.contracts.analysis import Metric
from eng5.contracts.compare import Figures
from eng5.contracts.experiments import MetricName, Target
from eng5.stats import inversions, paired_metrics
from eng5.stats.bradley_terry import fit as fit_bradley_terry
from eng5.stats.comparisons import BoolArray, FloatArray, IntArray
from eng5.stats.posterior import draw
from eng5.stats.win_rate import win_rate
from eng5.steps.alignment import metrics
from eng5.steps.alignment.dataset import Dataset, interval
from eng5.steps.alignment.targets import check
from eng5.steps.variants.dataset import JudgedRun

__all__ = ["DECIDED_BY", "ON_HELD_OUT", "PAIRED", "SHOWN", "band_count", "figures", "measure", "of_win_rate", "paired"]

DECIDED_BY = "win_rate"
"""The metric that the verdict on a variant goes by: it alone counts every comparison, so it sees most."""
SHOWN = ("win_rate", "direct_inversions", "zero_win_anchors", "kendall_tau", "ab_inversions", "ab_regression")
PAIRED = ("win_rate", "direct_inversions", "zero_win_anchors", "kendall_tau", "ab_inversions")
"""The figures whose difference is tested. A/B regression is a difference already."""
ON_HELD_OUT = ("win_rate", "direct_inversions")


def measure(data: Dataset, targets: Mapping[MetricName, Target], in_band_baseline: int | None) -> list[Metric]:
    """The figures SHOWN, each with its target if it has one."""
    played = bool(data.comparisons.decided.any())
    fit = fit_bradley_terry(data.comparisons) if played else None
    draws = draw(data.comparisons, data.level, position_effect=True) if played else None
    found = inversions.inversions(data.comparisons, data.level)
    known = {each.name: each for each in metrics.build(data, fit, draws, found, in_band_baseline)}
    known["win_rate"] = of_win_rate(data)
    return [check(known[name], targets) for name in SHOWN]


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


def band_count(data: Dataset) -> int | None:
    """Direct inversions that involve a grade of band A or B."""
    return metrics.band_count(data, inversions.inversions(data.comparisons, data.level))


def figures(runs: Sequence[JudgedRun], data: Dataset, of_data: Sequence[Metric]) -> Figures:
    """The figures of `runs` together; `data` are their comparisons."""
    costs = [run.artefact.costs for run in runs]
    tokens = [used for cost in costs for used in cost.token_counts]
    known = [cost.total_usd for cost in costs if cost.total_usd is not None]
    return Figures(
        runs=[run.name for run in runs],
        created_at=max(run.artefact.metadata.generated_at for run in runs),
        pairs=len(data.by_pair),
        comparisons=len(data.answered),
        decided=int(data.comparisons.decided.sum()),
        total_usd=sum(known) if len(known) == len(costs) else None,
        prompt_tokens=sum(used.prompt_tokens for used in tokens),
        completion_tokens=sum(used.completion_tokens for used in tokens),
        metrics=list(of_data),
    )


def paired(data: Dataset) -> dict[str, paired_metrics.Metric]:
    """The metrics whose difference is tested, by name."""
    level = data.level
    in_band = np.array([str(s.grade)[:1] in metrics.BANDS and s.level is not None for s in data.subjects])
    return {
        "win_rate": paired_metrics.win_rate(level),
        "direct_inversions": paired_metrics.direct_inversions(level),
        "zero_win_anchors": paired_metrics.zero_wins(level),
        "kendall_tau": paired_metrics.tau_b(level),
        "ab_inversions": _in_band(paired_metrics.direct_inversions(level), in_band),
    }


def _in_band(metric: paired_metrics.Metric, in_band: BoolArray) -> paired_metrics.Metric:
    """The same metric of the comparisons that involve an essay for which `in_band`, shape (n,), is true."""

    def evaluate(n: int, first: IntArray, second: IntArray, outcomes: IntArray) -> FloatArray:
        rows = in_band[first] | in_band[second]
        return metric.evaluate(n, first[rows], second[rows], outcomes[:, rows])

    return paired_metrics.Metric("ab_inversions", metric.higher_is_better, evaluate, metric.continuity)


