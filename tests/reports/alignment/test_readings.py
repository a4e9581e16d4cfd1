"""The summary's figures in two readings, and what would decide about their targets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from eng5.contracts.analysis import Analysis
from eng5.contracts.artefact import Artefact
from eng5.contracts.experiments import MetricName, Target
from eng5.reports.alignment import analysis
from eng5.reports.baseline import build as baseline_of

Judge = Callable[..., Artefact]
TARGETS: dict[MetricName, Target] = {"kendall_tau": Target(min=0.9), "direct_inversions": Target(max=1)}


def analysed(artefact: Artefact, targets: dict[MetricName, Target] = TARGETS) -> Analysis:
    return analysis.build(artefact, targets, name="run")


def test_the_value_lies_in_both_intervals(judge: Judge) -> None:
    """This run's value is an estimate of what is expected in either reading; the second leaves more open."""
    result = analysed(judge(steepness=0.8))
    for name in ("kendall_tau", "direct_inversions", "inversion_rate", "zero_win_anchors", "ab_inversions"):
        metric = result.metric(name)
        assert metric.value is not None and metric.interval is not None and metric.other_essays is not None
        assert metric.interval.low <= metric.value <= metric.interval.high
        assert metric.other_essays.low <= metric.value <= metric.other_essays.high
        assert metric.interval.method != metric.other_essays.method


def test_a_rate_is_its_count_over_the_pairs(judge: Judge) -> None:
    """Rate and excess are the same figures on another scale, intervals too."""
    result = analysed(judge(steepness=0.8))
    count, rate = result.metric("direct_inversions"), result.metric("inversion_rate")
    assert count.value is not None and rate.value == pytest.approx(count.value / 63)
    assert count.interval is not None and rate.interval is not None
    assert rate.interval.high == pytest.approx(count.interval.high / 63)
    assert "in 95 of 100 runs" in (count.note or "")


def test_zero_wins_beyond_perfect_order(judge: Judge) -> None:
    """A perfect order leaves the last anchor without a win: with two F+ that a coin decides between, 1 is expected."""
    metric = analysed(judge(steepness=60.0)).metric("excess_zero_wins")
    assert metric.value == pytest.approx(0.0)


def test_what_would_decide_is_said_for_both_readings(judge: Judge) -> None:
    """Asked once, a second asking would show whether more can decide; other essays need other anchors."""
    tau = analysed(judge(steepness=0.8)).metric("kendall_tau")
    assert tau.more is not None and tau.more.decides is not None
    assert "asking each a second time" in tau.more.decides or "decided" in tau.more.decides
    assert "essays like these" in tau.more.decides
    assert tau.more.side == "open"


def test_no_number_is_promised_where_none_would_decide(judge: Judge) -> None:
    """A value on the target itself stays there; no figure of comparisons is invented."""
    artefact = judge(steepness=60.0)
    value = analysed(artefact).metric("kendall_tau").value
    on_it = analysed(artefact, {"kendall_tau": Target(min=value)}).metric("kendall_tau")
    assert on_it.more is not None and on_it.more.decides is not None
    assert "no number of comparisons" in on_it.more.decides
    assert on_it.more.side == "out of reach"


def test_figures_without_a_target_say_what_more_would_tell(judge: Judge) -> None:
    """The typical errors do not depend on a target; twice the anchors halve the variance."""
    metric = analysed(judge(rounds=2), {}).metric("kendall_tau")
    assert metric.more is not None and metric.more.essays is not None
    assert metric.more.essays_twice_anchors == pytest.approx(metric.more.essays / 2**0.5)
    assert metric.more.decides is None


@pytest.mark.parametrize(("reruns", "most"), [(8, 1), pytest.param(30, 2, marks=pytest.mark.slow)])
def test_a_rerun_seldom_raises_the_regression(judge: Judge, reruns: int, most: int) -> None:
    """Of many reruns of one noisy judge against another run of it, next to none is said to be worse."""
    baseline = baseline_of(judge(steepness=0.6, seed=1000), name="base")
    raised = 0
    for seed in range(reruns):
        found = analysis.build(judge(steepness=0.6, seed=seed), {}, name="run", baseline=baseline)
        metric = found.metric("ab_regression")
        raised += metric.interval is not None and metric.interval.low > 0
    assert raised <= most


def test_a_judge_turned_round_raises_the_regression(judge: Judge) -> None:
    """Every pair reversed is more than chance, and the note says so."""
    good, bad = judge(steepness=3.0), judge(steepness=-3.0)
    found = analysis.build(bad, {}, name="run", baseline=baseline_of(good, name="base"))
    metric = found.metric("ab_regression")
    assert metric.interval is not None and metric.interval.low > 0
    assert "more than a rerun of one judge shows" in (metric.note or "")
