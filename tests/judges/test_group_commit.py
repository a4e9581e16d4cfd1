import asyncio
import os
from pathlib import Path

import pytest

from eng5.errors import InputError
from eng5.judges.group_commit import GroupCommitLog


def test_writers_share_their_fsyncs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand writers at once need far fewer than a thousand fsyncs, and every line is there in order."""
    fsyncs: list[int] = []
    fsync = os.fsync

    def counted(descriptor: int) -> None:
        fsyncs.append(descriptor)
        fsync(descriptor)

    monkeypatch.setattr("os.fsync", counted)
    log = GroupCommitLog(tmp_path / "log.jsonl")

    async def write() -> None:
        await asyncio.gather(*(log.append({"number": number}) for number in range(1000)))

    asyncio.run(write())
    log.close()
    assert [line["number"] for line in log.read(dict)] == list(range(1000))
    assert len(fsyncs) < 300


def test_torn_line_is_ignored_and_cut(tmp_path: Path) -> None:
    """A last line without its end is not read, and does not spoil the next one."""
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"number": 1}\n{"num')
    log = GroupCommitLog(path)
    assert list(log.read(dict)) == [{"number": 1}]
    asyncio.run(log.append({"number": 2}))
    log.close()
    assert list(log.read(dict)) == [{"number": 1}, {"number": 2}]


def test_disk_error_reaches_the_writer(tmp_path: Path) -> None:
    """A line that cannot be written raises for whoever wrote it; the log goes on when the disk does."""
    path = tmp_path / "log.jsonl"
    path.mkdir()
    log = GroupCommitLog(path)

    async def write() -> None:
        with pytest.raises(InputError, match="a folder is where a file should be"):
            await log.append({"number": 1})
        path.rmdir()
        await log.append({"number": 2})

    asyncio.run(write())
    log.close()
    assert list(log.read(dict)) == [{"number": 2}]
