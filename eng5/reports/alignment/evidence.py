"""How much the verdicts say: what repeats are worth, and what the number of anchors can carry."""

from __future__ import annotations

from eng5.contracts.reach import Evidence
from eng5.pages.rendering import plural
from eng5.reports.alignment.dataset import Dataset
from eng5.stats.pair_effects import PairEffects

FEW, SOME = 12, 25
"""Anchors below which only gross differences show in essays like these, and up to which middling ones do."""
ALWAYS, NEVER = 0.8, 0.1
"""Correlations of repeats from which they hardly count, and up to which they count nearly in full."""


def build(data: Dataset, effects: PairEffects) -> Evidence:
    """Needs at least one decided comparison."""
    table = effects.table
    verdicts = int(table.asked.sum())
    return Evidence(
        verdicts=verdicts,
        pairs=len(table.i),
        repeated_pairs=table.repeated,
        repeats_known=effects.known,
        effective=effects.effective,
        correlation=effects.correlation,
        opinion_sd=effects.sd,
        repeats=_repeats(effects, verdicts),
        anchors=_anchors(int((data.level >= 0).sum())),
    )


def _repeats(effects: PairEffects, verdicts: int) -> str:
    table, rho = effects.table, effects.correlation
    if rho is None:
        asked = "Hardly any pair was" if table.repeated else "No pair was"
        return (
            f"{asked} asked more than once, so the verdicts cannot tell a judge that always repeats itself from one "
            "that decides afresh. Intervals for these pairs are for a judge that decides afresh; a judge that always "
            "repeats itself would show this run's value every time."
        )
    asked = f"{plural(verdicts, 'verdict')} on {plural(len(table.i), 'pair')}"
    worth = f"{asked} tell as much as {effects.effective:.0f} fresh ones"
    if rho >= ALWAYS:
        return f"The judge nearly always repeats itself: {worth}. Asking it again adds next to nothing."
    if rho <= NEVER:
        return f"Repeats are nearly as good as fresh verdicts: {worth}."
    return f"The judge partly repeats itself: {worth}. It has opinions about single pairs that no score explains."


def _anchors(graded: int) -> str:
    if graded < FEW:
        reach = "they show what this judge does with these essays, and next to nothing about others"
    elif graded < SOME:
        reach = (
            "enough to see what this judge does with these essays, and too few to tell a good judge from a middling "
            "one on other essays"
        )
    else:
        reach = "enough to say something about other essays of the same grades as well"
    return (
        f"{graded} graded essays: {reach}. Asking more often about the same essays narrows the first interval only; "
        "the second needs more anchors."
    )
