"""Step `inventory`: what is there, checked before anything is sent."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from eng5.contracts.grade_scales import DEFAULT_GRADE_SCALE, GRADE_SCALES, GradeScale
from eng5.contracts.identifiers import (
    STUDENT_PREFIX,
    anchor_essay_id,
    generate_essay_id,
    sanitize_identifier,
)
from eng5.contracts.inventory import Essay, Inventory, InventoryFile
from eng5.contracts.modes import RunnerMode
from eng5.errors import InputError
from eng5.essays.extract import SUFFIXES, extract
from eng5.essays.grades import Grades, read_grades
from eng5.essays.injection import find_injections
from eng5.files import read_bytes, sha256_bytes, sha256_text, write_model
from eng5.paths import ProjectPaths, RunnerPaths
from eng5.settings import RunnerSettings, essay_files


def build(
    project: ProjectPaths,
    anchors_folder: Path,
    *,
    mode: RunnerMode = RunnerMode.ANCHOR_ALIGN_TEST,
    grade_scale: GradeScale = GRADE_SCALES[DEFAULT_GRADE_SCALE],
) -> Inventory:
    """Read every essay and settle ids and grades.

    Raises:
        InputError: no anchors, an unreadable or unsupported file, a conflict or a gap in the grades, two essays
            with one id or one text; each names the file and the remedy.
    """
    grades = read_grades(project.grades, grade_scale)
    anchor_files = list(essay_files(anchors_folder)) if "anchors" in mode.about.reads else []
    student_files = essay_files(project.students) if "students" in mode.about.reads else ()
    anchors = [_anchor(path, grades, project.root) for path in anchor_files]
    students = [_student(path, project.root) for path in student_files]
    if mode.about.sends == "anchors" and len(anchors) < 2:
        found = f"{len(anchors) or 'no'} anchor essay{'' if len(anchors) == 1 else 's'}; two are the least"
        raise InputError(
            found if anchors_folder.is_dir() else "there is no such folder of anchor essays",
            where=anchors_folder,
            remedy=f"put graded essays there ({', '.join(SUFFIXES)})",
        )
    _refuse_twins(anchors)
    _refuse_twins(students)
    return Inventory(
        grade_scale=grade_scale,
        anchors=anchors,
        students=students,
        instructions=_plain_file(project.instructions, project.root),
        prompt=_plain_file(project.prompt, project.root),
        grades=_plain_file(project.grades, project.root),
        grade_notices=grades.notices(anchor_files) if anchor_files else [],
    )


def of_settings(project: ProjectPaths, settings: RunnerSettings) -> Inventory:
    """The inventory of the inputs that the settings name; errors as those of `build`."""
    return build(project, settings.anchors_folder, mode=settings.mode, grade_scale=settings.grade_scale)


def run(paths: RunnerPaths, found: Inventory) -> None:
    """Write 10_inventory.json: what was found when the run was frozen, or is found now."""
    write_model(paths.inventory, found)


def _plain_file(path: Path, root: Path) -> InventoryFile | None:
    if not path.is_file():
        return None
    content = read_bytes(path)
    return InventoryFile(path=_relative(path, root), bytes=len(content), sha256=sha256_bytes(content))


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def _essay(path: Path, root: Path, **facts: str | dict[str, str] | None) -> Essay:
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"'{path.suffix}' files are not read",
            where=path,
            remedy=f"save the essay as one of {', '.join(SUFFIXES)}, or move the file away",
        )
    found = extract(path)
    return Essay.model_validate(
        {
            "path": _relative(path, root),
            "bytes": len(found.content),
            "sha256": sha256_bytes(found.content),
            "file_name": path.name,
            "text_sha256": sha256_text(found.text),
            "words": len(found.text.split()),
            "encoding": found.encoding,
            "addresses_judge": sorted({one.kind for one in find_injections(found.text)}),
            **facts,
        }
    )


def _anchor(path: Path, grades: Grades, root: Path) -> Essay:
    anchor_id, grade, source, by_grader = grades.of(path)
    return _essay(
        path,
        root,
        essay_id=_essay_id(anchor_id, grade),
        anchor_id=anchor_id,
        grade=grade,
        grade_source=source,
        grades=dict(by_grader),
    )


def _student(path: Path, root: Path) -> Essay:
    return _essay(path, root, essay_id=generate_essay_id(path.stem))


def _essay_id(anchor_id: str, grade: str) -> str:
    """The id, or `student::ANCHOR_<hash>` when a part of it is the grade, numbered or not: judges see ids."""
    essay_id, shown = anchor_essay_id(anchor_id), sanitize_identifier(grade)
    key = essay_id.removeprefix(STUDENT_PREFIX)
    parts = [part.rstrip("0123456789") for part in key.split("_")]
    if f"_{shown}_" not in f"_{key}_" and shown not in parts:
        return essay_id
    return f"{STUDENT_PREFIX}ANCHOR_{sha256_text(key)[:8].upper()}"


def _refuse_twins(essays: list[Essay]) -> None:
    by_id: dict[str, list[Essay]] = defaultdict(list)
    by_text: dict[str, list[Essay]] = defaultdict(list)
    for essay in essays:
        by_id[essay.essay_id].append(essay)
        by_text[essay.text_sha256].append(essay)
    for essay_id, twins in by_id.items():
        if len(twins) > 1:
            raise InputError(
                f"{' and '.join(essay.path for essay in twins)} get the same essay id '{essay_id}' "
                "(signs such as + and - do not count)",
                remedy="rename one of them, or give them different ids in grades.csv",
            )
    for twins in by_text.values():
        if len(twins) > 1:
            raise InputError(
                f"{' and '.join(essay.path for essay in twins)} have the same text",
                remedy="remove the copy; an essay compared with itself says nothing",
            )
