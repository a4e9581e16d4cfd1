"""How far a slow step has come: plain lines in a pipe, a bar in a terminal."""

from __future__ import annotations

import io
import sys

import pytest

from eng5.console.progress import PlainLines, progress
from tests.fakes import Clock


def shown(total: int | None, *steps: tuple[float, int]) -> list[str]:
    """The lines after `advance` was told a count at each moment; the last one is that of `close`."""
    clock = Clock()
    written: list[str] = []
    lines = PlainLines("judging", total, written.append, clock)
    for moment, done in steps:
        clock.now = moment
        lines.advance(done)
    lines.close()
    return written


def test_lines_with_rate_and_time_left() -> None:
    """A line at most every two seconds: count, total, rate since the start, time left at that rate."""
    assert shown(60, (1.0, 5), (2.0, 10), (3.0, 15), (4.0, 30), (8.0, 60)) == [
        "judging: 10 of 60, 2.5/s, 20 s left",
        "judging: 30 of 60, 6.2/s, 5 s left",
        "judging: 60 of 60, 6.9/s",
    ]


def test_what_was_there_before_is_not_counted_into_the_rate() -> None:
    """A resumed capture begins with 50: only fresh ones make the rate."""
    assert shown(60, (0.0, 50), (5.0, 55)) == [
        "judging: 55 of 60, 1.0/s, 5 s left",
    ]


def test_an_unknown_total_has_no_time_left() -> None:
    """Without a total there is a count and a rate."""
    assert shown(None, (0.0, 0), (2.0, 8)) == ["judging: 8, 4.0/s"]


def test_more_than_was_expected() -> None:
    """The platform may ask more than once about a pair: no count passes its total."""
    assert shown(66, (0.0, 0), (3.0, 66), (6.0, 76)) == [
        "judging: 66 of 66, 22.0/s",
        "judging: 76, 66 were expected, 12.7/s",
    ]


def test_a_silence_is_told_every_ten_seconds() -> None:
    """What is awaited and for how long since the last news; what comes ends it."""
    clock = Clock()
    written: list[str] = []
    lines = PlainLines("judging", 66, written.append, clock)
    lines.advance(0)
    for moment in range(26):
        clock.now = float(moment)
        lines.wait("waiting for the first verdict")
    lines.advance(1)
    for moment in range(26, 37):
        clock.now = float(moment)
        lines.wait("waiting for verdicts")
    lines.close()
    assert written == [
        "judging: 0 of 66, 10 s: waiting for the first verdict",
        "judging: 0 of 66, 20 s: waiting for the first verdict",
        "judging: 1 of 66, 0.0/s, 1625 s left",
        "judging: 1 of 66, 10 s: waiting for verdicts",
    ]


def test_a_quick_step_has_one_line() -> None:
    """What ends at once is told once."""
    assert shown(6, (0.0, 6)) == ["judging: 6 of 6"]


def test_nothing_to_tell() -> None:
    """A step that was interrupted before anything came."""
    assert shown(6) == ["judging: 0 of 6"]


def test_a_pipe_gets_lines_on_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard output stays free for results."""
    errors = io.StringIO()
    monkeypatch.setattr(sys, "__stderr__", errors)
    with progress("judging", 3) as one:
        one.advance(3)
    assert errors.getvalue() == "judging: 3 of 3\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """What, count and total, drawn in place."""
    errors = Terminal()
    monkeypatch.setattr(sys, "__stderr__", errors)
    monkeypatch.setenv("TERM", "xterm")
    with progress("judging", 3) as one:
        one.advance(1)
        one.advance(3)
        one.advance(4)
    assert "judging" in errors.getvalue()
    assert "4/4" in errors.getvalue()
    assert "4/3" not in errors.getvalue()


def test_a_failing_step_has_no_last_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal is the last thing that is read."""
    errors = io.StringIO()
    monkeypatch.setattr(sys, "__stderr__", errors)
    with pytest.raises(ZeroDivisionError), progress("judging", 3):
        1 / 0  # noqa: B018
    assert errors.getvalue() == ""
