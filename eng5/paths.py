"""Every path of a project and of a run, named once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ProjectPaths:
    """The folders of one project; `root` is where dodo.py lies."""

    root: Path
    inputs: Path
    build: Path
    reports: Path

    @classmethod
    def at(cls, root: Path) -> ProjectPaths:
        return cls(root=root, inputs=root / "inputs", build=root / "build", reports=root / "reports")

    @property
    def anchors(self) -> Path:
        return self.inputs / "anchors"

    @property
    def students(self) -> Path:
        return self.inputs / "students"

    @property
    def instructions(self) -> Path:
        return self.inputs / "instructions.md"

    @property
    def prompt(self) -> Path:
        return self.inputs / "prompt.md"

    @property
    def grades(self) -> Path:
        return self.inputs / "grades.csv"

    @property
    def experiments(self) -> Path:
        return self.inputs / "experiments.toml"

    @property
    def notes(self) -> Path:
        """The author's notes on attempts."""
        return self.inputs / "notes.toml"

    @property
    def stack(self) -> Path:
        """The stand-in's own storage."""
        return self.build / ".stack"

    @property
    def index(self) -> Path:
        """The page that lists all reports."""
        return self.reports / "index.html"

    @property
    def history_page(self) -> Path:
        """The page of every attempt of every run."""
        return self.reports / "history.html"

    @property
    def history(self) -> Path:
        """What the page of every attempt says."""
        return self.build / "history.json"

    @property
    def upload_journal(self) -> Path:
        """Every storage id ever received, shared by all runs."""
        return self.build / "uploads.jsonl"

    @property
    def baseline(self) -> Path:
        """What the baseline run had, for the figures that are counted against it."""
        return self.build / "baseline.json"

    @property
    def compare(self) -> Path:
        """Every number of the comparison of variants."""
        return self.build / "compare.json"

    @property
    def compare_boundary(self) -> Path:
        """What the comparison of boundary tests found."""
        return self.build / "compare_boundary.json"

    def pages_of(self, compared: Path) -> list[Path]:
        """The pages that show what a file under build/ compares."""
        return [self.reports / f"{compared.stem}.{suffix}" for suffix in ("html", "md")]

    @property
    def index_drawings(self) -> Path:
        """The plots of the index, kept for the next time that it is rendered."""
        return self.build / ".plots" / ".index.json"

    @property
    def history_drawings(self) -> Path:
        """The plots of the history, kept for the next time that it is rendered."""
        return self.build / ".plots" / ".history.json"

    @property
    def code(self) -> Path:
        """What each file of the package imports, kept for the next time that the graph is made."""
        return self.build / ".code.json"

    @property
    def outline(self) -> Path:
        """What the graph is made from, kept for the next time that it is made."""
        return self.build / ".outline.json"

    @property
    def export(self) -> Path:
        """The comparisons of all runs as a table."""
        return self.build / "export" / "comparisons.csv"

    def run(self, name: str) -> RunnerPaths:
        return RunnerPaths(project=self, name=name)

    def runs(self) -> list[str]:
        """Names of the runs that have a 00_run.json or an artefact, sorted."""
        if not self.build.is_dir():
            return []
        return sorted(
            folder.name
            for folder in self.build.iterdir()
            if not folder.name.startswith(".")
            and ((folder / "00_run.json").is_file() or (folder / "50_artefact.json").is_file())
        )


@dataclass(frozen=True)
class RunnerPaths:
    """The files of one run, `build/<name>/`, in the order of the chain."""

    project: ProjectPaths
    name: str

    @property
    def folder(self) -> Path:
        return self.project.build / self.name

    @property
    def run(self) -> Path:
        return self.folder / "00_run.json"

    @property
    def inventory(self) -> Path:
        return self.folder / "10_inventory.json"

    @property
    def uploads(self) -> Path:
        return self.folder / "20_uploads.json"

    @property
    def envelope(self) -> Path:
        return self.folder / "30_envelope.json"

    @property
    def published(self) -> Path:
        return self.folder / "40_published.json"

    @property
    def events(self) -> Path:
        return self.folder / "45_events.jsonl"

    @property
    def artefact(self) -> Path:
        return self.folder / "50_artefact.json"

    @property
    def analysis(self) -> Path:
        return self.folder / "60_analysis.json"

    @property
    def report(self) -> Path:
        """What was rendered from this run: paths and hashes of the files under reports/."""
        return self.folder / "70_report.json"

    @property
    def drawings(self) -> Path:
        """The plots of the report, kept for the next time that it is rendered.

        Pages take them as they are, so they are no part of the folder that is handed on with a run.
        """
        return self.project.build / ".plots" / f"{self.name}.json"

    @property
    def ids(self) -> Path:
        """Which file each essay id stands for, as a table; it is never sent."""
        return self.folder / "ids.csv"

    @property
    def disputed(self) -> Path:
        """Of a run in which experts answer on another's doubtful pairs: which pairs, and why."""
        return self.folder / "dispute.json"

    @property
    def dispute(self) -> RunnerPaths:
        """The run in which experts answer on this one's doubtful pairs."""
        return self.project.run(f"{self.name}.dispute")

    @property
    def stub(self) -> Path:
        """What a dry run writes in place of an artefact."""
        return self.folder / "assessment_run.dry-run.json"

    @property
    def log(self) -> Path:
        return self.folder / "run.log"

    @property
    def lock(self) -> Path:
        return self.folder / ".lock"

    @property
    def attempts(self) -> Path:
        """Chains of earlier attempts, whole."""
        return self.folder / "attempts"

    def earlier(self, attempt: str) -> RunnerPaths:
        """The files of an earlier attempt, by the name of its folder."""
        return RunnerPaths(project=self.project, name=f"{self.name}/{self.attempts.name}/{attempt}")

    def chain(self) -> list[Path]:
        """Every numbered file of the run."""
        return [
            self.run,
            self.inventory,
            self.uploads,
            self.envelope,
            self.published,
            self.events,
            self.artefact,
            self.analysis,
            self.report,
        ]


def essay_files(folder: Path) -> Iterator[Path]:
    """The essay files of a folder by name, without editors' lock files, hidden files and a README."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith(("~$", ".")) and path.stem.lower() != "readme":
            yield path
