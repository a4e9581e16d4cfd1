"""One process at a time works on a state folder; the others learn which one it is."""

import json
import os
import sys
from pathlib import Path

from filelock import FileLock, Timeout

from eng5.errors import RunLockedError


class StateLock:
    """A lock on a folder, with a note beside it that names the process that holds it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._note = folder / "lock.owner"
        self._lock = FileLock(folder / "lock", thread_local=False)

    def acquire(self, timeout: float) -> None:
        """Wait up to ``timeout`` seconds; RunLockedError then names the holder."""
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=timeout)
        except Timeout:
            raise RunLockedError(
                f"the stand-in's state is in use by {self._holder()}",
                where=self._folder,
                remedy="wait until that command has ended, or stop it; `eng5 serve` can be used by several",
            ) from None
        note = {"pid": os.getpid(), "command": " ".join(sys.argv)}
        self._note.write_text(json.dumps(note), encoding="utf-8")

    def release(self) -> None:
        """Let the next process in."""
        self._note.unlink(missing_ok=True)
        self._lock.release()

    def _holder(self) -> str:
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            return f"process {note['pid']} ({note['command']})"
        except (OSError, ValueError, KeyError):
            return "another process"
