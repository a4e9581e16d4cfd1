"""One process at a time works on a run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from eng5 import locks
from eng5.errors import RunLockedError
from eng5.locks import Lock, hold

HOLDER = """
import sys
from pathlib import Path
from eng5.locks import hold
hold(Path(sys.argv[1]), "run 'baseline'")
print("held", flush=True)
sys.stdin.read()
"""


def process(lock: Path) -> subprocess.Popen[str]:
    """A process that takes the lock, says so, and keeps it until its input is closed."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_second_process_waits_and_names_the_first(tmp_path: Path) -> None:
    """It says whom it waits for, and goes on when that one ends, however it ends."""
    lock = tmp_path / "run" / ".lock"
    with process(lock) as first:
        assert first.stdout and first.stdin
        assert first.stdout.readline() == "held\n"
        with process(lock) as second:
            assert second.stdout and second.stdin and second.stderr
            said = second.stderr.readline()
            assert said.startswith(f"run 'baseline' is in use by process {first.pid} (-c {lock})")
            first.kill()
            assert second.stdout.readline() == "held\n"
            second.stdin.close()
            assert second.stdout.read() == ""
        assert second.returncode == 0


@pytest.fixture
def own_locks(monkeypatch: pytest.MonkeyPatch) -> dict[Path, Lock]:
    """The locks of this test alone."""
    held: dict[Path, Lock] = {}
    monkeypatch.setattr(locks, "_held", held)
    return held


def test_holding_again_is_no_waiting(tmp_path: Path, own_locks: dict[Path, Lock]) -> None:
    """Every step of a run asks for the lock; the process has it already."""
    lock = tmp_path / ".lock"
    hold(lock, "run")
    hold(lock, "run")
    assert own_locks[lock].is_held
    own_locks[lock].release()


def test_runs_do_not_hinder_each_other(tmp_path: Path, own_locks: dict[Path, Lock]) -> None:
    """Each run has its own lock."""
    for name in ("a", "b"):
        hold(tmp_path / name / ".lock", name)
    assert all(lock.is_held for lock in own_locks.values())
    for lock in own_locks.values():
        lock.release()


def test_who_has_a_lock_refuses_to_wait_for_another(tmp_path: Path, own_locks: dict[Path, Lock]) -> None:
    """Two processes that want the same two runs in opposite order would wait for each other for ever."""
    taken = tmp_path / "taken" / ".lock"
    with process(taken) as first:
        assert first.stdout and first.stdin
        assert first.stdout.readline() == "held\n"
        hold(tmp_path / "own" / ".lock", "run 'own'")
        with pytest.raises(RunLockedError, match=rf"run 'taken' is in use by process {first.pid}"):
            hold(taken, "run 'taken'")
        first.stdin.close()
    own_locks[tmp_path / "own" / ".lock"].release()


def test_holder_is_named(tmp_path: Path) -> None:
    """Who waits in vain learns the process that holds the folder."""
    first, second = (Lock(tmp_path / "lock", "the state", "wait") for _ in range(2))
    first.acquire(1)
    with pytest.raises(RunLockedError, match=f"process {os.getpid()} "):
        second.acquire(0.01)
    first.release()
    second.acquire(1)
    second.release()


def test_a_missing_note_is_no_obstacle(tmp_path: Path) -> None:
    """A holder without a note is another process."""
    first = Lock(tmp_path / "lock", "the state", "wait")
    first.acquire(1)
    (tmp_path / "lock.owner").unlink()
    with pytest.raises(RunLockedError, match="another process"):
        Lock(tmp_path / "lock", "the state", "wait").acquire(0.01)
    first.release()
