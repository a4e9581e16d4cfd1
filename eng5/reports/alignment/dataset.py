"""An artefact as arrays: essays in expert order and their comparisons by index."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from sys import intern
from types import SimpleNamespace

import numpy as np

from eng5.contracts.artefact import Artefact, Comparison
from eng5.contracts.grade_scales import GradeScale
from eng5.contracts.own import Estimate, Interval, with_fields_of
from eng5.contracts.stored import chosen
from eng5.stats import interval as stats_interval
from eng5.stats.comparisons import BoolArray, Comparisons, IntArray


@dataclass(frozen=True)
class Subject:
    """An essay as the analysis sees it; `level` is None when the grade is unknown."""

    essay_id: str
    name: str
    source_file: str | None
    grade: str | None
    level: int | None


@dataclass(frozen=True, eq=False)
class Dataset:
    """Essays, best expert grade first (unknown grades last), and the comparisons between them.

    `answered` are the artefact's comparisons with a verdict, ties included; `comparisons` the same as
    indices; `failed` counts failures by essay id.
    """

    subjects: tuple[Subject, ...]
    answered: Sequence[Comparison]
    comparisons: Comparisons
    failed: Mapping[str, int]
    scale: GradeScale
    positions: bool = True
    """It is known which essay was shown first."""

    @property
    def grades(self) -> tuple[str, ...]:
        """The scale's grades, low to high."""
        return self.scale.all_grades

    @cached_property
    def in_band(self) -> BoolArray:
        """Shape (n,), whether the grade is of band A or band B."""
        return np.array([self.scale.in_band(s.grade) for s in self.subjects], dtype=np.bool_)

    @cached_property
    def level(self) -> IntArray:
        """Shape (n,), the grade's level; -1 when it is unknown."""
        return np.array([-1 if s.level is None else s.level for s in self.subjects], dtype=np.int64)

    @cached_property
    def by_pair(self) -> dict[tuple[int, int], list[int]]:
        """Places in `answered` by pair (i < j), in the artefact's order."""
        places: dict[tuple[int, int], list[int]] = {}
        for place, (a, b) in enumerate(
            zip(self.comparisons.first.tolist(), self.comparisons.second.tolist(), strict=True)
        ):
            places.setdefault((min(a, b), max(a, b)), []).append(place)
        return places


def load(artefact: Artefact) -> Dataset:
    """Read an artefact."""
    rows = artefact.llm_comparisons
    first: list[str] = []
    second: list[str] = []
    outcome, kept = array("b"), array("l")
    failed: Counter[str] = Counter()
    # One pass: of a large artefact each takes a second, for its comparisons are on disk.
    for number, row in enumerate(rows):
        if row.status == "failed":
            failed.update((row.essay_a_id, row.essay_b_id))
            continue
        kept.append(number)
        first.append(intern(row.essay_a_id))
        second.append(intern(row.essay_b_id))
        outcome.append(0 if row.winner_id is None else 1 if row.winner_id == row.essay_a_id else -1)
    found = _subjects(artefact, {*first, *second, *failed})
    subjects = tuple(sorted(found, key=lambda s: -1 if s.level is None else s.level, reverse=True))
    place = {subject.essay_id: number for number, subject in enumerate(subjects)}
    return Dataset(
        subjects=subjects,
        answered=chosen(rows, kept),
        comparisons=Comparisons(
            len(subjects),
            np.array([place[essay] for essay in first], dtype=np.int64),
            np.array([place[essay] for essay in second], dtype=np.int64),
            np.array(outcome, dtype=np.int64),
        ),
        failed=failed,
        scale=artefact.metadata.grade_scale,
        positions=artefact.metadata.imported is None or artefact.metadata.imported.positions,
    )


def _subjects(artefact: Artefact, met: set[str]) -> list[Subject]:
    """The run's essays by name, and those it ``met`` that only the service knows (its own anchors).

    Students go by their ids: a file name may hold a pupil's name.
    """
    scale = artefact.metadata.grade_scale
    execute = artefact.metadata.runner_mode.about.sends == "students"
    own = [*artefact.inputs.students] if execute else [*artefact.inputs.anchors, *artefact.inputs.students]

    def subject(essay_id: str, name: str, file: str | None, grade: str | None) -> Subject:
        return Subject(essay_id, name, file, grade, scale.level(grade) if grade else None)

    found = [
        subject(each.essay_id, each.essay_id, None, each.grade)
        if execute
        else subject(each.essay_id, each.anchor_id or each.file_name, each.file_name, each.grade)
        for each in own
    ]
    found += [subject(each.essay_id, each.name, None, each.grade) for each in artefact.inputs.named]
    known = {one.essay_id for one in found}
    grades = {score.essay_id: score.anchor_grade for score in artefact.bt_summary}
    found += [subject(essay_id, essay_id, None, grades.get(essay_id)) for essay_id in met - known]
    return sorted(found, key=lambda one: (one.name, one.essay_id), reverse=True)


def pair_verdicts(data: Dataset) -> tuple[IntArray, BoolArray, IntArray]:
    """Pair, whether the essay with the better place was shown first, and +1 when it won, for each verdict."""
    first, second = data.comparisons.first, data.comparisons.second
    in_order = first < second
    pair = np.minimum(first, second) * data.comparisons.n + np.maximum(first, second)
    return pair, in_order, np.where(in_order, data.comparisons.outcome, -data.comparisons.outcome)


def interval(value: stats_interval.IntervalResult | None) -> Interval | None:
    """A statistic's interval as the contract writes it."""
    if value is None or not np.isfinite([value.low, value.high]).all():
        return None
    return with_fields_of(value, Interval)


def estimated(value: float | None, ends: stats_interval.IntervalResult | None = None) -> Estimate:
    """A statistic with its interval as the contract writes it."""
    return Estimate(value=value, interval=interval(ends))


def couple(first: Subject, second: Subject, one: str = "one", other: str = "other") -> SimpleNamespace:
    """Ids, names and grades of two essays as `one_id`, `other_id` …, as contracts of pairs have them."""
    return SimpleNamespace(
        **{
            f"{side}_{field}": value
            for side, essay in ((one, first), (other, second))
            for field, value in (("id", essay.essay_id), ("name", essay.name), ("grade", essay.grade))
        }
    )
