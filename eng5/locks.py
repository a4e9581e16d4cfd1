"""One process at a time works on a run; a second one waits and says for whom."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from pathlib import Path

from filelock import FileLock, Timeout

from eng5.errors import InputError, RunLockedError
from eng5.files import read_text, write_text

_held: dict[Path, FileLock] = {}
_guard = threading.Lock()


def hold(lock_file: Path, what: str) -> None:
    """Hold the lock until this process ends; wait for another process that has it, naming it on stderr.

    Raises:
        RunLockedError: another process has it, and this one has a lock already: waiting for each other never ends.
    """
    with _guard:
        if lock_file in _held:
            return
        lock_file.parent.mkdir(parents=True, exist_ok=True)
        owner = lock_file.with_name(f"{lock_file.name}.owner")
        lock = FileLock(lock_file)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            first = _named_in(owner)
            if _held:
                raise RunLockedError(
                    f"{what} is in use by {first}", where=lock_file, remedy="run it again when that has ended"
                ) from None
            print(f"{what} is in use by {first}; waiting for it to end (Ctrl-C to stop)", file=sys.stderr)  # noqa: T201
            lock.acquire()
        write_text(owner, _this_process())
        _held[lock_file] = lock
        atexit.register(lock.release)


def _this_process() -> str:
    return f"process {os.getpid()} ({' '.join([Path(sys.argv[0]).name, *sys.argv[1:]])})"


def _named_in(note: Path) -> str:
    try:
        return read_text(note)
    except InputError:
        return "another process"


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
                f"the stand-in's state is in use by {_named_in(self._note)}",
                where=self._folder,
                remedy="wait until that command has ended, or stop it; `eng5 serve` can be used by several",
            ) from None
        write_text(self._note, _this_process())

    def release(self) -> None:
        """Let the next process in."""
        self._note.unlink(missing_ok=True)
        self._lock.release()
