"""`eng5 texts`: what the judge will see, as a table, one by one, as a folder and as a page."""

from __future__ import annotations

import csv
from collections.abc import Callable

import pytest

from tests.cli.conftest import Done
from tests.essays.writers import tracked_docx
from tests.project import Project

Eng5 = Callable[..., Done]
STRANGE = "Åsa \u200f(9B) <b>.docx"


@pytest.fixture
def students(project: Project) -> Project:
    """A study with two students: a DOCX with tracked changes by a strange name, and a text."""
    for path in project.paths.students.iterdir():
        path.unlink()
    for path in sorted(project.paths.anchors.iterdir())[2:]:
        path.unlink()
    (project.paths.students / STRANGE).write_bytes(tracked_docx())
    (project.paths.students / "bo.txt").write_text("Bo is my \x1b[31mrole\x1b[0m model, says Bo.", "utf-8")
    with project.paths.experiments.open("a", encoding="utf-8") as stream:
        stream.write('\n[privacy]\nnames = ["Bo"]\n')
    return project


def test_the_table(eng5: Eng5, students: Project) -> None:
    """File, id, grade, words, language and notices; what a terminal would obey is shown by its number."""
    table = eng5("texts").went_well().splitlines()
    assert table[0].split() == ["File", "Id", "Grade", "Words", "Language", "Notices"]
    assert len(table) == 5
    assert "F+" in table[1] and "ANCHOR_08" in table[1] and " en " in table[1]
    assert "tracked changes: insertions and moves are read as accepted" in table[4]
    assert "Åsa \\u200f(9B)" in table[4] and "\u200f" not in table[4]
    assert "names replaced: 2" in table[3]


def test_one_text(eng5: Eng5, students: Project) -> None:
    """The text goes to standard output and nothing else does; any of its names finds it."""
    done = eng5("texts", "bo")
    assert done.went_well() == "[name] is my \x1b[31mrole\x1b[0m model, says [name].\n"
    assert "names replaced: 2" in done.err
    assert eng5("texts", STRANGE.lower()).went_well().startswith("My two role models\n\nI chose insertedword")
    assert eng5("texts", "anchor_08").went_well()


def test_a_text_that_is_not_there(eng5: Eng5, students: Project) -> None:
    """The ids that there are are listed."""
    eng5("texts", "nobody").refused(2, "no text 'nobody'", "ANCHOR_08")


def test_a_folder_and_a_page(eng5: Eng5, students: Project) -> None:
    """Plain files by id and the table of ids; a page of the same in which nothing of an essay is markup."""
    folder = students.root / "plain"
    eng5("texts", "--out", str(folder), "--html").went_well()
    rows = list(csv.DictReader((folder / "ids.csv").read_text("utf-8").splitlines()))
    assert [row["file"] for row in rows][2:] == ["inputs/students/bo.txt", f"inputs/students/{STRANGE}"]
    written = folder / "students" / f"{rows[2]['essay_id']}.txt"
    assert written.read_text("utf-8") == "[name] is my \x1b[31mrole\x1b[0m model, says [name].\n"
    page = (students.paths.reports / "texts.html").read_text("utf-8")
    assert "insertedword" in page and "deletedword" not in page and "(9B) <b>" not in page
    assert "(9B) &lt;b&gt;" in page


def test_a_file_that_cannot_be_used(eng5: Eng5, students: Project) -> None:
    """The others are shown all the same; the refusal says why and what to do, and the exit code tells a script."""
    (students.paths.students / "locked.docx").write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    )
    done = eng5("texts", "--html")
    assert done.code == 2
    assert "bo.txt" in done.out and "protected by a password" in done.out
    assert "remove its password" in done.err
    assert "Remove its password" in (students.paths.reports / "texts.html").read_text("utf-8")


def test_a_folder_that_is_a_file(eng5: Eng5, students: Project) -> None:
    """Refused by name."""
    eng5("texts", "--out", str(students.paths.experiments)).refused(
        2, "experiments.toml", "a file is where a folder should be"
    )


def test_no_essays(eng5: Eng5, project: Project) -> None:
    """An empty study is no error; the user is told where essays go."""
    for folder in (project.paths.students, project.paths.anchors):
        for path in folder.iterdir():
            path.unlink()
    done = eng5("texts")
    assert done.code == 0 and "inputs/students" in done.err
