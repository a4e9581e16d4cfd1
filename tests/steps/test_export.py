"""Tests of `eng5.steps.export`."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

from eng5.contracts.artefact import Artefact
from eng5.files import write_model
from eng5.paths import ProjectPaths
from eng5.reports import table
from eng5.steps import export

Judge = Callable[..., Artefact]


def test_csv_says_what_the_table_says(judge: Judge, tmp_path: Path) -> None:
    """Every value comes back, the judge's words are not in it, and a second run writes the same bytes."""
    project = ProjectPaths.at(tmp_path)
    write_model(project.run("v").artefact, judge(tie_rate=0.1, failure_rate=0.1))
    export.run(project)
    text = project.export.read_text(encoding="utf-8")
    read = list(csv.DictReader(io.StringIO(text)))
    columns = table.comparisons(project.root)
    assert len(read) == 66 and {row["status"] for row in read} == {"succeeded", "tie", "failed"}
    for name, column in columns.items():
        assert [row[name] for row in read] == [
            "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            for value in column
        ]
    assert "develops its ideas" not in text
    export.run(project)
    assert project.export.read_text(encoding="utf-8") == text


def test_text_with_commas_and_quotes_comes_back() -> None:
    """Quoted as CSV quotes."""
    text = export.build({"a": ['1,"2"', None], "b": [True, 0.5]})
    assert text == 'a,b\n"1,""2""",true\n,0.5\n'
    assert list(csv.reader(io.StringIO(text)))[1:] == [['1,"2"', "true"], ["", "0.5"]]


def test_without_runs_there_is_a_header(tmp_path: Path) -> None:
    """The columns stay."""
    project = ProjectPaths.at(tmp_path)
    export.run(project)
    assert project.export.read_text(encoding="utf-8") == ",".join(table.COLUMNS) + "\n"
