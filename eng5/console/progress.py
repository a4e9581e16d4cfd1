"""How far a slow step has come: a bar in a terminal, plain lines in a pipe. On stderr, never on stdout."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from eng5.protocols import ProgressProtocol

SECONDS_BETWEEN_LINES = 2.0
SECONDS_OF_SILENCE = 10.0


@contextmanager
def progress(what: str, total: int | None) -> Iterator[ProgressProtocol]:
    """Show count, rate and time left of `what`, until the block ends."""
    if sys.__stderr__ is not None and sys.__stderr__.isatty():
        with _bar(what, total) as bar:
            yield bar
    else:
        lines = PlainLines(what, total, lambda text: print(text, file=sys.__stderr__, flush=True))
        yield lines
        lines.close()


class PlainLines:
    """A line every two seconds while something is going on, every ten while nothing comes, and one at the end."""

    def __init__(
        self,
        what: str,
        total: int | None,
        write: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._what, self._total, self._write, self._clock = what, total, write, clock
        self._began = self._shown = self._came = clock()
        self._before: int | None = None
        self._done = 0
        self._last: int | None = None

    def advance(self, done: int) -> None:
        if self._before is None:
            self._before = done
        if done != self._done:
            self._came = self._clock()
        self._done = done
        if self._done != self._last and self._clock() - self._shown >= SECONDS_BETWEEN_LINES:
            self._show(self._line())

    def wait(self, awaited: str) -> None:
        now = self._clock()
        if now - max(self._came, self._shown) >= SECONDS_OF_SILENCE:
            self._show(
                f"{self._what}: {_count(self._done, self._total)}, {now - self._came:.0f} s: {awaited}"
            )

    def close(self) -> None:
        """The last line, unless it has been said."""
        if self._done != self._last:
            self._show(self._line())

    def _show(self, line: str) -> None:
        self._shown, self._last = self._clock(), self._done
        self._write(line)

    def _line(self) -> str:
        seconds = self._clock() - self._began
        fresh = self._done - (self._before or 0)
        parts = [f"{self._what}: {_count(self._done, self._total)}"]
        if fresh and seconds > 0:
            rate = fresh / seconds
            parts.append(f"{rate:.1f}/s")
            if self._total and self._total > self._done:
                parts.append(f"{(self._total - self._done) / rate:.0f} s left")
        return ", ".join(parts)


def _count(done: int, total: int | None) -> str:
    """How much of how much; a total is what was expected, and more may come."""
    if not total:
        return str(done)
    return f"{done} of {total}" if done <= total else f"{done}, {total} were expected"


@contextmanager
def _bar(what: str, total: int | None) -> Iterator[ProgressProtocol]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    class Bar:
        def __init__(self, shown: Progress, task: TaskID) -> None:
            self._shown, self._task = shown, task
            self._began = self._came = time.monotonic()
            self._before = -1

        def advance(self, done: int) -> None:
            if self._before < 0:
                self._before = done
            self._came = time.monotonic()
            rate = (done - self._before) / max(self._came - self._began, 1e-9)
            # More than was expected may come; a bar of more than all is none.
            most = None if total is None else max(total, done)
            self._shown.update(self._task, description=what, completed=done, total=most, rate=f"{rate:.1f}/s")

        def wait(self, awaited: str) -> None:
            seconds = time.monotonic() - self._came
            if seconds >= SECONDS_OF_SILENCE:
                self._shown.update(self._task, description=f"{what} ({seconds:.0f} s: {awaited})")

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(file=sys.__stderr__)) as shown:
        yield Bar(shown, shown.add_task(what, total=total, rate=""))
