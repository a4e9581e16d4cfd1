"""What would decide between two boundary tests: more iterations, more essays, or nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from eng5.contracts.compare import Advice
from eng5.contracts.compare_boundary import BoundaryDifference
from eng5.contracts.own import with_fields_of
from eng5.pages.rendering import plural
from eng5.reports.boundary.compared import Compared, texts
from eng5.stats import advice
from eng5.stats.paired import FEWEST_ESSAYS, PairedDifference, PairedVerdict

LEVEL = 0.95


def build(one: PairedDifference, couple: Compared, *, tests: int) -> dict[str, Any]:
    """The advice of a row of the table.

    Args:
        one: the difference, adjusted.
        couple: what it is of.
        tests: differences in the table, over which p-values were adjusted.
    """
    essays, iterations = len(texts(couple.shared)), _iterations(one, couple)
    level = 1 - (1 - LEVEL) / tests
    error, never_varies = one.pairs.standard_error, couple.run.never_varies and couple.reference.never_varies
    noise = 0.0 if never_varies else error
    more = of_essays = None
    if one.difference is not None and one.pairs.verdict is PairedVerdict.CANNOT_TELL and noise is not None:
        more = advice.more_of_the_same(one.difference, noise, iterations, level=level)
    if (
        one.difference is not None
        and one.essays.verdict is PairedVerdict.CANNOT_TELL
        and (of_other_essays := advice.error_behind(one.difference, one.essays)) is not None
    ):
        found = advice.advise(
            one.difference,
            of_other_essays,
            noise,
            comparisons=iterations,
            essays=essays,
            level=level,
        )
        of_essays = with_fields_of(found, Advice, kind=found.kind.value)
    missing = max(0, FEWEST_ESSAYS - essays)
    return {"more_iterations": more, "advice": of_essays, "more_essays": missing or None}


def _iterations(one: PairedDifference, couple: Compared) -> int:
    """How often each pair was asked in each order, on average, by every run."""
    return max(1, int(np.ceil(one.comparisons / (2 * len(couple.shared)))))


def sentences(row: BoundaryDifference) -> list[str]:
    """The same in words; empty where all is decided."""
    if row.value is None:
        return []
    if row.value == 0:
        return ["No difference was seen."]
    found = []
    if row.pairs.verdict == "cannot tell":
        found.append(
            f"On these pairs about {plural(row.more_iterations, 'more iteration')} of each would decide."
            if row.more_iterations
            else "On these pairs no reasonable number of iterations would decide."
        )
    if row.more_essays:
        found.append(f"Other essays: from {plural(row.more_essays, 'more essay')} on something can be said.")
    elif row.advice is not None:
        found.append(_of_essays(row.advice))
    return found


def _of_essays(said: Advice) -> str:
    if said.kind == "comparisons":
        return f"For other essays about {plural(said.more, 'more iteration')} of each pair would decide."
    if said.kind == "anchors":
        return (
            f"For other essays more iterations would never decide; about {plural(said.more, 'more essay')} of these "
            "grades would."
        )
    return "For other essays it will not be decided with ten times as many either."
