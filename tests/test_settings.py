"""What the user asked for: environment and options, and which files decide what."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from eng5.contracts.modes import RunnerMode
from eng5.contracts.platform import PlatformSettings
from eng5.contracts.run import BoundarySelection, JudgeSettings
from eng5.paths import ProjectPaths, essay_files
from eng5.settings import RunnerSettings, anchors_folder, load_experiments, settings_of_run
from tests.chain import Chain

EXPERIMENTS = """
baseline = "base"
language = "sv"
completion_timeout = 60
[variant.base]
system_prompt = "prompts/system.txt"
provider = "mock"
model = "surface"
max_comparisons = 9
replicates = 2
[boundary.edge]
variant = "base"
grades = ["A:C+"]
replicates = 2
"""


def test_settings_of_the_runs(tmp_path: Path) -> None:
    """Variants, replicates and boundary tests of experiments.toml, with paths beside it."""
    project = ProjectPaths.at(tmp_path)
    project.inputs.mkdir()
    project.experiments.write_text(EXPERIMENTS, encoding="utf-8")
    experiments = load_experiments(project)

    def of(name: str) -> RunnerSettings:
        return settings_of_run(project, experiments, name, PlatformSettings())

    base, second, edge = of("base"), of("base.r2"), of("edge")
    assert (base.mode, base.batch_id, base.origin) == (RunnerMode.ANCHOR_ALIGN_TEST, "base", "experiments")
    assert base.judge == JudgeSettings(provider="mock", model="surface")
    assert base.system_prompt == tmp_path / "inputs/prompts/system.txt"
    assert (base.rubric, base.language, base.completion_timeout) == (None, "sv", 60)
    assert (base.replicate, base.max_comparisons) == (1, 9)
    assert (second.batch_id, second.replicate) == ("base.r2", 2)
    assert (edge.mode, edge.max_comparisons) == (RunnerMode.BOUNDARY_TEST, None)
    assert edge.boundary and edge.boundary.grades == ["A:C+"]
    again = of("edge.r2")
    assert (again.mode, again.batch_id, again.replicate) == (RunnerMode.BOUNDARY_TEST, "edge.r2", 2)
    assert again.boundary == edge.boundary


def test_the_anchors_may_lie_elsewhere(tmp_path: Path) -> None:
    """ENG5_ANCHOR_DIR_OVERRIDE names another folder; empty is none."""
    project = ProjectPaths.at(tmp_path)
    assert anchors_folder(project, {}) == tmp_path / "inputs/anchors"
    assert anchors_folder(project, {"ENG5_ANCHOR_DIR_OVERRIDE": " "}) == tmp_path / "inputs/anchors"
    assert anchors_folder(project, {"ENG5_ANCHOR_DIR_OVERRIDE": "/other"}) == Path("/other")


def test_essay_files(tmp_path: Path) -> None:
    """Sorted by name, without lock files, hidden files, folders and a README; none without the folder."""
    for name in ("b.txt", "a.docx", "~$a.docx", ".hidden.txt", "ReadMe.md"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    (tmp_path / "folder.txt").mkdir()
    assert [path.name for path in essay_files(tmp_path)] == ["a.docx", "b.txt"]
    assert list(essay_files(tmp_path / "nowhere")) == []


def test_what_freezes_a_run(tmp_path: Path) -> None:
    """Addresses and the wish for a fresh attempt are no part of it; the kind of stack and the rest are."""
    settings = Chain(tmp_path).settings
    for harmless in (
        {"fresh": True},
        {"force_reupload": True},
        {"verbose": True},
        {"platform": PlatformSettings(kafka_bootstrap="elsewhere:1")},
    ):
        assert settings.model_copy(update=harmless).frozen_part() == settings.frozen_part()
    for decisive in (
        {"batch_id": "other"},
        {"boundary": BoundarySelection(all_adjacent=True)},
        {"platform": PlatformSettings(stack="external")},
        {"completion_timeout": 5.0},
    ):
        assert settings.model_copy(update=decisive).frozen_part() != settings.frozen_part()


def test_settings_do_not_change(tmp_path: Path) -> None:
    """They are handed on, never altered."""
    with pytest.raises(ValidationError, match="frozen"):
        Chain(tmp_path).settings.batch_id = "other"  # type: ignore[misc]
