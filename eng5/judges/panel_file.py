"""The file of a panel: who judges, which questions were put to whom, and whether more answers are awaited.

The answers themselves are in the ledger. One line says one thing, and is on the disk before anybody acts on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError

from eng5.contracts.panel import PanelLine, Shown
from eng5.contracts.wire.base import utc_now
from eng5.errors import DamagedFileError
from eng5.files import JsonLines


class GrowingFile:
    """Whole lines of a file that other processes append to, each once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read = 0

    def new_lines(self) -> Iterator[bytes]:
        """The lines since the last call, without their newline."""
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
        for raw in self._lines.new_lines():
            try:
                self._take(PanelLine.model_validate_json(raw))
            except ValidationError:
                raise DamagedFileError(
                    "a line does not parse",
                    where=self.path,
                    remedy="delete that line; a question in it is put again",
                ) from None
        return self

    def append(
        self,
        *,
        quotas: Mapping[str, int] | None = None,
        links: Mapping[str, str] | None = None,
        closed: bool | None = None,
        port: int | None = None,
        shown: Shown | None = None,
    ) -> None:
        """Write a line; it is on the disk when this returns."""
        line = PanelLine(
            at=utc_now(),
            quotas=None if quotas is None else dict(quotas),
            links=None if links is None else dict(links),
            closed=closed,
            port=port,
            shown=shown,
        )
        JsonLines(self.path).append([line.model_dump_json(exclude_none=True).encode()])
        self.read()

    def _take(self, line: PanelLine) -> None:
        self.quotas = self.quotas if line.quotas is None else line.quotas
        self.links = self.links if line.links is None else dict(line.links)
        self.closed = self.closed if line.closed is None else line.closed
        self.port = self.port if line.port is None else line.port
        if line.shown is not None:
            self.shown[line.shown.slot] = line.shown
