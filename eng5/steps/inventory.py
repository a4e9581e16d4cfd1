"""Step `inventory`: what is there, checked before anything is sent."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from eng5.contracts.grade_scales import DEFAULT_GRADE_SCALE, GRADE_SCALES, GradeScale
from eng5.contracts.inventory import Essay, Inventory, InventoryFile
from eng5.contracts.modes import RunnerMode
from eng5.contracts.privacy import Privacy
from eng5.errors import InputError
from eng5.essays.entries import EntryReader, table_of_ids
from eng5.essays.extract import SUFFIXES
from eng5.essays.grades import read_grades
from eng5.files import read_bytes, relative, sha256_bytes, write_model, write_text
from eng5.paths import ProjectPaths, RunnerPaths, essay_files
from eng5.settings import RunnerSettings


def build(
    project: ProjectPaths,
    anchors_folder: Path,
    *,
    mode: RunnerMode = RunnerMode.ANCHOR_ALIGN_TEST,
    grade_scale: GradeScale = GRADE_SCALES[DEFAULT_GRADE_SCALE],
    language: str | None = "en",
    privacy: Privacy = Privacy(),  # noqa: B008 - frozen
) -> Inventory:
    """Read every essay and settle ids and grades; `language` is the one that essays should be in, None: whatever it is.

    Raises:
        InputError: no anchors, an unreadable or unsupported file, a conflict in the grades or a gap between them, two
            essays with one id or one text; each names the file and the remedy.
    """
    anchor_files = list(essay_files(anchors_folder)) if "anchors" in mode.about.reads else []
    grades = read_grades(project.grades, grade_scale).among(anchor_files)
    student_files = essay_files(project.students) if "students" in mode.about.reads else ()
    reader = EntryReader(project.root, language, privacy)
    anchors = [reader.anchor(path, grades).essay for path in anchor_files]
    students = [reader.student(path).essay for path in student_files]
    if mode.about.sends == "anchors" and len(anchors) < 2:
        found = f"{len(anchors) or 'no'} anchor essay{'' if len(anchors) == 1 else 's'}; two are the least"
        raise InputError(
            found if anchors_folder.is_dir() else "there is no such folder of anchor essays",
            where=anchors_folder,
            remedy=f"put graded essays there ({', '.join(SUFFIXES)})",
        )
    for essays in (anchors, students):
        refuse_twins(essays)
    return Inventory(
        grade_scale=grade_scale,
        anchors=anchors,
        students=students,
        instructions=_plain_file(project.instructions, project.root),
        prompt=_plain_file(project.prompt, project.root),
        grades=_plain_file(project.grades, project.root),
        grade_notices=grades.notices(anchor_files) if anchor_files else [],
    )


def of_settings(project: ProjectPaths, settings: RunnerSettings, *, any_language: bool = False) -> Inventory:
    """The inventory of the inputs that the settings name; errors as those of `build`."""
    return build(
        project,
        settings.anchors_folder,
        mode=settings.mode,
        grade_scale=settings.grade_scale,
        language=None if any_language else settings.language,
        privacy=settings.privacy,
    )


def run(paths: RunnerPaths, found: Inventory) -> None:
    """Write 10_inventory.json: what was found when the run was frozen, or is found now; and which file is which id."""
    write_text(paths.ids, table_of_ids([*found.anchors, *found.students]))
    write_model(paths.inventory, found)


def _plain_file(path: Path, root: Path) -> InventoryFile | None:
    if not path.is_file():
        return None
    content = read_bytes(path)
    return InventoryFile(path=relative(path, root), bytes=len(content), sha256=sha256_bytes(content))


def refuse_twins(essays: list[Essay]) -> None:
    """InputError where two essays have one text or one id."""
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
