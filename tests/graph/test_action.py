"""From a step to a doit action: refusals are messages, never tracebacks."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from doit.exceptions import TaskFailed
from filelock import FileLock

from eng5 import locks
from eng5.errors import Eng5Error, InputError, ServiceError
from eng5.graph import action as actions
from eng5.graph.action import (
    action,
    afterwards,
    or_exit,
)
from eng5.graph.reporter import Reporter
from eng5.paths import ProjectPaths, RunnerPaths


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunnerPaths]:
    """A run, whose lock is given back after the test; and no refusals yet."""
    held: dict[Path, locks.Lock] = {}
    monkeypatch.setattr(locks, "_held", held)
    monkeypatch.setattr(actions, "refusals", [])
    yield ProjectPaths.at(tmp_path).run("baseline")
    for lock in held.values():
        lock.release()


def refuse(problem: str, *, code: int | None = None) -> None:
    if code is not None:
        raise OSError(code, problem, "/project/build/x")
    raise InputError(problem, where="a.txt", remedy="mend it")


def test_a_step_runs_under_the_lock_of_its_run(paths: RunnerPaths) -> None:
    """With its arguments; the action returns None, which is success for doit."""
    seen: list[object] = []

    def step(one: int, *, two: int) -> None:
        seen.extend([one, two, FileLock(paths.lock).is_locked, paths.lock.exists()])

    assert action(paths, step, 1, two=2)() is None
    assert seen == [1, 2, False, True]
    assert list(locks._held) == [paths.lock]


def test_an_action_without_a_run_needs_no_lock(tmp_path: Path, paths: RunnerPaths) -> None:
    """What works on no run in particular waits for nobody."""
    assert action(None, print)() is None
    assert locks._held == {}


def test_a_refusal_is_a_message(paths: RunnerPaths) -> None:
    """Problem, place and remedy, indented as doit shows it; the handler finds the exit code."""
    failed = action(paths, refuse, "it is empty")()
    assert isinstance(failed, TaskFailed)
    assert failed.get_msg().rstrip() == "a.txt: it is empty\n     → mend it"
    assert [error.exit_code for error in actions.refusals] == [2]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES])
def test_a_full_disk_is_a_message(paths: RunnerPaths, code: int) -> None:
    """No room and no right are the user's to mend, and the same command goes on."""
    failed = action(paths, refuse, "no room", code=code)()
    assert isinstance(failed, TaskFailed)
    assert failed.get_msg().startswith("/project/build/x: cannot be written (no room)")
    assert "run the same command again" in failed.get_msg()


def test_other_errors_of_the_system_are_not_hidden(paths: RunnerPaths) -> None:
    """A fault of ours stays a traceback."""
    with pytest.raises(OSError, match="bad"):
        action(paths, refuse, "bad", code=errno.EBADF)()


def interrupt() -> None:
    raise KeyboardInterrupt


def test_ctrl_c_ends_with_a_sentence(paths: RunnerPaths, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 130, and the advice to run the same command again."""
    with pytest.raises(SystemExit) as caught:
        action(paths, interrupt)()
    assert caught.value.code == 130
    assert capsys.readouterr().err == "\ninterrupted; the same command goes on from here\n"


def test_a_refusal_outside_of_a_task_ends_the_process(capsys: pytest.CaptureFixture[str]) -> None:
    """When dodo.py cannot even be read: the message on stderr, the error's exit code."""

    def load(value: int) -> int:
        if value < 0:
            raise ServiceError("out of order", where="http://x")
        return value

    assert or_exit(load, 3) == 3
    with pytest.raises(SystemExit) as caught:
        or_exit(load, -1)
    assert caught.value.code == ServiceError.exit_code
    assert capsys.readouterr().err == "http://x: out of order\n"


def test_a_teardown_refuses_once_and_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It runs once a process, hides no refusal of a task and repeats none."""
    late: list[Eng5Error] = []
    monkeypatch.setattr(actions, "refusals", [])
    monkeypatch.setattr(actions, "late_refusals", late)
    calls: list[int] = []

    def step() -> None:
        calls.append(1)
        refuse("it is empty")

    teardown = afterwards(step)
    teardown()
    teardown()
    assert len(calls) == len(late) == 1
    reporter = Reporter(sys.stdout, {})
    with pytest.raises(SystemExit) as caught:
        reporter.complete_run()
    assert caught.value.code == 2
    assert capsys.readouterr().out == "✗  a.txt: it is empty\n  → mend it\n"
    actions.refusals.append(late.pop())
    afterwards(step)()
    assert not late
