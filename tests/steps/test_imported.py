"""Comparisons of another tool become an artefact like any other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eng5.contracts.analysis import Analysis
from eng5.contracts.artefact import Artefact
from eng5.contracts.compare import Compare
from eng5.contracts.experiments import Experiments
from eng5.errors import InputError
from eng5.files import read_model, write_model
from eng5.paths import ProjectPaths, RunnerPaths
from eng5.reports.table import comparisons
from eng5.reports.variants import compare
from eng5.steps import imported
from eng5.steps.render import rebuild
from tests.fakes import Progress
from tests.reports.conftest import artefact, comparison

EXPERIMENTS = Experiments.model_validate({"baseline": "base", "variant": {"base": {}}})
ANCHORS = {"one_A.txt": "A", "two_B.txt": "B", "three_C+.txt": "C+", "four_D+.txt": "D+", "five_E-.txt": "E-"}


@pytest.fixture
def project(tmp_path: Path) -> ProjectPaths:
    """Five anchors with grades in their names."""
    project = ProjectPaths.at(tmp_path)
    project.anchors.mkdir(parents=True)
    for name in ANCHORS:
        (project.anchors / name).write_text(f"An essay about {name}, and nothing else.", encoding="utf-8")
    return project


def taken_in(project: ProjectPaths, text: str, **options: Any) -> tuple[RunnerPaths, Artefact]:
    """What a file with this text becomes."""
    file = project.root / "decisions.csv"
    file.write_text(text, encoding="utf-8")
    values: dict[str, Any] = {
        "name": "teachers", "grades": None, "anchors_folder": project.anchors, "version": "0",
    }  # fmt: skip
    paths, made, _ = imported.run(project, EXPERIMENTS, file, {}, **(values | options))
    return paths, made


def rows() -> str:
    """Every pair by three judges; the higher grade wins, but Dag takes the left one."""
    names = list(ANCHORS)
    lines = ["judge,left,right,chosen,date,seconds"]
    for judge in ("Ann", "Bo", "Dag"):
        for i, higher in enumerate(names):
            for j, lower in enumerate(names[i + 1 :]):
                left, right = (higher, lower) if (i + j) % 2 else (lower, higher)
                chosen = left if judge == "Dag" else higher
                lines.append(f"{judge},{left},{right},{chosen},2026-03-02 10:{i:02},12")
    lines.append("Ann,one_A,two_B.txt,tie,,")
    lines.append("Ann,one_A,two_B.txt,,,")
    return "\n".join(lines) + "\n"


def test_names_of_anchors_are_the_anchors(project: ProjectPaths) -> None:
    """By file name or its stem: id, text and grade are those of the inventory; judges, ties and times are kept."""
    _, made = taken_in(project, rows())
    assert {essay.file_name: essay.grade for essay in made.inputs.anchors} == ANCHORS
    assert made.inputs.named == [] and len(made.llm_comparisons) == 32
    first, *_, tie, empty = made.llm_comparisons
    assert (first.model, first.status) == ("Ann", "succeeded")
    assert first.started_at is not None and first.completed_at is not None
    assert (first.completed_at - first.started_at).total_seconds() == 12
    assert (tie.status, tie.completed_at) == ("tie", None)
    assert (empty.status, empty.failure_reason) == ("failed", "nothing was chosen")
    assert made.metadata.imported is not None and made.metadata.imported.positions


def test_the_same_file_gives_the_same_bytes(project: ProjectPaths) -> None:
    """An import may be repeated, and changes nothing."""
    paths, _ = taken_in(project, rows())
    before = paths.artefact.read_bytes()
    taken_in(project, rows())
    assert paths.artefact.read_bytes() == before


def test_analysis_report_and_table_work_on_it(project: ProjectPaths) -> None:
    """Tau, judges as facets with the one who leans, both pages, every comparison in the table."""
    paths, _ = taken_in(project, rows())
    rebuild(paths, EXPERIMENTS)
    analysis = read_model(paths.analysis, Analysis)
    assert (analysis.metric("kendall_tau").value or 0.0) >= 0.8
    facets = {one.name: one for one in analysis.judges}
    assert facets["Dag"].lean == "left" and facets["Ann"].lean is None
    assert (facets["Ann"].ties, facets["Ann"].failed, facets["Ann"].median_seconds) == (1, 1, 12)
    assert (facets["Dag"].agreement.value or 0.0) < (facets["Bo"].agreement.value or 0.0)
    assert "imported" in {notice.code for notice in analysis.notices}
    pages = list(project.reports.glob("anchor_align_teachers_*.*"))
    assert {page.suffix for page in pages} == {".html", ".md"}
    assert all("Takes the left one" in page.read_text(encoding="utf-8") for page in pages)
    table = comparisons(project.root)
    assert len(table["run"]) == 32 and table["completed_at"][-1] is None and table["model"][0] == "Ann"


def test_it_is_compared_with_the_variants(project: ProjectPaths) -> None:
    """Beside a run on the same anchors, without a table of experiments.toml."""
    _, made = taken_in(project, rows())
    ids = [essay.essay_id for essay in made.inputs.anchors]
    pairs = [(i, j) for i in range(5) for j in range(i + 1, 5)]
    base = artefact(
        made.inputs.anchors,
        [comparison(n, ids[i], ids[j], (-1) ** n) for n, (i, j) in enumerate(pairs, start=1)],
    )
    write_model(project.run("base").artefact, base)
    compare.run(project, EXPERIMENTS, {"base": "base"}, Progress())
    found = read_model(project.compare, Compare)
    assert [variant.name for variant in found.variants] == ["base", "teachers"]
    deciding = found.differences[-1] if found.differences else None
    assert deciding is not None and deciding.variant == "teachers" and deciding.value is not None


def test_essays_without_a_text_have_a_name_and_perhaps_a_grade(project: ProjectPaths) -> None:
    """Grades by name from grades.csv; an unknown one stays unknown; names that look alike stay apart."""
    grades = project.root / "elsewhere.csv"
    grades.write_text("anchor_id,file_name,grade\nX1,x1.pdf,A\n", encoding="utf-8")
    _, made = taken_in(project, "left,right,winner\nX1,c+,X1\nX1,c-,c-\n", grades=grades)
    assert made.inputs.anchors == []
    assert [(essay.name, essay.grade) for essay in made.inputs.named] == [
        ("X1", "A"),
        ("c+", None),
        ("c-", None),
    ]
    assert len({essay.essay_id for essay in made.inputs.named}) == 3
    assert {row.model for row in made.llm_comparisons} == {"teachers"}


def test_without_positions_nothing_is_said_of_them(project: ProjectPaths) -> None:
    """Chosen and not chosen alone: no lean, no position bias, and a notice that says so."""
    text = "judgeId,chosen,notChosen\n" + "".join(
        f"{judge},{higher},{lower}\n"
        for judge in "ab"
        for higher, lower in zip(list(ANCHORS), list(ANCHORS)[1:], strict=False)
    )
    paths, _ = taken_in(project, text)
    rebuild(paths, EXPERIMENTS)
    analysis = read_model(paths.analysis, Analysis)
    assert analysis.position is None
    assert {(one.lean, one.first_share.value) for one in analysis.judges} == {(None, None)}
    assert "does not say which text was shown first" in " ".join(n.text for n in analysis.notices)


def test_a_run_of_the_projects_own_is_never_overwritten(project: ProjectPaths) -> None:
    """A variant's name and the folder of another run are refused before anything is written."""
    with pytest.raises(InputError, match="'base' is a run of this project's own"):
        taken_in(project, rows(), name="base")
    own = artefact([], [])
    write_model(project.run("mine").artefact, own)
    with pytest.raises(InputError, match="--as NAME"):
        taken_in(project, rows(), name="mine")
    assert read_model(project.run("mine").artefact, Artefact) == own
