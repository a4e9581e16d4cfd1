"""Every path of a project and of a run, named once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


class _Below:
    """A path below one that the same object has, by its name there."""

    def __init__(self, above: str, name: str) -> None:
        self._above, self._name = above, name

    def __get__(self, paths: ProjectPaths | RunnerPaths, kind: type) -> Path:
        above: Path = getattr(paths, self._above)
        return above / self._name


@dataclass(frozen=True)
class ProjectPaths:
    """The files of one project; `root` is where dodo.py lies."""

    root: Path

    inputs = _Below("root", "inputs")
    build = _Below("root", "build")
    reports = _Below("root", "reports")

    anchors = _Below("inputs", "anchors")
    students = _Below("inputs", "students")
    instructions = _Below("inputs", "instructions.md")
    prompt = _Below("inputs", "prompt.md")
    grades = _Below("inputs", "grades.csv")
    experiments = _Below("inputs", "experiments.toml")
    notes = _Below("inputs", "notes.toml")
    """The author's notes on attempts."""

    stack = _Below("build", ".stack")
    """The stand-in's own storage."""
    upload_journal = _Below("build", "uploads.jsonl")
    """Every storage id ever received, shared by all runs."""
    baseline = _Below("build", "baseline.json")
    """What the baseline run had, for the figures that are counted against it."""
    compare = _Below("build", "compare.json")
    """Every number of the comparison of variants."""
    compare_boundary = _Below("build", "compare_boundary.json")
    """What the comparison of boundary tests found."""
    history = _Below("build", "history.json")
    """What the page of every attempt says."""
    export = _Below("build", "export/comparisons.csv")
    """The comparisons of all runs as a table."""
    index_drawings = _Below("build", ".plots/.index.json")
    """The plots of the index, kept for the next time that it is rendered."""
    history_drawings = _Below("build", ".plots/.history.json")
    """The plots of the history, kept for the next time that it is rendered."""
    code = _Below("build", ".code.json")
    """What each file of the package imports, kept for the next time that the graph is made."""
    outline = _Below("build", ".outline.json")
    """What the graph is made from, kept for the next time that it is made."""

    index = _Below("reports", "index.html")
    """The page that lists all reports."""
    history_page = _Below("reports", "history.html")
    """The page of every attempt of every run."""

    @classmethod
    def at(cls, root: Path) -> ProjectPaths:
        return cls(root)

    def run(self, name: str) -> RunnerPaths:
        return RunnerPaths(project=self, name=name)

    def pages_of(self, compared: Path) -> list[Path]:
        """The pages that show what a file under build/ compares."""
        return [self.reports / f"{compared.stem}.{suffix}" for suffix in ("html", "md")]

    def runs(self) -> list[str]:
        """Names of the runs that have a 00_run.json or an artefact, sorted."""
        if not self.build.is_dir():
            return []
        runs = (self.run(folder.name) for folder in self.build.iterdir() if not folder.name.startswith("."))
        return sorted(one.name for one in runs if one.run.is_file() or one.artefact.is_file())


@dataclass(frozen=True)
class RunnerPaths:
    """The files of one run, `build/<name>/`, those of the chain in its order."""

    project: ProjectPaths
    name: str

    run = _Below("folder", "00_run.json")
    inventory = _Below("folder", "10_inventory.json")
    uploads = _Below("folder", "20_uploads.json")
    envelope = _Below("folder", "30_envelope.json")
    published = _Below("folder", "40_published.json")
    events = _Below("folder", "45_events.jsonl")
    artefact = _Below("folder", "50_artefact.json")
    analysis = _Below("folder", "60_analysis.json")
    report = _Below("folder", "70_report.json")
    """What was rendered from this run: paths and hashes of the files under reports/."""

    ids = _Below("folder", "ids.csv")
    """Which file each essay id stands for, as a table; it is never sent."""
    disputed = _Below("folder", "dispute.json")
    """Of a run in which experts answer on another's doubtful pairs: which pairs, and why."""
    stub = _Below("folder", "assessment_run.dry-run.json")
    """What a dry run writes in place of an artefact."""
    log = _Below("folder", "run.log")
    lock = _Below("folder", ".lock")
    attempts = _Below("folder", "attempts")
    """Chains of earlier attempts, whole."""

    @property
    def folder(self) -> Path:
        return self.project.build / self.name

    @property
    def drawings(self) -> Path:
        """The plots of the report, kept for the next time that it is rendered.

        Pages take them as they are, so they are no part of the folder that is handed on with a run.
        """
        return self.project.build / ".plots" / f"{self.name}.json"

    @property
    def dispute(self) -> RunnerPaths:
        """The run in which experts answer on this one's doubtful pairs."""
        return self.project.run(f"{self.name}.dispute")

    def earlier(self, attempt: str) -> RunnerPaths:
        """The files of an earlier attempt, by the name of its folder."""
        return self.project.run(f"{self.name}/{self.attempts.name}/{attempt}")

    def chain(self) -> list[Path]:
        """Every numbered file of the run."""
        before = [self.run, self.inventory, self.uploads, self.envelope, self.published, self.events]
        return [*before, self.artefact, self.analysis, self.report]


def essay_files(folder: Path) -> Iterator[Path]:
    """The essay files of a folder by name, without editors' lock files, hidden files and a README."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith(("~$", ".")) and path.stem.lower() != "readme":
            yield path
