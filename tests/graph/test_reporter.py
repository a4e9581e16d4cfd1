"""Tests of `eng5.graph.reporter`: how doit's process begins and ends."""

from __future__ import annotations

import sys

import pytest

from eng5.errors import GateFailedError
from eng5.graph import action as actions
from eng5.graph.reporter import Reporter


def test_ctrl_c_between_two_steps(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback either; other errors are shown as ever."""
    others: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: others.append(kind))
    Reporter(sys.stdout, {}).initialize({}, [])
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    sys.excepthook(ValueError, ValueError(), None)
    assert "interrupted" in capsys.readouterr().err
    assert others == [ValueError]


def test_the_exit_code_is_that_of_the_first_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """`doit gate` ends with 8, as the table of exit codes says."""
    monkeypatch.setattr(actions, "refusals", [GateFailedError("missed")])
    with pytest.raises(SystemExit) as caught:
        Reporter(sys.stdout, {}).complete_run()
    assert caught.value.code == 8
