"""The verdicts on variants in words."""

from __future__ import annotations

from eng5.contracts.compare import Difference, Reading
from eng5.pages.rendering import NOT_AVAILABLE, Kind, count, p_value, plural, shown, signed


def of_variant(deciding: Difference | None) -> str:
    """Better, worse or cannot tell, in both readings, and what would decide; None for the baseline."""
    if deciding is None:
        return "The baseline."
    if deciding.value is None:
        return f"No verdict: {deciding.label} is not known of both it and {deciding.reference}."
    values = " instead of ".join(
        shown(value, deciding.kind) for value in (deciding.variant_value, deciding.reference_value)
    )
    found = (
        f"{deciding.verdict.capitalize()} for other essays: {deciding.label} {values}, "
        f"{of_reading(deciding, deciding.essays)}. On these pairs, asked again: {deciding.pairs.verdict}, "
        f"{of_reading(deciding, deciding.pairs)}."
    )
    further = advice(deciding)
    return f"{found} {further}" if further else found


def of_reading(one: Difference, reading: Reading) -> str:
    """The difference with the interval and the p-value of a reading."""
    if one.value is None:
        return NOT_AVAILABLE
    text = change(one.value, one.kind) + (" points" if one.kind == "share" else "")
    if reading.interval is not None:
        text += f" ({span(reading, one.kind)})"
    if reading.p_adjusted is not None:
        text += f", adjusted p {p_text(reading.p_adjusted)}"
    return text


def advice(one: Difference) -> str:
    """What would decide for other essays, as a sentence; empty where it is decided or nothing can be said."""
    said = one.advice
    if said is None:
        return ""
    if said.kind == "nothing seen":
        return "No difference was seen."
    if said.kind == "comparisons":
        return f"About {count(said.more)} more comparisons of each would decide."
    if said.kind == "never":
        return "It will never be decided with these anchors, nor with ten times as many."
    if said.kind == "replicates":
        if said.more is None:
            return "More replicates of both come first: it lies within the noise of runs."
        return f"About {plural(said.more, 'more replicate')} of each would decide."
    anchors = f"about {plural(said.more, 'more anchor')}"
    if said.repeats_known:
        return f"More comparisons of these anchors would never decide; {anchors} would."
    return f"{anchors.capitalize()} would decide; whether more comparisons of these would, only replicates can tell."


def p_text(p: float | None) -> str:
    """ "= 0.012" or "< 0.001"."""
    text = p_value(p)
    return text if text.startswith("<") else f"= {text}"


def distance(value: float | None, kind: Kind) -> str:
    """A difference without its sign; shares in percentage points."""
    if value is None:
        return NOT_AVAILABLE
    return change(value, kind).lstrip("+") + (" points" if kind == "share" else "")


def span(reading: Reading, kind: Kind) -> str:
    """The interval of a difference."""
    if reading.interval is None:
        return NOT_AVAILABLE
    return f"{change(reading.interval.low, kind)} to {change(reading.interval.high, kind)}"


def change(value: float | None, kind: Kind) -> str:
    """A difference with its sign, without a unit."""
    if value is None:
        return NOT_AVAILABLE
    if kind == "share":
        return signed(100 * value, 0)
    return signed(value, 2 if kind == "ratio" else 0 if value.is_integer() else 1)
