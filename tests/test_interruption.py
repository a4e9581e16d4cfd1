"""The chain after kills, Ctrl-C and a full disk: the same command finishes with the same report."""

from __future__ import annotations

import json
import os
import shutil
import signal
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from eng5.contracts.wire.topics import CJ_COMPLETED
from tests.chain import Chain
from tests.fakes import FakeBroker, FakeContent
from tests.project import Project

KILLS_ITSELF = """
import os, signal, sys
prefix, nth, *arguments = sys.argv[1:]
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs inherit that it is ignored
fsync, seen = os.fsync, 0
def counting(descriptor):
    global seen
    name = os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")).lstrip(".")
    if name.startswith(prefix):
        seen += 1
        if seen == int(nth):
            os.kill(os.getpid(), getattr(signal, os.environ.get("ENG5_TEST_SIGNAL", "SIGKILL")))
    fsync(descriptor)
os.fsync = counting
from doit.doit_cmd import DoitMain
sys.exit(DoitMain().run(arguments))
"""

SMALL_FILES_ONLY = """
import resource, sys
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
from doit.doit_cmd import DoitMain
sys.exit(DoitMain().run(sys.argv[2:]))
"""

AT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
waiting = [sys.argv.pop(1)]
def interrupt(event, arguments):
    if [f"import {arguments[0]}" if event == "import" else event] == waiting:
        waiting.clear()
        signal.raise_signal(signal.SIGINT)
sys.addaudithook(interrupt)
"""
"""Ctrl-C when Python does something for the first time: an import, or another event that it tells of."""
ENG5 = AT + "from eng5.cli import main; main()"
DOIT = AT + "from doit.doit_cmd import DoitMain; sys.exit(DoitMain().run(sys.argv[1:]))"

TASK = "anchor_align:baseline"
KILLS = [("uploads.jsonl", 3), ("45_events", 2), ("anchor_align_baseline", 1)]
"""File and number of its fsync at which the process dies; each run comes a little further than the one before."""


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose run is frozen, so that every copy of it is the same run."""
    project = Project.small(tmp_path_factory.mktemp("frozen") / "project")
    project.doit("identity:baseline")
    return project


@pytest.fixture(scope="module")
def undisturbed(frozen: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The same run, finished in one go."""
    project = frozen.copy(tmp_path_factory.mktemp("undisturbed") / "project")
    project.doit(TASK)
    return project


def assert_same_outcome(project: Project, undisturbed: Project) -> None:
    assert project.reports() == undisturbed.reports()
    asked = [json.loads(line)["question_sha256"] for line in project.ledger()]
    assert len(asked) == len(set(asked)) == 15
    uploaded = [json.loads(line)["text_sha256"] for line in project.uploads()]
    assert len(uploaded) == len(set(uploaded)) == 6


def test_killed_again_and_again_ends_with_the_same_report(
    frozen: Project, undisturbed: Project, tmp_path: Path
) -> None:
    """SIGKILL while uploading, capturing and rendering loses nothing and repeats nothing."""
    project = frozen.copy(tmp_path / "project")
    for file, nth in KILLS:
        killed = project.doit(file, str(nth), TASK, code=KILLS_ITSELF, succeeds=False)
        assert killed.returncode == -signal.SIGKILL, (file, killed.stdout + killed.stderr)
    project.doit(TASK)
    assert_same_outcome(project, undisturbed)


@pytest.mark.slow
def test_ctrl_c_ends_with_a_sentence_and_can_be_resumed(
    frozen: Project, undisturbed: Project, tmp_path: Path
) -> None:
    """SIGINT ends with exit code 130 and no traceback; the same command finishes."""
    project = frozen.copy(tmp_path / "project")
    stopped = project.doit(
        "45_events", "1", TASK, code=KILLS_ITSELF, env={"ENG5_TEST_SIGNAL": "SIGINT"}, succeeds=False
    )
    assert stopped.returncode == 130, stopped.stdout + stopped.stderr
    assert "the same command goes on from here" in stopped.stderr
    assert "Traceback" not in stopped.stderr + stopped.stdout
    project.doit(TASK)
    assert_same_outcome(project, undisturbed)


@pytest.mark.parametrize(
    ("program", "at", "arguments"),
    [
        (ENG5, "import eng5.cli.mode", ["--mode", "plan"]),
        (DOIT, "sqlite3.connect", ["list"]),
        pytest.param(ENG5, "import typer", ["--mode", "plan"], marks=pytest.mark.slow),
        pytest.param(DOIT, "import eng5.graph.tasks", ["list"], marks=pytest.mark.slow),
        pytest.param(DOIT, "os.scandir", ["list"], marks=pytest.mark.slow),
    ],
)
def test_ctrl_c_while_it_is_beginning_is_a_sentence(
    frozen: Project, program: str, at: str, arguments: list[str]
) -> None:
    """From our first line on, while modules are imported and while doit makes the tasks; a shell sees 130."""
    stopped = frozen.doit(at, *arguments, code=program, succeeds=False, imports=True)
    assert stopped.returncode in (130, -signal.SIGINT), stopped.stdout + stopped.stderr
    assert "interrupted" in stopped.stderr
    assert "Traceback" not in stopped.stderr + stopped.stdout


@pytest.mark.slow
def test_full_disk_is_a_message_and_can_be_resumed(
    frozen: Project, undisturbed: Project, tmp_path: Path
) -> None:
    """A write that does not fit ends with a message, damages nothing, and the same command finishes."""
    project = frozen.copy(tmp_path / "project")
    for limit in (2_000, 20_000):
        full = project.doit(str(limit), TASK, code=SMALL_FILES_ONLY, succeeds=False)
        assert full.returncode != 0
        assert "make room" in full.stdout
        assert "Traceback" not in full.stderr + full.stdout
    project.doit(TASK)
    assert_same_outcome(project, undisturbed)


@dataclass(frozen=True)
class Moment:
    """What a process that dies leaves behind: its files, and what the services know."""

    root: Path
    content: FakeContent
    broker: FakeBroker

    @classmethod
    def of(cls, chain: Chain, root: Path) -> Moment:
        shutil.copytree(chain.root, root)
        content = FakeContent()
        content.texts.update(chain.content.texts)
        return cls(root, content, deepcopy(chain.broker))

    def goes_on(self) -> Chain:
        """Another process, with what is there."""
        return Chain(self.root, content=self.content, broker=self.broker)


def to_the_artefact(chain: Chain) -> dict[str, Any]:
    """Every step in order; the service answers a batch once. The artefact without the hashes of the chain's files:
    a text that was stored just before the end is stored again, under another id."""
    chain.up_to_published()
    if not any(chain.broker.end_offsets([CJ_COMPLETED])[CJ_COMPLETED].values()):
        chain.answer()
    chain.capture()
    artefact: dict[str, Any] = json.loads(chain.fold())
    del artefact["validation"]["manifest"], artefact["validation"]["artefact_checksum"]
    return artefact


def test_killed_at_any_write_the_same_steps_end_with_the_same_artefact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever file is being written when the process dies: going on with what is on the disk gives the same
    verdicts, and all that was published is one and the same event."""
    chain = Chain(tmp_path / "undisturbed")
    chain.freeze()
    moments: list[Moment] = []
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: moments.append(Moment.of(chain, tmp_path / f"{len(moments)}")))
        undisturbed = to_the_artefact(chain)
    assert len(moments) > 15
    for moment in moments:
        resumed = moment.goes_on()
        assert to_the_artefact(resumed) == undisturbed
        assert len({json.loads(message.value)["event_id"] for message in resumed.broker.published}) == 1
