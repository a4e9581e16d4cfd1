"""Planning runs without writing, asking or sending anything."""

from pathlib import Path

import pytest

from eng5.console.plan import COLUMNS, Planned, both_ways, build, row
from eng5.contracts.estimate import RunEstimate, Spending
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


def test_failed_answers_are_not_kept(tmp_path: Path) -> None:
    """A run that was given up becomes another attempt: every failure is asked again, as doit does then."""
    project = Project.small(tmp_path / "project")
    with project.paths.experiments.open("a") as file:
        file.write(FAILING.format(rate=0.9))
    project.doit("artefact:failing", succeeds=False)
    estimate = plan_of(project.paths, "failing").estimate
    assert estimate is not None
    assert (estimate.reusable + estimate.calls, estimate.failed) == (15, 0)
    assert estimate.calls > 10


def test_failures_of_a_run_that_stands_are_neither_kept_nor_asked(tmp_path: Path) -> None:
    """A few failures end no run: they are named, with what asks them again."""
    project = Project.small(tmp_path / "project")
    with project.paths.experiments.open("a") as file:
        file.write(FAILING.format(rate=0.1))
    project.doit("artefact:failing")
    estimate = plan_of(project.paths, "failing").estimate
    assert estimate is not None
    assert 0 < estimate.failed < 4
    assert (estimate.reusable + estimate.failed, estimate.calls) == (15, 0)
    assert (
        f"answers of this attempt that failed and stand so: {estimate.failed}; `eng5 retry` asks again"
        in estimate.notes
    )


FAILING = """
[variant.failing]
provider = "mock"
model = "simulated"
seed = 3
simulated = {{ error_rate = {rate} }}
"""


def test_both_ways_are_said() -> None:
    """Cost and time by batch and one by one, for either choice."""
    spent = {"asked": 66, "cost_usd": 0.5, "seconds": 86400.0, "by_batch": True}
    batch = Spending.model_validate(spent)
    each = Spending(asked=66, cost_usd=1.0, seconds=120.0)
    common = {"provider": "openai", "model": "gpt-4o", "comparisons": [("a", "b")] * 66, "reusable": 0,
              "prompt_tokens": 1, "completion_tokens": 1, "basis": "length of the texts"}  # fmt: skip
    by_batch = RunEstimate.model_validate(
        {**common, "cost_usd": 0.5, "seconds": 86400.0, "by_batch": True, "other_way": each}
    )
    one_by_one = RunEstimate.model_validate({**common, "cost_usd": 1.0, "seconds": 120.0, "other_way": batch})
    assert both_ways(by_batch) == "by batch 0.50 USD, within 24 h; one by one 1.00 USD, 2 min"
    assert both_ways(one_by_one) == (
        'by batch (batching_mode = "provider_batch_api") 0.50 USD, within 24 h; one by one 1.00 USD, 2 min'
    )
    assert row(Planned("x", by_batch))[-2] == "within 24 h"
    assert row(Planned("x", one_by_one.model_copy(update={"seconds": None})))[-2] == "n/a"
