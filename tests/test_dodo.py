"""The graph: the order in which it is listed, and what each step depends on. `test_chain.py` runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.project import ROOT, Project

CHAIN = [
    "identity",
    "inventory",
    "uploads",
    "envelope",
    "published",
    "events",
    "artefact",
    "analysis",
    "report",
    "anchor_align",
]
GRAPH = """
import json, runpy, sys
from pathlib import Path
import eng5
tasks = runpy.run_path(sys.argv[1])
CODE = Path(eng5.__file__).parent
found = {}
for name in ("identity inventory uploads envelope published events artefact analysis report").split():
    for task in tasks["task_" + name]():
        files = map(Path, task["file_dep"])
        found.setdefault(name, {})[task["name"]] = {
            "code": sorted(p.relative_to(CODE).as_posix() for p in files if p.is_relative_to(CODE)),
            "targets": [Path(p).name for p in task["targets"]],
        }
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project as it comes, before any run."""
    return Project.fresh(tmp_path_factory.mktemp("graph") / "p")


@pytest.fixture(scope="module")
def graph(project: Project) -> dict[str, dict[str, Any]]:
    """Every step's code and targets, by run."""
    found: dict[str, dict[str, Any]] = json.loads(
        project.doit(str(project.root / "dodo.py"), code=GRAPH).stdout
    )
    return found


@pytest.mark.parametrize("step", CHAIN[:-1])
def test_code_is_a_dependency_of_pure_steps_only(graph: dict[str, dict[str, Any]], step: str) -> None:
    """Editing a comment renders anew at most; it never uploads, publishes or asks a judge twice."""
    for task in graph[step].values():
        if step in ("identity", "uploads", "published", "events"):
            assert task["code"] == []
        else:
            assert task["code"]
        for name in task["code"]:
            assert (ROOT / "eng5" / name).is_file()


def test_every_step_writes_the_file_with_its_number(graph: dict[str, dict[str, Any]]) -> None:
    """The numbers order the chain."""
    targets = [next(iter(graph[step].values()))["targets"][0] for step in CHAIN[:-1]]
    assert targets == sorted(targets)
    assert [target[:2] for target in targets] == ["00", "10", "20", "30", "40", "45", "50", "60", "70"]


def test_the_template_is_a_dependency_of_rendering_alone(graph: dict[str, dict[str, Any]]) -> None:
    """Another template, another report, and nothing else."""
    for step, tasks in graph.items():
        for task in tasks.values():
            assert any(name.startswith("templates/") for name in task["code"]) == (step == "report")


def test_the_list_reads_like_the_chain(project: Project) -> None:
    """`doit list` shows the steps in their order, each with what it makes."""
    listed = [line.split(None, 1) for line in project.doit("list").stdout.splitlines()]
    assert [name for name, _ in listed if name in CHAIN] == CHAIN
    assert all(text.strip() for _, text in listed)


def test_a_failed_report_is_said_before_a_failed_index(tmp_path: Path) -> None:
    """A task's refusal stands first, and the same one is not said again."""
    project = Project.fresh(tmp_path / "p")
    damaged = project.paths.run("other").artefact
    damaged.parent.mkdir(parents=True)
    for file in (damaged, damaged.with_name("60_analysis.json"), damaged.with_name("70_report.json")):
        file.write_text("{", encoding="utf-8")
    done = project.doit("rebuild_reports", succeeds=False)
    assert done.returncode == 2
    assert (done.stdout + done.stderr).count(f"{damaged}: damaged") == 1
    assert "✗  rebuild_reports:other" in done.stdout and "Traceback" not in done.stdout + done.stderr


def test_messages_are_escaped_for_an_ascii_terminal(tmp_path: Path) -> None:
    """A refusal is shown with codes for what cannot be printed."""
    project = Project.fresh(tmp_path / "p")
    damaged = project.paths.run("other").artefact
    damaged.parent.mkdir(parents=True)
    damaged.write_text("{", encoding="utf-8")
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    done = project.doit("rebuild_reports", succeeds=False, env=ascii_only, imports=True)
    assert r"\u2717  rebuild_reports:other" in done.stdout and "Traceback" not in done.stderr
