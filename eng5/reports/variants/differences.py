"""Each variant against others, comparison by comparison, and the noise that runs of one prompt show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt

import numpy as np
from scipy.special import stdtrit

from eng5.contracts.analysis import Metric
from eng5.contracts.compare import (
    Advice,
    Difference,
    Figures,
    MoreOfDifference,
    Noise,
    NoiseBand,
    Reading,
    Verdict,
)
from eng5.reports.alignment.dataset import Dataset, interval
from eng5.reports.variants import figures
from eng5.reports.variants.dataset import JudgedVariant
from eng5.stats import paired
from eng5.stats.advice import advise, design_study
from eng5.stats.matching import match
from eng5.stats.paired import PairedDifference, adjust, paired_difference

__all__ = ["LEVEL", "Side", "build", "noise_band", "read", "sides"]

LEVEL = 0.95
EXCHANGES, FEWEST_EXCHANGES = 1000, 199
"""Random exchanges of two runs, and of many, each of which takes as many fits as there are runs."""
VERDICTS: dict[paired.PairedVerdict, Verdict] = {
    paired.PairedVerdict.BETTER: "better",
    paired.PairedVerdict.WORSE: "worse",
    paired.PairedVerdict.CANNOT_TELL: "cannot tell",
}


@dataclass(frozen=True)
class Side:
    """One of the two in a comparison: its name, the comparisons of each run, and whether these ever differ."""

    name: str
    runs: Sequence[Dataset]
    never_varies: bool


def sides(variants: Sequence[JudgedVariant]) -> list[Side]:
    """The variants as sides of comparisons."""
    return [Side(variant.name, variant.each, variant.never_varies) for variant in variants]


def build(
    variants: Sequence[Side],
    measured: Sequence[Metric],
    names: Sequence[str],
    *,
    decided_by: str | None = None,
    noise: NoiseBand | None = None,
    essays: int | None = None,
    tested: Callable[[], None] = lambda: None,
) -> list[Difference]:
    """The differences in the order of `names`: of every two variants in `decided_by`, else from the first.

    Args:
        variants: the baseline first.
        measured: figures of the baseline, for labels.
        names: the metrics to compare.
        decided_by: the metric in which every two are compared; a family of its own, like every metric.
        noise: what differences between runs of one prompt are like.
        essays: how many anchors could have been others, where that is not all of them.
        tested: called after each test.
    """
    about = {metric.name: metric for metric in measured}
    of_chance = {each.metric: each for each in noise.metrics} if noise else {}
    statistics = figures.paired(variants[0].runs[0])
    matched = {
        (one, other): match(
            [run.comparisons for run in variants[one].runs], [run.comparisons for run in variants[other].runs]
        )
        for one, other in combinations(range(len(variants)), 2)
        if one == 0 or decided_by in names
    }
    found = []
    for name in names:
        couples = [couple for couple in matched if couple[0] == 0 or name == decided_by]
        apart = []
        for couple in couples:
            both = matched[couple]
            resamples = max(FEWEST_EXCHANGES, EXCHANGES // (len(both.outcomes) - 1))
            apart.append(
                paired_difference(both, statistics[name], level=LEVEL, resamples=resamples, essays=essays)
            )
            tested()
        chance = [
            _error_of_chance(variants[one], variants[other], of_chance.get(name)) for one, other in couples
        ]
        bands = [_band(error, of_chance.get(name)) for error in chance]
        for couple, one, error, band in zip(couples, adjust(apart, bands), chance, bands, strict=True):
            both = matched[couple]
            anchors = len(np.unique([both.first, both.second]))
            advice = _advice(one, error, len(apart), anchors)
            more = None
            if (of_essays := one.essays.standard_error) is not None:
                study = design_study(of_essays, error)
                more = MoreOfDifference(
                    now=study.now,
                    twice_anchors=study.twice_anchors,
                    twice_comparisons=study.twice_comparisons,
                )
            names_of = (variants[couple[0]].name, variants[couple[1]].name)
            found.append(_difference(about[name], names_of, one, band, advice, more))
    return found


def _difference(
    metric: Metric,
    names: tuple[str, str],
    one: PairedDifference,
    band: float | None,
    advice: Advice | None,
    more: MoreOfDifference | None,
) -> Difference:
    return Difference(
        metric=metric.name,
        label=metric.label,
        kind=metric.kind,
        higher_is_better=one.higher_is_better,
        reference=names[0],
        variant=names[1],
        reference_value=one.reference,
        variant_value=one.variant,
        value=one.difference,
        pairs=read(one.pairs),
        essays=read(one.essays),
        comparisons=one.comparisons,
        differing=one.differing,
        band=band,
        beyond_noise=None if band is None or one.difference is None else abs(one.difference) > band,
        advice=advice,
        more_data=more,
    )


def read(reading: paired.PairedReading) -> Reading:
    """A statistic's reading as the contract writes it."""
    return Reading(
        interval=interval(reading.interval),
        p_value=reading.p_value,
        p_adjusted=reading.p_adjusted,
        verdict=VERDICTS[reading.verdict],
    )


def _advice(one: PairedDifference, noise_error: float | None, tests: int, anchors: int) -> Advice | None:
    """What would decide for other essays; None where it is decided, or no number would be worth anything."""
    if one.difference is None or one.essays.standard_error is None:
        return None
    if one.essays.verdict is not paired.PairedVerdict.CANNOT_TELL:
        return None
    found = advise(
        one.difference,
        one.essays.standard_error,
        noise_error,
        comparisons=one.comparisons,
        essays=anchors,
        level=1 - (1 - LEVEL) / tests,
    )
    return Advice(kind=found.kind.value, more=found.more, repeats_known=found.repeats_known)


def _error_of_chance(one: Side, other: Side, noise: Noise | None) -> float | None:
    """Standard error of a difference of the two from asking again; None where nothing was asked again."""
    if one.never_varies and other.never_varies:
        return 0.0
    if noise is None:
        return None
    return noise.sd * sqrt(sum(1 / len(side.runs) for side in (one, other) if not side.never_varies))


def _band(error: float | None, noise: Noise | None) -> float | None:
    """How far apart two variants of one prompt may lie; None where one degree of freedom says nothing."""
    if error is None or noise is None or noise.band is None:
        return None
    return float(stdtrit(noise.degrees, (1 + LEVEL) / 2)) * error


def noise_band(each: Mapping[str, Figures], prompts: Mapping[str, str]) -> NoiseBand | None:
    """How far runs of one prompt lie apart, by the variance between them.

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
        metrics = [[each[run].metric(name) for run in runs] for runs in repeated]
        values = [[one.value for one in of_group if one.value is not None] for of_group in metrics]
        degrees = sum(len(group) - 1 for group in values if group)
        if degrees < 1:
            continue
        squares = sum(float(np.var(group)) * len(group) for group in values if group)
        sd = sqrt(squares / degrees)
        band = float(stdtrit(degrees, (1 + LEVEL) / 2)) * sd * sqrt(2) if degrees > 1 else None
        about = metrics[0][0]
        found.append(
            Noise(metric=name, label=about.label, kind=about.kind, sd=sd, degrees=degrees, band=band)
        )
    return NoiseBand(groups=repeated, metrics=found) if found else None
