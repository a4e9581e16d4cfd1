"""Tests of `eng5.reports.alignment.first_screen`."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from eng5.contracts.analysis import Analysis
from eng5.contracts.artefact import Artefact
from eng5.contracts.experiments import Target
from eng5.contracts.own import Interval
from eng5.reports.alignment import analysis, first_screen
from eng5.reports.first_screen import FirstScreen, reaches
from tests.reports.conftest import ROLE_MODEL_GRADES, artefact, comparison, essays

Judge = Callable[..., Artefact]


def href(*ids: str) -> str:
    return "#" + "|".join(ids)


def measured(artefact: Artefact) -> Analysis:
    return analysis.build(artefact, {"kendall_tau": Target(min=0.9)}, name="run")


def screen(artefact: Artefact) -> FirstScreen:
    return first_screen.build(measured(artefact), href)


@pytest.mark.parametrize(
    ("judge_is", "answer", "steps"),
    [
        (
            {"steepness": -1.5, "rounds": 2},
            "misses the target of 0.90 with 95 % certainty on these pairs, and on other essays too",
            ["grade_scale names the lowest grade first"],
        ),
        ({"steepness": 0.0, "rounds": 2}, "cannot be told from a coin", ["another model or another prompt"]),
        ({"failure_rate": 0.5, "complete": False, "missing": 9}, "", ["Raise ENG5_LLM_TIMEOUT"]),
        ({"steepness": 0.6, "position": 2.0, "rounds": 2}, "", ["minds the order", "lower grade won"]),
        ({"tie_rate": 1.0}, "no comparison was decided", ["called all 66 a tie"]),
        (
            {"failure_rate": 1.0},
            "no comparison was decided",
            ["66 of 66 comparisons have no verdict, 66 for"],
        ),
        ({"steepness": 60.0, "rounds": 2}, "the target of 0.90", []),
    ],
)
def test_the_answer_and_the_steps_fit_the_judge(
    judge: Judge, judge_is: dict[str, Any], answer: str, steps: list[str]
) -> None:
    """Judges good, bad and broken: one sentence, and from one to three steps."""
    found = screen(judge(**judge_is))
    assert answer in found.answer and found.answer.count(". ") == 0
    said = [step.text for step in found.steps]
    assert 1 <= len(said) <= 3
    for place, words in enumerate(steps):
        assert words in said[place]


def test_what_was_asked_names_judge_prompt_and_numbers(judge: Judge) -> None:
    """Who, with which prompt, how many anchors, how many comparisons of how many pairs."""
    asked = screen(judge()).asked
    for words in (
        "anthropic / judge-1",
        "prompts/system/001_plain.txt",
        "12 anchors",
        "66 comparisons of 66 pairs",
    ):
        assert words in asked


def test_pairs_to_read_are_those_that_would_come_out_so_again(judge: Judge) -> None:
    """The links open inversions, the surest first."""
    artefact = judge(steepness=0.5, rounds=3)
    found = first_screen.build(measured(artefact), href)
    (read,) = [step for step in found.steps if step.text.startswith("Read the pairs")]
    surest = sorted(measured(artefact).inversions, key=lambda pair: -(pair.mostly or 0.0))[:3]
    assert [address for _, address in read.links] == [f"#{pair.higher_id}|{pair.lower_id}" for pair in surest]


@pytest.mark.parametrize(("low", "high", "says"), [(0.9, 0.95, True), (0.5, 0.89, False), (0.8, 0.9, None)])
def test_an_interval_on_both_sides_of_a_target_leaves_it_open(
    low: float, high: float, says: bool | None
) -> None:
    """Reached where all of it is, missed where none of it is."""
    assert reaches(Interval(low=low, high=high, level=0.95, method="m"), 0.9) is says
    assert reaches(None, 0.9) is None


def test_a_judge_that_takes_the_first_essay_always_has_no_order() -> None:
    """Each essay is shown first once and second once, and wins once: all scores are alike, and that is said."""
    anchors = essays(ROLE_MODEL_GRADES)
    rows = [
        comparison(number, one.essay_id, other.essay_id, 1)
        for number, (one, other) in enumerate(pairwise([*anchors, anchors[0]]), 1)
    ]
    answer = screen(artefact(anchors, rows)).answer
    assert answer == "Nothing can be said of the order: all anchors have the same score."


@pytest.mark.parametrize(
    ("complete", "then"), [(True, "` asks again, and for nothing else"), (False, "the same command again")]
)
def test_what_mends_comparisons_without_a_verdict_comes_before_asking_again(
    judge: Judge, complete: bool, then: str
) -> None:
    """The commonest cause first; the same command asks nothing of a batch that came to its end."""
    said = screen(judge(failure_rate=0.5, complete=complete)).steps[0].text
    assert said.index("Raise ENG5_LLM_TIMEOUT") < said.index(then)
    assert ("; then `eng5 retry " in said) is complete


@pytest.mark.parametrize(
    ("side", "says"),
    [("open", "what would decide"), ("out of reach", "try another prompt"), ("decided", None)],
)
def test_what_would_decide_is_a_step_while_anything_is_open(
    judge: Judge, side: str, says: str | None
) -> None:
    """One reading that is open is enough; where no data would decide, the prompt is left to change."""
    found = measured(judge(steepness=1.5, rounds=2))
    more = {"decides": "What would decide.", "side": side}
    metrics = [
        metric.model_copy(update={"more": metric.more.model_copy(update=more)})
        if metric.name == "kendall_tau" and metric.more
        else metric
        for metric in found.metrics
    ]
    said = [
        step.text for step in first_screen.build(found.model_copy(update={"metrics": metrics}), href).steps
    ]
    assert any("For certainty" in text or "near its target" in text for text in said) is (says is not None)
    assert says is None or any(says in text for text in said)


def test_nothing_is_decided_as_well_where_the_first_is_open(judge: Judge) -> None:
    """What stands after "as well" repeats what stands before it."""
    for steepness in (0.0, 1.5, 2.5):
        for metric in measured(judge(steepness=steepness, rounds=2)).metrics:
            decides = metric.more.decides if metric.more else None
            assert "as well" not in (decides or "") or (decides or "").startswith(
                "On these pairs it is decided"
            )
