"""Comparison, gate and export as their users meet them: from essays to pages, and from artefacts alone."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from eng5.contracts.analysis import Analysis
from eng5.contracts.baseline import Baseline
from eng5.contracts.compare import Compare
from eng5.errors import BatchFailedError
from eng5.files import read_model
from tests.project import ROOT, Project
from tests.test_chain import WITHOUT_SOCKETS, ran

EXPERIMENTS = """
baseline = "poor"
holdout = ["ANCHOR_12"]

[targets]
direct_inversions = { max = 1 }
kendall_tau = { min = 0.9 }
ab_regression = { max = 0 }

[variant.poor]
provider = "mock"
model = "simulated"
seed = 5
simulated = { step = 0.0 }
replicates = 2

[variant.sharp]
provider = "mock"
model = "simulated"
system_prompt = "prompts/system/001_default.txt"
seed = 6
simulated = { step = 9.0 }
"""
RUNS = ("poor", "poor.r2", "sharp")
ENG5 = "import sys; from eng5.cli import main; sys.argv[0] = 'eng5'; main()"
WORKFLOW = ROOT / "docs" / "examples" / "github-actions" / "prompts.yml"


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Project]:
    """Two variants, three runs, compared; and a copy of all of it."""
    folder = tmp_path_factory.mktemp("compared")
    project = Project.fresh(folder / "project")
    project.paths.experiments.write_text(EXPERIMENTS, encoding="utf-8")
    project.doit("compare")
    return project, project.copy(folder / "copy")


@pytest.fixture
def done(compared: tuple[Project, Project]) -> Project:
    """The compared project, as it was."""
    project, copy = compared
    return project.put_back(copy)


def test_one_command_runs_every_variant_and_compares(done: Project) -> None:
    """The page, its plots and the file of its numbers; the same command does nothing more."""
    found = read_model(done.paths.compare, Compare)
    assert [variant.figures.runs for variant in found.variants] == [["poor", "poor.r2"], ["sharp"]]
    assert found.variants[1].verdict == "better" and found.noise is not None and found.holdout is not None
    assert found.holdout.anchors == ["ANCHOR_12"] and len(found.anchors) == 11
    reports = done.reports()
    assert {"compare.html", "compare.md", "plots/compare/win_rate.svg"} <= set(reports)
    assert ran(done.doit("compare").stdout) == set()
    assert done.reports() == reports


def test_what_is_deleted_is_made_again_and_clean_leaves_nothing(done: Project) -> None:
    """A lost plot brings the same bytes back; `doit clean compare` removes pages, plots and numbers."""
    reports = done.reports()
    (done.paths.reports / "plots" / "compare" / "win_rate.svg").unlink()
    assert ran(done.doit("compare").stdout) == {"compare"}
    assert done.reports() == reports
    done.doit("clean", "compare")
    assert not done.reports() and not done.paths.compare.exists()


@pytest.mark.slow
def test_one_variant_brings_the_baseline_with_it(tmp_path: Path) -> None:
    """A/B regression is never unknown for lack of the other run; its count alone makes an analysis stale."""
    project = Project.small(tmp_path)
    project.paths.experiments.write_text(EXPERIMENTS, encoding="utf-8")
    project.doit("analysis:sharp")
    paths = project.paths.run("sharp")
    assert not project.paths.run("poor").analysis.exists() and project.paths.run("poor").artefact.exists()
    analysis, counted = read_model(paths.analysis, Analysis), read_model(project.paths.baseline, Baseline)
    assert analysis.baseline == counted and counted.run == "poor"
    assert analysis.metric("ab_regression").value is not None
    project.paths.baseline.unlink()
    assert ran(project.doit("analysis:sharp").stdout) == {"baseline"}
    project.paths.run("poor").artefact.unlink()
    assert ran(project.doit("analysis:sharp").stdout) == {"artefact:poor"}


@pytest.mark.slow
def test_a_batch_that_fails_keeps_nobody_from_comparing_the_others(tmp_path: Path) -> None:
    """Its exit code and its reason stay; what has an artefact is compared, and what has none is named."""
    project = Project.small(tmp_path)
    failing = "\n[variant.failing]\nprovider = 'mock'\nmodel = 'simulated'\nseed = 7\n"
    project.paths.experiments.write_text(
        EXPERIMENTS.replace('holdout = ["ANCHOR_12"]', "")
        + failing
        + "simulated = { step = 0.0, error_rate = 0.9 }\n",
        encoding="utf-8",
    )
    failed = project.doit("run", "--continue", "compare", succeeds=False)
    assert failed.returncode == BatchFailedError.exit_code and "low_success_rate" in failed.stdout
    assert "reports/compare.html" in failed.stdout and "left out" not in failed.stdout
    found = read_model(project.paths.compare, Compare)
    assert [variant.name for variant in found.variants] == ["poor", "sharp", "failing"]
    (partial,) = [notice for notice in found.notices if notice.code == "partial data"]
    assert partial.severity == "alarm" and "low_success_rate" in partial.text


def test_the_gate_checks_every_run_and_then_fails(done: Project) -> None:
    """Exit code 8, every miss on the console, replicates together; a run that meets its targets passes alone."""
    failed = done.doit("gate", succeeds=False)
    assert failed.returncode == 8
    assert "poor: Kendall's tau" in failed.stdout and "poor.r2:" not in failed.stdout
    assert "sharp:" not in failed.stdout.partition("miss their targets")[2]
    for name in ("poor", "sharp"):
        suite = ElementTree.parse(done.paths.reports / f"gate_{name}.xml").getroot()[0]
        gate = json.loads((done.paths.reports / f"gate_{name}.json").read_text(encoding="utf-8"))
        assert gate["passed"] is (name == "sharp") is (suite.get("failures") == "0")
    summary = (done.paths.reports / "gate.md").read_text(encoding="utf-8")
    assert "### ❌ poor\n" in summary and "Means over 2 runs: poor, poor.r2." in summary
    assert done.doit("gate:sharp").returncode == 0
    assert done.doit("gate:poor", succeeds=False).returncode == 8
    assert done.doit("doit", "gate", code=ENG5, succeeds=False).returncode == 8
    assert done.doit("doit", "gate:sharp", code=ENG5).returncode == 0


@pytest.mark.slow
def test_artefacts_alone_are_enough(done: Project, tmp_path: Path) -> None:
    """Without a doit database, a service or a socket: the same comparison and gate, and a table of all runs."""
    offline = Project.fresh(tmp_path / "offline")
    shutil.copy(done.paths.experiments, offline.paths.experiments)
    for name in RUNS:
        offline.paths.run(name).folder.mkdir(parents=True)
        shutil.copy(done.paths.run(name).artefact, offline.paths.run(name).folder)
    done.doit("gate", succeeds=False)
    rebuilt = offline.copy(tmp_path / "rebuilt")
    rebuilt.doit("rebuild_reports", code=WITHOUT_SOCKETS, imports=True)
    gates = {name: text for name, text in done.reports().items() if name.startswith("gate")}
    assert gates.keys() == {
        "gate.md",
        *(f"gate_{run}.{kind}" for run in ("poor", "sharp") for kind in ("json", "xml")),
    }
    assert gates.items() <= rebuilt.reports().items()
    offline.doit("compare", code=WITHOUT_SOCKETS)
    assert offline.doit("gate", code=WITHOUT_SOCKETS, succeeds=False).returncode == 8
    assert offline.reports() == done.reports()
    offline.doit("export", code=WITHOUT_SOCKETS)
    with offline.paths.export.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["run"] for row in rows} == set(RUNS) and len(rows) == 3 * 66

    prompt = offline.root / "inputs" / "prompts" / "system" / "001_default.txt"
    prompt.write_text("Another prompt.\n", encoding="utf-8")
    for task in ("compare", "gate:sharp"):
        refused = offline.doit(task, code=WITHOUT_SOCKETS, succeeds=False)
        assert refused.returncode != 0 and "another system prompt" in refused.stdout
    (rebuilt.root / "inputs" / "prompts" / "system" / "001_default.txt").write_text(
        "Another.\n", encoding="utf-8"
    )
    assert "left out, the gate" in rebuilt.doit("rebuild_reports", code=WITHOUT_SOCKETS).stdout


@pytest.fixture
def job() -> Any:
    """The one job of the workflow in the docs."""
    workflow = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    assert set(workflow) == {"name", True, "permissions", "jobs"} and "pull_request" in workflow[True]
    (found,) = workflow["jobs"].values()
    return found


def test_the_workflow_of_the_docs_is_one(job: Any) -> None:
    """Its actions have a version, and its commands are those that the tests here run one by one."""
    actions = [step["uses"] for step in job["steps"] if "uses" in step]
    assert actions and all(re.fullmatch(r"actions/[a-z-]+@v\d+", action) for action in actions)
    said = " ".join(step.get("run", "") for step in job["steps"])
    assert "rebuild_reports" in said and "gate" in said


@pytest.mark.slow
def test_the_workflow_of_the_docs_runs(done: Project, tmp_path: Path, job: Any) -> None:
    """Every step as it is written there: from artefacts alone the gate fails with 8, and the summary says why."""
    checkout = Project.fresh(tmp_path / "checkout")
    shutil.copy(done.paths.experiments, checkout.paths.experiments)
    for name in RUNS:
        checkout.paths.run(name).folder.mkdir(parents=True)
        shutil.copy(done.paths.run(name).artefact, checkout.paths.run(name).folder)
    programs, summary = tmp_path / "bin", tmp_path / "summary.md"
    programs.mkdir()
    (programs / "eng5").write_text(f'#!/bin/sh\nexec {sys.executable} -m eng5 "$@"\n', encoding="utf-8")
    (programs / "eng5").chmod(0o755)
    environment = os.environ | {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "GITHUB_STEP_SUMMARY": str(summary),
    }
    codes: dict[str, int] = {}
    for step in job["steps"]:
        if "run" not in step or step["run"].startswith("python -m pip install "):
            continue
        if any(codes.values()) and step.get("if") != "always()":
            continue
        ended = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", step["run"]],
            cwd=checkout.root, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        codes[step["run"]] = ended.returncode
    assert list(codes.values()) == [0, 8, 0], "render, gate, show"
    first = summary.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("## ❌ 1 of 2 variants misses its targets; since poor: sharp 2 better")
