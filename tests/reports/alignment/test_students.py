"""The report on students: between the anchors, by id, with grades where the service projects them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from eng5.contracts.analysis import Analysis
from eng5.contracts.artefact import Artefact, ServiceScore
from eng5.contracts.modes import RunnerMode
from eng5.reports.alignment import analysis
from eng5.reports.alignment import students as execute_report
from eng5.reports.alignment.placed import order_of_anchors, place

Judge = Callable[..., Artefact]
GRADES = (None, None, None, "F+", "C+", "A")


@pytest.fixture(scope="module")
def artefact(judge: Judge) -> Artefact:
    return an_execute_run(judge)


def an_execute_run(judge: Judge) -> Artefact:
    """Three students and three anchors of the service; a perfect order 1 < 2 < … < 6."""
    made = judge(GRADES, steepness=0.0, runner_mode=RunnerMode.EXECUTE)
    essays = made.inputs.anchors
    place = {essay.essay_id: number for number, essay in enumerate(essays)}
    rows = []
    for row in made.llm_comparisons:
        ids = sorted((row.essay_a_id, row.essay_b_id), key=place.__getitem__)
        rows.append(row.model_copy(update={"winner_id": ids[1], "loser_id": ids[0], "status": "succeeded"}))
    scores = [
        ServiceScore(
            essay_id=essay.essay_id,
            bt_score=float(number),
            rank=6 - number,
            is_anchor=essay.grade is not None,
            letter_grade="U" if essay.grade or number == 0 else "C+",
            normalized_score=0.5,
            confidence_score=0.72,
            confidence_label="HIGH",
            comparison_count=5,
            anchor_grade=essay.grade,
        )
        for number, essay in enumerate(essays)
    ]
    students = [
        essay.model_copy(
            update={"anchor_id": None, "file_name": "Åsa Öhman.docx", "path": "inputs/students/Åsa.docx"}
        )
        for essay in essays[:3]
    ]
    inputs = made.inputs.model_copy(update={"anchors": [], "students": students})
    return made.model_copy(update={"inputs": inputs, "llm_comparisons": rows, "bt_summary": scores})


def build(artefact: Artefact) -> dict[str, str]:
    return built(artefact, analysis.build(artefact, {}, name="spring"))


def built(artefact: Artefact, measured: Analysis) -> dict[str, str]:
    return execute_report.build(artefact, measured, execute_report.plots((place(artefact, measured), [])))


def markdown(files: dict[str, str]) -> str:
    [text] = [text for name, text in files.items() if name.endswith(".md")]
    return text


def rows_of(text: str) -> list[list[str]]:
    lines = [
        line
        for line in text.splitlines()
        if line.startswith("| ") and ("student |" in line or "anchor |" in line)
    ]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_students_stand_between_the_anchors(artefact: Artefact) -> None:
    """Best score first, with rank, score ± error, the experts' grade or the projected one, and confidence."""
    rows = rows_of(markdown(build(artefact)))
    assert [row[1] for row in rows] == ["anchor"] * 3 + ["student"] * 3
    assert [row[2] for row in rows] == list("123456")
    assert [row[4] for row in rows] == ["A", "C+", "F+", "C+", "C+", "n/a"]
    assert [row[7] for row in rows] == ["", "", "", "high (0.72)", "high (0.72)", ""]
    assert {row[5] for row in rows} == {""}, "three anchors carry no line"
    assert all("±" in row[3] for row in rows)


def test_pupils_go_by_their_ids(artefact: Artefact) -> None:
    """Neither a name nor a file name is in any page, nor in the analysis behind it."""
    measured = analysis.build(artefact, {}, name="spring")
    pages = [text for name, text in built(artefact, measured).items() if not name.endswith(".csv")]
    for text in (*pages, measured.model_dump_json()):
        assert "hman" not in text
        assert "Åsa" not in text
    assert artefact.inputs.students[0].essay_id in measured.model_dump_json()


def test_the_verdict_counts_grades(artefact: Artefact) -> None:
    """How many got a grade, and how sure the service is."""
    assert "2 of 3 students with a projected grade; confidence: 2 high." in markdown(build(artefact))
    assert "| C+ | 2 |" in markdown(build(artefact))


def test_without_anchors_there_is_no_grade(artefact: Artefact) -> None:
    """A guest batch of students: scores and ranks, no projection, and the page says so."""
    kept = {essay.essay_id for essay in artefact.inputs.students}
    alone = artefact.model_copy(
        update={
            "llm_comparisons": [
                row for row in artefact.llm_comparisons if {row.essay_a_id, row.essay_b_id} <= kept
            ],
            "bt_summary": [
                score.model_copy(update={"letter_grade": "U"})
                for score in artefact.bt_summary
                if score.essay_id in kept
            ],
        }
    )
    text = markdown(build(alone))
    assert "3 students, no projected grade." in text
    assert "no anchors among the essays" in text


def test_another_order_of_the_service_is_reported(artefact: Artefact) -> None:
    """The service's ranks are kept beside ours, and a difference is said."""
    assert "own ranks differ" not in markdown(build(artefact))
    turned = [score.model_copy(update={"rank": 7 - score.rank}) for score in artefact.bt_summary]
    assert "own ranks differ" in markdown(build(artefact.model_copy(update={"bt_summary": turned})))


def test_the_pages_have_names_and_the_same_bytes(artefact: Artefact) -> None:
    """`execute_{batch_id}_{timestamp}`; rendering again gives the same bytes."""
    first = build(artefact)
    stem = f"execute_{artefact.metadata.batch_id}_{artefact.metadata.timestamp}"
    assert set(first) == {
        f"{stem}.md",
        f"{stem}.html",
        f"{stem}_students.csv",
        f"plots/{stem}/placed.svg",
    }
    assert build(artefact) == first


def test_the_page_is_well_formed(artefact: Artefact) -> None:
    """Every element that is opened is closed, in order."""
    open_elements: list[str] = []
    empty = {"meta", "link", "br", "hr", "img", "input"}

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: Any) -> None:
            if tag not in empty:
                open_elements.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_elements.pop() == tag

    [page] = [text for name, text in build(artefact).items() if name.endswith(".html")]
    Parser().feed(page)
    assert open_elements == []


def test_grades_by_the_anchors_say_what_they_promise(judge: Judge) -> None:
    """Six anchors and two students of the same judge: grades with intervals, at the level that six can promise."""
    grades = ("F+", "E+", "D+", "C+", "B", "A", None, None)
    made = judge(grades, steepness=1.5, rounds=2, runner_mode=RunnerMode.EXECUTE)
    essays = made.inputs.anchors
    students = [essay.model_copy(update={"anchor_id": None, "grade": None}) for essay in essays[6:]]
    scores = [
        ServiceScore(
            essay_id=essay.essay_id, bt_score=0.0, rank=number, is_anchor=essay.grade is not None,
            letter_grade="U", normalized_score=0.5, confidence_score=0.5, confidence_label="MID",
            comparison_count=14, anchor_grade=essay.grade,
        )
        for number, essay in enumerate(essays, 1)
    ]  # fmt: skip
    inputs = made.inputs.model_copy(update={"anchors": [], "students": students})
    artefact = made.model_copy(update={"inputs": inputs, "bt_summary": scores})
    measured = analysis.build(artefact, {}, name="spring")
    assert {each.essay_id for each in measured.grade_estimates} == {essay.essay_id for essay in students}
    assert all(each.level == pytest.approx(6 / 7) for each in measured.grade_estimates)
    text = markdown(build(artefact))
    assert "86 in 100 essays like them; 6 anchors promise no more" in text
    graded = [row for row in rows_of(text) if row[1] == "student"]
    assert all(row[5] and " to " in row[6] for row in graded)


def table(files: dict[str, str]) -> list[dict[str, str]]:
    [text] = [text for name, text in files.items() if name.endswith("_students.csv")]
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_table_of_students(artefact: Artefact) -> None:
    """A row a student, the best first, with the file beside the id, as the report ranks and grades it."""
    measured = analysis.build(artefact, {}, name="spring")
    rows = table(built(artefact, measured))
    placed = [one for one in place(artefact, measured) if not one.is_anchor]
    assert [row["id"] for row in rows] == [one.essay.essay_id for one in placed]
    assert {row["file"] for row in rows} == {"Åsa Öhman.docx"}
    assert [row["rank"] for row in rows] == [str(one.essay.rank) for one in placed]
    assert [row["grade"] for row in rows] == ["C+", "C+", ""]
    assert [row["confidence"] for row in rows] == ["0.720", "0.720", ""]
    assert all(float(row["error"]) > 0 for row in rows)
    assert rows[-1]["notices"].startswith("lost every comparison")


def test_a_file_name_that_a_spreadsheet_would_calculate(artefact: Artefact) -> None:
    """It becomes text; what a teacher should look at is in the last column."""
    first, *others = artefact.inputs.students
    strange = first.model_copy(update={"file_name": "=1+1.docx", "notices": ["comments were left out"]})
    inputs = artefact.inputs.model_copy(update={"students": [strange, *others]})
    rows = table(build(artefact.model_copy(update={"inputs": inputs})))
    [row] = [row for row in rows if row["id"] == first.essay_id]
    assert row["file"] == "'=1+1.docx"
    assert row["notices"].startswith("comments were left out; ")


def test_the_anchors_stand_in_order_at_the_top(artefact: Artefact) -> None:
    """What students' grades stand on is said before anything else, in both pages."""
    files = build(artefact)
    for text in (text for name, text in files.items() if name.endswith((".md", ".html"))):
        said = text.index("The anchors themselves came out in the experts")
        assert said < text.index("Students between the anchors")


def test_anchors_out_of_order(judge: Judge) -> None:
    """The pairs are named."""
    made = judge(("A", "B", "C", "D", "E", "F+"), steepness=-3.0)
    in_order, said = order_of_anchors(analysis.build(made, {}, name="x"))
    assert in_order is False
    assert "the lower grade won (" in said
    assert "lost to" in said


def test_anchors_without_verdicts(judge: Judge) -> None:
    """Nothing is claimed."""
    made = judge(("A", "B"))
    in_order, said = order_of_anchors(
        analysis.build(made.model_copy(update={"llm_comparisons": []}), {}, name="x")
    )
    assert in_order is None
    assert "cannot be said" in said
