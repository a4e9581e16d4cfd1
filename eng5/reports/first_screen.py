"""The first screen of a report: what was asked, the answer with its certainty, and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eng5.contracts.analysis import Analysis, PairResult
from eng5.contracts.boundary_analysis import BoundaryAnalysis, BoundaryPair
from eng5.contracts.failures import CAUSES, NEXT
from eng5.contracts.own import Interval
from eng5.pages.rendering import plural

MOST_STEPS = 3
MOST_LINKS = 3


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


def pair_links(
    pairs: Sequence[PairResult | BoundaryPair], href: Callable[..., str]
) -> tuple[tuple[str, str], ...]:
    """Links to the first few pairs."""
    return tuple(
        (
            f"{pair.higher_name} ({pair.higher_grade}) and {pair.lower_name} ({pair.lower_grade})",
            href(pair.higher_id, pair.lower_id),
        )
        for pair in pairs[:MOST_LINKS]
    )


def without_verdict(lost: int, asked: int, analysis: Analysis | BoundaryAnalysis) -> Step:
    """What to do about comparisons without a verdict: mend the commonest cause, and ask again.

    Of a batch that came to its end the same command asks nothing again.
    """
    failures = analysis.failures
    ended = not {notice.code for notice in analysis.notices} & {"batch failed", "partial data"}
    said = f"{lost} of {plural(asked, 'comparison')} {'has' if lost == 1 else 'have'} no verdict"
    if not failures:
        return Step(f"{said}. Run the same command again before reading on: what was answered is kept.")
    most = failures[0]
    remedy = NEXT[most.cause]
    again = (
        f"`eng5 retry {analysis.run.batch_id}` asks again, and for nothing else"
        if ended
        else "run the same command again: what was answered is kept"
    )
    return Step(
        f"{said}, {most.count} for this reason: {CAUSES[most.cause]}. {remedy[0].upper()}{remedy[1:]}; then {again}.",
        (("Why comparisons failed", "#failures"),),
    )


def reaches(interval: Interval | None, limit: float) -> bool | None:
    """Whether a figure that must be at least `limit` reaches it in the whole interval; None where that is open."""
    if interval is None or interval.low < limit <= interval.high:
        return None
    return interval.low >= limit
