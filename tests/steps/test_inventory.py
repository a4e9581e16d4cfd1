"""Step `inventory`: what is there, checked before anything is sent."""

from __future__ import annotations

import csv
import re
import zlib
from pathlib import Path

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eng5.contracts.grade_scales import GRADE_SCALES
from eng5.contracts.inventory import Essay, Inventory
from eng5.contracts.modes import RunnerMode
from eng5.contracts.privacy import Privacy
from eng5.errors import InputError
from eng5.essays.entries import table_of_ids
from eng5.files import sha256_bytes, sha256_text
from eng5.paths import ProjectPaths
from eng5.steps.inventory import build
from tests.chain import Chain
from tests.contracts.test_identifiers import PLATFORM_KEYS

ROOT = Path(__file__).parents[2]
SCALE = "eng5_np_legacy_9_step"


def project(root: Path, anchors: dict[str, str | bytes], grades: str | bytes | None = None) -> ProjectPaths:
    """A project with these anchor files and this grades.csv."""
    paths = ProjectPaths.at(root)
    paths.anchors.mkdir(parents=True, exist_ok=True)
    for name, content in anchors.items():
        (paths.anchors / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    if grades is not None:
        paths.grades.write_bytes(grades if isinstance(grades, bytes) else grades.encode())
    return paths


def stock(root: Path, anchors: dict[str, str | bytes], grades: str | bytes | None = None) -> list[Essay]:
    """The anchors of the inventory of such a project."""
    paths = project(root, anchors, grades)
    return build(paths, paths.anchors).anchors


def refusal(root: Path, anchors: dict[str, str | bytes], grades: str | bytes | None = None) -> InputError:
    """What such a project is refused with."""
    with pytest.raises(InputError) as caught:
        stock(root, anchors, grades)
    assert caught.value.remedy
    return caught.value


def test_what_an_entry_says(tmp_path: Path) -> None:
    """Path, size and hash of the file; hash and words of its text; id, grade and where the grade is from."""
    text = "My role model\n\nis kind."
    content = "\ufeffMy role model\r\n\r\nis kind.\r\n".encode()
    first, _ = stock(tmp_path, {"role_model_C+.txt": content, "role_model_A.txt": "Courage."})[::-1]
    assert first == Essay(
        path="inputs/anchors/role_model_C+.txt",
        bytes=len(content),
        sha256=sha256_bytes(content),
        file_name="role_model_C+.txt",
        essay_id=f"student::ANCHOR_{sha256_text(text)[:8].upper()}",
        id_source="text",
        anchor_id="role_model_C+",
        text_sha256=sha256_text(text),
        words=5,
        encoding="utf-8",
        grade="C+",
        grade_source="file name",
    )


def test_contract_vectors(tmp_path: Path) -> None:
    """Without a grades.csv the ids are those of earlier runs with the same files."""
    anchors = stock(
        tmp_path, {f"anchor_essay_eng_5_17_vt_{end}.txt": f"Essay {end}." for end in PLATFORM_KEYS}
    )
    assert {anchor.essay_id for anchor in anchors} == {
        f"student::ANCHOR_ESSAY_ENG_5_{digest}" for digest in PLATFORM_KEYS.values()
    }
    assert {anchor.file_name: anchor.essay_id[-8:] for anchor in anchors} == {
        f"anchor_essay_eng_5_17_vt_{end}.txt": digest for end, digest in PLATFORM_KEYS.items()
    }
    assert [anchor.grade for anchor in anchors] == [
        "F+",
        "F+",
        "E-",
        "E+",
        "D-",
        "D+",
        "C-",
        "C+",
        "B",
        "B",
        "A",
        "A",
    ]


def test_the_inputs_of_the_project() -> None:
    """The essays that come with the project pass, with ids and grades of grades.csv."""
    found = build(ProjectPaths.at(ROOT), ROOT / "inputs/anchors")
    assert [anchor.grade_source for anchor in found.anchors] == ["grades.csv"] * 12
    assert {anchor.essay_id for anchor in found.anchors} == {f"student::ANCHOR_{n:02}" for n in range(1, 13)}
    assert found.instructions and found.prompt and found.grades


def test_grades_file_wins_where_the_name_has_none(tmp_path: Path) -> None:
    """grades.csv gives id and grade, by file name or stem in any case; other rows do no harm."""
    found = stock(
        tmp_path,
        {"first.txt": "One.", "Second.TXT": "Two.", "third_B.txt": "Three."},
        "anchor_id,file_name,grade\nX1,FIRST.txt,c+\nX2,second,A\nX9,not_there.txt,B\n",
    )
    assert [(a.anchor_id, a.grade, a.grade_source) for a in found] == [
        ("X2", "A", "grades.csv"),
        ("X1", "C+", "grades.csv"),
        ("third_B", "B", "file name"),
    ]


@pytest.mark.parametrize(
    "table",
    [
        "anchor_id,file_name,grade\nX1,a.txt,B\nX2,b.txt,A\n",
        "ANCHOR-ID;FILE-NAME;pred_mode_grade\nX1;a.txt;B\nX2;b.txt;A\n",
        'grade, file_name ,anchor_id,remark\nB,a.txt,X1,"one, two"\nA,b.txt,X2,Skåne\n',
        "\ufeffanchor_id,file_name,grade\r\nX1,a.txt,B\r\n\r\nX2,b.txt,A\r\n,,\r\n",
    ],
)
def test_forms_of_the_grades_file(tmp_path: Path, table: str) -> None:
    """Comma or semicolon, legacy column names, other columns, a byte-order mark, empty lines."""
    found = stock(tmp_path, {"a.txt": "One.", "b.txt": "Two."}, table)
    assert [(anchor.anchor_id, anchor.grade) for anchor in found] == [("X1", "B"), ("X2", "A")]


def test_a_grades_file_of_a_spreadsheet(tmp_path: Path) -> None:
    """A CSV saved in the encoding of an older Windows is read."""
    table = "anchor_id;file_name;grade\nSkåne 1;a.txt;B\nSkåne 2;b.txt;A\n".encode("cp1252")
    found = stock(tmp_path, {"a.txt": "One.", "b.txt": "Two."}, table)
    assert [anchor.anchor_id for anchor in found] == ["Skåne 1", "Skåne 2"]


TWO: dict[str, str | bytes] = {"a.txt": "One.", "b.txt": "Two."}
HEAD = "anchor_id,file_name,grade\n"
CONFLICT = HEAD + "X1,a.txt,B\nX2,b.txt,A\nX3,c_B.txt,A\n"
LONG = HEAD + "anchor x+y,anchor x+y_B.txt,B\nanchor x-y,anchor x-y_B.txt,B\n"
SIGNS = HEAD + "x C+,x C+.txt,C+\nx C-,x C-.txt,C-\n"


@pytest.mark.parametrize(
    ("anchors", "grades", "words"),
    [
        ({**TWO, "c_B.txt": "Three."}, CONFLICT, ["c_B.txt", "says A", "says B"]),
        ({**TWO, "elev.txt": "Three."}, HEAD + "X1,a.txt,B\n", ["elev.txt", "no grade in grades.csv", "'ELEV'"]),
        ({**TWO}, HEAD + "X1,a.txt,B\nX2,b.txt,G\n", ["line 3: 'b.txt' has the unknown grade 'G'", "F+, E-"]),
        ({**TWO}, HEAD + "X1,a.txt,B\nX2,b.txt,\n", ["line 3: no grade for 'b.txt'"]),
        ({**TWO}, HEAD + "X1,a.txt,B\nX2,A.TXT,A\n", ["grades.csv", "two rows for 'A.TXT'"]),
        ({**TWO}, HEAD + "X1,a.txt,B\nx-1,b.txt,A\n", []),
        ({**TWO}, HEAD + "X 1,a.txt,B\nx-1,b.txt,A\n", ["a.txt", "b.txt", "same essay id 'student::X_1'"]),
        ({**TWO}, "name,grade\na.txt,B\n", ["grades.csv", "no column 'file_name'", "name, grade"]),
        ({**TWO}, "anchor_id,grade\nX1,B\n", ["grades.csv", "no column 'file_name'"]),
        ({**TWO}, "anchor_id,file_name\nX1,a.txt\n", ["grades.csv", "no column 'grade'"]),
        ({**TWO}, "\n", ["grades.csv", "no text found"]),
        ({**TWO}, "", ["grades.csv", "empty"]),
        ({"notes.docx": b"x", "a_B.txt": "One."}, None, ["notes.docx", "NOTES"]),
        ({"essay_1.txt": "One.", "essay_2_B.txt": "Two."}, None, ["essay_1.txt", "no grade"]),
        ({"essay_1.txt": "One.", "essay_2.txt": "Two."}, None, []),
        ({"x C+.txt": "One.", "x C-.txt": "Two."}, SIGNS, []),
        ({"one_C+.txt": "One.", "one_C-.txt": "Two."}, None, []),
        ({"anchor x+y_B.txt": "One.", "anchor x-y_B.txt": "Two."}, LONG, ["x+y", "x-y", "same essay id"]),
        ({"one_A.txt": "Same text.", "two_B.txt": b"Same text.\r\n"}, None, ["one_A.txt", "two_B.txt", "same text"]),
        ({"one_A.txt": "One.", "two_B.doc": "Two."}, None, ["two_B.doc", "'.doc' files are not read", ".docx"]),
        ({"one_A.txt": "One.", "two_B.txt": ""}, None, ["two_B.txt", "empty"]),
        ({"one_A.txt": "One.", "two_B.pdf": zlib.compress(bytes(9000))}, None, ["two_B.pdf", "not a readable PDF"]),
        ({}, None, ["anchors", "no anchor essays; two are the least"]),
        ({"one_A.txt": "One."}, None, ["anchors", "1 anchor essay; two are the least"]),
    ],
)  # fmt: skip
def test_refusals(
    tmp_path: Path, anchors: dict[str, str | bytes], grades: str | None, words: list[str]
) -> None:
    """What cannot be right is refused by name before anything is uploaded; without words it is right."""
    if not words:
        assert len(stock(tmp_path, anchors, grades)) == len(anchors)
        return
    message = str(refusal(tmp_path, anchors, grades))
    assert [word for word in words if word not in message] == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A mistyped folder is not an empty one."""
    with pytest.raises(InputError, match="no such folder") as caught:
        build(project(tmp_path, {}), tmp_path / "elsewhere")
    assert caught.value.where == str(tmp_path / "elsewhere")


def test_files_that_are_no_essays(tmp_path: Path) -> None:
    """Lock files of editors, hidden files, folders and a README are passed over."""
    paths = project(
        tmp_path,
        {
            "one_A.txt": "One.",
            "two_B.txt": "Two.",
            "~$one_A.docx": "lock",
            ".DS_Store": "x",
            ".~lock.two_B.odt#": "x",
            "README.md": "These essays were written for the project.",
        },
    )
    (paths.anchors / "old_C+.txt").mkdir()
    assert [anchor.file_name for anchor in build(paths, paths.anchors).anchors] == ["one_A.txt", "two_B.txt"]


def test_a_folder_outside_of_the_project(tmp_path: Path) -> None:
    """Anchors may lie elsewhere; their paths are then absolute."""
    elsewhere = project(tmp_path / "elsewhere", {"one_A.txt": "One.", "two_B.txt": "Two."}).anchors
    found = build(project(tmp_path / "here", {}), elsewhere)
    assert [anchor.path for anchor in found.anchors] == [
        str(elsewhere / "one_A.txt"),
        str(elsewhere / "two_B.txt"),
    ]


def test_each_mode_reads_what_it_sends(tmp_path: Path) -> None:
    """Anchor modes pass over the students' files, execute over the local anchors, plan reads both."""
    chain = Chain(tmp_path)
    (chain.project.students / "elev text 1.txt").write_text("I admire my coach.", encoding="utf-8")
    counts = {
        mode: (len(found.anchors), len(found.students))
        for mode in RunnerMode
        for found in [build(chain.project, chain.project.anchors, mode=mode)]
    }
    assert counts == {
        RunnerMode.PLAN: (4, 1),
        RunnerMode.DRY_RUN: (4, 1),
        RunnerMode.EXECUTE: (0, 1),
        RunnerMode.ANCHOR_ALIGN_TEST: (4, 0),
        RunnerMode.BOUNDARY_TEST: (4, 0),
    }
    (student,) = build(chain.project, chain.project.anchors, mode=RunnerMode.EXECUTE).students
    assert (student.essay_id[:8], student.anchor_id, student.grade) == ("STUDENT_", None, None)


def test_two_students_with_one_id(tmp_path: Path) -> None:
    """Students' ids are checked as the anchors' are, where they are made from the files' names."""
    chain = Chain(tmp_path)
    for name in ("elev 1.txt", "elev-1.txt"):
        (chain.project.students / name).write_text(f"I am {name}.", encoding="utf-8")
    with pytest.raises(InputError, match="same essay id 'ELEV_1'"):
        build(
            chain.project,
            chain.project.anchors,
            mode=RunnerMode.EXECUTE,
            privacy=Privacy(ids="file name"),
        )


def test_ids_say_nothing_of_who_wrote(tmp_path: Path) -> None:
    """Neither a student's file nor an anchor's is in what is sent; the table of ids has both, and is CSV."""
    paths = project(
        tmp_path, {"Anna, Svensson 9B_B.txt": "Mine is a long one.", "anchor_Bo_A.txt": "Mine is short."}
    )
    paths.students.mkdir()
    (paths.students / "Åsa (Öberg).txt").write_text("My aunt Åsa is brave.", encoding="utf-8")
    privacy = Privacy(names=("Åsa", "Bo"))
    found = build(paths, paths.anchors, mode=RunnerMode.PLAN, privacy=privacy)
    essays = [*found.anchors, *found.students]
    assert [essay.id_source for essay in essays] == ["text"] * 3
    assert all(re.fullmatch(r"student::ANCHOR_[0-9A-F]{8}|STUDENT_[0-9A-F]{12}", e.essay_id) for e in essays)
    assert essays[-1].names_replaced == 1
    assert essays[-1].text_sha256 == sha256_text("My aunt [name] is brave.")
    rows = list(csv.reader(table_of_ids(essays).splitlines()))
    assert rows == [["essay_id", "file"], *([essay.essay_id, essay.path] for essay in essays)]


@pytest.mark.parametrize("name", ["essay_A.txt", "A.txt", "A_essay.txt", "essay_A1.txt", "my A_07.txt"])
def test_an_id_with_the_grade_is_hidden(tmp_path: Path, name: str) -> None:
    """A stem that ends in (or begins with) the grade would tell the judge; its hash is shown instead."""
    stem = name.removesuffix(".txt")
    table = f"anchor_id,file_name,grade\n{stem},{name},A\nX2,b.txt,B\n"
    found = {a.file_name: a.essay_id for a in stock(tmp_path, {name: "One.", "b.txt": "Two."}, table)}
    assert re.fullmatch(r"student::ANCHOR_[0-9A-F]{8}", found[name])
    assert found["b.txt"] == "student::X2"


STEM = st.text(alphabet="aAbB -+_.19åé", min_size=1, max_size=40).filter(
    lambda stem: stem.strip(" .") == stem
)


@settings(max_examples=50)
@given(st.dictionaries(STEM, st.sampled_from(GRADE_SCALES[SCALE].all_grades), min_size=2, max_size=5))
def test_ids_are_short_unique_and_tell_no_grade(
    tmp_path_factory: pytest.TempPathFactory, grades: dict[str, str]
) -> None:
    """Any file names: two essays with one id are refused, and an accepted id fits CJ and hides the grade."""
    folder = tmp_path_factory.mktemp("project")
    anchors: dict[str, str | bytes] = {
        f"{stem}_{grade}.txt": f"{stem} {grade}" for stem, grade in grades.items()
    }
    try:
        found = stock(folder, anchors)
    except InputError as error:
        refused = "same essay id" in str(error)
        assert refused
        return
    ids = [anchor.essay_id for anchor in found]
    assert len(set(ids)) == len(ids)
    for anchor in found:
        assert len(anchor.essay_id) <= 36
        letter = (anchor.grade or "")[0]
        parts = anchor.essay_id.removeprefix("student::").split("_")
        assert letter not in parts
        assert not any(re.fullmatch(rf"{letter}\d{{1,6}}", part) for part in parts)


def test_the_step_reads_the_run_and_writes_the_same_bytes_again(tmp_path: Path) -> None:
    """10_inventory.json follows from run and inputs alone."""
    chain = Chain(tmp_path)
    chain.freeze()
    found = chain.take_stock()
    first = chain.paths.inventory.read_bytes()
    chain.paths.inventory.unlink()
    chain.take_stock()
    assert chain.paths.inventory.read_bytes() == first
    assert Inventory.model_validate_json(first) == found
    assert str(tmp_path) not in first.decode()


def test_formats_side_by_side(tmp_path: Path) -> None:
    """The same essay as .txt and .docx is the same text, and refused as such."""
    paths = project(tmp_path, {"one_A.txt": "First.\n\nSecond, from Skåne."})
    document = docx.Document()
    for text in ("First.", "Second, from Skåne."):
        document.add_paragraph(text)
    document.save(str(paths.anchors / "two_B.docx"))
    with pytest.raises(InputError, match="have the same text"):
        build(paths, paths.anchors)
