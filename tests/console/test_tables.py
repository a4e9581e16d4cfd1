"""Tables for people: aligned text in a pipe, lines in a terminal."""

from __future__ import annotations

import io
import re
import sys

import pytest

from eng5.console.tables import show_table


class Terminal(io.StringIO):
    """Standard output that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_a_pipe_gets_aligned_text(capsys: pytest.CaptureFixture[str]) -> None:
    """Columns stand under each other, numbers to the right, nothing is cut, None is "-"."""
    show_table(("Name", "Words"), [("a" * 100, 7), ("b", 1200), (None, 0)], right=("Words",))
    assert capsys.readouterr().out.splitlines() == [
        f"{'Name':100}  Words",
        f"{'a' * 100}      7",
        f"{'b':100}   1200",
        f"{'-':100}      0",
    ]


def test_a_terminal_gets_lines_and_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    """Brackets in a value are text, not markup."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", "80")
    show_table(("Name", "Words"), [("[bold]x[/bold]", 7)], right=("Words",))
    shown = terminal.getvalue()
    assert "[bold]x[/bold]" in shown
    assert "─" in shown


def test_a_narrow_terminal_leaves_names_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is little room, columns stand closer and other cells go on in the next line."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", "40")
    row = ("e_minus_f_plus.r2", "openai/a-model-of-some-name", 66, "n/a")
    show_table(("Run", "Judge", "Comparisons", "Width"), [row], right=("Comparisons", "Width"))
    lines = re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue()).splitlines()
    assert any("e_minus_f_plus.r2" in line for line in lines)
    assert max(map(len, lines)) <= 40


def test_no_rows(capsys: pytest.CaptureFixture[str]) -> None:
    """The head alone."""
    show_table(("Name", "Words"), [])
    assert capsys.readouterr().out == "Name  Words\n"
