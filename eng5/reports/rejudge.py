"""Compare the verdicts of two runs on the same comparisons, one by one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from eng5.contracts.artefact import Artefact, Comparison
from eng5.stats.win_rate import wilson

Place = tuple[str, str, int]


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


def build(first: Artefact, second: Artefact) -> Rejudging:
    """Matched by the two essays in the order shown, and the how-manieth time they were compared.

    kappa = (p_o - p_e) / (1 - p_e), p_e from the two judges' own shares of A, B and tie.
    Source: J. Cohen (1960), Educ. Psychol. Meas. 20, 37-46.
    """
    one, other = _by_place(first), _by_place(second)
    shared = [place for place in one if place in other]
    answered = [place for place in shared if "failed" not in (_position(one[place]), _position(other[place]))]
    pairs = [(_position(one[place]), _position(other[place])) for place in answered]
    agreeing = sum(a == b for a, b in pairs)
    interval = wilson(agreeing, len(pairs))
    return Rejudging(
        compared=len(pairs),
        agreeing=agreeing,
        rate=agreeing / len(pairs) if pairs else None,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        kappa=_kappa(pairs),
        failed=len(shared) - len(answered),
        unmatched=len(one) + len(other) - 2 * len(shared),
        disagreements=tuple(
            Disagreement(*place, _outcome(one[place]), _outcome(other[place]))
            for place in answered
            if _position(one[place]) != _position(other[place])
        ),
    )


def _by_place(artefact: Artefact) -> dict[Place, Comparison]:
    times: Counter[tuple[str, str]] = Counter()
    found = {}
    for one in artefact.llm_comparisons:
        times[one.essay_a_id, one.essay_b_id] += 1
        found[one.essay_a_id, one.essay_b_id, times[one.essay_a_id, one.essay_b_id]] = one
    return found


def _position(one: Comparison) -> str:
    """A, B, tie or failed."""
    if one.status != "succeeded":
        return one.status
    return "A" if one.winner_id == one.essay_a_id else "B"


def _outcome(one: Comparison) -> str:
    return one.winner_id or one.status


def _kappa(pairs: list[tuple[str, str]]) -> float | None:
    if not pairs:
        return None
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    by_chance = sum(first[kind] * second[kind] for kind in first) / len(pairs) ** 2
    observed = sum(a == b for a, b in pairs) / len(pairs)
    return None if by_chance == 1 else (observed - by_chance) / (1 - by_chance)
