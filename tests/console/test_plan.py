"""Planning runs without writing, asking or sending anything."""

from pathlib import Path

import pytest

from eng5.console.plan import COLUMNS, Planned, build, row
from eng5.paths import ProjectPaths
from eng5.runs.registry import load_runs
from eng5.services.connect import estimator
from eng5.settings import load_experiments
from tests.project import Project


def plan_of(project: ProjectPaths, name: str) -> Planned:
    settings = load_runs(project, load_experiments(project))[name]
    return build(project, settings, estimator(project, settings.platform))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A fresh project; no test writes in it."""
    return Project.fresh(tmp_path_factory.mktemp("plan") / "project")


def files(root: Path) -> set[Path]:
    return {path for path in root.rglob("*") if path.is_file()}


def test_a_plan_says_calls_and_width_and_writes_nothing(project: Project) -> None:
    """Twelve anchors: 66 comparisons; the interval of tau is given; the folder stays as it was."""
    before = files(project.root)
    planned = plan_of(project.paths, "baseline")
    assert planned.estimate is not None
    assert (len(planned.estimate.comparisons), planned.estimate.calls) == (66, 66)
    assert planned.tau_width is not None
    assert 0.05 < planned.tau_width < 1
    assert files(project.root) == before


def test_a_boundary_test_has_no_tau(project: Project) -> None:
    """Two F+ anchors against one E-, ten times in both orders."""
    planned = plan_of(project.paths, "e_minus_f_plus")
    assert planned.estimate is not None
    assert (len(planned.estimate.comparisons), planned.tau_width) == (40, None)


def test_a_run_that_is_done_is_kept(tmp_path: Path) -> None:
    """After the run nothing is left to ask."""
    project = Project.small(tmp_path / "project")
    project.doit("artefact:baseline")
    planned = plan_of(project.paths, "baseline")
    assert planned.estimate is not None
    assert (planned.estimate.reusable, planned.estimate.calls) == (15, 0)


def test_a_run_that_cannot_be_planned_says_why(tmp_path: Path) -> None:
    """A missing prompt file takes one line of the table, not the table."""
    project = Project.fresh(tmp_path / "project")
    (project.root / "inputs/prompts/rubric/001_content_language.txt").unlink()
    planned = plan_of(project.paths, "baseline")
    assert planned.problem == "the file does not exist"
    assert row(planned)[:2] == ("baseline", "the file does not exist")
    assert len(row(planned)) == len(COLUMNS)
