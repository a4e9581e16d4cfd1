"""What a comparison of variants, and of judge and graders, can show: said before anything is spent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eng5.contracts.estimate import RunEstimate
from eng5.contracts.experiments import DecidingMetric, Experiments
from eng5.contracts.inventory import Inventory
from eng5.essays.graders import graded
from eng5.stats import paired_metrics
from eng5.stats.comparisons import IntArray

METRICS = {
    "kendall_tau": (paired_metrics.tau_b, "Kendall's tau"),
    "win_rate": (paired_metrics.win_rate, "wins of the higher grade"),
    "direct_inversions": (paired_metrics.direct_inversions, "direct inversions"),
    "zero_win_anchors": (paired_metrics.zero_wins, "zero-win anchors"),
}
Asked = tuple[IntArray, IntArray, IntArray]
"""Shape (n,) the grades as places on the scale, -1 unknown; shapes (m,) the essays shown first and second."""


def levels(found: Inventory, estimate: RunEstimate) -> Asked | None:
    """What will be asked, as arrays; None where no essay has a grade."""
    grades = {essay.essay_id: essay.grade for essay in found.anchors}
    asked = sorted({name for pair in estimate.comparisons for name in pair})
    if not any(grades.get(name) for name in asked):
        return None
    place = {name: number for number, name in enumerate(asked)}
    level = [found.grade_scale.level(grades.get(name) or "") for name in asked]
    return (
        np.array([-1 if one is None else one for one in level]),
        np.array([place[a] for a, _ in estimate.comparisons]),
        np.array([place[b] for _, b in estimate.comparisons]),
    )


def of_comparison(asked: Asked, experiments: Experiments) -> str | None:
    """Which difference from the baseline `doit compare` will find; None with a single variant."""
    from eng5.stats.advice import POWER
    from eng5.stats.expected_power import EXAMPLE, expected_power

    names = list(experiments.variant)
    if len(names) < 2:
        return None
    level, first, second = asked
    make, label = METRICS[experiments.decide_by]
    others = [experiments.variant[name].replicates for name in names if name != experiments.baseline]
    couples = len(names) * (len(names) - 1) // 2
    found = expected_power(
        level, first, second, make(level),
        runs=(experiments.variant[experiments.baseline].replicates, min(others)), tests=couples,
    )  # fmt: skip
    anchors = len(np.unique([first, second]))
    begin = f"Comparing variants by {label}, {anchors} anchors and {len(first)} comparisons a run"
    if found.smallest is None:
        return f"{begin}: too few anchors to say anything about other essays."
    size = _size(found.smallest, experiments.decide_by)
    text = f"{begin}: a difference of {size} holds for other essays with {POWER:.0%} probability"
    if found.example is not None:
        text += f", and one from {EXAMPLE[0]} to {EXAMPLE[1]} with {found.example:.0%}"
    more = f", each of {couples} couples being tested" if couples > 1 else ""
    return f"{text}{more}. Differences between very good judges show more easily, their order varies less."


def of_graders(found: Inventory) -> str | None:
    """How often a judge as good as another grader will be found to be; None without several graders."""
    from eng5.stats.alternative_annotator import power_of_panel

    names, grade = graded(found.anchors, found.grade_scale)
    power = power_of_panel(grade, len(found.grade_scale.all_grades)) if len(names) > 1 else None
    if power is None:
        return None
    return (
        f"Judge and graders: with {len(names)} graders and {len(grade)} anchors, a judge just as good as another "
        f"grader is found to be with {power:.0%} probability."
    )


def _size(value: float, decided_by: DecidingMetric) -> str:
    return f"{100 * value:.0f} points" if decided_by == "win_rate" else f"{value:.2f}"


def say(lines: Sequence[str | None]) -> None:
    """Print what there is to say."""
    for line in dict.fromkeys(filter(None, lines)):
        print(line)  # noqa: T201
