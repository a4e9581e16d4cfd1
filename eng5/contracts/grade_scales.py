"""Grade scales, from the lowest grade to the highest: those that the platform knows, and those of a study's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, PlainSerializer, with_config
from typing_extensions import TypedDict

from eng5.contracts.own import OwnFile

BANDS = ("A", "B")
"""The bands of the figure `ab_regression`."""
MOST_GRADES = 1001
LONGEST_GRADE = 40
HIGHER = " < "
FORMS = '"LOW to HIGH", "LOW to HIGH by STEP", a list of grades from the lowest to the highest'
_RANGE = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s+to\s+(-?\d+(?:\.\d+)?)(?:\s+by\s+(\d+(?:\.\d+)?))?\s*")
_BAND_LETTER = re.compile(r"[AB][+-]?")


class GradeScale(OwnFile):
    """A grade scale.

    ``name`` is that of a shipped scale, or says all grades (``1 to 6``, ``F < E < D``): ``scale_of`` reads it.
    ``grades`` run from low to high; ``below_lowest`` is the grade for an essay that does not reach the lowest
    one (None when there is no such grade); ``bands`` are the grades of band A and of band B.
    """

    name: str
    grades: tuple[str, ...]
    below_lowest: str | None = None
    bands: Mapping[str, tuple[str, ...]] = {}

    def __str__(self) -> str:
        return self.name

    @property
    def all_grades(self) -> tuple[str, ...]:
        """Every valid grade, low to high, with the one below the lowest first."""
        return self.grades if self.below_lowest is None else (self.below_lowest, *self.grades)

    @property
    def is_numeric(self) -> bool:
        """Every grade is a number."""
        return all(_number(grade) is not None for grade in self.all_grades)

    @property
    def in_words(self) -> str:
        """The grades as a message names them, however many there are."""
        grades = self.all_grades
        return ", ".join(grades if len(grades) <= 20 else (*grades[:3], "…", grades[-1]))

    def level(self, grade: str) -> int | None:
        """The grade's place, 0 for the lowest valid one; None when the scale does not have it."""
        return self.all_grades.index(grade) if grade in self.all_grades else None

    def find(self, written: str) -> str | None:
        """The grade that somebody wrote, whatever the case of its letters, its decimal sign and its last zeros."""
        text = written.strip()
        if text in self.all_grades:
            return text
        for grade in self.all_grades:
            if grade.casefold() == text.casefold():
                return grade
        value = _number(text.replace(",", "."))
        same = (grade for grade in self.all_grades if value is not None and _number(grade) == value)
        return next(same, None)

    def in_band(self, grade: str | None) -> bool:
        """The grade is of band A or band B."""
        return any(grade in grades for grades in self.bands.values())


def scale_of(declared: object) -> GradeScale:
    """The scale that is declared by a name, a range, a list of grades, or a table of `grades` and `bands`.

    Raises:
        ValueError: a sentence that says what is wrong, and what can be declared.
    """
    if isinstance(declared, GradeScale):
        return declared
    if not isinstance(declared, Mapping):
        return _without_bands(declared)
    unknown = sorted(map(str, declared.keys() - {"grades", "bands"}))
    if unknown or "grades" not in declared:
        raise ValueError(f"a grade scale has the keys grades and bands{_not(unknown)}")
    scale = _without_bands(declared["grades"])
    if declared.get("bands") is None:
        return scale
    return scale.model_copy(update={"bands": _bands(declared["bands"], scale)})


@with_config(ConfigDict(extra="forbid"))
class DeclaredScale(TypedDict):
    """A scale in a file, when its bands are not those that its grades have by themselves."""

    grades: str
    bands: dict[str, list[str]]


def _declared(scale: GradeScale) -> str | DeclaredScale:
    """How a file says it: by its name wherever that is enough."""
    if scale == scale_of(scale.name):
        return scale.name
    return {"grades": scale.name, "bands": {band: list(grades) for band, grades in scale.bands.items()}}


Scale = Annotated[
    GradeScale,
    BeforeValidator(scale_of, json_schema_input_type=str | DeclaredScale),
    PlainSerializer(_declared, return_type=str | DeclaredScale),
]
"""A scale as the field of a file."""


def _without_bands(declared: object) -> GradeScale:
    if isinstance(declared, list | tuple):
        return _own([_grade(one) for one in declared])
    if not isinstance(declared, str):
        raise ValueError(f"no grade scale: write {FORMS}, or the name of a shipped one")
    if declared in GRADE_SCALES:
        return GRADE_SCALES[declared]
    if "<" in declared:
        return _own([_grade(one) for one in declared.split("<")])
    if found := _RANGE.fullmatch(declared):
        return _range(*found.groups())
    known = ", ".join(sorted(GRADE_SCALES))
    raise ValueError(f"unknown grade scale '{declared}': use one of {known}; or {FORMS}")


def _range(low: str, high: str, step: str | None) -> GradeScale:
    """The numbers from low to high, with as many decimals as the longest of the three."""
    first, last, by = Decimal(low), Decimal(high), Decimal(step or "1")
    said = f"{low} to {high}" + (f" by {step}" if step else "")
    if by == 0 or first == last or (last - first) % by:
        raise ValueError(f"'{said}': steps of {step or 1} do not lead from {low} to {high}")
    count = int(abs(last - first) / by) + 1
    if count > MOST_GRADES:
        raise ValueError(f"'{said}': {count} grades; {MOST_GRADES} are the most")
    decimals = max(len(text.partition(".")[2]) for text in (low, high, step or ""))
    sign = 1 if last > first else -1
    grades = [f"{first + sign * by * place:.{decimals}f}" for place in range(count)]
    return GradeScale(name=said, grades=tuple(grades))


def _own(grades: list[str]) -> GradeScale:
    if not 2 <= len(grades) <= MOST_GRADES:
        raise ValueError(f"a grade scale has from 2 to {MOST_GRADES} grades, not {len(grades)}")
    seen: set[str] = set()
    for grade in grades:
        if grade.casefold() in seen:
            raise ValueError(f"the grade '{grade}' is there twice (upper and lower case are the same)")
        seen.add(grade.casefold())
    bands = {band: tuple(g for g in grades if _BAND_LETTER.fullmatch(g) and g[0] == band) for band in BANDS}
    return GradeScale(
        name=HIGHER.join(grades),
        grades=tuple(grades),
        bands={b: found for b, found in bands.items() if found},
    )


def _grade(value: object) -> str:
    """A grade of a list, numbers included, as its text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("a grade is text in quotes, or a number")
    text = str(value).strip()
    if not text or len(text) > LONGEST_GRADE or "<" in text or not text.isprintable():
        raise ValueError(
            f"{text[:LONGEST_GRADE]!r} is no grade: 1 to {LONGEST_GRADE} characters, without '<'"
        )
    return text


def _bands(declared: object, scale: GradeScale) -> dict[str, tuple[str, ...]]:
    form = (
        f"bands: write {{ A = GRADES, B = GRADES }}, each a grade, a list or LOW to HIGH of {scale.in_words}"
    )
    if not isinstance(declared, Mapping) or not declared.keys() <= set(BANDS):
        raise ValueError(form)
    bands: dict[str, tuple[str, ...]] = {}
    for band, listed in declared.items():
        written = listed if isinstance(listed, list | tuple) else [listed]
        found = {str(one): _of_band(str(one), scale) for one in written}
        if missing := [one for one, grades in found.items() if not grades]:
            raise ValueError(f"bands.{band}: no grade '{missing[0]}'; {form}")
        bands[band] = tuple(grade for grades in found.values() for grade in grades)
    if both := set(bands.get("A", ())) & set(bands.get("B", ())):
        raise ValueError(f"bands: the grade '{min(both)}' is in A and in B")
    return bands


def _of_band(written: str, scale: GradeScale) -> tuple[str, ...]:
    """A grade, or all grades of `LOW to HIGH`; none when the scale does not have them."""
    if (grade := scale.find(written)) is not None:
        return (grade,)
    low, _, high = written.partition(" to ")
    first, last = (scale.level(scale.find(one) or "") for one in (low, high))
    return () if first is None or last is None else scale.all_grades[first : last + 1]


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _not(names: list[str]) -> str:
    return f", not {', '.join(names)}" if names else ""


def _shipped(name: str, grades: str, below_lowest: str | None = None) -> GradeScale:
    return _own(grades.split()).model_copy(update={"name": name, "below_lowest": below_lowest})


DEFAULT_GRADE_SCALE = "eng5_np_legacy_9_step"
GRADE_SCALES: Mapping[str, GradeScale] = MappingProxyType(
    {
        scale.name: scale
        for scale in (
            _shipped("swedish_8_anchor", "F E D D+ C C+ B A"),
            _shipped("eng5_np_legacy_9_step", "F+ E- E+ D- D+ C- C+ B A", "F"),
            _shipped("eng5_np_national_9_step", "1 2 3 4 5 6 7 8 9", "0"),
        )
    }
)
