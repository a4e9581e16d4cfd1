"""`eng5 watch` as its user meets it: real saves, real runs, Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from eng5.watch.watch import Watch
from tests.project import ROOT, Project

FREE = """
baseline = "one"

[variant.one]
system_prompt = "prompts/system/001_default.txt"
provider = "mock"
model = "surface"
"""
PAID = """
[variant.paid]
system_prompt = "prompts/system/001_default.txt"
provider = "openai"
model = "gpt-4o-mini"
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Four anchors and a judge that costs nothing."""
    made = Project.small(tmp_path / "project")
    for path in sorted(made.paths.anchors.iterdir())[4:]:
        path.unlink()
    made.paths.experiments.write_text(FREE, encoding="utf-8")
    return made


@contextmanager
def watching(project: Project) -> Iterator[subprocess.Popen[str]]:
    """`eng5 watch` in a process of its own, that ends with the block."""
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "eng5", "watch"],
        cwd=project.root, env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
        # A shell's background jobs inherit that it is ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def lines_of(stream: Iterator[str], until: str) -> list[str]:
    """What was said up to the line that has `until`."""
    said = []
    for line in stream:
        said.append(line)
        if until in line:
            return said
    raise AssertionError("".join(said))


@pytest.mark.slow
def test_a_save_is_said_and_run_and_a_mistake_survived(project: Project) -> None:
    """What is up to date is left alone; a save runs; an empty prompt is named; Ctrl-C ends with 130."""
    project.doit("anchor_align")
    prompt = project.root / "inputs" / "prompts" / "system" / "001_default.txt"
    with watching(project) as process:
        assert process.stdout is not None
        said = lines_of(process.stdout, "Waiting for")
        assert any(
            line.startswith("The reports, reloaded as they change: http://127.0.0.1:") for line in said
        )
        assert not any("reports/anchor_align_one_" in line for line in said)
        prompt.write_text("Judge fairly.\n", encoding="utf-8")
        said = lines_of(process.stdout, "reports/anchor_align_one_")
        assert any("inputs/prompts/system/001_default.txt changed" in line for line in said)
        assert not any(line.startswith("study: ") for line in said), "the beginning has said it"
        assert "  + Judge fairly.\n" in said and any("mock/surface" in line for line in said)
        prompt.write_text("", encoding="utf-8")
        lines_of(process.stdout, "one: the system prompt is empty")
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait() == 130 and "Traceback" not in rest
    pages = {path.name for path in project.paths.reports.glob("anchor_align_one_*.html")}
    assert len(pages) == 2 and not any(
        "/.version" in path.read_text("utf-8") for path in project.paths.reports.glob("*.html")
    )


@pytest.fixture
def warm(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """doit in a process that need not import everything; `test_a_save_is_said_and_run` has the real command."""

    def run(self: Watch, tasks: Sequence[str]) -> bool:
        done = project.doit(*tasks, succeeds=False)
        for line in done.stdout.splitlines():
            if not line.startswith("-- "):
                self.say(line)
        return done.returncode == 0

    monkeypatch.setattr(Watch, "_doit", run)


@pytest.mark.usefixtures("warm")
def test_nothing_is_spent_unasked(project: Project) -> None:
    """A judge that costs is asked about with calls and price; without a yes the others run, and nothing is compared."""
    project.paths.experiments.write_text(FREE + PAID, encoding="utf-8")
    asked: list[str] = []
    said: list[str] = []

    def no(question: str) -> bool:
        asked.append(question)
        return False

    assert Watch(project.paths, [], no, said.append).update() is False
    (question,) = asked
    assert question.startswith("Ask 6 questions for ") and "USD" in question and "(paid)" in question
    assert "Not run: paid." in said
    assert project.paths.run("one").report.exists() and not project.paths.run("paid").folder.exists()
    assert not project.paths.compare.exists()


@pytest.mark.usefixtures("warm")
def test_what_is_up_to_date_is_left_alone(project: Project) -> None:
    """At first what is stale is run; a second look runs nothing, and asks nobody; a prompt that was saved is run."""
    said: list[str] = []
    watch = Watch(project.paths, ["one"], lambda _: False, said.append)
    assert watch.update() and any("reports/anchor_align_one_" in line for line in said)
    said.clear()
    assert watch.update() and said == []
    prompt = project.root / "inputs" / "prompts" / "system" / "001_default.txt"
    prompt.write_text("Judge fairly.\n", encoding="utf-8")
    assert watch.update() and any("reports/anchor_align_one_" in line for line in said)


def test_a_run_that_is_not_there_is_refused(project: Project) -> None:
    """Before anything is watched, with the runs that there are."""
    done = project.doit("watch", "nothing", code="from eng5.cli import main; main()", succeeds=False)
    assert done.returncode == 2 and "no run 'nothing'; there are: one" in done.stderr
