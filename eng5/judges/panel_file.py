"""The file of a panel: who judges, which questions were put to whom, and whether more answers are awaited.

The answers themselves are in the ledger. One line says one thing, and is on the disk before anybody acts on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from eng5.contracts.panel import PanelLine, Shown
from eng5.contracts.wire.base import utc_now
from eng5.errors import DamagedFileError
from eng5.files import JsonLines

Line = TypeVar("Line")


class GrowingFile:
    """Whole lines of a file that other processes append to, each once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read = 0

    def read(self, parse: Callable[[bytes], Line], if_deleted: str) -> Iterator[Line]:
        """What `parse` makes of each line since the last call; `if_deleted` is what follows from one that is missing.

        DamagedFileError where it raises KeyError, TypeError or ValueError.
        """
        for line in self._new_lines():
            try:
                parsed = parse(line)
            except (KeyError, TypeError, ValueError):
                remedy = f"delete that line; {if_deleted}"
                raise DamagedFileError("a line does not parse", where=self.path, remedy=remedy) from None
            yield parsed

    def _new_lines(self) -> Iterator[bytes]:
        try:
            with self.path.open("rb") as stream:
                stream.seek(self._read)
                for line in stream:
                    if not line.endswith(b"\n"):
                        return
                    self._read += len(line)
                    yield line[:-1]
        except FileNotFoundError:
            return


class PanelFile:
    """`panels/<batch>.jsonl` in the stand-in's folder, as far as it was read.

    Attributes:
        quotas: judge to the comparisons that the judge is to make; empty before the page was served.
        links: judge to the hash of the token in the personal link.
        closed: no more answers are awaited, however many there are.
        port: on which the page was served last.
        shown: slot to the question that stands in it.
    """

    def __init__(self, state: Path, batch: str) -> None:
        self.path = state / "panels" / f"{batch}.jsonl"
        self.quotas: dict[str, int] = {}
        self.links: dict[str, str] = {}
        self.closed = False
        self.port: int | None = None
        self.shown: dict[int, Shown] = {}
        self._lines = GrowingFile(self.path)

    def read(self) -> PanelFile:
        """Take in what was appended since the last time; itself.

        Raises:
            DamagedFileError: a line does not parse.
        """
        for line in self._lines.read(PanelLine.model_validate_json, "a question in it is put again"):
            self._take(line)
        return self

    def append(self, **said: Any) -> None:
        """Write a line, of a field of `PanelLine` or more; it is on the disk when this returns."""
        line = PanelLine(at=utc_now(), **said)
        JsonLines(self.path).append([line.model_dump_json(exclude_none=True).encode()])
        self.read()

    def _take(self, line: PanelLine) -> None:
        self.quotas = self.quotas if line.quotas is None else line.quotas
        self.links = self.links if line.links is None else dict(line.links)
        self.closed = self.closed if line.closed is None else line.closed
        self.port = self.port if line.port is None else line.port
        if line.shown is not None:
            self.shown[line.shown.slot] = line.shown
