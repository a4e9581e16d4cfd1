"""An essay's entry in the inventory: which file, what text, whose grade, and an id that does not say who wrote it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from eng5.contracts.identifiers import (
    STUDENT_PREFIX,
    anchor_essay_id,
    generate_essay_id,
    nameless_anchor_id,
    sanitize_identifier,
    student_essay_id,
)
from eng5.contracts.inventory import Essay
from eng5.contracts.privacy import Privacy
from eng5.essays.grades import Grades
from eng5.essays.injection import find_injections
from eng5.essays.privacy import replace_names
from eng5.essays.reading import EssayReading, read_essay
from eng5.files import relative, sha256_bytes, sha256_text


class FileEntry(NamedTuple):
    """What the inventory says of an essay, and the text that is sent."""

    essay: Essay
    text: str


def table_of_ids(essays: Iterable[Essay]) -> str:
    """Id and file of each essay, as CSV."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(("essay_id", "file"))
    writer.writerows((essay.essay_id, essay.path) for essay in essays)
    return table.getvalue()


@dataclass(frozen=True)
class EntryReader:
    """Reads essays, and gives them ids that do not say who wrote them."""

    root: Path
    language: str | None
    privacy: Privacy

    def anchor(self, path: Path, grades: Grades) -> FileEntry:
        """An anchor with its grade; errors as those of `read_essay` and of its grade."""
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

    def student(self, path: Path) -> FileEntry:
        """A student's essay; errors as those of `read_essay`."""
        read = read_essay(path, language=self.language, privacy=self.privacy)
        if self.privacy.ids == "file name":
            return self._essay(path, read, essay_id=generate_essay_id(path.stem), id_source="file name")
        return self._essay(path, read, essay_id=student_essay_id(sha256_text(read.text)), id_source="text")

    def _anchor_id(self, anchor_id: str, grade: str | None, path: Path, text_sha256: str) -> tuple[str, str]:
        """What the judge's service sees, and where it is from.

        The id of grades.csv; else the file's name where that is asked for or is one of the platform's own, which
        begin with `anchor`. The text's hash where that would show a listed name or, with or without a number, the
        grade: judges see ids.
        """
        of_file = anchor_id == path.stem
        wanted = not of_file or self.privacy.ids == "file name" or anchor_id.lower().startswith("anchor")
        if not wanted or replace_names(anchor_id, self.privacy).names or (grade and _tells(anchor_id, grade)):
            return nameless_anchor_id(text_sha256), "text"
        return anchor_essay_id(anchor_id), "file name" if of_file else "grades.csv"

    def _essay(self, path: Path, read: EssayReading, **facts: str | dict[str, str] | None) -> FileEntry:
        essay = Essay.model_validate(
            {
                "path": relative(path, self.root),
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
        return FileEntry(essay, read.text)


def _tells(anchor_id: str, grade: str) -> bool:
    """A part of the id is the grade."""
    key, shown = anchor_essay_id(anchor_id).removeprefix(STUDENT_PREFIX), sanitize_identifier(grade)
    return f"_{shown}_" in f"_{key}_" or shown in (part.rstrip("0123456789") for part in key.split("_"))
