"""What experts' answers on doubtful pairs change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from eng5.contracts.artefact import Artefact
from eng5.contracts.dispute import DisputedPairs, DoubtfulPair
from eng5.reports.alignment import analysis, report
from eng5.reports.alignment.doubts import doubtful_pairs

Judge = Callable[..., Artefact]


def ids(artefact: Artefact) -> list[str]:
    """From the lowest grade to the highest."""
    return [anchor.essay_id for anchor in artefact.inputs.anchors]


def answered(
    artefact: Artefact, pairs: list[tuple[str, str]], judges: tuple[str, ...] = ("anna", "bo")
) -> Artefact:
    """People who say that the first of each pair is better."""
    pattern = next(one for one in artefact.llm_comparisons if one.status == "succeeded")
    rows = [
        pattern.model_copy(
            update={
                "sequence": number,
                "essay_a_id": winner,
                "essay_b_id": loser,
                "winner_id": winner,
                "loser_id": loser,
                "provider": "human",
                "model": name,
                "justification": f"{name} says so",
            }
        )
        for number, ((winner, loser), name) in enumerate(
            [(pair, name) for pair in pairs for name in judges], start=1
        )
    ]
    about = artefact.metadata.model_copy(update={"batch_id": "run.dispute"})
    return artefact.model_copy(update={"llm_comparisons": rows, "metadata": about})


def measured(artefact: Artefact, pairs: list[tuple[str, str]] | None = None, doubt: Any = "inversion") -> Any:
    """The analysis, with experts who say that the first of each pair is better."""
    if pairs is None:
        return analysis.build(artefact, {}, name="run")
    disputed = DisputedPairs(
        of="run",
        times=2,
        pairs=[DoubtfulPair(one_id=one, other_id=other, doubt=doubt) for one, other in pairs],
    )
    return analysis.build(artefact, {}, name="run", disputed=(disputed, answered(artefact, pairs)))


def test_before_is_what_the_report_says_without_experts(judge: Judge) -> None:
    """Tau and inversions against the grades are those of the summary."""
    artefact = judge(rounds=2, steepness=0.5)
    low, high = ids(artefact)[2], ids(artefact)[-1]
    found = measured(artefact, [(high, low)])
    plain = measured(artefact)
    assert found.dispute.tau_before == pytest.approx(plain.metric("kendall_tau").value)
    assert found.dispute.inversions_before == len(plain.inversions)
    assert plain.dispute is None
    assert found.model_copy(update={"dispute": None}) == plain


def test_experts_who_uphold_the_judge_take_its_inversions_away(judge: Judge) -> None:
    """And experts who uphold the grades leave every figure as it was."""
    artefact = judge(rounds=2, steepness=0.5)
    inversions = [(pair.lower_id, pair.higher_id) for pair in measured(artefact).inversions]
    assert inversions
    with_judge = measured(artefact, inversions).dispute
    assert (with_judge.with_model, with_judge.against_model) == (len(inversions), 0)
    assert with_judge.regrade and all(anchor.endswith(" pairs)") for anchor in with_judge.regrade)
    assert with_judge.inversions_after == 0 and with_judge.tau_after > with_judge.tau_before
    with_grades = measured(artefact, [(high, low) for low, high in inversions]).dispute
    assert (with_grades.with_model, with_grades.against_model) == (0, len(inversions))
    assert with_grades.inversions_after == with_grades.inversions_before
    assert with_grades.tau_after == pytest.approx(with_grades.tau_before)


def test_the_doubtful_pairs_are_of_each_kind_and_each_once(judge: Judge) -> None:
    """Inversions, grades and flips in turn, no pair twice, no more than asked for, likely noise left out."""
    artefact = judge(rounds=4, steepness=0.4, position=1.0)
    found = measured(artefact)
    pairs = doubtful_pairs(found, 100)
    assert {pair.doubt for pair in pairs} == {"inversion", "grade", "flip"}
    keys = [frozenset((pair.one_id, pair.other_id)) for pair in pairs]
    assert len(keys) == len(set(keys)) and all(len(key) == 2 for key in keys)
    assert doubtful_pairs(found, 3) == pairs[:3]
    noise = {frozenset((p.higher_id, p.lower_id)) for p in found.inversions if p.tag == "likely noise"}
    assert not {key for key, pair in zip(keys, pairs, strict=True) if pair.doubt == "inversion"} & noise


def test_the_pages_say_before_and_after(judge: Judge) -> None:
    """Both pages have the section, with comments as text; without a dispute neither has."""
    artefact = judge(rounds=2, steepness=0.5)
    pairs = [(pair.lower_id, pair.higher_id) for pair in measured(artefact).inversions]
    found = measured(artefact, pairs)
    for text in report.build(artefact, found, report.plots(found)).values():
        if "Reliability" in text:
            assert "What experts said about the doubtful pairs" in text
    page = next(text for name, text in report.build(artefact, found, {}).items() if name.endswith(".html"))
    assert "anna says so" in page
    plain = measured(artefact)
    assert not any("doubtful" in text for text in report.build(artefact, plain, {}).values())
