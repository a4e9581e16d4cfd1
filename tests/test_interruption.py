"""The chain after kills, Ctrl-C and a full disk: the same command finishes with the same report."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.project import Project

KILLS_ITSELF = """
import os, signal, sys
prefix, nth, *arguments = sys.argv[1:]
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

TASK = "anchor_align:baseline"
KILLS = [
    ("10_inventory", 1),
    ("uploads.jsonl", 1),
    ("uploads.jsonl", 5),
    ("20_uploads", 1),
    ("30_envelope", 1),
    ("40_published", 1),
    ("ledger.jsonl", 1),
    ("45_events", 1),
    ("45_events", 2),
    ("50_artefact", 1),
    ("60_analysis", 1),
    ("anchor_align_baseline", 1),
    ("70_report", 1),
    ("index.html", 1),
]
"""File and number of its fsync at which the process dies; each run comes a little further than the one before."""


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose run is frozen, so that every copy of it is the same run."""
    project = Project.fresh(tmp_path_factory.mktemp("frozen") / "project")
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
    assert len(asked) == len(set(asked)) == 66
    uploaded = [json.loads(line)["text_sha256"] for line in project.uploads()]
    assert len(uploaded) == len(set(uploaded)) == 12


def test_killed_at_every_step_ends_with_the_same_report(
    frozen: Project, undisturbed: Project, tmp_path: Path
) -> None:
    """SIGKILL while a file of the chain is being written, one file after the other, loses and repeats nothing."""
    project = frozen.copy(tmp_path / "project")
    for file, nth in KILLS:
        killed = project.doit(file, str(nth), TASK, code=KILLS_ITSELF, succeeds=False)
        assert killed.returncode == -signal.SIGKILL, (file, killed.stdout + killed.stderr)
    project.doit(TASK)
    assert_same_outcome(project, undisturbed)


def test_ctrl_c_ends_with_a_sentence_and_can_be_resumed(
    frozen: Project, undisturbed: Project, tmp_path: Path
) -> None:
    """SIGINT ends with exit code 130 and no traceback; the same command finishes."""
    project = frozen.copy(tmp_path / "project")
    for file in ("uploads.jsonl", "45_events"):
        stopped = project.doit(
            file, "1", TASK, code=KILLS_ITSELF, env={"ENG5_TEST_SIGNAL": "SIGINT"}, succeeds=False
        )
        assert stopped.returncode == 130, stopped.stdout + stopped.stderr
        assert "the same command goes on from here" in stopped.stderr
        assert "Traceback" not in stopped.stderr + stopped.stdout
    project.doit(TASK)
    assert_same_outcome(project, undisturbed)


def test_full_disk_is_a_message_and_can_be_resumed(
    frozen: Project, undisturbed: Project, tmp_path: Path
) -> None:
    """A write that does not fit ends with a message, damages nothing, and the same command finishes."""
    project = frozen.copy(tmp_path / "project")
    for limit in (3_000, 20_000, 60_000):
        full = project.doit(str(limit), TASK, code=SMALL_FILES_ONLY, succeeds=False)
        assert full.returncode != 0
        assert "make room" in full.stdout
        assert "Traceback" not in full.stderr + full.stdout
    project.doit(TASK)
    assert_same_outcome(project, undisturbed)
