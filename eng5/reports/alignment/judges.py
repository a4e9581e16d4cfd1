"""The judges of a run as facets: agreement with the others, infit, lean and pace of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from statistics import median

import numpy as np

from eng5.contracts.artefact import Artefact, Comparison
from eng5.contracts.judge_quality import JudgeFacet
from eng5.contracts.own import Estimate, with_fields_of
from eng5.reports.alignment.dataset import Dataset, estimated, interval
from eng5.stats.expert_agreement import median_interval
from eng5.stats.facets import judge_facets
from eng5.stats.win_rate import WinRate

OF_PEOPLE = ("human", "imported")
"""Providers whose model is a judge's name."""


def build(artefact: Artefact, data: Dataset) -> list[JudgeFacet]:
    """One entry a judge, the one with the most comparisons first; none where there is a single judge."""
    said = [judge_name(one) for one in data.answered]
    names = [name for name, _ in sorted(Counter(said).items(), key=lambda each: (-each[1], each[0]))]
    if len(names) < 2:
        return []
    place = {name: number for number, name in enumerate(names)}
    failed = Counter(judge_name(one) for one in artefact.llm_comparisons if one.status == "failed")
    found = judge_facets(data.comparisons, np.array([place[name] for name in said], dtype=np.int64))
    return [
        with_fields_of(
            one,
            JudgeFacet,
            name=name,
            failed=failed[name],
            agreement=estimated(one.agreement.rate, one.agreement.interval),
            compared_with_others=one.agreement.decided,
            infit_interval=interval(one.infit_interval),
            peers=estimated(one.peers.share, one.peers.interval),
            first_share=estimated(one.first.rate, one.first.interval) if data.positions else Estimate(),
            lean=_lean(one.first) if data.positions else None,
            median_seconds=median(seconds) if seconds else None,
            seconds_interval=interval(median_interval(seconds)),
        )
        for name, one in zip(names, found, strict=True)
        for seconds in [_seconds(one for one in data.answered if judge_name(one) == name)]
    ]


def judge_name(one: Comparison) -> str:
    """A person's pseudonym, or provider and model."""
    return one.model if one.provider in OF_PEOPLE else f"{one.provider} / {one.model}"


def _lean(first: WinRate) -> str | None:
    if first.interval is None or 0.5 in first.interval:
        return None
    return "left" if first.interval.low > 0.5 else "right"


def _seconds(rows: Iterable[Comparison]) -> list[float]:
    return [
        (one.completed_at - one.started_at).total_seconds()
        for one in rows
        if one.started_at is not None and one.completed_at is not None and one.started_at != one.completed_at
    ]
