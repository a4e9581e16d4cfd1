"""Inversions and contested pairs, with the judge's own words, and the largest disagreements in ours."""

from __future__ import annotations

from collections.abc import Sequence

from eng5.contracts.analysis import PairResult
from eng5.contracts.judge_quality import Prediction, Ruler
from eng5.contracts.own import with_fields_of
from eng5.reports.alignment.dataset import Dataset, couple
from eng5.stats.inversions import GradedPair, JudgedPair

SHORT = 160
MOST = 3
ONE_LEVEL = 1.0


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


def largest(inversions: Sequence[PairResult], ruler: Ruler | None) -> list[str]:
    """Up to three anchors at least a level off, then up to three inversions, the likeliest to be real first."""
    anchors = (
        [] if ruler is None else [each for each in ruler.predictions if abs(each.difference) >= ONE_LEVEL]
    )
    pairs = sorted(inversions, key=lambda pair: -(pair.probability or 0.0))
    return [*map(_anchor, anchors[:MOST]), *map(_pair, pairs[:MOST])]


def _anchor(each: Prediction) -> str:
    doubt = (
        " Its expert grade looks wrong, or the judge misreads it consistently." if each.looks_wrong else ""
    )
    span = f"{each.low_grade} to {each.high_grade}"
    return f"{each.name}: {each.grade} by the experts, {each.predicted_grade} ({span}) by the judge.{doubt}"


def _chance(pair: PairResult) -> str:
    """ "80 of 100 cases", or from which number to which where repeats do not tell."""
    shares = sorted(
        round(100 * share) for share in (pair.probability, pair.if_it_repeats) if share is not None
    )
    span = f"{shares[0]}" if shares[0] == shares[-1] else f"{shares[0]} to {shares[-1]}"
    return f"{span} of 100 cases"


def _pair(pair: PairResult) -> str:
    games = pair.higher_wins + pair.lower_wins
    reading = "" if pair.probability is None else f"; asked again it would do so in {_chance(pair)}"
    return (
        f"{pair.lower_name} ({pair.lower_grade}) beat {pair.higher_name} ({pair.higher_grade}) "
        f"in {pair.lower_wins} of {games}{reading}."
    )
