"""Tests of `eng5.reports.gate_changes`: the first line of the summary."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from eng5.contracts.artefact import Artefact
from eng5.contracts.experiments import MetricName, Target
from eng5.contracts.gate import Gate
from eng5.reports import gate
from eng5.reports.alignment import analysis
from eng5.reports.gate_changes import Before, headline, since

Judge = Callable[..., Artefact]
TARGETS: dict[MetricName, Target] = {
    "direct_inversions": Target(max=1, baseline=5),
    "kendall_tau": Target(min=0.9, baseline=0.82),
}
GRADES = ["A", "B", "C+"]


def gates(judge: Judge, before: Before | None, *names: str) -> list[Gate]:
    good = analysis.build(judge(GRADES, steepness=60.0), TARGETS, name="good")
    return [gate.build([good], name=name, before=before) for name in names]


def poor(judge: Judge) -> Before:
    return Before("poor", analysis.build(judge(GRADES, steepness=-60.0), TARGETS, name="poor").metrics)


def test_one_candidate_says_each_figure_that_changed(judge: Judge) -> None:
    """Three of three pairs wrong before, none now; tau from -1 to 1."""
    assert headline(gates(judge, poor(judge), "good")) == (
        "good meets all 2 targets; since poor: Direct inversions 3 → 0 (better), Kendall's tau −1.00 → 1.00 (better)"
    )


def test_several_candidates_are_counted(judge: Judge) -> None:
    """A line stays a line with many variants; the baseline is held against nobody."""
    both = [*gates(judge, Before(None, []), "base"), *gates(judge, poor(judge), "one", "two")]
    assert headline(both) == "All 3 variants meet their targets; since poor: one 2 better, two 2 better"
    assert headline(both[:1]) == "base meets all 2 targets; it is the baseline"


def test_without_a_run_of_the_baseline_the_targets_say_what_it_had(judge: Judge) -> None:
    """`baseline = 5` of [targets] stands in; without that too, nothing is said to have changed."""
    assert headline(gates(judge, None, "good")).endswith(
        "since the baseline of [targets]: Direct inversions 5 → 0 (better), Kendall's tau 0.82 → 1.00 (better)"
    )
    bare = analysis.build(judge(GRADES, steepness=60.0), {"kendall_tau": Target(min=0.9)}, name="good")
    assert headline([gate.build([bare])]).endswith("there is no baseline to compare with")


@pytest.mark.parametrize(
    ("value", "before", "bound", "way"),
    [
        (1.0, 2.0, "max", "better"),
        (2.0, 1.0, "max", "worse"),
        (2.0, 1.0, "min", "better"),
        (1.0, 2.0, "min", "worse"),
        (1.0, 1.0, "min", "the same"),
        (None, 1.0, "min", None),
        (1.0, None, "max", None),
    ],
)
def test_better_is_towards_the_target(
    value: float | None, before: float | None, bound: str, way: str | None
) -> None:
    """Fewer of what has a maximum, more of what has a minimum; what is not known did not change."""
    assert since(value, before, "max" if bound == "max" else "min") == way
