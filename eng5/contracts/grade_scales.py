"""The grade scales that the platform knows, from the lowest grade to the highest."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class GradeScale:
    """A grade scale.

    ``grades`` run from low to high, ``priors`` are their population shares, and ``below_lowest``
    is the grade for an essay that does not reach the lowest one (None when there is no such grade).
    """

    name: str
    grades: tuple[str, ...]
    priors: tuple[float, ...]
    below_lowest: str | None = None

    @property
    def all_grades(self) -> tuple[str, ...]:
        """Every valid grade, low to high, with the one below the lowest first."""
        return self.grades if self.below_lowest is None else (self.below_lowest, *self.grades)

    def level(self, grade: str) -> int | None:
        """The grade's place, 0 for the lowest valid one; None when the scale does not have it."""
        return self.all_grades.index(grade) if grade in self.all_grades else None


DEFAULT_GRADE_SCALE = "eng5_np_legacy_9_step"

_SCALES = (
    GradeScale(
        name="swedish_8_anchor",
        grades=("F", "E", "D", "D+", "C", "C+", "B", "A"),
        priors=(0.02, 0.08, 0.15, 0.20, 0.25, 0.15, 0.10, 0.05),
    ),
    GradeScale(
        name="eng5_np_legacy_9_step",
        grades=("F+", "E-", "E+", "D-", "D+", "C-", "C+", "B", "A"),
        priors=(1 / 9,) * 9,
        below_lowest="F",
    ),
    GradeScale(
        name="eng5_np_national_9_step",
        grades=tuple("123456789"),
        priors=(1 / 9,) * 9,
        below_lowest="0",
    ),
)

GRADE_SCALES: Mapping[str, GradeScale] = MappingProxyType({scale.name: scale for scale in _SCALES})


def grade_level(scale_name: str, grade: str) -> int | None:
    """The grade's place on the named scale, None when it is not on it; KeyError for an unknown scale."""
    return GRADE_SCALES[scale_name].level(grade)
