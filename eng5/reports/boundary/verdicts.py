"""What a boundary test says, in words."""

from __future__ import annotations

from collections.abc import Sequence

from eng5.contracts.analysis import Notice
from eng5.contracts.artefact import Artefact
from eng5.contracts.boundary_analysis import BoundaryResult, Discrimination, Figures
from eng5.contracts.own import Estimate
from eng5.pages.rendering import count, p_value, percent, span
from eng5.reports.boundary.dataset import Dataset

__all__ = ["notices", "of_boundary", "of_run", "outcome", "position_matters", "rate", "shown_p"]

OUTCOMES: dict[Discrimination, str] = {
    "shown": "told apart",
    "reversed": "the wrong way round",
    "excluded": "not told apart",
    "undecided": "cannot tell yet",
    "no_data": "nothing known",
}
ALWAYS, SOMETIMES, NEVER = (
    "always the right way round",
    "right in some pairs or orders",
    "always the wrong way round",
)
ORDER = (ALWAYS, OUTCOMES["shown"], SOMETIMES, NEVER, *list(OUTCOMES.values())[1:])


def outcome(figures: Figures) -> str:
    """The verdict in a few words; of a deterministic judge what it always says."""
    if figures.discrimination != "deterministic":
        return OUTCOMES[figures.discrimination]
    value = figures.corrected.value
    return ALWAYS if value == 1 else NEVER if value == 0 else SOMETIMES


def of_boundary(higher: str, lower: str, figures: Figures, *, smallest_rate: float) -> str:
    """One sentence: are the grades told apart, and does the position decide?"""
    wins = f"the higher grade wins {rate(figures.corrected)}"
    texts: dict[Discrimination, str] = {
        "shown": f"{higher} is told from {lower}: {wins}{_test(figures)}",
        "reversed": f"{higher} and {lower} are judged the wrong way round: {wins}{_test(figures)}",
        "excluded": f"{higher} is not told from {lower}: {wins}, and {percent(smallest_rate)} would be "
        "the least that counts",
        "undecided": f"whether {higher} is told from {lower} is open: {wins}{_more(figures)}",
        "deterministic": f"{_always(higher, lower, figures)} by a judge that never varies",
        "no_data": f"nothing is known about {higher} and {lower}: no pair was decided in both orders",
    }
    text = texts[figures.discrimination] + _position(figures)
    return f"{text[0].upper()}{text[1:]}."


def of_run(boundaries: Sequence[BoundaryResult]) -> str:
    """The boundary's own sentence, or which of several boundaries came out how."""
    if len(boundaries) == 1:
        return boundaries[0].verdict
    named: dict[str, list[str]] = {}
    for each in sorted(boundaries, key=lambda each: ORDER.index(outcome(each.figures))):
        named.setdefault(outcome(each.figures), []).append(f"{each.higher_grade}/{each.lower_grade}")
    text = "; ".join(
        f"{what}: {', '.join(names)} ({len(names)} of {len(boundaries)})" for what, names in named.items()
    )
    return f"{text[0].upper()}{text[1:]}."


def rate(estimate: Estimate) -> str:
    """ "85 % (72 to 93 %)", or the value alone."""
    if estimate.interval is None:
        return percent(estimate.value)
    return f"{percent(estimate.value)} ({span(estimate.interval, 'share')})"


def shown_p(value: float | None) -> str:
    """ "p = 0.021" or "p < 0.001"."""
    text = p_value(value)
    return f"p\N{NO-BREAK SPACE}{'' if text.startswith('<') else '= '}{text}".replace(
        " ", "\N{NO-BREAK SPACE}"
    )


def _test(figures: Figures) -> str:
    return "" if figures.p_adjusted is None else f", {shown_p(figures.p_adjusted)}"


def _more(figures: Figures) -> str:
    if figures.needed is None or figures.needed.more is None:
        return ""
    verb = "show" if figures.needed.aim == "show" else "exclude"
    more = figures.needed.more
    return (
        f", and about {count(more)} more iteration{'' if more == 1 else 's'} would {verb} it "
        f"at {percent(figures.needed.power)} power"
    )


def _always(higher: str, lower: str, figures: Figures) -> str:
    value = figures.corrected.value
    if value in (0.0, 1.0):
        return f"{higher} is {'always' if value else 'never'} put above {lower}"
    return f"{higher} is put above {lower} in {percent(value)} of pairs and orders"


def _position(figures: Figures) -> str:
    if figures.discrimination == "deterministic":
        flips = figures.swap_pairs.of - figures.swap_pairs.count
        decides = f"in {flips} of {figures.swap_pairs.of} pairs" if figures.pairs > 1 else "this pair"
        return f"; the position decides {decides}" if flips else "; the position never decides"
    balanced = figures.position_balanced
    if balanced.interval is None:
        return ""
    if position_matters(figures):
        return f"; the position matters: Essay A wins {rate(balanced)}, both orders weighing the same"
    return f"; no effect of position is shown: Essay A wins {rate(balanced)}, both orders weighing the same"


def position_matters(figures: Figures) -> bool:
    """Whether Essay A wins more, or less, than half when both orders of every pair weigh the same."""
    interval = figures.position_balanced.interval
    return interval is not None and not interval.low <= 0.5 <= interval.high


def notices(artefact: Artefact, data: Dataset, overall: Figures) -> list[Notice]:
    """What a reader must know before trusting the figures, gravest first."""
    seen = artefact.validation
    found: list[tuple[str, str]] = []
    if seen.batch_status == "failed":
        found.append(("batch failed", f"The service gave the batch up: {seen.failure or 'no reason given'}."))
    elif not seen.complete:
        found.append(("partial data", f"The data are partial: the batch is {seen.batch_status}."))
    if overall.missing:
        found.append(
            (
                "missing verdicts",
                f"{overall.missing} of {overall.listed} listed comparisons were never answered.",
            )
        )
    if overall.failed:
        found.append(
            (
                "failed",
                f"{overall.failed} of {overall.listed} comparisons failed and count for neither essay.",
            )
        )
    if data.deterministic:
        found.append(
            (
                "deterministic",
                "Every repeat brought the same verdict in the same words: the judge is deterministic, and repeats "
                "carry no information. One iteration would have said as much. Intervals and p-values would claim "
                "more than is known and are left out.",
            )
        )
    if data.error_rate is not None:
        found.append(
            (
                "early stopping",
                f"Pairs were stopped as soon as their winner was known; {overall.skipped} of {overall.listed} "
                f"listed comparisons were saved. Verdicts rest on bounds that may be looked at after every "
                f"iteration: the probability that any pair without a difference is stopped is at most "
                f"{percent(data.error_rate)}. Wilson, t and exact intervals take the number of comparisons as fixed "
                "and are a description only.",
            )
        )
    if seen.quarantined:
        found.append(("unreadable messages", "Some messages could not be read; the artefact lists them."))
    used = {(one.provider, one.model) for one in data.answers.values() if one.status != "failed"}
    if len(used) > 1:
        named = ", ".join(sorted(map(" / ".join, used)))
        found.append(("several judges", f"More than one judge answered: {named}."))
    return [Notice(code=code, text=text) for code, text in found]
