"""Tests of `eng5.steps.analysis`."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eng5.contracts.analysis import Analysis, Metric
from eng5.contracts.artefact import Artefact, Comparison
from eng5.contracts.experiments import MetricName, Target
from eng5.contracts.own import Interval
from eng5.errors import DamagedFileError
from eng5.files import read_model, write_model
from eng5.paths import ProjectPaths
from eng5.reports.alignment import analysis
from eng5.reports.alignment.targets import caveat, check
from eng5.reports.baseline import build as baseline_of

TARGETS: dict[MetricName, Target] = {
    "direct_inversions": Target(max=1, baseline=5),
    "zero_win_anchors": Target(max=0, baseline=1),
    "kendall_tau": Target(min=0.9, baseline=0.82),
    "ab_regression": Target(max=0, baseline=0),
}
Build = Callable[..., Artefact]


def analysed(artefact: Artefact, baseline: Artefact | None = None) -> Analysis:
    return analysis.build(
        artefact, TARGETS, name="run", baseline=baseline_of(baseline or artefact, name="run")
    )


def test_perfect_judge_has_the_values_derived_by_hand(judge: Build) -> None:
    """Twelve anchors, three pairs of equal grade: 63 of 66 pairs can agree, so tau-b is √(63/66)."""
    result = analysed(judge(steepness=60.0))
    assert result.metric("direct_inversions").value == 0
    assert result.metric("kendall_tau").value == pytest.approx(math.sqrt(63 / 66))
    assert result.metric("tau_a_favourable").value == 1.0
    assert result.metric("zero_win_anchors").value == 1, "the worse of the two F+ lost everything"
    assert result.counts.judged_pairs == result.counts.possible_pairs == 66
    assert [row.expected_rank for row in result.essays[:3]] == [1.5, 1.5, 3.5]


def test_one_lost_pair_is_one_inversion_with_the_judges_words(judge: Build) -> None:
    """An A that loses to an F+ once, and never meets it again, is a direct inversion of band A."""
    artefact = judge(["A", "F+"], steepness=-60.0)
    result = analysed(artefact)
    (pair,) = result.inversions
    assert (pair.higher_grade, pair.lower_grade, pair.winner_name) == ("A", "F+", "anchor_02")
    assert pair.confidence == artefact.llm_comparisons[0].confidence
    assert pair.justification is not None
    assert pair.justification in (artefact.llm_comparisons[0].justification or "")
    assert result.metric("ab_inversions").value == 1
    assert result.metric("kendall_tau").value == -1.0


def test_ab_regression_counts_what_the_baseline_did_not_have(judge: Build) -> None:
    """The excess of A/B inversions over the baseline run, 0 against itself, n/a without a baseline."""
    good, bad = judge(steepness=60.0), judge(steepness=-60.0)
    assert (
        analysed(bad, baseline=good).metric("ab_regression").value
        == analysed(bad).metric("ab_inversions").value
    )
    assert analysed(bad, baseline=bad).metric("ab_regression").value == 0
    assert analysed(good, baseline=bad).metric("ab_regression").value == 0
    alone = analysis.build(good, TARGETS, name="run").metric("ab_regression")
    assert alone.value is None and alone.target is not None and alone.target.status == "unknown"


def test_ties_and_failures_are_never_wins(judge: Build) -> None:
    """A tie and a failure are counted as such and give no essay a win or a loss."""
    result = analysed(judge(tie_rate=0.5, failure_rate=0.3))
    assert result.counts.ties > 0 and result.counts.failed > 0
    assert sum(row.wins for row in result.essays) == sum(row.losses for row in result.essays)
    assert sum(row.wins for row in result.essays) == result.counts.decided
    assert sum(row.ties for row in result.essays) == 2 * result.counts.ties
    assert sum(row.failed for row in result.essays) == 2 * result.counts.failed


def test_nothing_judged_is_not_available(judge: Build) -> None:
    """Without a decided comparison every figure is None, and the verdict says why."""
    result = analysed(judge(tie_rate=1.0))
    assert all(metric.value is None for metric in result.metrics)
    assert result.status == "unknown" and result.fit is None
    assert "no comparison was decided" in result.verdict
    assert all(row.score is None and row.rank is None for row in result.essays)


def test_equal_grades_leave_nothing_to_agree_with(judge: Build) -> None:
    """With one grade only, tau and inversions are undefined and a notice says so."""
    result = analysed(judge(["C+"] * 5))
    assert result.metric("kendall_tau").value is None
    assert result.metric("direct_inversions").value is None
    assert "one grade" in {notice.code for notice in result.notices}


def test_unknown_grades_are_left_out_by_name(judge: Build) -> None:
    """A grade outside the scale counts as no grade, neither the worst nor the best."""
    result = analysed(judge(["A", "B", "Z", None, "F+"]))
    (notice,) = [n for n in result.notices if n.code == "unknown grades"]
    assert "anchor_03 (Z)" in notice.text and "anchor_04 (no grade)" in notice.text
    unknown = [row for row in result.essays if row.level is None]
    assert {row.name for row in unknown} == {"anchor_03", "anchor_04"}
    assert all(row.expected_rank is None and row.score is not None for row in unknown)


def test_partial_data_are_named(judge: Build) -> None:
    """Every way in which data can be incomplete has its notice."""
    result = analysed(judge(failure_rate=0.4, complete=False, missing=3))
    assert {"partial data", "missing verdicts", "failed", "pairs unjudged"} <= {
        n.code for n in result.notices
    }


def test_a_judge_of_two_kinds_is_named(judge: Build, make_artefact: Build) -> None:
    """Verdicts of two models in one run are a warning."""
    source = judge()
    mixed = [c.model_copy(update={"model": f"judge-{c.sequence % 2}"}) for c in source.llm_comparisons]
    codes = {notice.code for notice in analysed(make_artefact(source.inputs.anchors, mixed)).notices}
    assert "several judges" in codes


def test_a_target_on_the_bound_is_judged_by_the_interval(judge: Build) -> None:
    """`on = "bound"` asks the interval's worse end; the point's result stays beside it."""
    targets: dict[MetricName, Target] = {"kendall_tau": Target(min=0.7, on="bound")}
    target = analysis.build(judge(), targets, name="run").metric("kendall_tau").target
    assert target is not None and target.point == "met"
    assert target.status == target.interval_bound


@settings(max_examples=4)
@given(order=st.permutations(range(66)), seed=st.integers(0, 1000))
def test_the_order_of_the_verdicts_does_not_matter(judge: Build, order: list[int], seed: int) -> None:
    """Summary, scores and inversions are those of the set of verdicts."""
    source = judge(steepness=0.5, seed=seed)
    shuffled = source.model_copy(update={"llm_comparisons": [source.llm_comparisons[i] for i in order]})
    one, other = analysed(source), analysed(shuffled)
    assert [m.value for m in one.metrics] == pytest.approx([m.value for m in other.metrics], abs=1e-9)
    assert [r.score for r in one.essays] == pytest.approx([r.score for r in other.essays], abs=1e-6)
    assert {(p.higher_id, p.lower_id) for p in one.inversions} == {
        (p.higher_id, p.lower_id) for p in other.inversions
    }


def test_run_is_idempotent_and_refuses_a_damaged_artefact(judge: Build, tmp_path: Path) -> None:
    """60 is the same bytes each time; a damaged 50 is an error that names the file."""
    paths = ProjectPaths.at(tmp_path).run("variant")
    write_model(paths.artefact, judge())
    analysis.run(paths, TARGETS)
    first = paths.analysis.read_bytes()
    paths.analysis.unlink()
    analysis.run(paths, TARGETS)
    assert paths.analysis.read_bytes() == first
    assert read_model(paths.analysis, Analysis).metric("ab_regression").value is None
    paths.artefact.write_text("{", encoding="utf-8")
    with pytest.raises(DamagedFileError, match=r"50_artefact\.json"):
        analysis.run(paths, TARGETS)


def test_a_coin_and_a_biased_judge_are_named_on_the_first_screen(judge: Build) -> None:
    """A coin is called unreliable, a judge with a preference for a place is called biased; a good one is not."""

    def codes(**judging: float) -> set[str]:
        return {notice.code for notice in analysed(judge(rounds=2, **judging)).notices}

    assert "unreliable" in codes(steepness=0.0)
    assert "position bias" in codes(position=2.0, steepness=0.8)
    assert not codes() & {"unreliable", "position bias"}


def test_winning_in_the_first_place_is_no_bias_when_the_better_essay_stood_there(judge: Build) -> None:
    """The wins of the first place say nothing by themselves: quality is held apart before a judge is accused."""
    source = judge(steepness=0.8)
    level = {essay.essay_id: number for number, essay in enumerate(source.inputs.anchors)}

    def better_first(verdict: Comparison) -> Comparison:
        sides = sorted((verdict.essay_a_id, verdict.essay_b_id), key=lambda each: -level[each])
        return verdict.model_copy(update={"essay_a_id": sides[0], "essay_b_id": sides[1]})

    turned = source.model_copy(update={"llm_comparisons": [better_first(v) for v in source.llm_comparisons]})
    result = analysed(turned)
    assert result.position is not None and result.position.p_value is not None
    assert result.position.p_value < 0.001
    assert "position bias" not in {notice.code for notice in result.notices}


@pytest.mark.parametrize("eta", [-2.0, 0.0, 1.0])
def test_the_advantage_of_the_first_place_lies_in_its_interval(judge: Build, eta: float) -> None:
    """η is the median of the draws that its interval is made of, and near the truth with four verdicts a pair."""
    bias = analysed(judge(steepness=0.8, position=eta, rounds=4)).position
    assert bias is not None and bias.eta.value is not None and bias.eta.interval is not None
    assert bias.eta.interval.low < bias.eta.value < bias.eta.interval.high
    assert bias.eta.value == pytest.approx(eta, abs=0.6)


def among(artefact: Artefact, *groups: range) -> Artefact:
    """The comparisons within groups of anchors, by their places."""
    names = [essay.essay_id for essay in artefact.inputs.anchors]
    within = [{names[place] for place in group} for group in groups]
    kept = [
        c for c in artefact.llm_comparisons if any({c.essay_a_id, c.essay_b_id} <= group for group in within)
    ]
    return artefact.model_copy(update={"llm_comparisons": kept})


def test_an_anchor_that_was_never_compared_is_not_in_tau(judge: Build) -> None:
    """A perfect judge of eleven anchors, two pairs of equal grade: 53 of 55 pairs can agree, so tau-b is √(53/55)."""
    result = analysed(among(judge(steepness=60.0), range(1, 12)))
    tau = result.metric("kendall_tau")
    assert tau.value == pytest.approx(math.sqrt(53 / 55))
    assert tau.interval is not None and tau.interval.high <= math.sqrt(53 / 55) + 1e-9
    assert result.metric("gamma").value == 1.0
    assert "not compared" in {notice.code for notice in result.notices}


def test_a_tau_that_equal_grades_keep_out_of_reach_is_named(judge: Build) -> None:
    """Anchors of two grades, perfectly ordered: the note says what the best order reaches, and the target is more."""
    artefact = judge(steepness=60.0)
    anchors = [
        each.model_copy(update={"grade": "A" if place < 6 else "F"})
        for place, each in enumerate(artefact.inputs.anchors)
    ]
    inputs = artefact.inputs.model_copy(update={"anchors": anchors})
    tau = analysed(artefact.model_copy(update={"inputs": inputs})).metric("kendall_tau")
    assert tau.note == "anchors of equal grade leave 0.74 to the best order without ties"


def test_groups_that_never_met_have_no_tau(judge: Build) -> None:
    """Without a comparison between the halves there is no order of all anchors to correlate."""
    result = analysed(among(judge(steepness=60.0), range(6), range(6, 12)))
    for name in ("kendall_tau", "gamma", "tau_a_favourable"):
        assert result.metric(name).value is None and result.metric(name).interval is None
    assert "never compared" in (result.metric("kendall_tau").note or "")
    assert result.metric("direct_inversions").value == 0, "pairs within the groups still count"


@pytest.mark.parametrize(
    ("bounds", "limit", "said"),
    [
        ((1.0, 5.0), 2.0, "both sides"),
        ((2.5, 5.0), 2.0, "Met in this run, although"),
        ((0.5, 1.5), 2.0, None),
        ((1.0, 5.0), 1.9, "both sides"),
        ((0.5, 1.5), 1.9, "Missed in this run, although"),
        ((2.5, 5.0), 1.9, None),
    ],
)
def test_caveat_says_where_the_interval_lies(
    bounds: tuple[float, float], limit: float, said: str | None
) -> None:
    """On both sides of the target, wholly beyond it though the value 2 meets it, or within it though it does not."""
    interval = Interval(low=bounds[0], high=bounds[1], level=0.95, method="test")
    metric = Metric(name="direct_inversions", label="Inversions", kind="count", value=2.0, interval=interval)
    found = caveat([check(metric, {"direct_inversions": Target(max=limit)})])
    assert (
        (found is None) if said is None else (found is not None and said in found and "Inversions" in found)
    )


def test_verdict_says_when_the_interval_leaves_it_open(judge: Build) -> None:
    """A point below a target that its interval includes is missed, but not for certain."""
    artefact = judge(rounds=2, steepness=0.6)
    tau = analysed(artefact).metric("kendall_tau")
    assert tau.value is not None and tau.interval is not None and tau.value < tau.interval.high
    between = (tau.value + tau.interval.high) / 2
    result = analysis.build(artefact, {"kendall_tau": Target(min=between)}, name="run")
    assert result.status == "missed"
    assert result.caveat is not None and "Kendall's tau" in result.caveat
