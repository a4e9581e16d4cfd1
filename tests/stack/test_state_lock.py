import os
from pathlib import Path

import pytest

from eng5.errors import RunLockedError
from eng5.stack.state_lock import StateLock


def test_holder_is_named(tmp_path: Path) -> None:
    """Who waits in vain learns the process that holds the folder."""
    first, second = StateLock(tmp_path), StateLock(tmp_path)
    first.acquire(1)
    with pytest.raises(RunLockedError, match=f"process {os.getpid()} "):
        second.acquire(0.01)
    first.release()
    second.acquire(1)
    second.release()


def test_note_that_does_not_parse_is_no_obstacle(tmp_path: Path) -> None:
    """A holder without a readable note is another process."""
    first = StateLock(tmp_path)
    first.acquire(1)
    (tmp_path / "lock.owner").write_text("{")
    with pytest.raises(RunLockedError, match="another process"):
        StateLock(tmp_path).acquire(0.01)
    first.release()
