"""What the judge will see: every text of the study as it is sent, with what was left out and what to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from eng5.contracts.experiments import Experiments
from eng5.contracts.identifiers import STUDENT_PREFIX
from eng5.contracts.inventory import Essay
from eng5.errors import Eng5Error, InputError
from eng5.essays.entries import EntryReader, FileEntry, table_of_ids
from eng5.essays.grades import read_grades
from eng5.essays.privacy import WHERE as PRIVACY_IS_IN
from eng5.files import relative, write_text
from eng5.pages.rendering import render
from eng5.paths import ProjectPaths, essay_files
from eng5.protocols import ShowProgress

Kind = Literal["anchors", "students"]


@dataclass(frozen=True)
class Text:
    """A file of the study: its entry in the inventory and its text, or why it cannot be used."""

    kind: Kind
    file: str
    essay: Essay | None = None
    text: str = ""
    refusal: Eng5Error | None = None

    @property
    def short_id(self) -> str | None:
        """The essay's id without the prefix of an anchor that is sent as a student's essay; None without an id."""
        return None if self.essay is None else self.essay.essay_id.removeprefix(STUDENT_PREFIX)

    @property
    def notices(self) -> list[str]:
        """Everything that the teacher should know of it, as sentences."""
        if self.essay is None:
            return [self.refusal.problem] if self.refusal else []
        essay = self.essay
        said = [*essay.notices]
        if essay.names_replaced:
            said.insert(0, f"names replaced: {essay.names_replaced}")
        if essay.addresses_judge:
            said.append(f"it seems to address the judge ({', '.join(essay.addresses_judge)})")
        return said


def read_all(
    project: ProjectPaths,
    anchors_folder: Path,
    experiments: Experiments,
    progress: ShowProgress,
) -> list[Text]:
    """Every essay by file name, anchors first; one that cannot be used is there with its refusal.

    Raises:
        InputError: grades.csv cannot be read, or a pattern of [privacy] cannot be used.
    """
    reader = EntryReader(project.root, experiments.language, experiments.privacy)
    anchor_files = list(essay_files(anchors_folder))
    grades = read_grades(project.grades, experiments.grade_scale).among(anchor_files)
    files: list[tuple[Kind, Path, Callable[[Path], FileEntry]]] = [
        *(("anchors", path, partial(reader.anchor, grades=grades)) for path in anchor_files),
        *(("students", path, reader.student) for path in essay_files(project.students)),
    ]
    found = []
    with progress(len(files)) as shown:
        for kind, path, read in files:
            found.append(_text(kind, path, relative(path, project.root), read))
            shown.advance(len(found))
    return found


def _text(kind: Kind, path: Path, file: str, read: Callable[[Path], FileEntry]) -> Text:
    try:
        entry = read(path)
    except InputError as error:
        if error.where == PRIVACY_IS_IN:
            raise
        return Text(kind, file, refusal=error)
    return Text(kind, file, entry.essay, entry.text)


def find(texts: Sequence[Text], name: str) -> Text:
    """The text of that id, anchor id or file name, in any case, with or without its ending.

    Raises:
        InputError: there is none, there are several, or it cannot be read.
    """
    wanted = name.casefold()
    found = [one for one in texts if wanted in {label.casefold() for label in _labels(one)}]
    if len(found) != 1:
        known = ", ".join(sorted(one.short_id for one in texts if one.short_id)) or "none"
        several = f"'{name}' is more than one text: {', '.join(one.file for one in found)}"
        raise InputError(
            several if found else f"no text '{name}'",
            remedy="give the path as eng5 texts shows it" if found else f"there are: {known}",
        )
    if found[0].refusal is not None:
        raise found[0].refusal
    return found[0]


def _labels(one: Text) -> Iterable[str]:
    path = Path(one.file)
    yield from (one.file, path.name, path.stem)
    if one.essay is not None:
        yield from (
            one.essay.essay_id,
            str(one.short_id),
            *([one.essay.anchor_id] if one.essay.anchor_id else []),
        )


def write_folder(folder: Path, texts: Sequence[Text]) -> int:
    """Each text as `anchors/ID.txt` or `students/ID.txt` in UTF-8, and which file is which as `ids.csv`; their count.

    Raises:
        InputError: the folder is a file, or cannot be written to.
    """
    usable = [one for one in texts if one.essay is not None]
    try:
        for one in usable:
            write_text(folder / one.kind / f"{one.short_id}.txt", one.text + "\n")
        write_text(folder / "ids.csv", table_of_ids(one.essay for one in texts if one.essay is not None))
    except OSError as error:
        raise InputError(
            f"cannot be written to ({error.strerror})", where=folder, remedy="name a folder with --out"
        ) from None
    return len(usable)


def write_page(project: ProjectPaths, texts: Sequence[Text], language: str) -> Path:
    """`reports/texts.html`: the table, then every text."""
    page = project.reports / "texts.html"
    write_text(page, render("texts.html", texts=texts, language=language))
    return page
