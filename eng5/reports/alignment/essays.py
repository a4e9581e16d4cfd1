"""The table of essays: scores, ranks, wins and losses."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from eng5.contracts.analysis import EssayRow
from eng5.contracts.artefact import ServiceScore
from eng5.contracts.own import Estimate, Interval, with_fields_of
from eng5.reports.alignment.dataset import Dataset, interval
from eng5.stats.asked_again import Reruns
from eng5.stats.bradley_terry.fit import BradleyTerryFit
from eng5.stats.comparisons import FloatArray
from eng5.stats.expected_win_rate import win_rate_intervals
from eng5.stats.misfit import misfit
from eng5.stats.reliability import error_covariance

RANK_TOLERANCE = 1e-9
LEVEL = 0.95


def build(
    data: Dataset,
    fit: BradleyTerryFit | None,
    again: Reruns | None,
    service: Sequence[ServiceScore],
) -> list[EssayRow]:
    """One row an essay, in the order of `data`; scores only for essays that were compared.

    Errors and ranks are of the same fit. An error is for other pairs of the same abilities: verdicts on one
    pair that repeat each other make it no smaller.
    """
    played, wins, losses = data.comparisons.played, data.comparisons.wins, data.comparisons.losses
    has_score = played > 0 if fit is not None else np.zeros(len(data.subjects), dtype=bool)
    scores = (
        np.where(has_score, fit.theta, np.nan) if fit is not None else np.full(len(data.subjects), np.nan)
    )
    ranks, expected = _places(scores), _places(np.where(data.level < 0, np.nan, data.level))
    rate_intervals: list[Interval | None] = [None] * len(data.subjects)
    errors = np.full(len(data.subjects), np.nan)
    if again is not None:
        rate_intervals = [interval(each) for each in win_rate_intervals(data.comparisons, again)]
    if again is not None and fit is not None:
        errors = np.sqrt(np.diag(error_covariance(fit, again.effects)))
    of_service = {score.essay_id: score for score in service}
    mean_squares: list[tuple[float | None, float | None]] = (
        [(None, None)] * len(data.subjects) if fit is None else [(m.infit, m.outfit) for m in misfit(fit)]
    )
    rows = []
    for place, subject in enumerate(data.subjects):
        decided = int(wins[place] + losses[place])
        service_row = of_service.get(subject.essay_id)
        span, shared, (infit, outfit) = expected[place], ranks[place], mean_squares[place]
        scored = fit is not None and bool(has_score[place])
        rows.append(
            with_fields_of(
                subject,
                EssayRow,
                score=float(scores[place]) if scored else None,
                standard_error=float(errors[place]) if scored and again is not None else None,
                score_interval=_normal(scores[place], errors[place])
                if scored and again is not None
                else None,
                rank=None if shared is None else shared[0],
                rank_last=None if shared is None else shared[1],
                expected_rank=None if span is None else (span[0] + span[1]) / 2,
                expected_rank_first=None if span is None else span[0],
                expected_rank_last=None if span is None else span[1],
                played=int(played[place]),
                wins=int(wins[place]),
                losses=int(losses[place]),
                ties=int(played[place] - wins[place] - losses[place]),
                failed=data.failed.get(subject.essay_id, 0),
                win_rate=Estimate(
                    value=int(wins[place]) / decided if decided else None, interval=rate_intervals[place]
                ),
                infit=infit,
                outfit=outfit,
                service_score=None if service_row is None else service_row.bt_score,
                service_rank=None if service_row is None else service_row.rank,
            )
        )
    return rows


def rank_differences(rows: Sequence[EssayRow]) -> int | None:
    """Essays whose rank the CJ service sees elsewhere; None when it ranked none."""
    ranked = [row for row in rows if row.service_rank is not None and row.rank is not None]
    if not ranked:
        return None
    return sum(not (row.rank or 0) <= (row.service_rank or 0) <= (row.rank_last or 0) for row in ranked)


def _normal(score: float, error: float) -> Interval:
    about = NormalDist(float(score), float(error))
    tail = (1 - LEVEL) / 2
    return Interval(low=about.inv_cdf(tail), high=about.inv_cdf(1 - tail), level=LEVEL, method="normal")


def _places(values: FloatArray) -> list[tuple[int, int] | None]:
    """The first and last rank that each value takes, 1 the highest, equal values sharing; None for NaN."""
    known = values[~np.isnan(values)]
    return [
        None
        if np.isnan(value)
        else (
            1 + int((known > value + RANK_TOLERANCE).sum()),
            int((known >= value - RANK_TOLERANCE).sum()),
        )
        for value in values
    ]
