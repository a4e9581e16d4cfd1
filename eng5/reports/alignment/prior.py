"""Scores of experts with another run's scale beside them, which makes few comparisons go further."""

from __future__ import annotations

import numpy as np

from eng5.contracts.artefact import Artefact
from eng5.contracts.experts import PriorScore, PriorScores
from eng5.contracts.own import Estimate, Interval, with_fields_of
from eng5.pages.rendering import count, number, percent
from eng5.reports import about
from eng5.reports.alignment.dataset import Dataset, load
from eng5.reports.variants.dataset import same_essays
from eng5.stats.bradley_terry.fit import fit
from eng5.stats.comparisons import FloatArray
from eng5.stats.expert_prior import ExpertScores, expert_scores


def with_prior(artefact: Artefact, data: Dataset, other: tuple[str, Artefact]) -> PriorScores | None:
    """Scores of the experts' run alone, and with the scale of another, (name, artefact).

    None without three essays that both have.
    """
    run, judged = other
    place = {subject.essay_id: number for number, subject in enumerate(data.subjects)}
    scale = np.full(len(data.subjects), np.nan)
    others = load(judged)
    if not (data.comparisons.decided.any() and others.comparisons.decided.any()):
        return None
    theta = fit(others.comparisons).theta
    played = others.comparisons.wins + others.comparisons.losses > 0
    known = {subject.essay_id for subject in same_essays(data.subjects, artefact, judged)}
    for number_, subject in enumerate(others.subjects):
        if subject.essay_id in known and played[number_]:
            scale[place[subject.essay_id]] = theta[number_]
    if int(np.isfinite(scale).sum()) < 3:
        return None
    alone = expert_scores(data.comparisons, position_effect=data.positions)
    found = expert_scores(data.comparisons, scale, position_effect=data.positions)
    worth = found.worth(alone)
    judge = about.summary(judged, run).judge.name
    return with_fields_of(
        found,
        PriorScores,
        run=run,
        judge=judge,
        worth=worth,
        scores=_scores(data, scale, alone, found),
        sentence=_prior_sentence(run, found, worth),
    )


def _scores(
    data: Dataset, scale: FloatArray, alone: ExpertScores, together: ExpertScores
) -> list[PriorScore]:
    rows = [
        with_fields_of(
            subject,
            PriorScore,
            judge=float(scale[place]) if np.isfinite(scale[place]) else None,
            alone=_score(alone, place),
            together=_score(together, place),
        )
        for place, subject in enumerate(data.subjects)
    ]
    return sorted(rows, key=lambda row: (-(row.together.value or 0.0), row.name))


def _score(scores: ExpertScores, place: int) -> Estimate:
    ends = Interval(
        low=float(scores.low[place]),
        high=float(scores.high[place]),
        level=scores.level,
        method="posterior, Laplace's method over a grid",
    )
    return Estimate(value=float(scores.score[place]), interval=ends)


def _prior_sentence(run: str, found: ExpertScores, worth: float) -> str:
    if found.related < 0.5:
        return (
            f"The scale of {run} probably says nothing about these experts' ({percent(found.related)} that it does), "
            "so it is left out of the scores as good as wholly."
        )
    if worth < 1:
        return f"The scale of {run} goes with the experts', but adds nothing to so many comparisons."
    return (
        f"The scale of {run} goes with the experts' (correlation about {number(found.correlation, 2)}). With it the "
        f"scores are as exact as about {count(round(worth))} further comparisons by experts would make them, beside "
        f"the {count(found.comparisons)} that there are."
    )
