"""Notebooks under docs/ run from top to bottom, on a study as a user has it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import nbformat
import pytest

from eng5.files import write_model
from eng5.paths import ProjectPaths
from eng5.reports.alignment import analysis
from tests.reports.conftest import judged

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_valid_and_has_no_outputs(path: Path) -> None:
    """Outputs would grow old, and may have texts of essays in them."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert all(
        not cell.outputs and cell.execution_count is None
        for cell in notebook.cells
        if cell.cell_type == "code"
    )


def test_from_an_artefact_to_a_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell runs on a run's folder; its table counts what the artefact has, and the figure is written."""
    made = judged(rounds=2, tie_rate=0.05, steepness=0.5)
    anchors = [
        one.model_copy(update={"words": 200 + 17 * place % 90})
        for place, one in enumerate(made.inputs.anchors)
    ]
    made = made.model_copy(update={"inputs": made.inputs.model_copy(update={"anchors": anchors})})
    paths = ProjectPaths.at(tmp_path).run("try")
    write_model(paths.artefact, made)
    analysis.run(paths, {})
    monkeypatch.setenv("ENG5_STUDY", str(tmp_path))
    monkeypatch.setenv("ENG5_RUN", "try")
    names: dict[str, Any] = {}
    (notebook,) = (
        nbformat.read(path, as_version=4) for path in NOTEBOOKS if path.stem == "a-figure-of-your-own"
    )
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            exec(compile(ast.parse(cell.source), f"cell {number}", "exec"), names)
    graded = [row for row in made.llm_comparisons if row.status == "succeeded"]
    grade = {one.essay_id: one.grade for one in anchors}
    different = [row for row in graded if grade[row.essay_a_id] != grade[row.essay_b_id]]
    assert names["rates"]["verdicts"].sum() == len(different)
    assert 0 < names["table"]["right"].mean() < 1
    assert (tmp_path / "reports" / "length_and_grade.svg").read_bytes().startswith(b"<?xml")
