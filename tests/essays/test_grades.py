"""grades.csv: its forms, several graders, their median, and what is said of rows that count for nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.contracts.grade_scales import GRADE_SCALES, GradeScale, scale_of
from eng5.errors import InputError
from eng5.essays.grades import Grades, median_grade, read_grades

LETTERS = GRADE_SCALES["swedish_8_anchor"]
IELTS = scale_of("4.0 to 9.0 by 0.5")
FILES = [Path("a.txt"), Path("b.docx"), Path("c c (1).pdf")]
COLUMNS = "file_name,Anna,Bertil,Cecilia\na.txt,A,B,A\nb.docx,F,D,\nc c (1).pdf,c+,C,C\n"
ROWS = (
    "file,grader,grade\na.txt,Anna,A\na.txt,Bertil,B\na.txt,Cecilia,A\nb.docx,Anna,F\nb.docx,Bertil,D\n"
    "c c (1).pdf,Anna,C+\nc c (1).pdf,Bertil,C\nc c (1).pdf,Cecilia,C\n"
)


def table(folder: Path, text: str, scale: GradeScale = LETTERS) -> Grades:
    path = folder / "grades.csv"
    path.write_text(text, encoding="utf-8")
    return read_grades(path, scale)


@pytest.mark.parametrize("text", [COLUMNS, ROWS, COLUMNS.replace(",", ";"), COLUMNS.replace(",", "\t")])
def test_several_graders(tmp_path: Path, text: str) -> None:
    """A column a grader and a row a grade say the same: each grade is kept, the order is the median's."""
    grades = table(tmp_path, text)
    found = [grades.of(path) for path in FILES]
    assert [one.grade for one in found] == ["A", "F", "C"]
    assert [one.by_grader for one in found] == [
        {"Anna": "A", "Bertil": "B", "Cecilia": "A"},
        {"Anna": "F", "Bertil": "D"},
        {"Anna": "C+", "Bertil": "C", "Cecilia": "C"},
    ]
    assert grades.notices(FILES) == []


@given(st.lists(st.sampled_from(IELTS.grades), min_size=1, max_size=9))
def test_the_median(grades: list[str]) -> None:
    """At least half of the grades are not above it, and at least half are not below it; it is one of them."""
    found = median_grade(grades, IELTS)
    levels = [IELTS.grades.index(grade) for grade in grades]
    middle = IELTS.grades.index(found)
    assert found in grades
    assert 2 * sum(level <= middle for level in levels) >= len(levels)
    assert 2 * sum(level >= middle for level in levels) >= len(levels)
    assert median_grade(reversed(grades), IELTS) == found


def test_of_two_middle_grades_the_lower() -> None:
    """The rule that is written down."""
    assert median_grade(["9.0", "4.0", "7.0", "6.5"], IELTS) == "6.5"


def test_a_decided_grade_beside_the_graders(tmp_path: Path) -> None:
    """The column `grade` is the order then; columns that are no grader's are none of ours."""
    grades = table(tmp_path, "file_name,grade,grader_1,grader_2,remark\na.txt,B,A,C,A fine one\n")
    assert grades.of(FILES[0]) == ("a", "B", "grades.csv", {"grader_1": "A", "grader_2": "C"})


def test_numbers_as_people_write_them(tmp_path: Path) -> None:
    """A decimal comma, no decimals, and a scale whose grades are no ends of file names."""
    grades = table(tmp_path, 'file_name;X;Y\na.txt;"7,5";7\n', IELTS)
    assert grades.of(FILES[0]).by_grader == {"X": "7.5", "Y": "7.0"}
    with pytest.raises(InputError, match="no grade in"):
        grades.of(Path("essay_7.5.txt"))


@pytest.mark.parametrize(("name", "grade"), [("one_B2.txt", "B2"), ("one_c1.txt", "C1"), ("one_A.txt", None)])
def test_labels_with_numbers_in_file_names(tmp_path: Path, name: str, grade: str | None) -> None:
    """The whole end is looked up before its number is cut off."""
    grades = read_grades(tmp_path / "none.csv", scale_of(["A1", "A2", "B1", "B2", "C1", "C2"]))
    if grade is None:
        with pytest.raises(InputError):
            grades.of(Path(name))
    else:
        assert grades.of(Path(name)).grade == grade


def test_a_study_without_any_grade_wants_none(tmp_path: Path) -> None:
    """Nothing in the table and in no file's name; one grade anywhere, and all are asked for."""
    scale = scale_of(["A1", "A2", "B1", "B2", "C1", "C2"])
    none = read_grades(tmp_path / "none.csv", scale)
    ungraded = none.among([Path("Åsa.docx"), Path("text_7.txt")])
    assert ungraded.of(Path("text_7.txt")) == ("text_7", None, None, {})
    assert "no anchor has a grade" in ungraded.notices([])[0]
    some = none.among([Path("Åsa.docx"), Path("text_B1.txt")])
    assert some.of(Path("text_B1.txt")).grade == "B1"
    with pytest.raises(InputError, match="no grade in"):
        some.of(Path("Åsa.docx"))


def test_what_counts_for_nothing(tmp_path: Path) -> None:
    """A row without its file, a grader with one grade, a column without grades: each with line and remedy."""
    grades = table(tmp_path, COLUMNS.replace("\n", ",Lund\n").replace("Cecilia,Lund", "Cecilia,school"))
    (school,) = grades.notices(FILES)
    assert "line 1: the column 'school' holds no grade of the scale" in school
    assert "remove it" in school
    alone = table(tmp_path, "file_name,Anna,Bertil\na.txt,A,\nb.docx,F,D\nz.txt,B,\n")
    missing, single = alone.notices(FILES[:2])
    assert "line 4: 'z.txt' names no anchor; correct the name" in missing
    assert "line 3: grader 'Bertil' graded one essay only" in single


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("file_name,Anna,Bertil\na.txt,A,B\nb.docx,F,G\n", "line 3: 'b.docx' has the unknown grade 'G'"),
        ("file_name,Anna\na.txt,A\n,B\n", "line 3: no file name"),
        ("file,grader,grade\na.txt,Anna,A\na.txt,,B\n", "line 3: no grader"),
        ("file,grader,grade\na.txt,Anna,A\na.txt,Anna,B\n", "'Anna' graded 'a.txt' twice, lines 2 and 3"),
        ("file,grader\na.txt,Anna\n", "no column 'grade'"),
        ("file_name,school\na.txt,Lund\n", "no column 'grade'"),
        ("file_name,Anna,Bertil\na.txt,,\nb.docx,F,D\n", "line 2: no grade for 'a.txt'"),
        ("anchor_id,file,grader,grade\n1,a.txt,X,A\n2,a.txt,Y,A\n", "lines 2 and 3 give 'a.txt' two ids"),
        ("file_name,grade\n\n\na.txt,A\n\nA.TXT,B\n", "two rows for 'A.TXT', lines 4 and 6"),
        (f"file_name,grade\na.txt,{'x' * 200_000}\n", "line 2: not a table"),
    ],
)
def test_refusals_name_the_line(tmp_path: Path, text: str, said: str) -> None:
    """Where it stands, and what to do."""

    def read_all() -> None:
        grades = table(tmp_path, text)
        for path in FILES[:2]:
            grades.of(path)

    with pytest.raises(InputError) as caught:
        read_all()
    assert said in caught.value.problem
    assert caught.value.where == str(tmp_path / "grades.csv")
    assert caught.value.remedy


@given(st.binary(max_size=200))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever lies there, it is read or refused by name."""
    path = tmp_path_factory.mktemp("any") / "grades.csv"
    path.write_bytes(content)
    refused = []
    try:
        read_grades(path, LETTERS).notices(FILES)
    except InputError as error:
        refused.append((error.where, bool(error.remedy)))
    assert refused in ([], [(str(path), True)])
