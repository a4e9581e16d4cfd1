"""How a handler drives the graph: its refusals, its bugs, its interruptions."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable

import pytest

from eng5.contracts.modes import RunnerMode
from eng5.errors import DamagedFileError, Eng5Error
from eng5.graph.drive import carry_out
from eng5.paths import ProjectPaths
from eng5.runs.log import run_log
from eng5.settings import RunnerSettings
from eng5.steps import inventory
from tests import forked

MakeSettings = Callable[..., RunnerSettings]
ALIGN = RunnerMode.ANCHOR_ALIGN_TEST

STOPS_ITSELF = """
import os, signal, sys
from eng5.steps import uploads
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.default_int_handler)
uploads.run = lambda *_, **__: os.kill(os.getpid(), int(os.environ["STOP_WITH"]))
from eng5.cli import main
sys.argv = ["eng5", "--mode", "anchor-align-test", "--batch-id", "try"]
main()
"""


def prepare(project: ProjectPaths, settings: RunnerSettings) -> int:
    paths = project.run(settings.batch_id)
    with run_log(paths, settings) as log:
        return carry_out(log, settings, inventory.of_settings(project, settings), paths)


@pytest.fixture
def settings(settings_for: MakeSettings, project: ProjectPaths) -> RunnerSettings:
    for path in sorted(project.anchors.iterdir())[2:]:
        path.unlink()
    return settings_for(ALIGN, use_kafka=False)


def test_a_bug_in_a_step_is_no_traceback(
    project: ProjectPaths, settings: RunnerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception that is not ours: the step and the message, exit code 1, the traceback in the log."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("eng5.steps.envelope.run", broken)
    with pytest.raises(Eng5Error, match=r"envelope:run-1 failed.*a bug") as refusal:
        prepare(project, settings)
    assert type(refusal.value) is Eng5Error
    lines = [json.loads(line) for line in project.run("run-1").log.read_text().splitlines()]
    [failed] = [line for line in lines if line["event"] == "step failed"]
    assert "ZeroDivisionError" in failed["reason"]


def test_a_damaged_file_of_the_chain_is_named(project: ProjectPaths, settings: RunnerSettings) -> None:
    """The refusal of the step comes out as it is, with its class."""
    prepare(project, settings)
    project.run("run-1").inventory.write_text("{}")
    project.run("run-1").envelope.unlink()
    (project.build / ".doit.db").unlink()
    assert prepare(project, settings) == 0, "the inventory is made anew"
    project.run("run-1").run.write_text("{}")
    with pytest.raises(DamagedFileError, match=r"00_run.json: damaged"):
        prepare(project, settings)


def test_each_step_is_logged_with_its_time(project: ProjectPaths, settings: RunnerSettings) -> None:
    """Begin and end of what is done; what is up to date as such."""
    prepare(project, settings)
    prepare(project, settings)
    lines = [json.loads(line) for line in project.run("run-1").log.read_text().splitlines()]
    done = [line["step"] for line in lines if line["event"] == "step done"]
    assert done[:3] == ["inventory", "uploads", "envelope"]
    assert all(line["seconds"] >= 0 for line in lines if line["event"] == "step done")
    assert "inventory" in [line["step"] for line in lines if line["event"] == "step up to date"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_with_130_and_a_sentence(
    project: ProjectPaths, settings: RunnerSettings, number: signal.Signals
) -> None:
    """Ctrl-C and SIGTERM in the middle of a step, in a process of its own."""
    environment = os.environ | {"STOP_WITH": str(int(number))}
    done = forked.run(STOPS_ITSELF, [], cwd=project.root, env=environment)
    assert done.returncode == 130, done.stdout + done.stderr
    assert "the same command goes on from here" in done.stderr
    assert "Traceback" not in done.stderr
    assert '"event": "interrupted"' in project.run("try").log.read_text()
