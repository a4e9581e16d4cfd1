"""`eng5 init`, and in which study a command works."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests import forked
from tests.cli.conftest import Eng5
from tests.project import Project


def test_a_study_of_ones_own(eng5: Eng5, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made without a question, used from a folder below, named by every command."""
    out = eng5("init", str(tmp_path / "my study"), "--scale", "1 to 6", "--language", "sv").went_well()
    assert f"cd '{tmp_path}/my study'" in out
    monkeypatch.chdir(tmp_path / "my study" / "inputs" / "anchors")
    done = eng5("config")
    assert done.err == f"study: {tmp_path / 'my study'}\n"
    assert "1 to 6" in done.went_well()


def test_the_example_runs_at_once(eng5: Eng5, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped essays are planned as they lie there."""
    eng5("init", str(tmp_path / "new"), "--example").went_well()
    monkeypatch.chdir(tmp_path / "new")
    assert "Anchors: 12, 66 pairs" in eng5("--mode", "plan").went_well()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--scale", "many"), "--scale: unknown grade scale 'many'"),
        (("--language", "in Swedish"), "--language: 'in Swedish' is no language tag"),
        (("--course", " "), "--course:"),
        (("--example", "--scale", "1 to 6"), "leave out --scale"),
    ],
)
def test_choices_that_are_none(eng5: Eng5, tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    """The option is named, and nothing is made."""
    eng5("init", str(tmp_path / "new"), *options).refused(2, said)
    assert not (tmp_path / "new").exists()


def test_where_no_folder_can_be_made(eng5: Eng5) -> None:
    """The place, why, and what to do; exit code 1."""
    eng5("init", "/proc/study", "--example").refused(1, "/proc/study: cannot be written", "mend the rights")


def test_a_language_without_a_first_prompt(eng5: Eng5, tmp_path: Path) -> None:
    """The English one is laid down, and that is said."""
    out = eng5("init", str(tmp_path / "new"), "--language", "pl").went_well()
    assert "no first prompt in 'pl'" in out


def test_outside_of_a_study(eng5: Eng5, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command that needs one names the one that makes one."""
    monkeypatch.chdir(tmp_path.parent)
    for command in (("runs",), ("--mode", "plan"), ("ledger",), ("doctor",)):
        eng5(*command).refused(2, "eng5 init FOLDER")


def test_the_version(eng5: Eng5) -> None:
    """As pip knows it."""
    assert eng5("--version").went_well() == "eng5 0.1.0\n"


def test_help_is_whole(eng5: Eng5, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 80 columns no name and no sentence is cut."""
    monkeypatch.setenv("COLUMNS", "80")
    for command in ((), ("instructions",), ("serve",), ("init",)):
        out = eng5(*command, "--help").went_well()
        assert "…" not in out.replace("`…", "") and "..." not in out.replace("ARGS]...", "")
        assert max(map(len, out.splitlines())) <= 80
    assert "--anchor-align-reasoning-effort" in eng5("--help").went_well()


def test_doit_from_a_folder_below(project: Project, tmp_path: Path) -> None:
    """`eng5 doit` is doit in the study's own folder, its exit code and its words included."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        code = "from eng5.cli import main; main()"
        return forked.run(code, ["doit", *arguments], cwd=project.root / "inputs" / "anchors", env=os.environ)

    listed = run("list", "--quiet")
    assert (listed.returncode, listed.stderr) == (0, f"study: {project.root}\n")
    assert "anchor_align" in listed.stdout.split()
    done = run("plan")
    assert (done.returncode, done.stderr.count("study: ")) == (0, 1)
    refused = run("anchor_algn")
    assert refused.returncode == 3
    assert "did you mean 'anchor_align'?" in refused.stderr
