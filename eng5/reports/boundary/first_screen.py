"""What a boundary report says first."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from eng5.contracts.boundary_analysis import BoundaryAnalysis, BoundaryPair
from eng5.pages.rendering import percent, plural
from eng5.reports.boundary.verdicts import position_matters
from eng5.reports.first_screen import FirstScreen, Step, pair_links, without_verdict


def build(analysis: BoundaryAnalysis, href: Callable[..., str]) -> FirstScreen:
    """`href` gives the address of a pair, by essay ids; the answer is the verdict of the run."""
    run = analysis.run
    grades = ", ".join(f"{one.higher_grade} from {one.lower_grade}" for one in analysis.boundaries)
    asked = (
        f"Does {run.judge.name} tell {grades}? {plural(len(analysis.pairs), 'pair')} of anchors, "
        f"{plural(analysis.overall.listed, 'comparison')} in both orders."
    )
    return FirstScreen.of(asked, analysis.verdict, list(_steps(analysis, href)))


def _steps(analysis: BoundaryAnalysis, href: Callable[..., str]) -> Iterator[Step]:
    overall = analysis.overall
    lost = overall.failed + overall.missing
    if lost:
        yield without_verdict(lost, overall.listed, analysis)
    if wrong := _of(analysis, "reversed", "excluded"):
        yield Step(
            "Read the pairs that the judge does not tell apart, or the wrong way round.",
            pair_links(wrong, href),
        )
    if position_matters(overall):
        yield Step(
            f"This judge minds the order: Essay A won {percent(overall.position_balanced.value)} where both orders "
            "weigh the same. Say in the prompt that the order means nothing."
        )
    if open_ended := _of(analysis, "undecided"):
        needed = [pair.figures.needed.more or 0 for pair in open_ended if pair.figures.needed]
        most, least = max(needed, default=0), min(needed, default=0)
        span = f"{least} to " if 0 < least < most else ""
        more = f": about {span}{plural(most, 'more iteration')} of each would settle that" if most else ""
        yield Step(
            f"{plural(len(open_ended), 'pair')} cannot be told apart yet{more}. Read why the judge wavers.",
            pair_links(open_ended, href),
        )
    wanted = [one.figures.essays.wanted for one in analysis.boundaries if one.figures.essays is not None]
    if any(wanted):
        most = max(one or 0 for one in wanted)
        yield Step(f"To say something about other essays, have at least {most} anchors of either grade.")


def _of(analysis: BoundaryAnalysis, *found: str) -> list[BoundaryPair]:
    return [pair for pair in analysis.pairs if pair.figures.discrimination in found]
