"""What a run cost beside what was planned, as lines of a report's table of facts."""

from __future__ import annotations

from eng5.contracts.estimate import Spending
from eng5.contracts.panel import HUMAN
from eng5.contracts.run_summary import RunSummary
from eng5.pages.rendering import NOT_AVAILABLE, count, number

Fact = tuple[str, str]


def facts(run: RunSummary) -> list[Fact]:
    """Cost and tokens of all verdicts; then what was asked for this run, against the plan that is kept with it."""
    found = [("Cost", cost(run.total_usd))]
    for used in run.tokens:
        if used.provider == HUMAN:
            continue
        tokens = f"{count(used.prompt_tokens)} prompt, {count(used.completion_tokens)} completion"
        found.append((f"Tokens of {used.provider} / {used.model}", tokens))
    if run.planned is not None and run.spent is not None:
        found += planned_and_real(run.planned, run.spent)
    return found


def planned_and_real(planned: Spending, spent: Spending) -> list[Fact]:
    """Questions, cost and time of what a run asked itself."""
    within = planned.by_batch and planned.asked > 0
    return [
        ("Asked for this run", f"{count(spent.asked)}; planned {count(planned.asked)}"),
        ("Cost of these", f"{cost(spent.cost_usd)}; planned {cost(planned.cost_usd)}"),
        (
            "Time, first question to last answer",
            f"{_time(spent.seconds)}; planned {'within 24 h, by batch' if within else _time(planned.seconds)}",
        ),
    ]


def cost(usd: float | None) -> str:
    """In USD."""
    return NOT_AVAILABLE if usd is None else f"{number(usd, 4)} USD"


def _time(seconds: float | None) -> str:
    if seconds is None:
        return NOT_AVAILABLE
    if seconds < 90:
        return f"{number(seconds, 1)} s"
    return f"{number(seconds / 60, 1)} min" if seconds < 90 * 60 else f"{number(seconds / 3600, 1)} h"
