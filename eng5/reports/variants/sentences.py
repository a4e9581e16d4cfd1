"""The verdicts on variants in words."""

from __future__ import annotations

from collections.abc import Sequence

from eng5.contracts.analysis import Estimate
from eng5.contracts.compare import ComparedVariant, Difference
from eng5.pages.rendering import NOT_AVAILABLE, Kind, count, p_value, shown, signed

__all__ = ["by", "change", "distance", "needed", "of_variant", "overall", "p_text", "span"]

WORDS = {"better": "Better than", "worse": "Worse than", "cannot tell": "Cannot be told from"}


def overall(variants: Sequence[ComparedVariant]) -> str:
    """Which variants are better than the baseline, which worse, and of which it cannot be said."""
    baseline, *others = variants
    if not others:
        return f"There is only one variant, {baseline.name}: nothing to compare it with."
    parts = []
    for verdict, words in WORDS.items():
        named = [each.name for each in others if each.verdict == verdict]
        if named:
            parts.append(f"{words} {baseline.name}: {', '.join(named)}.")
    unknown = [each.name for each in others if each.verdict is None]
    if unknown:
        parts.append(f"No verdict: {', '.join(unknown)}.")
    return " ".join(parts)


def of_variant(deciding: Difference | None, baseline: str) -> str:
    """Better, worse or cannot tell, by how much, and what would decide; `deciding` is None for the baseline."""
    if deciding is None:
        return "The baseline."
    if deciding.difference.value is None:
        return f"No verdict: no comparison of different grades was decided by both it and {baseline}."
    rates = f"{shown(deciding.variant, deciding.kind)} instead of {shown(deciding.baseline, deciding.kind)}"
    found = (
        f"{deciding.verdict.capitalize()}: the higher grade wins {rates} of comparisons, "
        f"{by(deciding.difference, deciding.kind)}, adjusted p {p_text(deciding.p_adjusted)}."
    )
    return f"{found} {needed(deciding)}." if deciding.verdict == "cannot tell" else found


def needed(difference: Difference) -> str:
    """How many more comparisons would decide."""
    if difference.difference.value == 0:
        return "No difference was seen"
    if difference.needed is None:
        return "How many more comparisons would decide is not known"
    return f"About {count(difference.needed)} more comparisons of each would decide"


def p_text(p: float | None) -> str:
    """ "= 0.012" or "< 0.001"."""
    text = p_value(p)
    return text if text.startswith("<") else f"= {text}"


def by(difference: Estimate, kind: Kind) -> str:
    """A difference with its sign and interval; shares in percentage points."""
    if difference.value is None:
        return NOT_AVAILABLE
    text = change(difference.value, kind) + (" points" if kind == "share" else "")
    if difference.interval is None:
        return text
    return f"{text} ({span(difference, kind)})"


def distance(value: float, kind: Kind) -> str:
    """A difference without its sign; shares in percentage points."""
    return change(value, kind).lstrip("+") + (" points" if kind == "share" else "")


def span(difference: Estimate, kind: Kind) -> str:
    """The interval of a difference."""
    if difference.interval is None:
        return NOT_AVAILABLE
    return f"{change(difference.interval.low, kind)} to {change(difference.interval.high, kind)}"


def change(value: float | None, kind: Kind) -> str:
    """A difference with its sign, without a unit."""
    if value is None:
        return NOT_AVAILABLE
    if kind == "share":
        return signed(100 * value, 0)
    return signed(value, 2 if kind == "ratio" else 0 if value.is_integer() else 1)
