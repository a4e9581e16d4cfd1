import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.contracts.grade_scales import GRADE_SCALES
from eng5.contracts.wire.vocabulary import ConfidenceLabel
from eng5.stack.cj_core.projection import NORMALIZED, project

LEGACY = GRADE_SCALES["eng5_np_legacy_9_step"]
ANCHORS = {f"ANCHOR_{place}": grade for place, grade in enumerate(LEGACY.grades)}
ANCHOR_SCORES = {f"ANCHOR_{place}": float(place) for place in range(len(LEGACY.grades))}


def grades(
    students: dict[str, float], scores: dict[str, float] = ANCHOR_SCORES, error: float = 0.2
) -> dict[str, str]:
    both = {**scores, **students}
    found = project(both, dict.fromkeys(both, error), ANCHORS, LEGACY)
    return {essay_id: one.grade for essay_id, one in found.items()}


def test_student_beside_an_anchor_gets_its_grade() -> None:
    """With anchors one logit apart, a student at an anchor's score gets that anchor's grade."""
    students = {grade: float(place) for place, grade in enumerate(LEGACY.grades)}
    assert grades(students) == {grade: grade for grade in LEGACY.grades}


def test_far_below_is_below_the_lowest_grade() -> None:
    """More than two spreads under the lowest grade's mean is the grade below, on scales that have one."""
    assert grades({"s": -30.0}) == {"s": "F"}
    swedish = GRADE_SCALES["swedish_8_anchor"]
    [projection] = project({"x": 0.0, "s": -30.0}, {"x": 0.1, "s": 0.1}, {"x": "E"}, swedish).values()
    assert projection.grade == "F"


@given(st.lists(st.floats(-10, 20), min_size=2, max_size=2), st.randoms())
def test_better_scores_never_get_worse_grades(pair: list[float], shuffle: random.Random) -> None:
    """Grades rise with scores, even when the anchors' own scores are out of order."""
    values = list(ANCHOR_SCORES.values())
    shuffle.shuffle(values)
    found = grades({"low": min(pair), "high": max(pair)}, dict(zip(ANCHOR_SCORES, values, strict=True)))
    low, high = LEGACY.level(found["low"]), LEGACY.level(found["high"])
    assert low is not None and high is not None and low <= high


@pytest.mark.parametrize(
    ("error", "factor", "label"),
    [(0.2, 1.0, "HIGH"), (0.5, 0.8, "HIGH"), (1.0, 0.6, "MID"), (1.5, 0.3, "LOW")],
)
def test_confidence_falls_with_the_error(error: float, factor: float, label: str) -> None:
    """At a grade far from all others entropy is nearly 0, so confidence is the root of the factor, and capped."""
    scores = {"ANCHOR_0": 0.0, "ANCHOR_8": 100.0, "s": 100.0}
    anchors = {"ANCHOR_0": "F+", "ANCHOR_8": "A"}
    repeated = {f"{name} {copy}": grade for name, grade in anchors.items() for copy in range(3)}
    many = {f"{name} {copy}": scores[name] for name in anchors for copy in range(3)}
    found = project({**many, "s": 100.0}, dict.fromkeys([*many, "s"], error), repeated, LEGACY)["s"]
    assert (found.grade, found.label) == ("A", ConfidenceLabel(label))
    assert found.confidence == pytest.approx(math.sqrt(factor), abs=0.1)


def test_wire_letters_and_numbers() -> None:
    """Letters carry the platform's numbers; digits cannot travel as letters and travel as U with a number."""
    found = project({**ANCHOR_SCORES, "s": 7.0}, dict.fromkeys([*ANCHOR_SCORES, "s"], 0.1), ANCHORS, LEGACY)[
        "s"
    ]
    assert (found.letter, found.normalized) == ("B", NORMALIZED["B"])
    national = GRADE_SCALES["eng5_np_national_9_step"]
    digits = dict(zip(ANCHOR_SCORES, national.grades, strict=True))
    found = project({**ANCHOR_SCORES, "s": 8.0}, dict.fromkeys([*ANCHOR_SCORES, "s"], 0.1), digits, national)[
        "s"
    ]
    assert (found.grade, found.letter, found.normalized) == ("9", "U", 1.0)


def test_without_scored_anchors_nothing_is_projected() -> None:
    """No anchor, no grade."""
    assert project({"s": 0.0}, {"s": 0.1}, {"ANCHOR_1": "A"}, LEGACY) == {}
