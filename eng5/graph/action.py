"""From a step to a doit action: the run's lock, refusals as messages, and a quiet end after Ctrl-C."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from functools import cache, partial
from types import TracebackType
from typing import NoReturn, ParamSpec, TypeVar

from doit.exceptions import TaskFailed

from eng5.errors import Eng5Error, InterruptedRunError, as_refusal, unwritable
from eng5.locks import hold
from eng5.paths import RunnerPaths

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Subject = TypeVar("Subject")

outstanding: set[str] = set()
"""Tasks that were asked for by name and have not begun."""
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


def named(what: str, function: Callable[[Subject], None], subject: Subject) -> Callable[[], None]:
    """A clean action that `doit clean` shows as `what`."""

    def perform() -> None:
        or_exit(function, subject)

    perform.__qualname__ = what
    return perform


def or_exit(
    function: Callable[Arguments, Result], *arguments: Arguments.args, **options: Arguments.kwargs
) -> Result:
    """The function's result; a refusal is printed and ends the process with its exit code."""
    try:
        return function(*arguments, **options)
    except (Eng5Error, OSError) as raised:
        error = as_refusal(raised)
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        _stop()


def _stop() -> NoReturn:
    say_interrupted()
    sys.exit(InterruptedRunError.exit_code)


def end_quietly_on_interrupt() -> None:
    """From now on Ctrl-C in doit's own code is no traceback either."""
    if getattr(sys.excepthook, "func", None) is not _quietly:
        sys.excepthook = partial(_quietly, sys.excepthook)


def _quietly(
    usual: Callable[..., object],
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        say_interrupted()
    else:
        usual(kind, error, trace)


def say_interrupted() -> None:
    """What Ctrl-C costs: nothing."""
    connect = sys.modules.get("eng5.services.connect")
    if connect is not None and (batches := connect.batches_under_way()):
        print(f"\nleft as it is: {batches}; `eng5 batches` shows it", file=sys.stderr)  # noqa: T201
    print("\ninterrupted; the same command goes on from here", file=sys.stderr)  # noqa: T201
