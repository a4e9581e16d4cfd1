"""doit's notes of what is up to date, in build/.doit.db; without them when that file cannot be used.

The files are the truth, and every step looks at what is on disk before it does anything: what is lost is time.
"""

from __future__ import annotations

import sqlite3
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from doit.dependency import DatabaseException, SqliteDB

from eng5.graph.action import end_quietly_on_interrupt

NAME = "eng5"
"""As which pyproject.toml makes the class known to doit (entry point group `doit.BACKEND`)."""


def is_known() -> bool:
    """doit will find the class by its name; not where eng5 was installed before it had one, or not at all."""
    try:
        return any(point.group == "doit.BACKEND" for point in distribution("eng5").entry_points)
    except PackageNotFoundError:
        return False


class Database(SqliteDB):  # type: ignore[misc]
    """doit's SQLite back end, that goes on in memory when its file cannot be opened or saved."""

    desc = "SQLite file; in memory where that cannot be used"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """doit opens its notes before it makes the tasks: a command begins."""
        end_quietly_on_interrupt()
        super().__init__(*arguments, **options)

    def _sqlite3(self, name: str) -> Any:
        try:
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            return super()._sqlite3(name)
        except (DatabaseException, sqlite3.Error, OSError) as error:
            _say_unusable(name, error)
            return super()._sqlite3(":memory:")

    def remove(self, task_id: str) -> None:
        """Forget a task that failed; where that cannot be noted, the task's refusal is still to be said."""
        try:
            super().remove(task_id)
        except sqlite3.Error as error:
            _say_unusable(self.name, error)

    def dump(self) -> None:
        """Save what the run found; a full disk costs the notes, never the run."""
        try:
            super().dump()
        except sqlite3.Error as error:
            _say_unusable(self.name, error)


BACK_END = {"BACKEND": {NAME: f"{__name__}:{Database.__name__}"}}
"""The class as doit is told of it where it is run from Python."""


def _say_unusable(name: str, error: Exception) -> None:
    reason = str(error).rsplit("Original error: ", 1)[-1]
    print(  # noqa: T201
        f"{name}: doit's notes of what is up to date cannot be used ({reason}); every step looks at its files instead\n"
        "  → make room or mend the rights; delete the file if it is damaged",
        file=sys.stderr,
    )
