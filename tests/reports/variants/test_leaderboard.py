"""Tests of `eng5.reports.variants.leaderboard`: what a reader is told to take, for judges that are known."""

from __future__ import annotations

import re

import pytest

from eng5.contracts.compare import Advice, Compare
from eng5.reports.variants import compare, leaderboard, report
from tests.reports.conftest import judged
from tests.reports.variants.test_compare import Runs, compared, experiments, named, three

pytestmark = pytest.mark.usefixtures("few_draws")

POOR, SHARP = 0.15, 3.0


def runs(**steepness: float) -> Runs:
    return {
        name: [judged(steepness=value, seed=seed)] for seed, (name, value) in enumerate(steepness.items(), 3)
    }


def groups(found: Compare) -> dict[str, str]:
    return {place.variant: place.groups for place in found.leaderboard.places}


def test_one_that_is_better_than_all_is_to_be_taken() -> None:
    """A sharp judge among poor ones: first place, a group of its own, and sure for other essays too."""
    found = compared(runs(base=POOR, sharp=SHARP, same=POOR))
    board = found.leaderboard
    assert (board.take, board.as_well, board.sure) == ("sharp", [], "other essays")
    assert board.answer.startswith("Take sharp (") and board.answer.endswith("and than every other.")
    assert board.certainty.startswith(
        "Sure, for other essays of the same grades as well: the difference from base is +"
    )
    assert groups(found) == {"sharp": "a", "base": "b", "same": "b"}
    assert board.places[0].better_than == ["base", "same"] or board.places[0].better_than == ["same", "base"]
    assert [place.rank for place in board.places] == [1, 2, 3]


def test_the_baseline_stays_where_nothing_is_better() -> None:
    """Draws of one judge cannot be told apart: keep the baseline, say who is ahead, and what would decide."""
    found = compared(runs(base=POOR, one=POOR, two=POOR))
    board = found.leaderboard
    assert (board.take, board.sure) == ("base", "no") and sorted(board.as_well) == ["one", "two"]
    assert board.answer.startswith("Keep base (") and "it cannot be told from " in board.answer
    assert set(groups(found).values()) == {"a"}
    assert any(step.startswith(("To tell base from ", "Take base or ")) for step in board.next_steps)
    assert any("replicates = 3" in step for step in board.next_steps) and len(board.next_steps) <= 3


def test_what_is_better_on_these_pairs_alone_is_named_beside_the_baseline() -> None:
    """Among many variants no test reaches other essays with a dozen anchors: both are named, and why."""
    found = compared(runs(base=0.0, **{f"v{place}": 0.5 + place for place in range(5)}))
    board = found.leaderboard
    if board.take == "base":
        assert re.match(
            r"Keep base \(.*\), or try v\d \(.*\): .* better on these pairs, and not shown", board.answer
        )
    assert "v0, v1" not in board.answer, "a long list is in the table"


def test_too_few_anchors_are_the_first_thing_to_mend() -> None:
    """Three anchors say nothing of other essays, and equal figures put nobody ahead."""
    board = compared({"base": [three(1, 1, 1)], "other": [three(1, 1, 1)]}).leaderboard
    assert board.next_steps[0].startswith("Add anchors: with fewer than 5 nothing can be said")
    assert board.certainty == "Not sure: base is ahead of no other by more than chance."


def test_two_that_are_better_cannot_be_told_apart() -> None:
    """Both sharp: the one with the higher figure, and the other is named as no worse."""
    found = compared(runs(base=POOR, one=SHARP, two=SHARP))
    board = found.leaderboard
    assert {board.take, *board.as_well} == {"one", "two"} and board.sure == "other essays"
    assert groups(found) == {"one": "a", "two": "a", "base": "b"}
    assert "it cannot be told from" in board.answer


def test_a_baseline_that_is_best_is_kept_for_sure() -> None:
    """Against two coins a sharp baseline is better than both."""
    found = compared(runs(base=SHARP, one=0.0, two=0.0))
    board = found.leaderboard
    assert (board.take, board.as_well, board.sure) == ("base", [], "other essays")
    assert board.answer.startswith("Keep base") and re.search(
        "(one and two|two and one) are worse", board.certainty
    )


def test_the_cheaper_of_equals_is_named() -> None:
    """Where two cannot be told apart, what one of them costs less is a reason."""
    cheap = three(1, 1, 1)
    cheap = cheap.model_copy(update={"costs": cheap.costs.model_copy(update={"total_usd": 0.001})})
    dear = three(1, 1, -1)
    dear = dear.model_copy(update={"costs": dear.costs.model_copy(update={"total_usd": 1.0})})
    steps = compared({"base": [dear], "cheap": [cheap]}).leaderboard.next_steps
    assert any(step.startswith("cheap costs 0.0010 USD a run") for step in steps)


def test_html_and_markdown_say_what_json_says() -> None:
    """Answer, certainty, steps, places and letters are in both pages, the answer before any table."""
    made = runs(base=POOR, sharp=SHARP, same=POOR)
    found = compared(made)
    pages = report.build(found, named(made))
    board = found.leaderboard
    plain = {
        "html": re.sub(r"<[^>]+>", "", pages["compare.html"]).replace("&#39;", "'").replace("&lt;", "<"),
        "md": pages["compare.md"].replace("\\", "").replace("&lt;", "<").replace("**", ""),
    }
    for text in plain.values():
        for sentence in (board.answer, board.certainty, *board.next_steps):
            assert sentence in text
        assert text.index(board.answer) < text.index("Leaderboard")
    rows = re.findall(r"^\| (\d+) \| \**(\w+)\**(?: \(baseline\))? \| (\w+) \|", pages["compare.md"], re.M)
    assert rows == [(str(place.rank), place.variant, place.groups) for place in board.places]


def test_flips_stand_by_direction_and_grade() -> None:
    """AB was wrong and is right, BC the other way: each under its grades."""
    found = compared({"base": [three(-1, 1, 1)], "other": [three(1, 1, -1)]})
    assert [
        (group.direction, group.higher_grade, group.lower_grade, len(group.pairs))
        for group in found.flips[0].by_grade
    ] == [("put right", "A", "B", 1), ("put wrong", "B", "C+", 1)]


def test_what_was_not_run_is_named() -> None:
    """A variant without an artefact is left out, and the page says so."""
    made: Runs = {"base": [three(-1, 1, 1)], "other": [three(1, 1, 1)]}
    found = compare.build(
        experiments(list(made)),
        named(made),
        left_out={"later": "no artefact yet", "b": "its batch failed: quota"},
    )
    texts = [notice.text for notice in found.notices]
    assert any(
        text.startswith("Left out: later (no artefact yet), b (its batch failed: quota). ") for text in texts
    )


def test_other_figures_that_are_better_are_said() -> None:
    """Where tau cannot tell, what the win rate says for other essays stands beside it."""
    found = compared(
        {
            "base": [judged(steepness=0.3, seed=seed) for seed in (1, 2, 3)],
            "sharp": [judged(steepness=0.9, seed=seed) for seed in (4, 5, 6)],
        },
        base={"replicates": 3},
        sharp={"replicates": 3},
    )
    better = [
        one.label for one in found.differences if one.verdict == "better" and one.metric != "kendall_tau"
    ]
    if found.leaderboard.take == "base" and better:
        assert f"{better[-1]} sharp is better, for other essays too" in found.leaderboard.certainty


def test_of_two_that_one_figure_never_tells_apart_another_may_choose() -> None:
    """Nobody is told to take either, whichever he likes, where another figure says which is better."""
    found = compared(runs(base=SHARP, other=SHARP))
    test = next(one for one in found.differences if one.metric == "kendall_tau")
    rate = next(one for one in found.differences if one.metric == "win_rate")
    worse = rate.essays.model_copy(update={"verdict": "worse"})
    never = test.model_copy(
        update={"value": 0.001, "advice": Advice(kind="never", more=None, repeats_known=True)}
    )
    never = never.model_copy(
        update={
            side: getattr(test, side).model_copy(update={"verdict": "cannot tell"})
            for side in ("pairs", "essays")
        }
    )
    for apart, said in (
        (
            [never, rate.model_copy(update={"value": -0.1, "essays": worse})],
            "take base, which is better in Wins",
        ),
        ([never], "Take base or other, or change more of the prompt"),
    ):
        board = leaderboard.build(found.variants, apart, "kendall_tau", [], None)
        assert any(said in step for step in board.next_steps)


def test_prompts_stand_beside_the_figures() -> None:
    """The same prompt is said to be the same; the baseline has no changes."""
    found = compared({"base": [three(-1, 1, 1)], "other": [three(1, 1, 1)]})
    base, other = found.variants
    assert base.changes == [] and [change.same for change in other.changes] == [True, True]
