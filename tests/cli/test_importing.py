"""`eng5 import`: comparisons of another tool are a run like any other."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest

from eng5.contracts.analysis import Analysis
from eng5.contracts.artefact import Artefact
from eng5.contracts.compare import Compare
from eng5.files import read_model
from eng5.reports.table import comparisons
from tests.cli.conftest import Done
from tests.project import Project

Eng5 = Callable[..., Done]
TEXTS = ["Text & nr_1%", "Åsa's; text", "three", "four", "five"]


def study() -> str:
    """Odd column names, a BOM, semicolons, decimal commas, ties, a gap, three judges."""
    rng = np.random.default_rng(3)
    lines = ["\ufeffLärare;Vänster;Höger;Vinnare;Tid (s);Anm."]
    for number, (left, right) in enumerate(list(combinations(TEXTS, 2)) * 6):
        quality = TEXTS.index(right) - TEXTS.index(left)
        won = left if rng.random() < 1 / (1 + np.exp(-0.7 * quality)) else right
        chosen = "tie" if number == 7 else "" if number == 9 else f'"{won}"'
        lines.append(f'J{number % 3};"{left}";"{right}";{chosen};{number / 2:.1f};'.replace(".", ","))
    return "\r\n".join(lines) + "\r\n"


@pytest.fixture
def imported(eng5: Eng5, project: Project) -> Done:
    """The study, taken in as `teachers`."""
    (project.root / "odd ö.csv").write_bytes(study().encode())
    columns = (
        "judge=Lärare",
        "left=Vänster",
        "right=Höger",
        "chosen=Vinnare",
        "seconds=Tid (s)",
        "comment=Anm.",
    )
    mapped = [part for column in columns for part in ("--map", column)]
    return eng5("import", "odd ö.csv", "--as", "teachers", *mapped)


def test_an_import_is_listed_shown_and_exported(imported: Done, eng5: Eng5, project: Project) -> None:
    """`eng5 runs`, `eng5 show` and the table of all comparisons have it beside the runs of experiments.toml."""
    assert "60 comparisons of 5 essays by 3 judges; 1 tie, 1 without an answer" in imported.went_well()
    assert "so how long it took is not kept: --map time=COLUMN" in imported.err
    row = next(line for line in eng5("runs").went_well().splitlines() if line.startswith("teachers"))
    assert "reported" in row and "59 of 60" in row and "reports/anchor_align_teachers_" in row
    shown = json.loads(eng5("show", "teachers", "--json").went_well())
    assert shown["origin"] == "comparisons of another tool"
    assert shown["files"] == ["50_artefact.json", "60_analysis.json", "70_report.json"]
    assert comparisons(project.root)["run"].count("teachers") == 60


def test_scores_are_those_of_a_maximum_likelihood_fit_of_another_library(
    imported: Done, project: Project
) -> None:
    """A logistic regression by statsmodels on the decided comparisons, without a penalty, gives the same scores."""
    from statsmodels.discrete.discrete_model import Logit

    imported.went_well()
    paths = project.paths.run("teachers")
    essays = read_model(paths.analysis, Analysis).essays
    place = {essay.essay_id: number for number, essay in enumerate(essays)}
    rows = [row for row in read_model(paths.artefact, Artefact).llm_comparisons if row.winner_id is not None]
    design, won = np.zeros((len(rows), len(essays))), [row.winner_id == row.essay_a_id for row in rows]
    for number, row in enumerate(rows):
        design[number, place[row.essay_a_id]], design[number, place[row.essay_b_id]] = 1, -1
    fitted = Logit(np.array(won, dtype=float), design[:, 1:]).fit(disp=0).params
    theta = np.concatenate([[0.0], fitted])
    assert [essay.score for essay in essays] == pytest.approx(theta - theta.mean(), abs=1e-5)


def test_people_are_labelled_and_have_pseudonyms(eng5: Eng5, project: Project) -> None:
    """--people: names are said once and stored nowhere; every report says that people judged."""
    rows = ["judge,left,right,chosen,comment"]
    names = sorted(path.stem for path in (project.root / "inputs" / "anchors").glob("*"))[:5]
    rows += [
        f"{judge},{left},{right},{right},a clear view"
        for judge in ("Åsa Öberg", "bo")
        for left, right in combinations(names, 2)
    ]
    (project.root / "d.csv").write_text("\n".join(rows), encoding="utf-8")
    said = eng5("import", "d.csv", "--as", "staffroom", "--people").went_well()
    assert "20 comparisons of 5 essays by 2 people" in said
    assert "judge-1 is bo" in said and "judge-2 is Åsa Öberg" in said
    kept = [*(project.root / "build" / "staffroom").glob("*"), *(project.root / "reports").rglob("*")]
    assert not any("Öberg" in path.read_text(encoding="utf-8") for path in kept if path.is_file())
    artefact = read_model(project.root / "build" / "staffroom" / "50_artefact.json", Artefact)
    assert artefact.metadata.imported is not None and artefact.metadata.imported.people
    analysis = read_model(project.root / "build" / "staffroom" / "60_analysis.json", Analysis)
    assert analysis.run.judge.note == "no model: people, imported"
    assert analysis.experts is not None and analysis.experts.agreement.value == 1.0
    before = (project.root / "build" / "staffroom" / "50_artefact.json").read_bytes()
    eng5("import", "d.csv", "--as", "staffroom", "--people").went_well()
    assert (project.root / "build" / "staffroom" / "50_artefact.json").read_bytes() == before
    assert eng5("import", "d.csv", "--as", "other", "--keep-names").code == 2
    eng5("import", "d.csv", "--as", "staffroom", "--people", "--keep-names").went_well()
    assert "Öberg" in (project.root / "build" / "staffroom" / "50_artefact.json").read_text(encoding="utf-8")


def test_a_study_without_essays_takes_comparisons_in(eng5: Eng5, project: Project) -> None:
    """Of the texts only the names are known: nothing is asked for that the import does not need."""
    for path in (project.root / "inputs" / "anchors").iterdir():
        path.unlink()
    (project.root / "d.csv").write_text(
        "judge;left;right;chosen\nann;p1;p2;p1\nbo;p1;p2;p2\n", encoding="utf-8"
    )
    said = eng5("import", "d.csv", "--as", "names", "--people").went_well()
    assert "2 comparisons of 2 essays by 2 people" in said


def test_imports_are_compared_with_one_another_where_nothing_else_is_there(
    eng5: Eng5, project: Project
) -> None:
    """Two files, no essay, and a judge that was never asked: `doit compare` waits for nothing, and compares."""
    shutil.rmtree(project.paths.anchors)
    grades = project.root / "own.csv"
    rows = "".join(f"T{k},T{k}.txt,{grade}\n" for k, grade in enumerate("ABBFF"))
    grades.write_text(f"anchor_id,file_name,grade\n{rows}", encoding="utf-8")
    for name, step in (("ann", -1), ("ben", 1)):
        rows = "".join(f"T{i},T{j},T{(i, j)[::step][0]}\n" for i, j in combinations(range(5), 2))
        (project.root / f"{name}.csv").write_text(f"left,right,chosen\n{rows}", encoding="utf-8")
        eng5("import", f"{name}.csv", "--grades", "own.csv").went_well()
    project.doit("compare")
    found = read_model(project.paths.compare, Compare)
    assert [each.name for each in found.variants] == ["ann", "ben"] and found.baseline == "ann"
    assert [each.figures.metric("direct_inversions").value for each in found.variants] == [8, 0]
    assert not any("replicates = 3" in step for step in found.leaderboard.next_steps)
