"""How far the verdicts reach, in numbers and words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from eng5.contracts.artefact import Artefact
from eng5.contracts.reach import Evidence
from eng5.reports.alignment import analysis

Judge = Callable[..., Artefact]


def evidence(artefact: Artefact) -> Evidence:
    found = analysis.build(artefact, {}, name="run").evidence
    assert found is not None
    return found


def test_one_verdict_a_pair_leaves_both_readings_open(judge: Judge) -> None:
    """Without repeats nothing is said about the size of opinions, and the words say why."""
    found = evidence(judge())
    assert (found.repeated_pairs, found.repeats_known, found.opinion_sd) == (0, False, None)
    assert "a judge that always repeats itself would show this run's value every time" in found.repeats


def test_identical_repeats_add_next_to_nothing(judge: Judge, make_artefact: Judge) -> None:
    """A judge that never varies, asked four times, has said as much as when asked once."""
    once = judge(steepness=0.6)
    rows = [
        row.model_copy(
            update={"sequence": 66 * number + row.sequence, "request_id": f"{number}-{row.sequence}"}
        )
        for number in range(4)
        for row in once.llm_comparisons
    ]
    found = evidence(make_artefact(once.inputs.anchors, rows))
    assert found.verdicts == 264 and found.effective < 100
    assert found.opinion_sd is not None
    assert "nearly always repeats itself" in found.repeats


def test_verdicts_given_afresh_count(judge: Judge) -> None:
    """A coin contradicts itself: each of its verdicts is a new one."""
    found = evidence(judge(steepness=0.0, rounds=4))
    assert found.correlation is not None and found.correlation < 0.3
    assert found.effective > 150


@pytest.mark.parametrize(
    ("grades", "said"), [(["A", "B", "C+", "F+"], "next to nothing about others"), (None, "too few to tell")]
)
def test_the_number_of_anchors_says_what_it_can_carry(
    judge: Judge, grades: list[str] | None, said: str
) -> None:
    """The report itself names the limit, not only a page of the docs."""
    assert said in evidence(judge() if grades is None else judge(grades)).anchors


def test_nothing_decided_is_no_evidence(judge: Judge) -> None:
    """Ties only."""
    assert analysis.build(judge(tie_rate=1.0), {}, name="run").evidence is None
