import pytest

from eng5.contracts.grade_scales import DEFAULT_GRADE_SCALE, GRADE_SCALES, grade_level


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
    assert [grade_level(scale, grade) for grade in grades] == list(range(len(grades)))
    assert GRADE_SCALES[scale].all_grades == tuple(grades)


def test_grade_outside_the_scale_has_no_level() -> None:
    """An unknown grade is an absence, never the worst grade."""
    assert grade_level(DEFAULT_GRADE_SCALE, "E") is None
    assert grade_level("swedish_8_anchor", "U") is None


@pytest.mark.parametrize("scale", GRADE_SCALES.values(), ids=lambda scale: scale.name)
def test_priors_are_shares_of_the_grades(scale: object) -> None:
    """There is one prior for each grade, and they add up to one."""
    from eng5.contracts.grade_scales import GradeScale

    assert isinstance(scale, GradeScale)
    assert len(scale.priors) == len(scale.grades)
    assert sum(scale.priors) == pytest.approx(1.0)
