"""The graph of files. A study's dodo.py needs one name of it: `dodo`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

__all__ = ["dodo"]


def dodo(dodo_file: str | Path) -> dict[str, Any]:
    """The names that doit looks for in the dodo.py of a study; Ctrl-C in the meantime is no traceback."""
    try:
        from eng5.graph import database
        from eng5.graph.graph import Graph
        from eng5.graph.tasks import Tasks

        names = Tasks(Graph.here(dodo_file)).namespace()
        if not database.is_known():
            names["DOIT_CONFIG"] |= {
                "backend": "sqlite3",
                "dep_file": str(Path(dodo_file).with_name(".doit.db")),
            }
        return names
    except KeyboardInterrupt:
        print("\ninterrupted before anything was begun", file=sys.stderr)  # noqa: T201
        sys.exit(130)
