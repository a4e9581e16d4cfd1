"""Inversions and contested pairs, with the judge's own words."""

from __future__ import annotations

from collections.abc import Sequence

from eng5.contracts.analysis import PairResult
from eng5.contracts.own import with_fields_of
from eng5.reports.alignment.dataset import Dataset, couple
from eng5.stats.inversions import GradedPair, JudgedPair

SHORT = 160


def build(data: Dataset, pairs: Sequence[GradedPair], judged: Sequence[JudgedPair]) -> list[PairResult]:
    """The pairs in their order; `judged` are the same pairs with their probabilities, or none of them."""
    known = {(each.pair.higher, each.pair.lower): each for each in judged}
    return [_result(data, pair, known.get((pair.higher, pair.lower))) for pair in pairs]


def _result(data: Dataset, pair: GradedPair, judged: JudgedPair | None) -> PairResult:
    higher, lower = data.subjects[pair.higher], data.subjects[pair.lower]
    places = data.by_pair[min(pair.higher, pair.lower), max(pair.higher, pair.lower)]
    verdicts = [data.answered[place] for place in places]
    against = [verdict for verdict in verdicts if verdict.winner_id == lower.essay_id]
    stated = [verdict.confidence for verdict in against if verdict.confidence is not None]
    surest = max(against, key=lambda verdict: verdict.confidence or 0.0) if against else None
    direct = pair.lower_wins > pair.higher_wins
    return with_fields_of(
        couple(higher, lower, "higher", "lower"),
        PairResult,
        higher_grade=higher.grade or "",
        lower_grade=lower.grade or "",
        higher_wins=pair.higher_wins,
        lower_wins=pair.lower_wins,
        ties=sum(verdict.status == "tie" for verdict in verdicts),
        winner_name=lower.name if direct else None,
        confidence=sum(stated) / len(stated) if stated else None,
        justification=short(surest.justification) if surest else None,
        probability=None if judged is None else judged.again,
        mostly=None if judged is None else judged.most,
        if_it_repeats=None if judged is None else judged.always,
        tag=None if judged is None else judged.verdict.value,
        verdicts=[verdict.sequence for verdict in verdicts],
    )


def short(text: str | None, most: int = SHORT) -> str | None:
    """One line of at most `most` characters, cut after a word."""
    if text is None:
        return None
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rsplit(' ', 1)[0].rstrip(' ,;.')}…"
