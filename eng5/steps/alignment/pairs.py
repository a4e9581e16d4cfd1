"""Inversions and contested pairs, with the judge's own words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from eng5.contracts.analysis import PairResult, RealOrNoise
from eng5.contracts.artefact import Comparison
from eng5.stats.inversions import Pair
from eng5.steps.alignment.dataset import Dataset

__all__ = ["build"]

SHORT = 160
LIKELY = 0.9
"""A probability at or above it, or at or below its complement, is called likely."""

Probability = Callable[[int, int], float | None]


def build(data: Dataset, pairs: Sequence[Pair], probability: Probability) -> list[PairResult]:
    """The pairs in their order; `probability(i, j)` is that of essay i lying above j on the judge's scale."""
    return [_result(data, pair, probability(pair.higher, pair.lower)) for pair in pairs]


def _result(data: Dataset, pair: Pair, probability: float | None) -> PairResult:
    higher, lower = data.subjects[pair.higher], data.subjects[pair.lower]
    places = data.by_pair[min(pair.higher, pair.lower), max(pair.higher, pair.lower)]
    verdicts = [data.answered[place] for place in places]
    against = [verdict for verdict in verdicts if verdict.winner_id == lower.essay_id]
    stated = [verdict.confidence for verdict in against if verdict.confidence is not None]
    surest = max(against, key=lambda verdict: verdict.confidence or 0.0) if against else None
    direct = pair.lower_wins > pair.higher_wins
    return PairResult(
        higher_id=higher.essay_id,
        lower_id=lower.essay_id,
        higher_name=higher.name,
        lower_name=lower.name,
        higher_grade=higher.grade or "",
        lower_grade=lower.grade or "",
        higher_wins=pair.higher_wins,
        lower_wins=pair.lower_wins,
        ties=sum(verdict.status == "tie" for verdict in verdicts),
        winner_name=lower.name if direct else None,
        confidence=sum(stated) / len(stated) if stated else None,
        justification=_short(surest),
        probability=probability,
        tag=None if probability is None else _tag(probability),
        verdicts=[verdict.sequence for verdict in verdicts],
    )


def _tag(probability: float) -> RealOrNoise:
    if probability <= 1 - LIKELY:
        return "likely real"
    return "likely noise" if probability >= LIKELY else "unclear"


def _short(verdict: Comparison | None) -> str | None:
    if verdict is None or verdict.justification is None:
        return None
    line = " ".join(verdict.justification.split())
    return line if len(line) <= SHORT else f"{line[: SHORT - 1].rsplit(' ', 1)[0].rstrip(' ,;.')}…"
