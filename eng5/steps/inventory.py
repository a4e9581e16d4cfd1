"""Step `inventory`: what is there, checked before anything is sent."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eng5.contracts.grade_scales import DEFAULT_GRADE_SCALE, GRADE_SCALES, GradeScale
from eng5.contracts.identifiers import (
    STUDENT_PREFIX,
    anchor_essay_id,
    generate_essay_id,
    nameless_anchor_id,
    sanitize_identifier,
    student_essay_id,
)
from eng5.contracts.inventory import Essay, Inventory, InventoryFile
from eng5.contracts.modes import RunnerMode
from eng5.contracts.privacy import Privacy
from eng5.errors import InputError
from eng5.essays.extract import SUFFIXES
from eng5.essays.grades import Grades, read_grades
from eng5.essays.injection import find_injections
from eng5.essays.privacy import replace_names
from eng5.essays.reading import Reading, read_essay
from eng5.files import read_bytes, sha256_bytes, sha256_text, write_model, write_text
from eng5.paths import ProjectPaths, RunnerPaths
from eng5.settings import RunnerSettings, essay_files


def build(
    project: ProjectPaths,
    anchors_folder: Path,
    *,
    mode: RunnerMode = RunnerMode.ANCHOR_ALIGN_TEST,
    grade_scale: GradeScale = GRADE_SCALES[DEFAULT_GRADE_SCALE],
    language: str = "en",
    privacy: Privacy = Privacy(),  # noqa: B008 - frozen
) -> Inventory:
    """Read every essay and settle ids and grades; `language` is the one that essays should be in.

    Raises:
        InputError: no anchors, an unreadable or unsupported file, a conflict or a gap in the grades, two essays
            with one id or one text; each names the file and the remedy.
    """
    grades = read_grades(project.grades, grade_scale)
    anchor_files = list(essay_files(anchors_folder)) if "anchors" in mode.about.reads else []
    student_files = essay_files(project.students) if "students" in mode.about.reads else ()
    reader = _Reader(project.root, language, privacy)
    anchors = [reader.anchor(path, grades) for path in anchor_files]
    students = [reader.student(path) for path in student_files]
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
    return build(
        project,
        settings.anchors_folder,
        mode=settings.mode,
        grade_scale=settings.grade_scale,
        language=settings.language,
        privacy=settings.privacy,
    )


def run(paths: RunnerPaths, found: Inventory) -> None:
    """Write 10_inventory.json: what was found when the run was frozen, or is found now; and which file is which id."""
    write_text(paths.ids, table_of_ids([*found.anchors, *found.students]))
    write_model(paths.inventory, found)


def table_of_ids(essays: Sequence[Essay]) -> str:
    """Id and file of each essay, as CSV."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(("essay_id", "file"))
    writer.writerows((essay.essay_id, essay.path) for essay in essays)
    return table.getvalue()


def _plain_file(path: Path, root: Path) -> InventoryFile | None:
    if not path.is_file():
        return None
    content = read_bytes(path)
    return InventoryFile(path=_relative(path, root), bytes=len(content), sha256=sha256_bytes(content))


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


@dataclass(frozen=True)
class _Reader:
    """Reads essays, and gives them ids that do not say who wrote them."""

    root: Path
    language: str
    privacy: Privacy

    def anchor(self, path: Path, grades: Grades) -> Essay:
        anchor_id, grade, source, by_grader = grades.of(path)
        read = read_essay(path, language=self.language, privacy=self.privacy)
        essay_id, id_source = self._anchor_id(anchor_id, grade, path, sha256_text(read.text))
        return self._essay(
            path,
            read,
            essay_id=essay_id,
            id_source=id_source,
            anchor_id=anchor_id,
            grade=grade,
            grade_source=source,
            grades=dict(by_grader),
        )

    def student(self, path: Path) -> Essay:
        read = read_essay(path, language=self.language, privacy=self.privacy)
        if self.privacy.ids == "file name":
            return self._essay(path, read, essay_id=generate_essay_id(path.stem), id_source="file name")
        return self._essay(path, read, essay_id=student_essay_id(sha256_text(read.text)), id_source="text")

    def _anchor_id(self, anchor_id: str, grade: str, path: Path, text_sha256: str) -> tuple[str, str]:
        """What the judge's service sees, and where it is from.

        The id of grades.csv; else the file's name where that is asked for or is one of the platform's own, which
        begin with `anchor`. The text's hash where that would show a listed name or, with or without a number, the
        grade: judges see ids.
        """
        of_file = anchor_id == path.stem
        wanted = not of_file or self.privacy.ids == "file name" or anchor_id.lower().startswith("anchor")
        if not wanted or replace_names(anchor_id, self.privacy).names or _tells(anchor_id, grade):
            return nameless_anchor_id(text_sha256), "text"
        return anchor_essay_id(anchor_id), "file name" if of_file else "grades.csv"

    def _essay(self, path: Path, read: Reading, **facts: str | dict[str, str] | None) -> Essay:
        return Essay.model_validate(
            {
                "path": _relative(path, self.root),
                "bytes": len(read.content),
                "sha256": sha256_bytes(read.content),
                "file_name": path.name,
                "text_sha256": sha256_text(read.text),
                "words": len(read.text.split()),
                "encoding": read.encoding,
                "language": read.language,
                "names_replaced": read.names_replaced,
                "notices": list(read.notices),
                "addresses_judge": sorted({one.kind for one in find_injections(read.text)}),
                **facts,
            }
        )


def _tells(anchor_id: str, grade: str) -> bool:
    """A part of the id is the grade."""
    key, shown = anchor_essay_id(anchor_id).removeprefix(STUDENT_PREFIX), sanitize_identifier(grade)
    return f"_{shown}_" in f"_{key}_" or shown in (part.rstrip("0123456789") for part in key.split("_"))


def _refuse_twins(essays: list[Essay]) -> None:
    by_id: dict[str, list[Essay]] = defaultdict(list)
    by_text: dict[str, list[Essay]] = defaultdict(list)
    for essay in essays:
        by_id[essay.essay_id].append(essay)
        by_text[essay.text_sha256].append(essay)
    for twins in by_text.values():
        if len(twins) > 1:
            raise InputError(
                f"{' and '.join(essay.path for essay in twins)} have the same text",
                remedy="remove the copy; an essay compared with itself says nothing",
            )
    for essay_id, twins in by_id.items():
        if len(twins) > 1:
            raise InputError(
                f"{' and '.join(essay.path for essay in twins)} get the same essay id '{essay_id}' "
                "(signs such as + and - do not count)",
                remedy="rename one of them, or give them different ids in grades.csv",
            )
