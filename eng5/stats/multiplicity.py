"""Several tests at once: p-values that keep the family's error rate."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm-adjusted p-values, in the given order.

    An adjusted value of at most 0.05 is significant with at most 5 % probability of any false finding in
    the family, whatever the dependence between the tests. None (no test was possible) stays None and
    does not count as a member of the family.

    Source: S. Holm (1979), Scand. J. Stat. 6, 65-70.
    """
    known = sorted((p, index) for index, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    running = 0.0
    for rank, (p, index) in enumerate(known):
        running = max(running, min(1.0, p * (len(known) - rank)))
        adjusted[index] = running
    return adjusted
