"""How certain a difference is, as a sign and in words: colour alone says nothing to many readers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from eng5.contracts.compare import Compare, Difference
from eng5.pages.rendering import NOT_AVAILABLE
from eng5.reports.variants import sentences


class Certainty(NamedTuple):
    """A sign, what it says, and the name of its colour in the style sheet."""

    sign: str
    words: str
    colour: str


BETTER = Certainty("▲", "better, for other essays too", "better")
WORSE = Certainty("▼", "worse, for other essays too", "worse")
BETTER_HERE = Certainty("△", "better on these pairs; not shown for other essays", "better-here")
WORSE_HERE = Certainty("▽", "worse on these pairs; not shown for other essays", "worse-here")
OPEN = Certainty("≈", "cannot be told apart", "open")
UNKNOWN = Certainty("", "not known", "open")
LEGEND = (BETTER, BETTER_HERE, OPEN, WORSE_HERE, WORSE)
STANDS_FOR = {"ab_regression": "ab_inversions"}
"""A/B regression is a difference already: whether it is chance is tested on the inversions that it counts."""


class Versus(NamedTuple):
    """A variant against another, in the deciding metric."""

    certainty: Certainty
    change: str
    p: str


def against_baseline(compared: Compare, variant: str, metric: str) -> Certainty | None:
    """How certain it is that a variant differs from the baseline in a metric; None of the baseline itself."""
    if variant == compared.baseline:
        return None
    name = STANDS_FOR.get(metric, metric)
    for one in compared.differences:
        if (one.metric, one.reference, one.variant) == (name, compared.baseline, variant):
            return _certainty(one)
    return UNKNOWN


def matrix(compared: Compare, order: Sequence[str]) -> list[list[Versus | None]]:
    """Each variant against each other; None on the diagonal."""
    tests = {
        (one.variant, one.reference): one for one in compared.differences if one.metric == compared.decided_by
    }
    return [[_versus(tests, row, column) for column in order] for row in order]


def _versus(tests: dict[tuple[str, str], Difference], row: str, column: str) -> Versus | None:
    if row == column:
        return None
    if (row, column) in tests:
        one, turned = tests[row, column], False
    elif (column, row) in tests:
        one, turned = tests[column, row], True
    else:
        return Versus(UNKNOWN, NOT_AVAILABLE, NOT_AVAILABLE)
    value = None if one.value is None else -one.value if turned else one.value
    return Versus(
        _certainty(one, turned=turned),
        sentences.change(value, one.kind),
        sentences.p_text(one.essays.p_adjusted),
    )


def _certainty(one: Difference, *, turned: bool = False) -> Certainty:
    """`turned`: of the reference against the variant."""
    if one.value is None:
        return UNKNOWN
    for reading, better, worse in ((one.essays, BETTER, WORSE), (one.pairs, BETTER_HERE, WORSE_HERE)):
        if reading.verdict != "cannot tell":
            return better if (reading.verdict == "better") is not turned else worse
    return OPEN
