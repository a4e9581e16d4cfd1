"""50 → 60: every number that a report shows, with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from eng5.contracts.analysis import LARGEST_MATRIX, Analysis, Fit
from eng5.contracts.artefact import Artefact
from eng5.contracts.baseline import Baseline
from eng5.contracts.dispute import DisputedPairs
from eng5.contracts.experiments import MetricName, Target
from eng5.contracts.own import with_fields_of
from eng5.files import read_model, write_model
from eng5.paths import RunnerPaths
from eng5.reports import about
from eng5.reports.alignment import (
    calibration,
    ceiling,
    dispute,
    essays,
    evidence,
    experts,
    grade_matrix,
    how_judged,
    inversions,
    judges,
    length,
    metrics,
    position,
    prior,
    readings,
    reliability,
    ruler,
    variant_panel,
)
from eng5.reports.alignment.dataset import Dataset, load
from eng5.reports.alignment.targets import caveat, check, overall, verdict
from eng5.reports.failures import failure_groups
from eng5.reports.notices import so_far
from eng5.stats.asked_again import reruns
from eng5.stats.bradley_terry.fit import BradleyTerryFit
from eng5.stats.bradley_terry.fit import fit as fit_bradley_terry
from eng5.stats.inversions import inversions as inversions_of
from eng5.stats.inversions import judge_pairs
from eng5.stats.posterior import draw


def build(
    artefact: Artefact,
    targets: Mapping[MetricName, Target],
    *,
    name: str,
    baseline: Baseline | None = None,
    other: tuple[str, Artefact] | None = None,
    disputed: tuple[DisputedPairs, Artefact] | None = None,
) -> Analysis:
    """Measure an artefact.

    Args:
        artefact: the run.
        targets: from experiments.toml; may be empty.
        name: the run's name, the folder under build/.
        baseline: what A/B regression is counted against; it may be of the run itself.
        other: name and artefact of the run beside it: of experts, or where people judged this one, of the judge
            whose scale helps theirs.
        disputed: doubtful pairs of the run, and the artefact with the experts' answers.
    """
    of_people = about.by_people(artefact)
    data = load(artefact)
    played = bool(data.comparisons.decided.any())
    draws = draw(data.comparisons, data.level, position_effect=data.positions) if played else None
    biased = draws is not None and data.positions and 0 not in draws.interval(draws.eta)
    fit = fit_bradley_terry(data.comparisons, position_effect=biased) if played else None
    again = None if draws is None else reruns(draws, position_effect=biased)
    found = inversions_of(data.comparisons, data.level)
    count = about.counts(artefact, data)
    in_band = None if baseline is None else baseline.ab_inversions
    measured, sure = metrics.figures(data, fit, again, found, in_band, draws)
    repeats_known = again is not None and again.effects.known
    figures = [
        readings.with_more(check(metric, targets), sure, count.graded, repeats_known=repeats_known)
        for metric in measured
    ]
    direct, contested = (
        inversions.build(data, listed, judge_pairs(listed, draws) if draws else ())
        for listed in (found.direct, found.contested)
    )
    anchors = None if fit is None else ruler.build(data, fit.theta)
    bias = reliable = None
    if draws is not None and fit is not None and again is not None:
        bias = position.build(data, draws, in_scores=biased) if data.positions else None
        reliable = reliability.build(data, fit, again.effects)
    facets = judges.build(artefact, data)
    rows = essays.build(data, fit, again, artefact.bt_summary)
    return Analysis(
        run=about.summary(artefact, name),
        baseline=baseline,
        verdict=so_far(artefact, verdict(figures, count)),
        caveat=caveat(figures),
        status=overall(figures),
        notices=[
            *about.run_notices(artefact, data, count, fit, draws),
            *about.judge_notices(bias, reliable),
            *how_judged.notices(artefact),
        ],
        counts=count,
        evidence=None if again is None else evidence.build(data, again.effects),
        metrics=figures,
        essays=rows,
        service_rank_differences=essays.rank_differences(rows),
        inversions=direct,
        contested=contested,
        disagreements=inversions.largest(direct, anchors),
        fit=None if fit is None else _fit(data, fit),
        grade_pairs=[] if draws is None else ruler.grade_pairs(data, draws),
        reliability=reliable,
        ruler=anchors,
        grade_estimates=[] if fit is None else ruler.grade_estimates(data, fit.theta),
        position=bias,
        length=length.build(artefact, data, anchors),
        calibration=calibration.build(data),
        ceiling=ceiling.build(
            [*artefact.inputs.anchors, *artefact.inputs.named], data, None if fit is None else fit.theta
        ),
        failures=failure_groups(artefact.llm_comparisons),
        judges=facets,
        experts=experts.agreement(data) if facets else None,
        beside_experts=experts.beside(artefact, data, other) if other and not of_people else None,
        panel=variant_panel.build(artefact, data),
        with_prior=prior.with_prior(artefact, data, other) if other and of_people else None,
        dispute=None
        if disputed is None
        else dispute.build(*disputed, data, None if fit is None else fit.theta),
        win_matrix=_win_matrix(data),
        grade_matrix=grade_matrix.build(data),
    )


def _win_matrix(data: Dataset) -> list[list[int]]:
    few = data.comparisons.n <= LARGEST_MATRIX
    return data.comparisons.win_matrix.astype(int).tolist() if few else []


def _fit(data: Dataset, fit: BradleyTerryFit) -> Fit:
    def names(places: tuple[int, ...]) -> list[str]:
        return [data.subjects[place].name for place in places]

    return with_fields_of(
        fit,
        Fit,
        components=[names(part) for part in fit.components],
        no_wins=names(fit.no_wins),
        no_losses=names(fit.no_losses),
    )


def run(
    paths: RunnerPaths,
    targets: Mapping[MetricName, Target],
    *,
    baseline: Path | None = None,
    other: RunnerPaths | None = None,
) -> None:
    """Read 50, and where they are given and there build/baseline.json and 50 of the run beside it; write 60."""
    artefact = read_model(paths.artefact, Artefact)
    known = read_model(baseline, Baseline) if baseline is not None and baseline.is_file() else None
    there = other is not None and other.artefact.is_file()
    side = (other.name, read_model(other.artefact, Artefact)) if other is not None and there else None
    measured = build(
        artefact, targets, name=paths.name, baseline=known, other=side, disputed=_disputed(paths.dispute)
    )
    write_model(paths.analysis, measured)


def _disputed(paths: RunnerPaths) -> tuple[DisputedPairs, Artefact] | None:
    """What the run asked experts about another, and their answers, if they are there."""
    if not (paths.disputed.is_file() and paths.artefact.is_file()):
        return None
    return read_model(paths.disputed, DisputedPairs), read_model(paths.artefact, Artefact)
