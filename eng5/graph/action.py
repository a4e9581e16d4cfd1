"""From a step to a doit action: the run's lock, refusals as messages, and a quiet end after Ctrl-C."""

from __future__ import annotations

import errno
import io
import sqlite3
import sys
import threading
from collections.abc import Callable
from functools import cache
from types import TracebackType
from typing import Any, NoReturn, ParamSpec, TypeVar

from doit.dependency import DatabaseException, SqliteDB
from doit.exceptions import TaskFailed
from doit.reporter import ConsoleReporter

from eng5.errors import Eng5Error, InterruptedRunError
from eng5.locks import hold
from eng5.paths import RunnerPaths

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Subject = TypeVar("Subject")

NO_ROOM_OR_RIGHT = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES)

refusals: list[Eng5Error] = []
"""What the actions of this process refused, for exit codes."""
late_refusals: list[Eng5Error] = []
"""What teardowns refused; doit itself would show a traceback and end with 0."""


def action(
    paths: RunnerPaths | None,
    step: Callable[Arguments, None],
    *arguments: Arguments.args,
    **options: Arguments.kwargs,
) -> Callable[[], TaskFailed | None]:
    """A doit action that runs `step` while this process holds the run's lock."""

    def perform() -> TaskFailed | None:
        error = _refusal(paths, step, *arguments, **options)
        if error is None:
            return None
        refusals.append(error)
        return TaskFailed(str(error).replace("\n", "\n   "))

    return perform


def afterwards(step: Callable[[], None]) -> Callable[[], None]:
    """A teardown that runs `step` once a process; the reporter says what it refuses, unless a task said the same."""
    guard = threading.Lock()

    @cache
    def once() -> None:
        error = _refusal(None, step)
        if error is not None and str(error) not in map(str, refusals):
            late_refusals.append(error)

    def perform() -> None:
        with guard:
            once()

    return perform


def _refusal(
    paths: RunnerPaths | None,
    step: Callable[Arguments, None],
    *arguments: Arguments.args,
    **options: Arguments.kwargs,
) -> Eng5Error | None:
    """Run `step` while this process holds the run's lock; what it refused."""
    try:
        if paths is not None:
            hold(paths.lock, f"run '{paths.name}'")
        step(*arguments, **options)
    except KeyboardInterrupt:
        _stop()
    except OSError as error:
        return unwritable(error, where=paths.folder if paths else None)
    except Eng5Error as error:
        return error
    return None


def unwritable(error: OSError, *, where: object = None) -> Eng5Error:
    """No room or no right as a message with a remedy; any other error of the system is raised again."""
    if error.errno not in NO_ROOM_OR_RIGHT:
        raise error
    return Eng5Error(
        f"cannot be written ({error.strerror})",
        where=error.filename or where,
        remedy="make room or mend the rights, then run the same command again: it goes on from here",
    )


def named(what: str, function: Callable[[Subject], None], subject: Subject) -> Callable[[], None]:
    """A clean action that `doit clean` shows as `what`."""

    def perform() -> None:
        function(subject)

    perform.__qualname__ = what
    return perform


def or_exit(
    function: Callable[Arguments, Result], *arguments: Arguments.args, **options: Arguments.kwargs
) -> Result:
    """The function's result; a refusal is printed and ends the process with its exit code."""
    try:
        return function(*arguments, **options)
    except Eng5Error as error:
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(error.exit_code)


def end_quietly_on_interrupt() -> None:
    """No traceback when Ctrl-C falls between two actions."""
    usual = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            _say_interrupted()
        else:
            usual(kind, error, trace)

    sys.excepthook = hook


def escape_what_cannot_be_printed() -> None:
    """A standard output without the character of a message gets its code, and no traceback."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def do_without_unwritable_database() -> None:
    """Let doit go on without its database when that cannot be opened or saved: the files are the truth.

    Every step looks at what is on disk before it does anything, so what is lost is time.
    """
    opened, saved = SqliteDB._sqlite3, SqliteDB.dump

    def open_or_do_without(self: Any, name: str) -> Any:
        try:
            return opened(self, name)
        except (DatabaseException, sqlite3.Error) as error:
            _say_no_database(name, error)
            return opened(self, ":memory:")

    def save_or_do_without(self: Any) -> None:
        try:
            saved(self)
        except sqlite3.Error as error:
            _say_no_database(self.name, error)

    SqliteDB._sqlite3, SqliteDB.dump = open_or_do_without, save_or_do_without


def _say_no_database(name: str, error: Exception) -> None:
    reason = str(error).rsplit("Original error: ", 1)[-1]
    print(  # noqa: T201
        f"{name}: doit's notes of what is up to date cannot be used ({reason}); every step looks at its files instead\n"
        "  → make room; delete the file if it is damaged",
        file=sys.stderr,
    )


class Reporter(ConsoleReporter):  # type: ignore[misc]
    """doit's console output, with a refusal as one message and nothing repeated at the end."""

    desc = "console output of eng5"

    def _write_failure(self, result: dict[str, Any], write_exception: bool = True) -> None:
        message = str(result["exception"].get_msg() if write_exception else "").strip()
        self.write(f"✗  {result['task'].name}\n   {message}\n".replace("\n   \n", "\n"))

    def complete_run(self) -> None:
        for message in (*self.runtime_errors, *(f"✗  {error}" for error in late_refusals)):
            self.write(f"{message}\n")
        if late_refusals and not self.failures:
            sys.exit(late_refusals[0].exit_code)


def _stop() -> NoReturn:
    _say_interrupted()
    sys.exit(InterruptedRunError.exit_code)


def _say_interrupted() -> None:
    print("\ninterrupted; the same command goes on from here", file=sys.stderr)  # noqa: T201
