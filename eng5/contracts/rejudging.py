"""Two judges on the same comparisons."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A comparison that came out differently; outcomes are an essay id, `tie` or `failed`."""

    essay_a_id: str
    essay_b_id: str
    repetition: int
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Rejudging:
    """How far two judges agree.

    Attributes:
        compared: comparisons that both answered, ties included.
        agreeing: those with the same outcome.
        rate, low, high: share that agrees, with its Wilson interval at 95 %; None without a comparison.
        kappa: Cohen's kappa over A, B and tie, what is shared beyond chance; None where it is undefined.
        failed: comparisons that at least one of the two did not answer.
        unmatched: comparisons that only one of the two runs has.
        disagreements: those with another outcome, in order.
    """

    compared: int
    agreeing: int
    rate: float | None
    low: float | None
    high: float | None
    kappa: float | None
    failed: int
    unmatched: int
    disagreements: tuple[Disagreement, ...]
