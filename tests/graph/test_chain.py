"""Panels of variants in the graph: made from their members, and made again when one of them changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from eng5.contracts.artefact import Artefact
from eng5.files import read_model
from eng5.graph.graph import Graph
from eng5.graph.why import why
from tests.project import Project

MEMBER = """
[variant.{name}]
provider = "mock"
model = "simulated"
seed = {seed}
simulated = {{ step = 1.0 }}
"""


def experiments(seed: int) -> str:
    """Three variants and a panel; the seed is that of the last member."""
    members = "".join(MEMBER.format(name=name, seed=n) for name, n in (("a", 1), ("b", 2), ("c", seed)))
    panel = '\n[variant.jury]\npanel = ["a", "b", "c"]\n'
    return f'baseline = "a"\n[targets]\nkendall_tau = {{ min = 0.0 }}\n{members}{panel}'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A small study with a panel."""
    small = Project.small(tmp_path / "study")
    (small.root / "inputs" / "experiments.toml").write_text(experiments(3), encoding="utf-8")
    return small


def test_a_panel_asks_nobody_is_gated_and_goes_stale_with_its_members(project: Project) -> None:
    """Its folder has 50, 60 and 70 alone; doit gate holds it; another seed of a member makes it anew."""
    project.doit("report:jury", "gate:jury")
    folder = project.root / "build" / "jury"
    asked = project.ledger()
    assert {path.name for path in folder.iterdir() if path.suffix == ".json"} == {
        "50_artefact.json", "60_analysis.json", "70_report.json",
    }  # fmt: skip
    before = read_model(folder / "50_artefact.json", Artefact)
    assert before.panel is not None
    assert [member.name for member in before.panel.members] == ["a", "b", "c"]
    assert (project.root / "reports" / "gate_jury.json").is_file()
    assert {"jury" in line for line in asked} == {False}
    (project.root / "inputs" / "experiments.toml").write_text(experiments(4), encoding="utf-8")
    links = {link.step: link.state for link in why(Graph.of(project.paths), "jury")}
    assert list(links) == ["artefact", "analysis", "report"]
    project.doit("report:jury")
    assert read_model(folder / "50_artefact.json", Artefact).metadata.batch_uuid != before.metadata.batch_uuid
