"""The largest disagreements of judge and experts, in words."""

from __future__ import annotations

from collections.abc import Sequence

from eng5.contracts.analysis import PairResult
from eng5.contracts.judge_quality import Prediction, Ruler

MOST = 3
ONE_LEVEL = 1.0


def build(inversions: Sequence[PairResult], ruler: Ruler | None) -> list[str]:
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
