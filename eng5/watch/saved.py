"""What was saved: which files, and which lines of them changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from eng5.errors import Eng5Error
from eng5.files import read_text, relative
from eng5.paths import ProjectPaths
from eng5.plots.printable import printable
from eng5.reports.text_diff import lines_of
from eng5.settings import RunnerSettings

MOST_LINES = 8
"""That are shown of those that went, and of those that came."""
SHOWN = {".txt", ".md", ".toml", ".csv"}
SIGNS = {"gone": "-", "new": "+"}


def folders(project: ProjectPaths, runs: Iterable[RunnerSettings]) -> list[Path]:
    """The folders to look at: inputs/, and those of prompts that lie elsewhere."""
    places = {path.resolve().parent for settings in runs for path in settings.prompts}
    inputs = project.inputs.resolve()
    return [inputs, *sorted(place for place in places if place.is_dir() and not place.is_relative_to(inputs))]


def is_input(project: ProjectPaths, path: Path) -> bool:
    """A file that decides what a run of the anchors is: no editor's own file, no note, no student."""
    hidden = path.name.startswith((".", "~$")) or path.name.endswith(("~", ".swp", ".tmp"))
    students = project.students.resolve()
    return not (hidden or path == project.notes.resolve() or path.is_relative_to(students))


class Texts:
    """The texts as they were last seen."""

    def __init__(self, project: ProjectPaths) -> None:
        self._project = project
        self._seen = {
            path: text
            for path in project.inputs.resolve().rglob("*")
            if path.suffix in SHOWN and path.is_file() and (text := _text(path)) is not None
        }

    def changes(self, paths: Iterable[Path]) -> Iterator[str]:
        """Each file with the lines that changed since it was last seen; nothing for one that is as it was."""
        for path in sorted(paths):
            name = relative(path, self._project.root.resolve())
            before = self._seen.pop(path, None)
            text = _text(path) if path.is_file() else None
            if text is not None:
                self._seen[path] = text
            if not path.is_file():
                yield f"{name} is gone"
            elif text is None or path.suffix not in SHOWN:
                yield f"{name} was saved"
            elif before is None:
                yield f"{name} is new"
            elif before != text:
                yield f"{name} changed"
                yield from _lines(before, text)


def _lines(before: str, after: str) -> Iterator[str]:
    """The first lines that went, and the first that came."""
    lines = [line for line in lines_of(before, after) if line.kind in SIGNS]
    left = dict.fromkeys(SIGNS, MOST_LINES)
    for line in lines:
        if left[line.kind] > 0:
            yield f"  {SIGNS[line.kind]} {printable(line.text)}"
        left[line.kind] -= 1
    if (more := -sum(min(0, count) for count in left.values())) > 0:
        yield f"  … and {more} lines more"


def _text(path: Path) -> str | None:
    """None of a file that cannot be read as text."""
    try:
        return read_text(path)
    except (Eng5Error, OSError):
        return None
