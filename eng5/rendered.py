"""Which files under reports/ were rendered from a run: whether they are there, where, and how to remove them."""

from __future__ import annotations

from eng5.contracts.report import Report
from eng5.errors import DamagedFileError
from eng5.files import read_model, sha256_bytes
from eng5.paths import RunnerPaths


def files_are_there(paths: RunnerPaths) -> bool:
    """Every rendered file exists and was not changed since."""
    if not paths.report.exists():
        return False
    try:
        files = read_model(paths.report, Report).files
    except DamagedFileError:
        return False
    reports = paths.project.reports
    return all(
        (reports / file.path).is_file() and sha256_bytes((reports / file.path).read_bytes()) == file.sha256
        for file in files
    )


def remove_files(paths: RunnerPaths) -> None:
    """Remove what was rendered, and the record of it."""
    if not paths.report.exists():
        return
    for file in read_model(paths.report, Report).files:
        (paths.project.reports / file.path).unlink(missing_ok=True)
    paths.report.unlink()


def say_where(paths: RunnerPaths) -> None:
    """Print the run's pages, the one to open first."""
    report = read_model(paths.report, Report)
    pages = sorted(file.path for file in report.files if file.path.endswith((".html", ".md")))
    for page in pages:
        print(f"   {paths.project.reports.name}/{page}")  # noqa: T201
