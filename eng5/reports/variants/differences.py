"""Each variant against others, comparison by comparison, and the noise that runs of one prompt show."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
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
from eng5.contracts.own import with_fields_of
from eng5.reports.alignment.dataset import Dataset, interval
from eng5.reports.variants import figures
from eng5.reports.variants.dataset import JudgedVariant
from eng5.stats import paired
from eng5.stats.advice import advise, design_study, error_behind, replicates_beyond_noise
from eng5.stats.matching import match
from eng5.stats.paired import PairedDifference, adjust, paired_difference

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
    noise: Callable[[str, str], Mapping[str, Noise]] = lambda one, other: {},
    essays: int | None = None,
    tested: Callable[[], None] = lambda: None,
) -> list[Difference]:
    """The differences in the order of `names`: of every two variants in `decided_by`, else from the first.

    Args:
        variants: the baseline first.
        measured: figures of the baseline, for labels.
        names: the metrics to compare.
        decided_by: the metric in which every two are compared; a family of its own, like every metric.
        noise: what differences between runs of one prompt are like where two variants are compared, by metric.
        essays: how many anchors could have been others, where that is not all of them.
        tested: called after each test.
    """
    about = {metric.name: metric for metric in measured}
    statistics = figures.paired(variants[0].runs[0])
    matched = {
        (one, other): match(
            [run.comparisons for run in variants[one].runs], [run.comparisons for run in variants[other].runs]
        )
        for one, other in combinations(range(len(variants)), 2)
        if one == 0 or decided_by in names
    }
    of_chance = {(one, other): noise(variants[one].name, variants[other].name) for one, other in matched}
    found = []
    for name in names:
        if name == "ab_inversions" and not variants[0].runs[0].in_band.any():
            continue
        couples = [couple for couple in matched if couple[0] == 0 or name == decided_by]
        apart = []
        for couple in couples:
            both = matched[couple]
            resamples = max(FEWEST_EXCHANGES, EXCHANGES // (len(both.outcomes) - 1))
            apart.append(
                paired_difference(both, statistics[name], level=LEVEL, resamples=resamples, essays=essays)
            )
            tested()
        known = [of_chance[couple].get(name) for couple in couples]
        chance = [
            _error_of_chance(variants[one], variants[other], each)
            for (one, other), each in zip(couples, known, strict=True)
        ]
        bands = [_band(error, each) for error, each in zip(chance, known, strict=True)]
        for couple, one, error, band in zip(couples, adjust(apart, bands), chance, bands, strict=True):
            both = matched[couple]
            anchors = len(np.unique([both.first, both.second]))
            two = [variants[place] for place in couple]
            inside = band is not None and one.difference is not None and abs(one.difference) <= band
            advice = (
                _more_replicates(one, two, of_chance[couple][name].sd)
                if inside and one.difference
                else _advice(one, error, two, len(apart), anchors)
            )
            more = None
            if (of_essays := one.essays.standard_error) is not None:
                more = with_fields_of(design_study(of_essays, error), MoreOfDifference)
            found.append(_difference(about[name], two, one, band, advice, more))
    return found


def _difference(
    metric: Metric,
    two: Sequence[Side],
    one: PairedDifference,
    band: float | None,
    advice: Advice | None,
    more: MoreOfDifference | None,
) -> Difference:
    return with_fields_of(
        one,
        Difference,
        metric=metric.name,
        label=metric.label,
        kind=metric.kind,
        reference=two[0].name,
        variant=two[1].name,
        reference_value=one.reference,
        variant_value=one.variant,
        value=one.difference,
        pairs=read(one.pairs),
        essays=read(one.essays),
        band=band,
        beyond_noise=None if band is None or one.difference is None else abs(one.difference) > band,
        advice=advice,
        more_data=more,
    )


def read(reading: paired.PairedReading) -> Reading:
    """A statistic's reading as the contract writes it."""
    return with_fields_of(
        reading, Reading, interval=interval(reading.interval), verdict=VERDICTS[reading.verdict]
    )


def _advice(
    one: PairedDifference, noise_error: float | None, two: Sequence[Side], tests: int, anchors: int
) -> Advice | None:
    """What would decide for other essays; None where it is decided, or no number would be worth anything."""
    if one.difference is None or one.essays.verdict is not paired.PairedVerdict.CANNOT_TELL:
        return None
    error = error_behind(one.difference, one.essays)
    if error is None:
        return None
    found = advise(
        one.difference,
        error,
        noise_error,
        comparisons=one.comparisons * max(len(side.runs) for side in two),
        essays=anchors,
        level=1 - (1 - LEVEL) / tests,
    )
    return with_fields_of(found, Advice, kind=found.kind.value)


def _more_replicates(one: PairedDifference, two: Sequence[Side], sd: float) -> Advice:
    """What would take a difference out of the noise of runs; a number only where that alone would decide."""
    small = one.essays.p_adjusted is not None and one.essays.p_adjusted <= round(1 - LEVEL, 12)
    more = None
    if small and one.essays.interval is not None and 0 not in one.essays.interval:
        varying = [side for side in two if not side.never_varies]
        wanted = replicates_beyond_noise(one.difference or 0.0, sd, varying=len(varying), level=LEVEL)
        more = None if wanted is None else max(1, wanted - min(len(side.runs) for side in varying))
    return Advice(kind="replicates", more=more, repeats_known=True)


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


def noise_between(
    each: Mapping[str, Figures], prompts: Mapping[str, str], wanted: Collection[str]
) -> dict[str, Noise]:
    """The noise of runs of the `wanted` prompts by metric; of all prompts where these leave a metric without a band.

    A coin among the variants says nothing of how far runs of two others lie apart.
    """
    own = noise_band({run: one for run, one in each.items() if prompts[run] in wanted}, prompts)
    of_all = noise_band(each, prompts)
    known = {one.metric: one for one in of_all.metrics} if of_all else {}
    return known | {one.metric: one for one in (own.metrics if own else ()) if one.band is not None}


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
