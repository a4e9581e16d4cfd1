"""Plan shows the inventory, logs it, and opens no socket."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from eng5.contracts.modes import RunnerMode
from eng5.handlers.plan import PlanHandler
from eng5.paths import ProjectPaths
from eng5.settings import RunnerSettings
from eng5.steps import inventory
from tests.project import Project

MakeSettings = Callable[..., RunnerSettings]


@pytest.fixture
def project(tmp_path: Path) -> ProjectPaths:
    """Few essays; each test reads them all."""
    return Project.small(tmp_path / "project").paths


def test_every_essay_is_listed(
    project: ProjectPaths, settings_for: MakeSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Anchors with grade and words, students with words, and how many pairs there are."""
    settings = settings_for(RunnerMode.PLAN)
    found = inventory.build(project, project.anchors, mode=RunnerMode.PLAN)
    assert PlanHandler().execute(settings, found, project.run("run-1")) == 0
    shown = capsys.readouterr().out
    assert "Anchors: 6, 15 pairs" in shown
    assert "Students: 3" in shown
    for essay in (*found.anchors, *found.students):
        [line] = [line for line in shown.splitlines() if line.endswith(essay.path)]
        assert str(essay.words) in line.split()
        assert essay.grade is None or essay.grade in line.split()


def test_the_validation_state_is_logged(project: ProjectPaths, settings_for: MakeSettings) -> None:
    """runner_status.mode is "plan", with counts; the run's log is the only file that appears."""
    settings = settings_for(RunnerMode.PLAN)
    found = inventory.build(project, project.anchors, mode=RunnerMode.PLAN)
    PlanHandler().execute(settings, found, project.run("run-1"))
    lines = [json.loads(line) for line in project.run("run-1").log.read_text().splitlines()]
    [state] = [line for line in lines if line["event"] == "validation_state"]
    assert state["runner_status"]["mode"] == "plan"
    assert (state["counts"]["anchors"], state["counts"]["students"]) == (6, 3)
    assert [path.name for path in project.run("run-1").folder.iterdir()] == ["run.log"]


def test_no_socket_is_opened(
    project: ProjectPaths, settings_for: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With sockets forbidden, plan does its work, even when the services' addresses are set."""

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    settings = settings_for(RunnerMode.PLAN)
    monkeypatch.setenv("ENG5_STACK", "external")
    monkeypatch.setattr(socket, "socket", forbidden)
    found = inventory.build(project, project.anchors, mode=RunnerMode.PLAN)
    assert PlanHandler().execute(settings, found, project.run("run-1")) == 0
