"""Each variant against the baseline, comparison by comparison, and the noise that runs of one prompt show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

import numpy as np

from eng5.contracts.analysis import Estimate, Metric
from eng5.contracts.compare import Difference, Figures, Noise, NoiseBand, Verdict
from eng5.reports.alignment.dataset import Dataset, interval
from eng5.reports.variants import figures
from eng5.stats import paired
from eng5.stats.comparisons import IntArray
from eng5.stats.paired import PairedOutcomes, adjust, match, paired_difference

__all__ = ["LEVEL", "build", "match_runs", "noise_band"]

LEVEL = 0.95
VERDICTS: dict[paired.Verdict, Verdict] = {
    paired.Verdict.BETTER: "better",
    paired.Verdict.WORSE: "worse",
    paired.Verdict.CANNOT_TELL: "cannot tell",
}


def build(
    baseline: Sequence[Dataset],
    variants: Sequence[Sequence[Dataset]],
    measured: Sequence[Metric],
    names: Sequence[str],
    noise: NoiseBand | None = None,
    *,
    tested: Callable[[], None] = lambda: None,
) -> list[list[Difference]]:
    """The differences of each variant from the baseline, in the order of `names`.

    Args:
        baseline: the comparisons of each of its runs.
        variants: the same of each variant, among the same essays.
        measured: figures of the baseline, for labels.
        names: the metrics to compare.
        noise: what differences between runs of one prompt are like.
        tested: called after each test of a variant.
    """
    about = {metric.name: metric for metric in measured}
    of_chance = {each.metric: each.largest for each in noise.metrics} if noise else {}
    statistics = figures.paired(baseline[0])
    outcomes = [match_runs(baseline, variant) for variant in variants]
    found: list[list[Difference]] = [[] for _ in variants]
    for name in names:
        apart = []
        for each, run in outcomes:
            apart.append(paired_difference(each, figures.mean_over_runs(statistics[name], run), level=LEVEL))
            tested()
        for rows, one in zip(found, adjust(apart), strict=True):
            rows.append(_difference(about[name], one, of_chance.get(name)))
    return found


def match_runs(baseline: Sequence[Dataset], variant: Sequence[Dataset]) -> tuple[PairedOutcomes, IntArray]:
    """Each run of the variant beside the run of the baseline with its number, and that number, shape (m,).

    All comparisons of a pair of anchors, whatever their run, are one unit of the test.
    """
    each = [match(one.comparisons, other.comparisons) for one, other in zip(baseline, variant, strict=False)]
    first, second = (np.concatenate([getattr(one, side) for one in each]) for side in ("first", "second"))
    pair = np.minimum(first, second) * each[0].n + np.maximum(first, second)
    together = PairedOutcomes(
        n=each[0].n,
        first=first,
        second=second,
        baseline=np.concatenate([one.baseline for one in each]),
        variant=np.concatenate([one.variant for one in each]),
        unit=np.unique(pair, return_inverse=True)[1],
        baseline_row=np.concatenate([one.baseline_row for one in each]),
        variant_row=np.concatenate([one.variant_row for one in each]),
        unmatched=sum(one.unmatched for one in each),
    )
    return together, np.repeat(np.arange(len(each)), [len(one.first) for one in each])


def _difference(metric: Metric, one: paired.PairedDifference, largest: float | None) -> Difference:
    return Difference(
        metric=metric.name,
        label=metric.label,
        kind=metric.kind,
        higher_is_better=one.higher_is_better,
        baseline=one.baseline,
        variant=one.variant,
        difference=Estimate(value=one.difference, interval=interval(one.interval)),
        p_value=one.p_value,
        p_adjusted=one.p_adjusted,
        comparisons=one.comparisons,
        differing=one.differing,
        verdict=VERDICTS[one.verdict],
        needed=one.needed,
        beyond_noise=None if largest is None or one.difference is None else abs(one.difference) > largest,
    )


def noise_band(each: Mapping[str, Figures], prompts: Mapping[str, str]) -> NoiseBand | None:
    """How far runs of one prompt lie apart.

    Args:
        each: figures of every run, by its name.
        prompts: the prompt of every run; rewordings that keep its meaning count as the same.

    Returns:
        None when no prompt was run twice.
    """
    groups: dict[str, list[str]] = {}
    for run in each:
        groups.setdefault(prompts[run], []).append(run)
    repeated = [runs for runs in groups.values() if len(runs) > 1]
    found = []
    for name in figures.PAIRED:
        apart = []
        for one, other in (couple for runs in repeated for couple in combinations(runs, 2)):
            left, right = each[one].metric(name), each[other].metric(name)
            if left.value is not None and right.value is not None:
                apart.append(abs(left.value - right.value))
        if apart:
            found.append(
                Noise(
                    metric=name,
                    label=left.label,
                    kind=left.kind,
                    largest=max(apart),
                    mean=sum(apart) / len(apart),
                    couples=len(apart),
                )
            )
    return NoiseBand(groups=repeated, metrics=found) if found else None
