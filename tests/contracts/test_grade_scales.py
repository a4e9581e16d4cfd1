"""Grade scales: the shipped ones, ranges, lists, bands, and how a file says them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from eng5.contracts.grade_scales import DEFAULT_GRADE_SCALE, GRADE_SCALES, Scale, scale_of

AS_FIELD: TypeAdapter[Scale] = TypeAdapter(Scale)
IELTS = {"grades": "4.0 to 9.0 by 0.5", "bands": {"A": ["8.5", 9], "B": "8"}}
GRADE = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters="<"), min_size=1, max_size=40
).filter(lambda text: text.isprintable() and text == text.strip())
LISTED = st.lists(GRADE, min_size=2, max_size=12, unique_by=str.casefold)


@pytest.mark.parametrize(
    ("scale", "low_to_high"),
    [
        ("swedish_8_anchor", "F E D D+ C C+ B A"),
        ("eng5_np_legacy_9_step", "F F+ E- E+ D- D+ C- C+ B A"),
        ("eng5_np_national_9_step", "0 1 2 3 4 5 6 7 8 9"),
    ],
)
def test_levels_rise_with_the_grades(scale: str, low_to_high: str) -> None:
    """Levels count up from the lowest valid grade, which may lie below the scale's own lowest."""
    grades = low_to_high.split()
    assert [GRADE_SCALES[scale].level(grade) for grade in grades] == list(range(len(grades)))
    assert GRADE_SCALES[scale].all_grades == tuple(grades)


def test_grade_outside_the_scale_has_no_level() -> None:
    """An unknown grade is an absence, never the worst grade."""
    assert GRADE_SCALES[DEFAULT_GRADE_SCALE].level("E") is None
    assert GRADE_SCALES["swedish_8_anchor"].level("U") is None


@pytest.mark.parametrize(
    ("declared", "grades"),
    [
        ("1 to 6", "1 2 3 4 5 6"),
        ("6 to 1", "6 5 4 3 2 1"),
        ("4.0 to 9.0 by 0.5", "4.0 4.5 5.0 5.5 6.0 6.5 7.0 7.5 8.0 8.5 9.0"),
        ("-1 to 1 by 0.50", "-1.00 -0.50 0.00 0.50 1.00"),
        ("Fail < Pass<  Merit", "Fail Pass Merit"),
        (["F", "E", "D"], "F E D"),
        ([1, 2, 3.5], "1 2 3.5"),
    ],
)
def test_scales_of_a_study(declared: object, grades: str) -> None:
    """Ranges keep the decimals that were written; a list is taken as it stands."""
    assert scale_of(declared).all_grades == tuple(grades.split())


def test_a_hundred_points() -> None:
    """Both ends are grades."""
    assert [scale_of("0 to 100").level(grade) for grade in ("0", "57", "100")] == [0, 57, 100]


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("letters", "unknown grade scale 'letters': use one of eng5_np_legacy_9_step"),
        ("1 to 6 by 2", "steps of 2 do not lead from 1 to 6"),
        ("1 to 1", "steps of 1 do not lead"),
        ("1 to 6 by 0", "steps of 0 do not lead"),
        ("0 to 1000000000", "1001 are the most"),
        (["A"], "from 2 to 1001 grades"),
        (["A", "a"], "'a' is there twice"),
        (["A", ""], "is no grade"),
        (["A", True], "a grade is text in quotes, or a number"),
        (["A", "x" * 41], "is no grade"),
        (7, "no grade scale: write"),
        ({"grade": "1 to 6"}, "the keys grades and bands, not grade"),
        ({"grades": "1 to 6", "bands": {"C": ["6"]}}, "bands: write"),
        ({"grades": "1 to 6", "bands": {"A": ["7"]}}, "bands.A: no grade '7'"),
        ({"grades": "1 to 6", "bands": {"A": ["6"], "B": ["6"]}}, "in A and in B"),
    ],
)
def test_what_is_no_scale(declared: object, said: str) -> None:
    """The sentence says what is wrong with the declaration."""
    with pytest.raises(ValueError, match=r"scale|step|grade|band") as caught:
        scale_of(declared)
    assert said in str(caught.value)


def test_bands() -> None:
    """Letters have theirs by themselves, numbers have those that are declared."""
    letters, numbers = scale_of(["F", "C", "B-", "B", "A", "Awful", "A1"]), scale_of(IELTS)
    assert {grade for grade in letters.grades if letters.in_band(grade)} == {"B-", "B", "A"}
    assert {grade for grade in numbers.grades if numbers.in_band(grade)} == {"8.0", "8.5", "9.0"}
    assert not scale_of("1 to 6").bands
    points = scale_of({"grades": "0 to 100", "bands": {"A": "90 to 100", "B": ["80 to 88", 89]}})
    assert [len(points.bands[band]) for band in ("A", "B")] == [11, 10]
    assert not letters.in_band(None)


@pytest.mark.parametrize(
    ("declared", "written", "grade"),
    [
        ("4.0 to 9.0 by 0.5", "7", "7.0"),
        ("4.0 to 9.0 by 0.5", " 7,5 ", "7.5"),
        ("4.0 to 9.0 by 0.5", "7.25", None),
        ("0 to 100", "57.0", "57"),
        (["Fail", "Pass"], "PASS", "Pass"),
        ("swedish_8_anchor", "c+", "C+"),
        ("swedish_8_anchor", "nan", None),
    ],
)
def test_grades_as_people_write_them(declared: object, written: str, grade: str | None) -> None:
    """Case, decimal sign and last zeros do not count; nothing is rounded."""
    assert scale_of(declared).find(written) == grade


@given(LISTED)
def test_a_file_says_any_list_of_grades(grades: list[str]) -> None:
    """What is written is read as the same scale."""
    scale = scale_of(grades)
    assert scale.grades == tuple(grades)
    assert AS_FIELD.validate_json(AS_FIELD.dump_json(scale)) == scale


@given(st.integers(-50, 50), st.integers(1, 40), st.sampled_from(["0.25", "0.5", "1", "2"]))
def test_a_file_says_any_range(low: int, steps: int, step: str) -> None:
    """Grades are a step apart, and the declaration is the name."""
    scale = scale_of(f"{low} to {low + steps * Decimal(step)} by {step}")
    assert [Decimal(b) - Decimal(a) for a, b in zip(scale.grades, scale.grades[1:], strict=False)] == [
        Decimal(step)
    ] * steps
    assert AS_FIELD.validate_json(AS_FIELD.dump_json(scale)) == scale


def test_declared_bands_are_kept() -> None:
    """A scale is its name where that is enough, and a table where it is not."""
    assert AS_FIELD.dump_python(GRADE_SCALES[DEFAULT_GRADE_SCALE]) == DEFAULT_GRADE_SCALE
    written = AS_FIELD.dump_json(scale_of(IELTS))
    assert written == b'{"grades":"4.0 to 9.0 by 0.5","bands":{"A":["8.5","9.0"],"B":["8.0"]}}'
    assert AS_FIELD.validate_json(written) == scale_of(IELTS)
