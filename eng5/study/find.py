"""Where a study is: the folder with dodo.py and inputs/, this one or one above it."""

from __future__ import annotations

from pathlib import Path

from eng5.errors import InputError
from eng5.paths import ProjectPaths


def find_study(folder: Path | None = None) -> ProjectPaths:
    """The study in `folder`, or without one the study that the current folder is in.

    Raises:
        InputError: there is none.
    """
    start = Path.cwd() if folder is None else folder.resolve()
    for place in (start, *start.parents) if folder is None else (start,):
        if (place / "dodo.py").is_file() and (place / "inputs").is_dir():
            return ProjectPaths.at(place)
    raise InputError(
        "no study here or above (a folder with dodo.py and inputs/)" if folder is None else "no study there",
        where=start,
        remedy="go to its folder, name it with --project, or make one with `eng5 init FOLDER`",
    )
