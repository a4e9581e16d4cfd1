"""The comparisons of all runs as columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eng5.contracts.artefact import Artefact
from eng5.files import write_model
from eng5.paths import ProjectPaths
from eng5.reports import table
from tests.project import ROOT
from tests.reports.conftest import artefact, comparison, essays, failed, judged

ROWS = 66
"""Pairs of twelve anchors."""


@pytest.fixture
def project(tmp_path: Path) -> ProjectPaths:
    """Three runs: two replicates of a variant, and one with a tie, a failure and an unknown grade."""
    project = ProjectPaths.at(tmp_path)
    first, second, third = essays(["A", "B", None])
    odd = artefact(
        [first, second, third],
        [
            comparison(1, first.essay_id, second.essay_id, -1, confidence=None),
            comparison(2, second.essay_id, first.essay_id, 0),
            failed(3, first.essay_id, second.essay_id),
            comparison(4, third.essay_id, first.essay_id, 1),
        ],
    )
    for name, made in (("v", judged()), ("v.r2", judged(seed=2, replicate=2)), ("odd", odd)):
        write_model(project.run(name).artefact, made)
    return project


def test_a_row_for_every_comparison_of_every_run(project: ProjectPaths) -> None:
    """All columns are equally long, and in the order of runs and sequence."""
    columns = table.comparisons(project.root)
    assert tuple(columns) == table.COLUMNS
    assert {len(column) for column in columns.values()} == {2 * ROWS + 4}
    assert columns["run"] == ["odd"] * 4 + ["v"] * ROWS + ["v.r2"] * ROWS
    assert columns["variant"][4:] == ["v"] * 2 * ROWS
    assert columns["replicate"][-1] == 2
    assert columns["sequence"][4 : 4 + ROWS] == list(range(1, ROWS + 1))


def test_winner_and_grades_are_said_by_name(project: ProjectPaths) -> None:
    """The lower grade wins, a tie, a failure, and a win without a known grade."""
    columns = table.comparisons(str(project.root))
    rows = [{name: column[number] for name, column in columns.items()} for number in range(4)]
    assert [row["winner"] for row in rows] == ["anchor_02", None, None, "anchor_03"]
    assert [row["winner_position"] for row in rows] == ["B", None, None, "A"]
    assert [row["higher_grade_won"] for row in rows] == [False, None, None, None]
    assert [row["status"] for row in rows] == ["succeeded", "tie", "failed", "succeeded"]
    assert (rows[0]["grade_a"], rows[0]["grade_b"], rows[3]["grade_a"]) == ("A", "B", None)
    assert (rows[0]["level_a"], rows[0]["level_b"], rows[3]["level_a"]) == (9, 8, None)
    assert rows[2]["error_code"] == "TIMEOUT"


def test_pandas_takes_the_columns_as_they_are(project: ProjectPaths) -> None:
    """The win rate of the higher grade by run is one expression."""
    import pandas

    frame = pandas.DataFrame(table.comparisons(project.root))
    decided = frame.dropna(subset=["higher_grade_won"])
    rates = decided["higher_grade_won"].astype(float).groupby(decided["run"]).mean()
    assert set(rates.index) == {"odd", "v", "v.r2"} and rates["odd"] == 0 and rates["v"] > 0.8


def test_the_examples_of_the_docs_run(
    project: ProjectPaths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What docs/how-to/export.md shows works as it stands, in a project's folder."""
    page = (ROOT / "docs" / "how-to" / "export.md").read_text(encoding="utf-8")
    table.run(project)
    monkeypatch.chdir(project.root)
    examples = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    tables = []
    for example in examples:
        names: dict[str, Any] = {}
        exec(example, names)
        tables.append(names["table"])
    assert [len(each) for each in tables] == [2 * ROWS + 4] * 2
    assert "mean" in capsys.readouterr().out


def test_a_project_without_runs_has_empty_columns(tmp_path: Path) -> None:
    """No run, no row."""
    assert table.comparisons(tmp_path) == {name: [] for name in table.COLUMNS}


def test_student_files_stay_unnamed(tmp_path: Path) -> None:
    """A student goes by the essay id; the file's name may be a person's."""
    project = ProjectPaths.at(tmp_path)
    anchors = essays(["A", "B"])
    students = [each.model_copy(update={"anchor_id": None, "file_name": "Ann Doe.txt"}) for each in anchors]
    made = artefact([], [comparison(1, students[0].essay_id, students[1].essay_id, 1)])
    made = made.model_copy(update={"inputs": made.inputs.model_copy(update={"students": students})})
    write_model(project.run("class").artefact, made)
    assert table.comparisons(tmp_path)["essay_a"] == [students[0].essay_id]


Judge = Callable[..., Artefact]


def test_csv_says_what_the_table_says(judge: Judge, tmp_path: Path) -> None:
    """Every value comes back, the judge's words are not in it, and a second run writes the same bytes."""
    project = ProjectPaths.at(tmp_path)
    write_model(project.run("v").artefact, judge(tie_rate=0.1, failure_rate=0.1))
    table.run(project)
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
    table.run(project)
    assert project.export.read_text(encoding="utf-8") == text


def test_text_with_commas_and_quotes_comes_back() -> None:
    """Quoted as CSV quotes."""
    text = b"".join(table.build({"a": ['1,"2"', None], "b": [True, 0.5]})).decode()
    assert text == 'a,b\n"1,""2""",true\n,0.5\n'
    assert list(csv.reader(io.StringIO(text)))[1:] == [['1,"2"', "true"], ["", "0.5"]]


def test_without_runs_there_is_a_header(tmp_path: Path) -> None:
    """The columns stay."""
    project = ProjectPaths.at(tmp_path)
    table.run(project)
    assert project.export.read_text(encoding="utf-8") == ",".join(table.COLUMNS) + "\n"
