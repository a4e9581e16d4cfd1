"""50 of every run → build/export/comparisons.csv."""

from __future__ import annotations

import csv
import io

from eng5.files import write_text
from eng5.paths import ProjectPaths
from eng5.reports.table import Columns, Value, comparisons

__all__ = ["build", "run"]


def build(columns: Columns) -> str:
    """CSV with a header, lines ending in a newline; true and false in lower case, nothing for None."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(map(_plain, row) for row in zip(*columns.values(), strict=True))
    return text.getvalue()


def _plain(value: Value) -> Value:
    return str(value).lower() if isinstance(value, bool) else value


def run(project: ProjectPaths) -> None:
    """Write every comparison of every run that has an artefact."""
    write_text(project.export, build(comparisons(project.root)))
