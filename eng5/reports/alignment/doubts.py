"""The pairs of a run on which a few answers of experts would change most."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, zip_longest

from eng5.contracts.analysis import Analysis, EssayRow
from eng5.contracts.dispute import DoubtfulPair

MOST_PAIRS = 20
"""Of a dispute whose [human] names no number."""
ONE_LEVEL = 1.0
NEIGHBOURS = 2
"""Pairs by which an anchor is placed that looks wrongly graded."""


def doubtful_pairs(analysis: Analysis, most: int = MOST_PAIRS) -> list[DoubtfulPair]:
    """Inversions that may be real, pairs of anchors whose grade may be wrong, and flips, in turn; the gravest first.

    Likely real inversions come before unclear ones, those that the judge would repeat most surely first; grades that
    look wrong before those that are a level off, the furthest first; flips of essays that are furthest apart first.
    """
    in_turn = zip_longest(_inversions(analysis), _grades(analysis), _flips(analysis))
    found: dict[frozenset[str], DoubtfulPair] = {}
    for pair in chain.from_iterable(in_turn):
        if pair is not None:
            found.setdefault(frozenset((pair.one_id, pair.other_id)), pair)
    return list(found.values())[:most]


def _inversions(analysis: Analysis) -> Iterator[DoubtfulPair]:
    maybe = [pair for pair in analysis.inversions if pair.tag != "likely noise"]
    for pair in sorted(maybe, key=lambda pair: (pair.tag != "likely real", -(pair.probability or 0.0))):
        yield DoubtfulPair(one_id=pair.higher_id, other_id=pair.lower_id, doubt="inversion")


def _grades(analysis: Analysis) -> Iterator[DoubtfulPair]:
    """An anchor in doubt against those of other grades that its score is nearest to."""
    rows = {essay.essay_id: essay for essay in analysis.essays}
    predictions = analysis.ruler.predictions if analysis.ruler else []
    for each in sorted(predictions, key=lambda one: (not one.looks_wrong, -abs(one.difference))):
        if (each.looks_wrong or abs(each.difference) >= ONE_LEVEL) and each.essay_id in rows:
            for other in _nearest(rows[each.essay_id], analysis.essays):
                yield DoubtfulPair(
                    one_id=each.essay_id, other_id=other.essay_id, doubt="grade", about=each.name
                )


def _nearest(anchor: EssayRow, essays: list[EssayRow]) -> list[EssayRow]:
    def distance(other: EssayRow) -> float:
        return abs((other.score or 0.0) - (anchor.score or 0.0))

    others = [
        one for one in essays if one.score is not None and one.level is not None and one.level != anchor.level
    ]
    return sorted(others, key=distance)[:NEIGHBOURS]


def _flips(analysis: Analysis) -> Iterator[DoubtfulPair]:
    if analysis.position is None:
        return
    rows = {essay.name: essay for essay in analysis.essays}
    known = [
        (rows[flip.one_name], rows[flip.other_name])
        for flip in analysis.position.flips
        if flip.one_name in rows and flip.other_name in rows
    ]
    for one, other in sorted(known, key=lambda pair: -abs((pair[0].score or 0.0) - (pair[1].score or 0.0))):
        yield DoubtfulPair(one_id=one.essay_id, other_id=other.essay_id, doubt="flip")
