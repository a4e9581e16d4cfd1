"""Expert grades of anchors: from grades.csv, by one grader or several, else from the end of a file's name.

Where several graded an essay, its grade is their median: the middle grade, and of two middle grades the lower. Equal
medians are ties in the expert order, as equal grades are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, NamedTuple

from eng5.contracts.grade_scales import GradeScale
from eng5.contracts.identifiers import extract_grade_from_filename
from eng5.errors import InputError
from eng5.essays.grade_table import FIRST_LINE, read_table

ID_COLUMNS = ("anchor_id", "anchor-id")
FILE_COLUMNS = ("file_name", "file-name", "file")
GRADE_COLUMNS = ("grade", "pred_mode_grade")
GRADER_COLUMNS = ("grader", "rater")
UNGRADED = (
    "no anchor has a grade: judges are measured against each other, and none against graders; write grades into "
    "inputs/grades.csv"
)


class Graded(NamedTuple):
    """An anchor's id, its grade, where that comes from, and the grade of each grader where they have names."""

    anchor_id: str
    grade: str | None
    source: Literal["grades.csv", "file name"] | None
    by_grader: Mapping[str, str]


class GradeCell(NamedTuple):
    """A grade as it was written, and the line that it stands in."""

    text: str
    line: int


@dataclass
class GradeEntry:
    """What grades.csv says of one file; `graders` by name, `decided` in the column `grade`."""

    name: str
    line: int
    anchor_id: str = ""
    decided: GradeCell | None = None
    graders: dict[str, GradeCell] = field(default_factory=dict)


@dataclass(frozen=True)
class Grades:
    """A grades.csv as a whole; empty when there is none. `none`: no anchor has a grade, and none is asked for."""

    path: Path
    scale: GradeScale
    entries: Mapping[str, GradeEntry]
    left_out: tuple[str, ...] = ()
    none: bool = False

    def among(self, files: Iterable[Path]) -> Grades:
        """The same for these anchors: without a row in the table and a grade in any file's name there are none."""
        return replace(
            self, none=not self.entries and all(self._in_the_name(one.stem) is None for one in files)
        )

    def of(self, path: Path) -> Graded:
        """The grade of an anchor's file.

        Raises:
            InputError: there is none, though others have one; it is outside of the scale; or table and file name
                disagree.
        """
        if self.none:
            return Graded(path.stem, None, None, {})
        named = self._in_the_name(path.stem)
        entry = self._entry(path)
        if entry is None:
            if named is None:
                raise InputError(
                    "no grade in grades.csv, and none that is known at the end of the file name "
                    f"('{_ends(path.stem)[-1]}')",
                    where=path,
                    remedy=f"add a row to grades.csv; {self._allowed}",
                )
            return Graded(path.stem, named, "file name", {})
        anchor_id = entry.anchor_id or Path(entry.name).stem
        by_grader = {name: self._read(cell, entry) for name, cell in entry.graders.items()}
        if entry.decided is not None:
            grade = self._read(entry.decided, entry)
        elif by_grader:
            return Graded(anchor_id, median_grade(by_grader.values(), self.scale), "grades.csv", by_grader)
        else:
            raise InputError(
                f"line {entry.line}: no grade for '{entry.name}'",
                where=self.path,
                remedy="write one into the row",
            )
        if "_" in path.stem and named not in (None, grade):
            raise InputError(
                f"grades.csv says {grade}, the file name says {named}",
                where=path,
                remedy="correct the row in grades.csv or rename the file",
            )
        return Graded(anchor_id, grade, "grades.csv", by_grader)

    def notices(self, files: Iterable[Path]) -> list[str]:
        """What stands in the table and counts for nothing, with its line and what to do; or that there is no grade."""
        if self.none:
            return [UNGRADED]
        keys = {key for path in files for key in (path.name.lower(), path.stem.lower())}
        said = list(self.left_out)
        graded: dict[str, list[GradeCell]] = defaultdict(list)
        for key, entry in self.entries.items():
            if key not in keys:
                said.append(
                    f"grades.csv, line {entry.line}: '{entry.name}' names no anchor; correct the name, "
                    "add the file, or remove the row"
                )
            for grader, cell in entry.graders.items():
                graded[grader].append(cell)
        said += [
            f"grades.csv, line {cells[0].line}: grader '{grader}' graded one essay only, which says nothing about "
            "how graders agree; add more of these grades, or leave the grader out"
            for grader, cells in graded.items()
            if len(cells) == 1
        ]
        return said

    @property
    def _allowed(self) -> str:
        return f"the scale {self.scale.name} has: {self.scale.in_words}"

    def _entry(self, path: Path) -> GradeEntry | None:
        return self.entries.get(path.name.lower()) or self.entries.get(path.stem.lower())

    def _read(self, cell: GradeCell, entry: GradeEntry) -> str:
        grade = self.scale.find(cell.text)
        if grade is None:
            raise InputError(
                f"line {cell.line}: '{entry.name}' has the unknown grade '{cell.text}'",
                where=self.path,
                remedy=self._allowed,
            )
        return grade

    def _in_the_name(self, stem: str) -> str | None:
        """The grade at the end of a file's name; a number there is the essay's, more often than its grade."""
        if self.scale.is_numeric:
            return None
        return next((grade for end in _ends(stem) if (grade := self.scale.find(end)) is not None), None)


def _ends(stem: str) -> list[str]:
    """What may be the grade at the end of a file's name: the last part as it is, and without its number."""
    last = stem.rsplit("_", 1)[-1]
    try:
        return [last, extract_grade_from_filename(stem)]
    except ValueError:
        return [last]


def median_grade(grades: Iterable[str], scale: GradeScale) -> str:
    """The middle grade; of two middle grades the lower. Grades are on the scale, and at least one is there."""
    levels = sorted(level for grade in grades if (level := scale.level(grade)) is not None)
    return scale.all_grades[levels[(len(levels) - 1) // 2]]


def read_grades(path: Path, scale: GradeScale) -> Grades:
    """Read a grades.csv; InputError names the line.

    Its forms: a column `grade`; a column for each grader; or a row for each file and grader.
    """
    if not path.is_file():
        return Grades(path, scale, {})
    rows = list(read_table(path))
    names = rows[0][1]
    columns = {name.strip().lower(): place for place, name in reversed(list(enumerate(names)))}
    file = _column(columns, FILE_COLUMNS)
    if file is None:
        raise _no_column("file_name", names, path)
    anchor_id, grade, grader = (
        _column(columns, each) for each in (ID_COLUMNS, GRADE_COLUMNS, GRADER_COLUMNS)
    )
    graders = [
        place
        for place, name in enumerate(names)
        if name.strip()
        and place not in (file, anchor_id, grade, grader)
        and _is_grader(name, alone=grade is None)
    ]
    left_out: tuple[str, ...] = ()
    if grader is not None:
        if grade is None:
            raise _no_column("grade", names, path)
        graders = []
    else:
        graders, left_out = _with_grades(graders, names, rows[1:], scale)
        if grade is None and not graders:
            raise _no_column("grade", names, path)
    entries: dict[str, GradeEntry] = {}
    for line, row in rows[1:]:
        if not row[file]:
            raise InputError(f"line {line}: no file name", where=path, remedy="write it, or remove the row")
        entry = entries.get(row[file].lower())
        if entry is not None and grader is None:
            raise InputError(
                f"two rows for '{row[file]}', lines {entry.line} and {line}",
                where=path,
                remedy="keep one of them",
            )
        entry = entries.setdefault(row[file].lower(), GradeEntry(row[file], line))
        _add_id(entry, row[anchor_id] if anchor_id is not None else "", line, path)
        if grader is not None and grade is not None:
            _add_row(entry, row[grader], GradeCell(row[grade], line), path)
        else:
            entry.decided = GradeCell(row[grade], line) if grade is not None and row[grade] else None
            entry.graders = {
                names[place].strip(): GradeCell(row[place], line) for place in graders if row[place]
            }
    return Grades(path, scale, entries, left_out)


def _column(columns: Mapping[str, int], names: tuple[str, ...]) -> int | None:
    return next((columns[name] for name in names if name in columns), None)


def _is_grader(name: str, *, alone: bool) -> bool:
    """Beside a column `grade` only a column that says so is a grader's; without one, any may be."""
    return alone or name.strip().lower().startswith(("grade_", "grade ", "grader", "rater"))


def _with_grades(
    places: list[int], names: list[str], rows: list[tuple[int, list[str]]], scale: GradeScale
) -> tuple[list[int], tuple[str, ...]]:
    """The columns that hold a grade of the scale, and what is said of those that hold something else."""
    found = {place for place in places for _, row in rows if scale.find(row[place]) is not None}
    empty = {place for place in places if not any(row[place] for _, row in rows)}
    said = tuple(
        f"grades.csv, line 1: the column '{names[place]}' holds no grade of the scale {scale.name} and is left out; "
        "correct its grades, or remove it"
        for place in places
        if place not in found | empty
    )
    if not rows:
        return places, said
    return [place for place in places if place in found], said


def _add_id(entry: GradeEntry, anchor_id: str, line: int, path: Path) -> None:
    if anchor_id and entry.anchor_id not in ("", anchor_id):
        raise InputError(
            f"lines {entry.line} and {line} give '{entry.name}' two ids: {entry.anchor_id} and {anchor_id}",
            where=path,
            remedy="give it one",
        )
    entry.anchor_id = anchor_id or entry.anchor_id


def _add_row(entry: GradeEntry, grader: str, cell: GradeCell, path: Path) -> None:
    """A grader's row; a row without a grade says nothing."""
    if not grader:
        raise InputError(f"line {cell.line}: no grader", where=path, remedy="write who gave the grade")
    if grader in entry.graders:
        raise InputError(
            f"'{grader}' graded '{entry.name}' twice, lines {entry.graders[grader].line} and {cell.line}",
            where=path,
            remedy="keep one of the rows",
        )
    if cell.text:
        entry.graders[grader] = cell


def _no_column(name: str, names: list[str], path: Path) -> InputError:
    return InputError(
        f"no column '{name}' (there are: {', '.join(filter(None, names)) or 'none'})",
        where=path,
        remedy=FIRST_LINE,
    )
