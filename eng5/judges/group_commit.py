"""An append-only file of JSON lines whose writers share their fsyncs.

A writer waits until its line is on the disk. All lines that arrive during one fsync are written by
the next, so a thousand writers cost a handful of fsyncs.
"""

import asyncio
import json
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from eng5.errors import DamagedFileError, InputError
from eng5.files import JsonLines

Line = TypeVar("Line")


class GroupCommitLog:
    """Appends from one event loop; a thread of its own writes and fsyncs.

    A last line that an earlier process left unfinished is cut off before the first append.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines: queue.SimpleQueue[tuple[bytes, asyncio.Future[None]] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def read(self, parse: Callable[[dict[str, Any]], Line]) -> Iterator[Line]:
        """What `parse` makes of every whole line, oldest first.

        DamagedFileError names the line that is no JSON, or on which `parse` raises KeyError, TypeError or ValueError.
        """
        for number, line in enumerate(JsonLines(self.path), start=1):
            try:
                entry = parse(json.loads(line))
            except (KeyError, TypeError, ValueError):
                raise DamagedFileError(
                    f"line {number} does not parse",
                    where=self.path,
                    remedy="delete that line; a verdict in it is asked for again",
                ) from None
            yield entry

    async def append(self, entry: Mapping[str, Any]) -> None:
        """Return when the entry is on the disk; OSError or InputError when it could not be written."""
        line = json.dumps(entry, ensure_ascii=False, allow_nan=False).encode()
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._thread is None:
            self._thread = threading.Thread(target=self._write_lines, name="eng5-ledger", daemon=True)
            self._thread.start()
        self._lines.put((line, done))
        await done

    def close(self) -> None:
        """Write what is waiting, then stop."""
        if self._thread is not None:
            self._lines.put(None)
            self._thread.join()
            self._thread = None

    def _write_lines(self) -> None:
        closing = False
        while not closing:
            waiting = [self._lines.get()]
            while not self._lines.empty():
                waiting.append(self._lines.get())
            closing = None in waiting
            batch = [one for one in waiting if one is not None]
            error: Exception | None = None
            try:
                JsonLines(self.path).append(line for line, _ in batch)
            except (OSError, InputError) as caught:
                error = caught
            _settle([done for _, done in batch], error)


def _settle(futures: list[asyncio.Future[None]], error: Exception | None) -> None:
    """Tell every writer, in one call to their loop."""

    def settle() -> None:
        for future in futures:
            if future.done():
                continue
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(error)

    if futures:
        loop = futures[0].get_loop()
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle)
