"""The files under reports/: written by name, missed when gone or changed, removed without a trace."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from eng5.contracts.report import RenderedFile
from eng5.pages.rendered import files_are_there, pages, remove_files, remove_run, write_files
from eng5.paths import ProjectPaths, RunnerPaths

FILES = {"align_x.md": "# Report\n", "align_x.html": "<html>", "align_x/tau.svg": "<svg>"}


@pytest.fixture
def paths(tmp_path: Path) -> RunnerPaths:
    """A run whose report is rendered."""
    paths = ProjectPaths.at(tmp_path).run("baseline")
    write_files(paths, FILES)
    return paths


def test_what_was_rendered_is_there(paths: RunnerPaths) -> None:
    """Every file lies under reports/ and is recorded."""
    reports = paths.project.reports
    assert {name: (reports / name).read_text(encoding="utf-8") for name in FILES} == FILES
    assert files_are_there(paths)
    assert pages(paths) == ["reports/align_x.html", "reports/align_x.md"]


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_gone_or_changed_is_missed(paths: RunnerPaths, name: str) -> None:
    """A deleted or edited report is rendered again."""
    (paths.project.reports / name).write_text("edited", encoding="utf-8")
    assert not files_are_there(paths)
    (paths.project.reports / name).unlink()
    assert not files_are_there(paths)


def test_without_a_record_nothing_is_there(paths: RunnerPaths) -> None:
    """No 70_report.json, or a damaged one: the report is rendered again."""
    paths.report.write_bytes(b"{")
    assert not files_are_there(paths)
    paths.report.unlink()
    assert not files_are_there(paths)


def test_cleaning_leaves_others_alone(paths: RunnerPaths) -> None:
    """The run's files, those of its earlier attempts, and folders that become empty; not another run's report."""
    (paths.project.reports / "other.md").write_text("other", encoding="utf-8")
    earlier = paths.attempts / "20260101_000000_01234567"
    earlier.mkdir(parents=True)
    paths.report.replace(earlier / paths.report.name)
    write_files(paths, {"align_y.md": "second"})
    remove_files(paths)
    assert [path.name for path in paths.project.reports.iterdir()] == ["other.md"]
    remove_files(paths)
    remove_run(paths)
    assert not paths.folder.exists()


@pytest.mark.parametrize("path", ["../../kept", "/tmp/kept", "a/../../kept", "a//b", ".hidden", ""])
def test_only_files_under_reports_are_recorded(path: str) -> None:
    """A record that names another file is damaged: nothing outside of reports/ is ever removed."""
    with pytest.raises(ValidationError):
        RenderedFile(path=path, sha256="0" * 64)
