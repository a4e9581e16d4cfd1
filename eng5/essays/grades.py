"""Expert grades of anchors: from grades.csv, else from the end of a file's name."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from eng5.contracts.grade_scales import GradeScale
from eng5.contracts.identifiers import extract_grade_from_filename
from eng5.errors import InputError
from eng5.essays.extract import extract

__all__ = ["GradeRow", "grade_of", "read_grades"]

ID_COLUMNS = ("anchor_id", "anchor-id")
FILE_COLUMNS = ("file_name", "file-name")
GRADE_COLUMNS = ("grade", "pred_mode_grade")
GradeRow = tuple[str, str]
"""Anchor id and grade."""


def grade_of(path: Path, rows: dict[str, GradeRow], scale: GradeScale) -> tuple[str, str, str]:
    """(anchor id, grade, source) from grades.csv, else from the end of the file name."""
    allowed = f"the scale {scale.name} has: {', '.join(scale.all_grades)}"
    try:
        named = extract_grade_from_filename(path.stem)
    except ValueError:
        named = ""
    row = rows.get(path.name.lower()) or rows.get(path.stem.lower())
    if row is None:
        if scale.level(named) is None:
            raise InputError(
                "no grade in grades.csv, and none that is known at the end of the file name "
                f"('{named or path.stem}')",
                where=path,
                remedy=f"add a row to grades.csv; {allowed}",
            )
        return path.stem, named, "file name"
    anchor_id, grade = row
    if scale.level(grade) is None:
        raise InputError(f"grades.csv gives the unknown grade '{grade}'", where=path, remedy=allowed)
    if "_" in path.stem and scale.level(named) is not None and named != grade:
        raise InputError(
            f"grades.csv says {grade}, the file name says {named}",
            where=path,
            remedy="correct the row in grades.csv or rename the file",
        )
    return anchor_id, grade, "grades.csv"


def read_grades(path: Path) -> dict[str, GradeRow]:
    """file name (lower case) → (anchor id, grade); empty when there is no grades.csv."""
    if not path.is_file():
        return {}
    text = extract(path).text
    delimiter = ";" if text.splitlines()[0].count(";") > text.splitlines()[0].count(",") else ","
    reader = csv.DictReader(io.StringIO(re.sub(r"\n{2,}", "\n", text)), delimiter=delimiter)
    columns = {name.strip().lower(): name for name in reader.fieldnames or []}
    id_column = _column(columns, ID_COLUMNS, path)
    file_column = _column(columns, FILE_COLUMNS, path)
    grade_column = _column(columns, GRADE_COLUMNS, path)
    rows: dict[str, GradeRow] = {}
    for row in reader:
        name, anchor_id = (row[file_column] or "").strip(), (row[id_column] or "").strip()
        if not name:
            continue
        if name.lower() in rows:
            raise InputError(f"two rows for '{name}'", where=path, remedy="keep one of them")
        rows[name.lower()] = (anchor_id or Path(name).stem, (row[grade_column] or "").strip().upper())
    return rows


def _column(columns: dict[str, str], names: tuple[str, ...], path: Path) -> str:
    for name in names:
        if name in columns:
            return columns[name]
    raise InputError(
        f"no column '{names[0]}' (there are: {', '.join(columns.values()) or 'none'})",
        where=path,
        remedy="the first line has to be: anchor_id,file_name,grade",
    )
