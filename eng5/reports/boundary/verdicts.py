"""What a boundary test says, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from eng5.contracts.analysis import Notice
from eng5.contracts.artefact import Artefact
from eng5.contracts.boundary_analysis import BoundaryFigures, BoundaryResult, Discrimination
from eng5.pages.rendering import estimate, p_value, percent, plural
from eng5.reports import notices as common
from eng5.reports.boundary.dataset import BoundaryDataset

OUTCOMES: dict[Discrimination, str] = {
    "shown": "told apart",
    "reversed": "the wrong way round",
    "excluded": "not told apart",
    "undecided": "cannot tell yet",
    "no_data": "nothing known",
}


def outcome(figures: BoundaryFigures) -> str:
    """The verdict on these pairs in a few words."""
    return OUTCOMES[figures.discrimination]


def for_essays(figures: BoundaryFigures) -> str:
    """The verdict for other essays of the same grades in a few words."""
    return "nothing known" if figures.essays is None else OUTCOMES[figures.essays.discrimination]


def of_boundary(higher: str, lower: str, figures: BoundaryFigures, *, smallest_rate: float) -> str:
    """What is known of these pairs, of other essays of the grades, and whether the position decides."""
    wins = f"the higher grade wins {estimate(figures.corrected, 'share')}"
    texts: dict[Discrimination, str] = {
        "shown": f"{higher} is told from {lower}: {wins}{_test(figures.p_adjusted)}",
        "reversed": f"{higher} and {lower} are judged the wrong way round: {wins}{_test(figures.p_adjusted)}",
        "excluded": f"{higher} is not told from {lower}: {wins}, and {percent(smallest_rate)} would be "
        "the least that counts",
        "undecided": f"whether {higher} is told from {lower} is open: {wins}{_more(figures)}",
        "no_data": f"nothing is known about {higher} and {lower}: no pair was decided in both orders",
    }
    these = "this pair" if figures.pairs == 1 else f"these {figures.pairs} pairs"
    found = f"On {these}, asked again, {texts[figures.discrimination]}{_position(figures)}."
    return f"{found} {_other_essays(figures)}" if figures.discrimination != "no_data" else found


def _other_essays(figures: BoundaryFigures) -> str:
    """What other essays of the grades would show."""
    found = figures.essays
    if figures.pairs == 1 or found is None:
        return "Of other essays of these grades a single pair says nothing."
    if found.interval is None:
        return "Of other essays of these grades nothing is known: one of the grades has a single essay here."
    texts: dict[Discrimination, str] = {
        "shown": "are told apart",
        "reversed": "are judged the wrong way round",
        "excluded": "are not told apart",
        "undecided": "may or may not be told apart",
        "no_data": "are unknown",
    }
    wins = f"{estimate(found, 'share')}{_test(found.p_adjusted)}"
    text = f"Other essays of these grades {texts[found.discrimination]}: {wins}"
    if found.wanted is not None:
        return (
            f"{text}; {found.higher} and {found.lower} essays can never show it, from {found.wanted} of either "
            "grade on it is possible."
        )
    return f"{text}."


def of_run(boundaries: Sequence[BoundaryResult]) -> str:
    """The boundary's own sentence, or which of several boundaries came out how, in both readings."""
    if len(boundaries) == 1:
        return boundaries[0].verdict
    pairs = _came_out(boundaries, outcome)
    return f"On these pairs, asked again: {pairs}. For other essays of the grades: {_came_out(boundaries, for_essays)}."


def _came_out(boundaries: Sequence[BoundaryResult], of: Callable[[BoundaryFigures], str]) -> str:
    named: dict[str, list[str]] = {}
    for each in sorted(boundaries, key=lambda each: list(OUTCOMES.values()).index(of(each.figures))):
        named.setdefault(of(each.figures), []).append(f"{each.higher_grade}/{each.lower_grade}")
    return "; ".join(
        f"{what}: {', '.join(names)} ({len(names)} of {len(boundaries)})" for what, names in named.items()
    )


def shown_p(value: float | None) -> str:
    """ "p = 0.021" or "p < 0.001"."""
    text = p_value(value)
    return f"p\N{NO-BREAK SPACE}{'' if text.startswith('<') else '= '}{text}".replace(
        " ", "\N{NO-BREAK SPACE}"
    )


def _test(p_adjusted: float | None) -> str:
    return "" if p_adjusted is None else f", {shown_p(p_adjusted)}"


def _more(figures: BoundaryFigures) -> str:
    if figures.needed is None or figures.needed.more is None:
        return ""
    verb = "show" if figures.needed.aim == "show" else "exclude"
    return (
        f", and about {plural(figures.needed.more, 'more iteration')} would {verb} it "
        f"at {percent(figures.needed.power)} power"
    )


def _position(figures: BoundaryFigures) -> str:
    balanced = figures.position_balanced
    if balanced.interval is None:
        return ""
    effect = "the position matters" if position_matters(figures) else "no effect of position is shown"
    return f"; {effect}: Essay A wins {estimate(balanced, 'share')}, both orders weighing the same"


def position_matters(figures: BoundaryFigures) -> bool:
    """Whether Essay A wins more, or less, than half when both orders of every pair weigh the same."""
    interval = figures.position_balanced.interval
    return interval is not None and not interval.low <= 0.5 <= interval.high


def notices(artefact: Artefact, data: BoundaryDataset, overall: BoundaryFigures) -> list[Notice]:
    """What a reader must know before trusting the figures, gravest first."""
    answered = [one for one in data.answers.values() if one.status != "failed"]
    return common.as_notices(
        common.of_batch(artefact),
        common.of_verdicts(overall.listed, overall.missing, overall.failed),
        _of_repeats(data, overall),
        common.of_messages(artefact),
        common.of_judges(artefact, answered),
    )


def _of_repeats(data: BoundaryDataset, overall: BoundaryFigures) -> common.Found:
    if data.deterministic:
        yield (
            "deterministic",
            "Every repeat brought the same verdict: one iteration would have said as much about these pairs, and "
            "about other essays only more pairs say more.",
        )
    if data.error_rate is not None:
        yield (
            "early stopping",
            f"Pairs were stopped as soon as their winner was known; {overall.skipped} of {overall.listed} "
            f"listed comparisons were saved. Verdicts rest on bounds that may be looked at after every "
            f"iteration: the probability that any pair without a difference is stopped is at most "
            f"{percent(data.error_rate)}. Wilson, t and exact intervals take the number of comparisons as fixed "
            "and are a description only.",
        )
