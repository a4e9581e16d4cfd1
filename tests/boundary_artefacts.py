"""Artefacts of boundary tests whose outcomes are given letter by letter, and of judges of known win rates."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from eng5.contracts.artefact import Artefact, Comparison
from eng5.contracts.inventory import Essay
from eng5.contracts.modes import RunnerMode
from eng5.contracts.run import ListedPair
from eng5.essays.pairs import turns
from tests.reports.conftest import artefact, comparison, essays, failed

GRADES = ("F+", "F+", "E-", "E+")
Outcomes = Mapping[tuple[str, str], tuple[str, str]]


def listed_artefact(outcomes: Outcomes, grades: Sequence[str] = GRADES, **changes: Any) -> Artefact:
    """A boundary test of anchors `anchor_01` … with the given grades.

    `outcomes` maps (higher, lower) to the letters of the iterations with the higher grade shown first, and
    shown second: H higher won, L lower won, T tie, F failed, - no answer.
    """
    anchors = essays(grades)
    pairs = [
        ListedPair(higher=higher, lower=lower, iterations=len(letters[0]))
        for (higher, lower), letters in outcomes.items()
    ]
    by_name = {str(anchor.anchor_id): anchor for anchor in anchors}
    rows: list[Comparison] = []
    for index, turn in enumerate(turns(pairs)):
        pair = pairs[turn.pair]
        letter = outcomes[pair.higher, pair.lower][0 if turn.higher_first else 1][turn.iteration]
        if letter != "-":
            higher, lower = by_name[pair.higher], by_name[pair.lower]
            rows.append(_row(len(rows) + 1, index, letter, higher, lower, turn.higher_first))
    answered = {"missing": len(turns(pairs)) - len(rows)} | changes
    return artefact(
        anchors,
        rows,
        runner_mode=RunnerMode.BOUNDARY_TEST,
        batch_id="boundary",
        boundary=[pair.model_dump() for pair in pairs],
        **answered,
    )


def _row(
    sequence: int, index: int, letter: str, higher: Essay, lower: Essay, higher_first: bool
) -> Comparison:
    first, second = (higher, lower) if higher_first else (lower, higher)
    if letter == "F":
        return failed(sequence, first.essay_id, second.essay_id).model_copy(
            update={"comparison_index": index}
        )
    outcome = 0 if letter == "T" else 1 if (letter == "H") == higher_first else -1
    return comparison(
        sequence,
        first.essay_id,
        second.essay_id,
        outcome,
        comparison_index=index,
        confidence=3.0 + sequence % 3,
        justification=f"Reason {sequence}: the better control of sentences decides.",
    )


def drawn(
    rates: Mapping[tuple[str, str], tuple[float, float]], iterations: int, seed: int = 1, **changes: Any
) -> Artefact:
    """A judge whose higher grade wins with the given chances when shown first, and when shown second."""
    draw = random.Random(seed)

    def letters(chance: float) -> str:
        return "".join("H" if draw.random() < chance else "L" for _ in range(iterations))

    return listed_artefact(
        {pair: (letters(first), letters(second)) for pair, (first, second) in rates.items()}, **changes
    )
