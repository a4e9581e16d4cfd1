"""Tests of `eng5.steps.gate`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from eng5.contracts.artefact import Artefact
from eng5.contracts.experiments import Experiments, MetricName, Target
from eng5.contracts.gate import Gate
from eng5.errors import GateFailedError, InputError
from eng5.files import read_model, write_model
from eng5.paths import ProjectPaths
from eng5.reports import baseline, gate
from eng5.reports.alignment import analysis

pytestmark = pytest.mark.usefixtures("few_draws")

Judge = Callable[..., Artefact]
EXPERIMENTS = Experiments.model_validate(
    {
        "baseline": "good",
        "targets": {
            "direct_inversions": {"max": 1},
            "kendall_tau": {"min": 0.9},
            "ab_regression": {"max": 0},
        },
        "variant": {"good": {"replicates": 3}, "bad": {}},
    }
)
TARGETS: dict[MetricName, Target] = {
    "direct_inversions": Target(max=1),
    "zero_win_anchors": Target(max=0),
    "kendall_tau": Target(min=0.9),
    "ab_regression": Target(max=0),
}


def checked(artefact: Artefact, targets: dict[MetricName, Target], name: str = "run") -> Gate:
    counted = baseline.build(artefact, name=name)
    return gate.build([analysis.build(artefact, targets, name=name, baseline=counted)])


def test_each_target_says_whether_and_by_how_much(judge: Judge) -> None:
    """A judge that turns three pairs round: 3 of at most 1 inversions, tau -1 of at least 0.9."""
    found = {each.metric: each for each in checked(judge(["A", "B", "C+"], steepness=-60.0), TARGETS).checks}
    assert {name: each.status for name, each in found.items()} == {
        "direct_inversions": "missed",
        "zero_win_anchors": "missed",
        "kendall_tau": "missed",
        "ab_regression": "met",
    }
    assert found["direct_inversions"].margin == -2
    assert found["direct_inversions"].sentence == "Direct inversions 3; at most 1 wanted: missed by 2."
    assert found["kendall_tau"].margin == pytest.approx(-1.9)
    assert found["ab_regression"].sentence == "A/B regression 0; at most 0 wanted: met with 0 to spare."


def test_a_miss_by_a_hair_is_shown_as_a_miss(judge: Judge) -> None:
    """Tau of a perfect judge of twelve is √(63/66) = 0.97701; 0.9771 is missed by less than two decimals show."""
    (only,) = checked(judge(steepness=60.0), {"kendall_tau": Target(min=0.9771)}).checks
    assert only.status == "missed"
    assert only.sentence == "Kendall's tau 0.9770; at least 0.98 wanted: missed by 0.0001."


def test_on_bound_judges_the_interval(judge: Judge) -> None:
    """The same run meets a target by its value and misses it by the lower end of the interval."""
    artefact = judge(rounds=2, steepness=0.8)
    tau = analysis.build(artefact, {}, name="run").metric("kendall_tau")
    assert tau.value is not None and tau.interval is not None and tau.interval.low < tau.value
    limit = (tau.interval.low + tau.value) / 2
    by_point = checked(artefact, {"kendall_tau": Target(min=limit)})
    by_bound = checked(artefact, {"kendall_tau": Target(min=limit, on="bound")})
    assert by_point.passed and not by_bound.passed
    assert by_bound.checks[0].judged == tau.interval.low
    assert "by its interval" in by_bound.checks[0].sentence


def test_what_is_not_known_is_not_met(judge: Judge) -> None:
    """Without a baseline run A/B regression has no value; without a target there is nothing to pass."""
    artefact = judge(steepness=60.0)
    only: dict[MetricName, Target] = {"ab_regression": Target(max=0)}
    unknown = gate.build([analysis.build(artefact, only, name="run")])
    assert not unknown.passed and unknown.checks[0].status == "unknown"
    assert "not known: the run has no value" in unknown.checks[0].sentence
    assert unknown.checks[0].note == "no baseline run to compare with"
    bound = checked(artefact, {"ab_regression": Target(max=0, on="bound")})
    assert not bound.passed and "by its interval" in bound.checks[0].sentence
    with pytest.raises(InputError, match="no targets"):
        checked(artefact, {})


def test_zero_wins_come_with_what_perfect_order_leaves(judge: Judge) -> None:
    """The note stands where 0 is asked for, and not where one zero-win anchor is allowed."""
    artefact = judge(["A", "B", "C+"], steepness=60.0)
    (strict,) = checked(artefact, {"zero_win_anchors": Target(max=0)}).checks
    (lenient,) = checked(artefact, {"zero_win_anchors": Target(max=1)}).checks
    assert strict.note is not None and "perfect order beats nobody" in strict.note
    assert "1.0 expected under perfect order" in strict.note
    assert lenient.note is not None and "beats nobody" not in lenient.note


BEYOND_CHANCE: dict[MetricName, Target] = {
    "inversion_rate": Target(max=0.1),
    "excess_inversions": Target(max=1),
    "excess_zero_wins": Target(max=0),
    "ab_regression_at_least": Target(max=0),
    "ab_regression_at_most": Target(max=3),
}


def test_a_perfect_judge_meets_the_targets_that_chance_does_not_decide(judge: Judge) -> None:
    """The last anchor's missing win and chance inversions are taken off; a reversed judge misses what it should."""
    assert checked(judge(steepness=60.0), BEYOND_CHANCE).passed
    found = {each.metric: each for each in checked(judge(steepness=-60.0), BEYOND_CHANCE).checks}
    missed = {name for name, each in found.items() if each.status == "missed"}
    assert missed == {"inversion_rate", "excess_inversions"}, "its regression is counted against itself"


def test_the_bounds_of_ab_regression_are_the_ends_of_its_interval(judge: Judge) -> None:
    """Also of several runs of one prompt together, about the mean of their counts."""
    experiments = EXPERIMENTS.model_copy(
        update={"targets": {**BEYOND_CHANCE, "ab_regression": Target(max=0)}}
    )
    runs = [(name, judge(steepness=0.6, seed=seed)) for seed, name in enumerate(("bad", "bad.r2", "bad.r3"))]
    for taken in (runs[:1], runs):
        pooled = {each.name: each for each in gate.pool(taken, [judge(steepness=60.0)], experiments)}
        ends = pooled["ab_regression"].interval
        assert ends is not None
        assert pooled["ab_regression_at_least"].value == ends.low
        assert pooled["ab_regression_at_most"].value == ends.high
        assert ends.low <= (pooled["ab_regression"].value or 0.0) <= ends.high


def project_with(tmp_path: Path, **artefacts: Artefact) -> ProjectPaths:
    project = ProjectPaths.at(tmp_path)
    for name, artefact in artefacts.items():
        paths = project.run(name)
        write_model(paths.artefact, artefact)
        analysis.run(paths, {"direct_inversions": Target(max=1), "kendall_tau": Target(min=0.9)})
    return project


def test_every_run_is_checked_before_the_gate_fails(judge: Judge, tmp_path: Path) -> None:
    """Files of all runs are written, in three formats, and the refusal names run and target."""
    project = project_with(tmp_path, bad=judge(steepness=-60.0), good=judge(steepness=60.0))
    with pytest.raises(GateFailedError) as refusal:
        gate.run(project, EXPERIMENTS, {"bad": ["bad"], "good": ["good"]})
    assert refusal.value.exit_code == 8
    message = str(refusal.value)
    assert "1 of 2 variants" in message and "bad: Kendall's tau" in message and "good" not in message

    assert read_model(project.reports / "gate_good.json", Gate).passed
    counts = {}
    for name in ("bad", "good"):
        root = ElementTree.parse(project.reports / f"gate_{name}.xml").getroot()
        (suite,) = root
        assert suite.get("name") == name and int(suite.get("tests", "0")) == len(suite.findall("testcase"))
        counts[name] = len(suite.findall("testcase/failure"))
        assert counts[name] == int(suite.get("failures", "-1"))
    assert counts == {"bad": 2, "good": 0}
    summary = (project.reports / "gate.md").read_text(encoding="utf-8")
    assert "### ❌ bad" in summary and "### ✅ good" in summary
    before = {path: path.read_bytes() for path in project.reports.iterdir()}
    with pytest.raises(GateFailedError):
        gate.run(project, EXPERIMENTS, {"bad": ["bad"], "good": ["good"]})
    assert {path: path.read_bytes() for path in project.reports.iterdir()} == before


def test_a_gate_that_holds_refuses_nothing(judge: Judge, tmp_path: Path) -> None:
    """All targets met: the summary says so."""
    project = project_with(tmp_path, good=judge(steepness=60.0))
    gate.run(project, EXPERIMENTS, {"good": ["good"]})
    assert (
        (project.reports / "gate.md")
        .read_text(encoding="utf-8")
        .startswith("## ✅ good meets all 2 targets; it is the baseline\n")
    )
    assert json.loads((project.reports / "gate_good.json").read_text(encoding="utf-8"))["passed"] is True


def test_replicates_are_one_candidate(judge: Judge, tmp_path: Path) -> None:
    """Three runs of one prompt are held against the targets together: means over them, and one file."""
    runs = {name: judge(steepness=0.9, seed=seed) for seed, name in enumerate(("good", "good.r2", "good.r3"))}
    project = project_with(tmp_path, **runs)
    with pytest.raises(GateFailedError) as refusal:
        gate.run(project, EXPERIMENTS, {"good": list(runs)})
    assert "good misses " in str(refusal.value)
    found = read_model(project.reports / "gate_good.json", Gate)
    assert (found.run, found.runs) == ("good", list(runs))
    checks = {each.metric: each for each in found.checks}
    for name in ("kendall_tau", "direct_inversions"):
        each = [analysis.build(made, {}, name=run).metric(name).value or 0.0 for run, made in runs.items()]
        assert checks[name].value == pytest.approx(sum(each) / 3) and len(set(each)) > 1
    assert checks["ab_regression"].value == pytest.approx(0.0), "against the mean of the baseline's own runs"
    assert "Means over 3 runs: good, good.r2, good.r3" in (project.reports / "gate.md").read_text("utf-8")


def test_ab_regression_is_counted_against_all_runs_of_the_baseline(judge: Judge, tmp_path: Path) -> None:
    """Of a variant that ran once too, as the comparison counts it."""
    made = {
        name: judge(steepness=0.4, seed=seed)
        for seed, name in enumerate(("good", "good.r2", "good.r3", "bad"))
    }
    counted = [baseline.build(made[name], name=name).ab_inversions or 0.0 for name in made if name != "bad"]
    project = project_with(tmp_path, **made)
    with pytest.raises(GateFailedError):
        gate.run(project, EXPERIMENTS, {"bad": ["bad"]})
    checks = {each.metric: each for each in read_model(project.reports / "gate_bad.json", Gate).checks}
    assert f"{sum(counted) / 3:.3g} in the baseline" in (checks["ab_regression"].note or "")
    assert len(set(counted)) > 1


def test_what_chance_may_turn_is_said(judge: Judge) -> None:
    """Beyond chance where the whole interval lies on the value's side of the limit, else not; n/a without one."""
    artefact = judge(rounds=2, steepness=0.8)
    tau = analysis.build(artefact, {}, name="run").metric("kendall_tau")
    assert tau.interval is not None and tau.value is not None
    low, high = tau.interval.low - 0.01, tau.interval.high + 0.01
    for limit, sure in ((low, True), (high, True), ((tau.interval.low + tau.value) / 2, False)):
        (only,) = checked(artefact, {"kendall_tau": Target(min=limit)}).checks
        assert only.beyond_chance is sure
    bare = gate.build([analysis.build(artefact, {"ab_regression": Target(max=0)}, name="run")])
    assert bare.checks[0].beyond_chance is None


def test_junit_holds_any_notice(judge: Judge) -> None:
    """A file name with control characters and markup leaves the XML readable."""
    found = checked(judge(steepness=60.0), TARGETS)
    hostile = found.model_copy(update={"notices": ["left out: \x00 <script> & ]]> \ud800"]})
    root = ElementTree.fromstring(gate.junit(hostile))
    assert "<script>" in (root.findtext("testsuite/system-out") or "")
