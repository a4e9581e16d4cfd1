"""One process at a time works on a run; a second one waits and says for whom."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from pathlib import Path

from filelock import FileLock, Timeout

from eng5.errors import RunLockedError
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
            first = read_text(owner) if owner.exists() else "another process"
            if _held:
                raise RunLockedError(
                    f"{what} is in use by {first}", where=lock_file, remedy="run it again when that has ended"
                ) from None
            print(f"{what} is in use by {first}; waiting for it to end (Ctrl-C to stop)", file=sys.stderr)  # noqa: T201
            lock.acquire()
        write_text(
            owner, f"process {os.getpid()} ({' '.join(Path(sys.argv[0]).name.split() + sys.argv[1:])})"
        )
        _held[lock_file] = lock
        atexit.register(lock.release)
