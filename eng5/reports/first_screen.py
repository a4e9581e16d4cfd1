"""The first screen of a report: what was asked, the answer with its certainty, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from eng5.contracts.own import Interval

__all__ = ["FirstScreen", "Step", "plural", "reaches"]

MOST_STEPS = 3


@dataclass(frozen=True)
class Step:
    """Something to do next, and the pairs or sections that it speaks of, as words and address within the page."""

    text: str
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class FirstScreen:
    """The question, the answer in a sentence, and up to three steps, the most urgent first."""

    asked: str
    answer: str
    steps: tuple[Step, ...]

    @classmethod
    def of(cls, asked: str, answer: str, steps: list[Step]) -> FirstScreen:
        """With no more steps than somebody takes."""
        return cls(asked, answer, tuple(steps[:MOST_STEPS]))


def plural(count: int, word: str) -> str:
    """ "1 pair", "2 pairs"."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def reaches(interval: Interval | None, limit: float) -> bool | None:
    """Whether a figure that must be at least `limit` reaches it in the whole interval; None where that is open."""
    if interval is None or interval.low < limit <= interval.high:
        return None
    return interval.low >= limit
