"""What a panel's report says, on judges whose truth is planted."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from eng5.contracts.artefact import Artefact
from eng5.contracts.variant_panel import VariantPanel
from eng5.reports.alignment import analysis, report
from eng5.reports.alignment.dataset import load
from eng5.reports.alignment.variant_panel import build
from eng5.steps import variant_panel
from tests.reports.conftest import ROLE_MODEL_GRADES

Judge = Callable[..., Artefact]


def panel(*members: Artefact) -> VariantPanel:
    """The report's part on a panel of these."""
    named = [(f"judge {number}", one) for number, one in enumerate(members, start=1)]
    artefact = variant_panel.build("panel", named, "majority", [])
    found = build(artefact, load(artefact))
    assert found is not None
    return found


def test_copies_count_as_one_and_do_not_beat_themselves(judge: Judge) -> None:
    """Three copies: one independent judge, full agreement, no difference from any member, and it says so."""
    one = judge(steepness=0.4, seed=1)
    found = panel(one, one, one)
    assert found.independent.value == pytest.approx(1.0)
    assert [each.agreement.value for each in found.agreements] == [1.0] * 3
    assert found.beats_best is False
    assert "That the panel beats its best member is not shown" in found.sentence
    assert {each.value for each in found.differences} == {0.0}


def test_independent_judges_count_as_several(judge: Judge) -> None:
    """Three that err by themselves: more than two; the interval ends at three."""
    found = panel(*(judge(steepness=0.4, rounds=3, seed=seed) for seed in (1, 2, 3)))
    assert found.independent.value is not None and found.independent.value > 2.0
    assert found.independent.interval is not None and found.independent.interval.high <= 3.0


def test_a_good_judge_among_coins_is_not_beaten_by_its_panel(judge: Judge) -> None:
    """The best member is named, the panel is worse, and is not called better."""
    found = panel(judge(steepness=2.0, seed=1), judge(steepness=0.0, seed=2), judge(steepness=0.0, seed=3))
    assert (found.best, found.beats_best) == ("judge 1", False)
    against = next(one for one in found.differences if one.member == "judge 1")
    assert against.value is not None and against.value < 0


def test_a_panel_of_many_weak_judges_beats_each_of_them(judge: Judge) -> None:
    """Five that are a little better than a coin, on 24 anchors: the panel is better than every one."""
    found = panel(*(judge(ROLE_MODEL_GRADES * 2, steepness=0.12, seed=seed) for seed in range(5)))
    assert found.beats_best is True
    assert "The panel beats its best member, and every other one" in found.sentence


def test_a_run_that_is_no_panel_has_no_such_part(judge: Judge) -> None:
    """None, and no section."""
    artefact = judge()
    assert build(artefact, load(artefact)) is None


def test_the_pages_of_a_panel_speak_of_no_service(judge: Judge) -> None:
    """Nobody was sent a prompt: neither the head nor the appendix says that a service used its own."""
    one = judge(steepness=1.0, system_prompt=None, rubric=None)
    made = variant_panel.build("panel", [("a", one), ("b", one)], "majority", [])
    measured = analysis.build(made, {}, name="panel")
    for page in report.build(made, measured, {}).values():
        assert "No prompt was sent." in page and "the service used its own" not in page
        assert "Hold the panel against" in page and ", 0 reused" not in page and "2 variants" in page
