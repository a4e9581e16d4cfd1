"""How many of the listed pairs a page shows: as many as somebody may read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from eng5.contracts.analysis import Analysis

MOST = 200
"""Pairs in a list of the report; the analysis has all."""

Pair = TypeVar("Pair")


def shortened(analysis: Analysis) -> tuple[Analysis, dict[str, str]]:
    """The analysis with no list of pairs longer than ``MOST``, and by list what a page says of the others, if any."""
    left_out = dict.fromkeys(("inversions", "contested", "flips"), "")

    def first(name: str, pairs: Sequence[Pair], which: str) -> list[Pair]:
        if len(pairs) > MOST:
            left_out[name] = (
                f"Of {len(pairs)} pairs {MOST} are listed, {which}; "
                f"build/{analysis.run.name}/60_analysis.json has all."
            )
        return list(pairs[:MOST])

    update: dict[str, object] = {
        "inversions": first("inversions", analysis.inversions, "those with the widest gap in grade"),
        "contested": first("contested", analysis.contested, "those with the widest gap in grade"),
    }
    if (bias := analysis.position) is not None:
        update["position"] = bias.model_copy(
            update={"flips": first("flips", bias.flips, "the first in expert order")}
        )
    return analysis.model_copy(update=update), left_out
