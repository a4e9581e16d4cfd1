"""Pairs of anchors of which variants name different winners, with what each of them says."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from eng5.contracts.compare import Cell, Direction, FlippedAnchors, FlippedGrades, Flips, Opinion, SplitPair
from eng5.contracts.own import with_fields_of
from eng5.reports.alignment.dataset import Dataset, couple
from eng5.reports.alignment.inversions import short
from eng5.reports.variants.dataset import JudgedVariant

LONGEST = 500
"""Characters of a justification; all of it is in the artefact, and a page stays small with twenty variants."""
NOTHING = Cell(higher_wins=0, lower_wins=0, ties=0)


def flips(variants: Sequence[JudgedVariant]) -> list[Flips]:
    """How often the winner changes between any two variants."""
    cells = [_cells(variant.data) for variant in variants]
    found = []
    for (one, left), (other, right) in combinations(zip(variants, cells, strict=True), 2):
        both = [pair for pair in left.keys() & right.keys() if left[pair].net and right[pair].net]
        flipped = [pair for pair in both if left[pair].net != right[pair].net]
        graded = [pair for pair in flipped if _graded(one.data, pair)]
        found.append(
            Flips(
                one=one.name,
                other=other.name,
                pairs=len(both),
                flipped=len(flipped),
                righted=sum(right[pair].net > 0 for pair in graded),
                wronged=sum(right[pair].net < 0 for pair in graded),
                by_grade=_by_grade(one.data, {pair: right[pair] for pair in flipped}),
            )
        )
    return found


DIRECTIONS: tuple[Direction, ...] = ("put right", "put wrong", "no right side")


def _by_grade(data: Dataset, flipped: dict[tuple[int, int], Cell]) -> list[FlippedGrades]:
    """The pairs together that went the same way between the same grades; `flipped` has what they became."""
    groups: dict[tuple[Direction, str | None, str | None], list[FlippedAnchors]] = {}
    for pair, cell in sorted(flipped.items()):
        higher, lower = (data.subjects[place] for place in pair)
        direction = DIRECTIONS[0 if cell.net > 0 else 1] if _graded(data, pair) else DIRECTIONS[2]
        groups.setdefault((direction, higher.grade, lower.grade), []).append(
            with_fields_of(couple(higher, lower, "higher", "lower"), FlippedAnchors)
        )
    return [
        FlippedGrades(direction=direction, higher_grade=higher, lower_grade=lower, pairs=pairs)
        for (direction, higher, lower), pairs in sorted(
            groups.items(), key=lambda group: DIRECTIONS.index(group[0][0])
        )
    ]


def split_pairs(variants: Sequence[JudgedVariant]) -> list[SplitPair]:
    """The pairs that flip between at least two variants, in expert order."""
    cells = [_cells(variant.data) for variant in variants]
    every = sorted({pair for of_variant in cells for pair in of_variant})
    rows = [(pair, [of_variant.get(pair, NOTHING) for of_variant in cells]) for pair in every]
    return [_split(variants, pair, row) for pair, row in rows if {-1, 1} <= {cell.net for cell in row}]


def _graded(data: Dataset, pair: tuple[int, int]) -> bool:
    higher, lower = (data.subjects[place].level for place in pair)
    return higher is not None and lower is not None and higher != lower


def _cells(data: Dataset) -> dict[tuple[int, int], Cell]:
    """What the comparisons say of each pair (i, j), i before j in expert order."""
    first, second, outcome = data.comparisons.first, data.comparisons.second, data.comparisons.outcome
    toward = np.where(first < second, outcome, -outcome)
    return {
        pair: Cell(
            higher_wins=int((toward[places] > 0).sum()),
            lower_wins=int((toward[places] < 0).sum()),
            ties=int((toward[places] == 0).sum()),
        )
        for pair, places in data.by_pair.items()
    }


def _split(variants: Sequence[JudgedVariant], pair: tuple[int, int], row: list[Cell]) -> SplitPair:
    data = variants[0].data
    higher, lower = (data.subjects[place] for place in pair)
    names = {subject.essay_id: subject.name for subject in (higher, lower)}
    return with_fields_of(
        couple(higher, lower, "higher", "lower"),
        SplitPair,
        graded=_graded(data, pair),
        cells=row,
        opinions=[
            Opinion(
                run=run.name,
                sequence=verdict.sequence,
                first_name=names[verdict.essay_a_id],
                second_name=names[verdict.essay_b_id],
                winner_name=None if verdict.winner_id is None else names[verdict.winner_id],
                confidence=verdict.confidence,
                justification=short(verdict.justification, LONGEST),
            )
            for variant in variants
            for run in variant.runs
            for verdict in (run.data.answered[place] for place in run.data.by_pair.get(pair, ()))
        ],
    )
