"""`students.csv` beside the report on students: a row a student, for a spreadsheet. It stays on this machine."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from eng5.contracts.analysis import EssayRow
from eng5.contracts.artefact import Artefact
from eng5.contracts.inventory import Essay
from eng5.contracts.reach import GradeEstimate
from eng5.reports.alignment.placed import PlacedEssay

COLUMNS = (
    "file",
    "id",
    "rank",
    "score",
    "error",
    "grade",
    "grade_by_anchors",
    "interval",
    "confidence",
    "notices",
)
BYTE_ORDER_MARK = "\ufeff"
"""By which spreadsheets know UTF-8."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def build(artefact: Artefact, students: Sequence[PlacedEssay], estimates: Mapping[str, GradeEstimate]) -> str:
    """The table as CSV, the best score first.

    Columns:
        file, id: the essay's file under inputs/, and the id that the judge's service saw.
        rank: as in the report, among students and anchors.
        score, error: Bradley-Terry ability in logits, and one standard error.
        grade: what the CJ service projects.
        grade_by_anchors, interval: what the anchors say, and from where to where.
        confidence: the service's, from 0 to 1.
        notices: what a teacher should look at, between semicolons.
    """
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    essays = {essay.essay_id: essay for essay in artefact.inputs.students}
    for one in students:
        row, essay, read = one.essay, essays[one.essay.essay_id], estimates.get(one.essay.essay_id)
        writer.writerow(
            (
                _text(essay.file_name),
                _text(row.essay_id),
                _missing(row.rank),
                _number(row.score),
                _number(row.standard_error),
                _missing(one.grade),
                _missing(read and read.grade),
                _missing(read and f"{read.low_grade} to {read.high_grade}"),
                "" if one.grade is None or one.service is None else _number(one.service.confidence_score),
                _text("; ".join(_notices(essay, row))),
            )
        )
    return BYTE_ORDER_MARK + table.getvalue()


def _notices(essay: Essay, row: EssayRow) -> Iterator[str]:
    yield from essay.notices
    if essay.addresses_judge:
        yield f"seems to address the judge ({', '.join(essay.addresses_judge)})"
    if not row.wins + row.losses:
        yield "no comparison was decided"
    elif not row.losses:
        yield "won every comparison: how far above the others it is cannot be said"
    elif not row.wins:
        yield "lost every comparison: how far below the others it is cannot be said"
    if row.failed:
        yield f"{row.failed} comparisons failed"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _missing(value: object) -> object:
    return "" if value is None else value


def _text(value: str) -> str:
    """A spreadsheet takes some texts for formulas; an apostrophe before them makes them text."""
    return f"'{value}" if value.startswith(FORMULA) else value
