"""Which run stands beside another."""

from __future__ import annotations

from pathlib import Path

import pytest

from eng5.contracts.artefact import Imported
from eng5.contracts.experiments import Experiments
from eng5.files import write_model
from eng5.paths import ProjectPaths
from eng5.runs.beside import expert_runs, run_beside
from tests.reports.conftest import artefact, essays

EXPERIMENTS = Experiments.model_validate(
    {
        "baseline": "surface",
        "variant": {
            "surface": {"provider": "mock", "model": "surface"},
            "model": {"provider": "openai", "model": "gpt"},
            "staffroom": {"provider": "human"},
            "jury": {"panel": ["surface", "model"]},
        },
    }
)


def made(project: ProjectPaths, name: str, *, people: bool | None = None) -> None:
    """An artefact of the run; an imported one where `people` is said."""
    imported = None
    if people is not None:
        imported = Imported(file="d.csv", sha256="0" * 64, columns={}, positions=True, people=people)
    write_model(project.run(name).artefact, artefact(essays(["A", "B"]), [], imported=imported))


@pytest.fixture
def project(tmp_path: Path) -> ProjectPaths:
    """A study without runs."""
    return ProjectPaths.at(tmp_path)


def beside(project: ProjectPaths, name: str, experiments: Experiments = EXPERIMENTS) -> str | None:
    """The name of the run beside a run."""
    found = run_beside(project, experiments, name)
    return None if found is None else found.name


def test_without_experts_nothing_stands_beside_a_judge(project: ProjectPaths) -> None:
    """Nor beside experts without a judge; comparisons of another tool are no people unless they say so."""
    made(project, "model")
    made(project, "tool", people=False)
    assert beside(project, "model") is None
    assert expert_runs(project, EXPERIMENTS) == ["staffroom"]


def test_people_stand_beside_every_judge(project: ProjectPaths) -> None:
    """An import that says so; a variant of people before it, once it has answers; or the one that is named."""
    made(project, "teachers", people=True)
    assert beside(project, "model") == beside(project, "surface") == beside(project, "jury") == "teachers"
    made(project, "staffroom")
    assert beside(project, "model") == "staffroom"
    named = EXPERIMENTS.model_copy(update={"experts": "teachers"})
    assert beside(project, "model", named) == "teachers"


def test_a_language_model_helps_experts_before_other_judges(project: ProjectPaths) -> None:
    """Of what is there: a model, then the baseline without one, then a panel."""
    made(project, "staffroom")
    made(project, "jury")
    assert beside(project, "staffroom") == "jury"
    made(project, "surface")
    assert beside(project, "staffroom") == "surface"
    made(project, "model")
    assert beside(project, "staffroom") == "model"


def test_nobody_stands_beside_a_panel_that_they_are_part_of(project: ProjectPaths) -> None:
    """Its verdicts are partly theirs: they neither agree with it by merit, nor learn from it."""
    mixed = EXPERIMENTS.variant["jury"].model_copy(update={"members": ["surface", "staffroom"]})
    experiments = EXPERIMENTS.model_copy(update={"variant": {**EXPERIMENTS.variant, "jury": mixed}})
    made(project, "staffroom")
    made(project, "jury")
    assert beside(project, "jury", experiments) is None
    assert beside(project, "staffroom", experiments) is None
    assert beside(project, "model", experiments) == "staffroom"
