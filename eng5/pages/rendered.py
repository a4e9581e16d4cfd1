"""The files under reports/ that were rendered from a run: write them, whether they are there, where, remove them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from eng5.contracts.plain import glance
from eng5.errors import DamagedFileError
from eng5.files import read_bytes, read_model, read_text, sha256_bytes, sha256_text, write_model, write_text
from eng5.paths import ProjectPaths, RunnerPaths

AS_WRITTEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
"""What the contract takes for a path under reports/."""
PLOT = re.compile(r"^!\[.*\]\((plots/[^)]+)\)$", re.MULTILINE)


def files_are_there(paths: RunnerPaths) -> bool:
    """Every rendered file exists and was not changed since."""
    if not paths.report.exists():
        return False
    try:
        files = _rendered(paths)
    except DamagedFileError:
        return False
    reports = paths.project.reports
    return all(
        (reports / path).is_file() and sha256_bytes(read_bytes(reports / path)) == sha256
        for path, sha256 in files.items()
    )


def _rendered(paths: RunnerPaths) -> dict[str, str]:
    """Path under reports/ → hash, of every file that 70_report.json names.

    Raises:
        DamagedFileError: as its contract says.
    """
    found = glance(
        read_bytes(paths.report),
        lambda report: {str(file["path"]): str(file["sha256"]) for file in report["files"]},
    )
    if found is not None and all(map(AS_WRITTEN.fullmatch, found)):
        return found
    from eng5.contracts.report import Report

    return {file.path: file.sha256 for file in read_model(paths.report, Report).files}


def write_files(paths: RunnerPaths, files: Mapping[str, str]) -> None:
    """Write texts by their path under reports/, then 70_report.json, which names every file with its hash."""
    from eng5.contracts.report import RenderedFile, Report

    for name, text in files.items():
        write_text(paths.project.reports / name, text)
    named = [RenderedFile(path=name, sha256=sha256_text(text)) for name, text in files.items()]
    write_model(paths.report, Report(files=named))


def remove_files(paths: RunnerPaths) -> None:
    """Remove what was rendered, by this attempt and earlier ones, its record and plots, and the pages that list it."""
    from eng5.contracts.report import Report

    project = paths.project
    history = project.history_page.with_suffix(".md")
    remove_plots(history)
    remove_all([project.index, project.history_page, history, project.history])
    for kept in (paths.drawings, project.index_drawings, project.history_drawings):
        _remove(kept, project.build)
    for record in (paths.report, *paths.attempts.glob(f"*/{paths.report.name}")):
        if record.exists():
            for file in read_model(record, Report).files:
                _remove(paths.project.reports / file.path, paths.project.reports)
            record.unlink()


def remove_answers(paths: RunnerPaths) -> bool:
    """Remove what was made of the run's answers, in all its attempts: journal, artefact, analysis and pages.

    Whether there was anything. The stand-in's verdicts stay, and it is made of them again.
    """
    remove_files(paths)
    made = [
        folder / file.name
        for folder in (paths.folder, *paths.attempts.glob("*/"))
        for file in (paths.events, paths.artefact, paths.analysis)
    ]
    there = [file for file in made if file.exists()]
    remove_all(there)
    return bool(there)


def remove_analyses(project: ProjectPaths, mark: bytes) -> list[str]:
    """Remove the analyses that contain `mark`, of all attempts, and the pages made of them; the runs they were of.

    They are made of artefacts again, which have to be without it by then.
    """
    gone = []
    for name in project.runs():
        paths = project.run(name)
        analyses = [paths.analysis, *paths.attempts.glob(f"*/{paths.analysis.name}")]
        if saying := [file for file in analyses if file.exists() and mark in read_bytes(file)]:
            remove_files(paths)
            remove_all(saying)
            gone.append(name)
    return gone


def remove_run(paths: RunnerPaths) -> None:
    """Remove the run's folder and its reports. The stand-in's verdicts stay: they may have been paid for."""
    remove_files(paths)
    shutil.rmtree(paths.folder, ignore_errors=True)


def _remove(file: Path, top: Path) -> None:
    """Remove a file and the folders that it leaves empty, up to and without `top`."""
    file.unlink(missing_ok=True)
    for folder in file.parents:
        if folder == top or not folder.is_relative_to(top) or (folder.exists() and any(folder.iterdir())):
            return
        if folder.exists():
            folder.rmdir()


def pages(paths: RunnerPaths) -> list[str]:
    """The run's pages, the one to open first, relative to the project folder."""
    found = sorted(path for path in _rendered(paths) if path.endswith((".html", ".md")))
    return [f"{paths.project.reports.name}/{page}" for page in found]


def say_where(paths: RunnerPaths) -> None:
    """Print the verdict and the run's pages, the one to open first."""
    print(f"   {_verdict(paths)}")  # noqa: T201
    for page in pages(paths):
        print(f"   {page}")  # noqa: T201


def _verdict(paths: RunnerPaths) -> str:
    verdict = glance(read_bytes(paths.analysis), lambda analysis: analysis["verdict"])
    if isinstance(verdict, str):
        return verdict
    from eng5.contracts.report import AnalysisVerdict

    return read_model(paths.analysis, AnalysisVerdict).verdict


def say(*files: Path) -> None:
    """Print files, by their place in the project."""
    for file in files:
        print(f"   {file.parent.name}/{file.name}")  # noqa: T201


def plots_are_there(page: Path) -> bool:
    """Every plot that a Markdown page shows is a file."""
    return all(plot.is_file() for plot in _plots_of(page))


def remove_plots(page: Path) -> None:
    """Remove the plots that a Markdown page shows."""
    for plot in _plots_of(page):
        _remove(plot, page.parent)


def remove_all(files: Iterable[Path]) -> None:
    """Remove files; one that is not there is nothing to remove."""
    for file in files:
        file.unlink(missing_ok=True)


def _plots_of(page: Path) -> list[Path]:
    if not page.is_file():
        return []
    return [page.parent / link for link in PLOT.findall(read_text(page))]
