"""The human ceiling: how far graders agree with each other, and whether the judge is as good as another one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eng5.contracts.artefact import NamedEssay
from eng5.contracts.ceiling import Ceiling, GraderRow
from eng5.contracts.inventory import Essay
from eng5.contracts.own import Estimate, with_fields_of
from eng5.essays.graders import graded
from eng5.pages.rendering import estimate, number, percent
from eng5.reports.alignment.dataset import Dataset, estimated
from eng5.stats import graders as stats
from eng5.stats.alternative_annotator import AgainstGrader, alternative_annotator, power_of_panel
from eng5.stats.comparisons import FloatArray, IntArray


def build(essays: Sequence[Essay | NamedEssay], data: Dataset, score: FloatArray | None) -> Ceiling | None:
    """Graders against each other, and the judge among them; None without two graders of the same anchors.

    Args:
        essays: the anchors with their graders' grades.
        data: the run.
        score: shape (n,), the judge's ability of each essay of `data`; None without one scale.
    """
    names, grade = graded(essays, data.scale)
    if len(names) < 2 or not ((~np.isnan(grade)).sum(axis=1) > 1).any():
        return None
    place = {subject.essay_id: number for number, subject in enumerate(data.subjects)}
    played = data.comparisons.wins + data.comparisons.losses > 0
    judge = np.full(len(essays), np.nan)
    for row, essay in enumerate(essays):
        found = place.get(essay.essay_id)
        if score is not None and found is not None and played[found]:
            judge[row] = score[found]
    tested = alternative_annotator(judge, grade)
    rows = []
    for column, (name, one) in enumerate(zip(names, tested.graders, strict=True)):
        rows.append(_grader(name, column, one, judge, grade))
    of_median = stats.reliability(grade)

    def without_error(e: IntArray) -> float | None:
        tau, of_graders = stats.tau_against_median(judge[e], grade[e]), stats.reliability(grade[e])
        return None if tau is None or of_graders is None else stats.tau_without_grader_error(tau, of_graders)

    ceiling = Ceiling(
        graders=rows,
        alpha=_over(lambda e: stats.krippendorff_alpha(grade[e]), len(essays)),
        kappa=_over(lambda e: stats.mean_kappa(grade[e]), len(essays)),
        reliability=of_median,
        perfect_tau=None if of_median is None else stats.tau_of_perfect_judge(of_median),
        tau=_over(lambda e: stats.tau_against_median(judge[e], grade[e]), len(essays)),
        tau_without_error=_over(without_error, len(essays)),
        margin=tested.margin,
        winning_rate=tested.winning_rate,
        as_good=tested.as_good,
        power=power_of_panel(grade, len(data.grades)),
        sentence="",
    )
    return ceiling.model_copy(update={"sentence": _sentence(ceiling)})


def _grader(name: str, column: int, one: AgainstGrader, judge: FloatArray, grade: FloatArray) -> GraderRow:
    others = np.delete(grade, column, axis=1)

    def of_judge(essays: IntArray) -> float | None:
        return stats.tau_against_median(judge[essays], others[essays])

    def of_grader(essays: IntArray) -> float | None:
        return stats.tau_against_others(grade[essays], column)

    return with_fields_of(
        one,
        GraderRow,
        name=name,
        essays=int((~np.isnan(grade[:, column])).sum()),
        tau_others=_over(of_grader, len(grade)),
        judge_tau_others=_over(of_judge, len(grade)),
        judge_agrees=one.judge,
        grader_agrees=one.grader,
        advantage=estimated(one.advantage, one.interval),
    )


def _over(figure: stats.OfEssays, n: int) -> Estimate:
    found = stats.over_essays(figure, n)
    return estimated(found.value, found.interval)


def _sentence(found: Ceiling) -> str:
    """How far the graders agree, what can be reached, and whether the judge is as good as another grader."""
    parts = [f"The {len(found.graders)} graders agree with Krippendorff's alpha {estimate(found.alpha)}."]
    if found.perfect_tau is not None and found.tau.value is not None:
        parts.append(
            f"Against their median a judge without any error would reach tau {number(found.perfect_tau)}; this one "
            f"reaches {number(found.tau.value)}, or {estimate(found.tau_without_error)} with their error taken out."
        )
    if found.winning_rate is None:
        parts.append(
            "Whether it is as good as another grader cannot be tested with so few anchors in common."
        )
    elif found.as_good:
        parts.append(f"It is as good as another grader, to within {percent(found.margin)} of pairs.")
    else:
        chance = (
            ""
            if found.power is None
            else (
                f"; a judge just as good as a grader would be found so in {percent(found.power)} of such studies"
            )
        )
        parts.append(f"That it is as good as another grader is not shown{chance}.")
    return " ".join(parts)
