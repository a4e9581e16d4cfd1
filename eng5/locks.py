"""One process at a time works on a run, or has the stand-in's state; a second one learns who the first is."""

from __future__ import annotations

import atexit
import math
import os
import sys
import threading
import time
from pathlib import Path

from eng5.errors import InputError, RunLockedError
from eng5.files import read_text, write_text

LOOK_AGAIN_SECONDS = 0.5

_held: dict[Path, Lock] = {}
_guard = threading.Lock()


class Lock:
    """A lock on `file`, between processes, with a note beside it that names the process that has it.

    Args:
        file: is made, with its folder, when the lock is first taken.
        what: is locked, for messages.
        remedy: what a second process can do.
    """

    def __init__(self, file: Path, what: str, remedy: str) -> None:
        from filelock import FileLock

        self._file, self._what, self._remedy = file, what, remedy
        self._note = file.with_name(f"{file.name}.owner")
        self._lock = FileLock(file, thread_local=False)

    def acquire(self, timeout: float) -> None:
        """Wait up to `timeout` seconds, for ever where it is negative.

        A holder that has announced how it can be used is not waited for.

        Raises:
            RunLockedError: names the process that has it, and how what it has can be used.
        """
        from filelock import Timeout

        self._file.parent.mkdir(parents=True, exist_ok=True)
        until = math.inf if timeout < 0 else time.monotonic() + timeout
        while True:
            left = until - time.monotonic()
            try:
                self._lock.acquire(timeout=max(0.0, min(left, LOOK_AGAIN_SECONDS)))
            except Timeout:
                holder, _, use = self._holder().partition("\n")
                if use or left <= 0:
                    raise RunLockedError(
                        f"{self._what} is in use by {holder}", where=self._file, remedy=use or self._remedy
                    ) from None
            else:
                break
        self._write_note()

    def announce(self, use: str) -> None:
        """Say in a line how others can use what this process has."""
        self._write_note(f"\n{use}")

    def release(self) -> None:
        """Let the next process in."""
        self._note.unlink(missing_ok=True)
        self._lock.release()

    @property
    def is_held(self) -> bool:
        """This process has it."""
        return bool(self._lock.is_locked)

    def _write_note(self, further: str = "") -> None:
        program, *arguments = sys.argv
        write_text(
            self._note, f"process {os.getpid()} ({' '.join([Path(program).name, *arguments])}){further}"
        )

    def _holder(self) -> str:
        try:
            return read_text(self._note)
        except InputError:
            return "another process"


def hold(lock_file: Path, what: str) -> None:
    """Hold the lock until this process ends; wait for another process that has it, naming it on stderr.

    Raises:
        RunLockedError: another process has it, and this one has a lock already: waiting for each other never ends.
    """
    with _guard:
        if lock_file in _held:
            return
        lock = Lock(lock_file, what, "run it again when that has ended")
        try:
            lock.acquire(0)
        except RunLockedError as refusal:
            if _held:
                raise
            print(f"{refusal.problem}; waiting for it to end (Ctrl-C to stop)", file=sys.stderr)  # noqa: T201
            lock.acquire(-1)
        _held[lock_file] = lock
        atexit.register(lock.release)


def let_go(lock_file: Path) -> None:
    """Let other processes work on what this one held."""
    with _guard:
        lock = _held.pop(lock_file, None)
        if lock is not None:
            atexit.unregister(lock.release)
            lock.release()
