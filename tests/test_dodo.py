"""The graph as its user meets it: what runs, what does not, and in which order it is listed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from eng5.contracts.uploads import Uploads
from eng5.files import read_model
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
EXPERIMENTS = """
baseline = "one"
[targets]
kendall_tau = { min = 0.90, baseline = 0.82 }
[variant.one]
system_prompt = "prompts/system/001_default.txt"
provider = "mock"
model = "surface"
[variant.two]
system_prompt = "prompts/system/002_content_and_language.txt"
provider = "mock"
model = "surface"
"""
NO_SOCKETS = """
import socket, sys
def forbidden(*_, **__):
    raise AssertionError("a socket was opened")
socket.socket = socket.create_connection = socket.getaddrinfo = forbidden
from doit.doit_cmd import DoitMain
sys.exit(DoitMain().run(sys.argv[1:]))
"""
GRAPH = """
import json, runpy, sys
from pathlib import Path
tasks = runpy.run_path(sys.argv[1])
CODE = tasks["CODE"]
found = {}
for name in ("identity inventory uploads envelope published events artefact analysis report").split():
    for task in tasks["task_" + name]():
        found.setdefault(name, {})[task["name"]] = {
            "code": sorted(p.relative_to(CODE).as_posix() for p in task["file_dep"] if p.is_relative_to(CODE)),
            "targets": [Path(p).name for p in task["targets"]],
        }
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Two variants over four anchors, run once. The tests below go on from each other."""
    project = Project.fresh(tmp_path_factory.mktemp("project") / "p")
    for path in sorted(project.paths.anchors.iterdir())[4:]:
        path.unlink()
    project.paths.experiments.write_text(EXPERIMENTS, encoding="utf-8")
    project.doit("anchor_align")
    return project


def ran(output: str) -> list[str]:
    """The tasks that did something, in order."""
    lines = [line.split() for line in output.splitlines() if line.startswith(".  ")]
    return [words[1] for words in lines if not words[1].startswith("anchor_align")]


def test_the_list_reads_like_the_chain(project: Project) -> None:
    """`doit list` shows the steps in their order, each with what it makes."""
    listed = [line.split(None, 1) for line in project.doit("list").stdout.splitlines()]
    names = [name for name, _ in listed]
    assert [name for name in names if name in CHAIN] == CHAIN
    assert all(text.strip() for _, text in listed)


def test_both_variants_are_rendered(project: Project) -> None:
    """A report each, from six verdicts each."""
    assert sorted(name for name in project.reports() if name.endswith(".md"))[0].startswith(
        "anchor_align_one_"
    )
    assert len([name for name in project.reports() if name.endswith(".md")]) == 2


def test_a_second_run_does_nothing(project: Project) -> None:
    """Everything is up to date, and no byte changes."""
    reports, ledger = project.reports(), project.ledger()
    assert ran(project.doit("anchor_align").stdout) == []
    assert (project.reports(), project.ledger()) == (reports, ledger)


def test_a_deleted_report_is_rendered(project: Project) -> None:
    """The same bytes again, and nothing before it runs."""
    reports = project.reports()
    for name in reports:
        if "anchor_align_one" in name:
            (project.paths.reports / name).unlink()
    assert ran(project.doit("anchor_align:one").stdout) == ["report:one"]
    assert project.reports() == reports


def test_a_deleted_artefact_is_folded(project: Project) -> None:
    """From the journal, without publishing or judging; the same bytes stop the wave there."""
    run = project.paths.run("one")
    artefact, published, ledger = run.artefact.read_bytes(), run.published.read_bytes(), project.ledger()
    run.artefact.unlink()
    assert ran(project.doit("anchor_align:one").stdout) == ["artefact:one"]
    assert (run.artefact.read_bytes(), run.published.read_bytes()) == (artefact, published)
    assert project.ledger() == ledger


def test_reports_are_rebuilt_from_artefacts_alone(project: Project, tmp_path: Path) -> None:
    """An empty doit database, no journal, and no socket: the same bytes under the same names."""
    copy = project.copy(tmp_path / "copy")
    (copy.paths.build / ".doit.db").unlink()
    shutil.rmtree(copy.paths.stack)
    shutil.rmtree(copy.paths.reports)
    for name in ("one", "two"):
        for path in copy.paths.run(name).chain():
            if path != copy.paths.run(name).artefact:
                path.unlink(missing_ok=True)
    copy.doit("rebuild_reports", code=NO_SOCKETS)
    reports = {name: content for name, content in project.reports().items() if "anchor_align" in name}
    assert {name: content for name, content in copy.reports().items() if name in reports} == reports


def test_a_changed_prompt_concerns_its_variants_alone(project: Project) -> None:
    """The variant that uses it runs again without an upload; the other does not."""
    prompt = project.paths.inputs / "prompts/system/002_content_and_language.txt"
    prompt.write_text("Judge the two texts by their content alone.", encoding="utf-8")
    uploads, one = project.uploads(), project.paths.run("one").artefact.read_bytes()
    tasks = ran(project.doit("anchor_align").stdout)
    assert "events:two" in tasks
    assert not [task for task in tasks if task.endswith(":one")]
    assert project.uploads() == uploads
    assert project.paths.run("one").artefact.read_bytes() == one


def test_a_changed_essay_is_one_upload_and_its_pairs(project: Project) -> None:
    """One text is sent, and of six verdicts the three that it takes part in are asked for."""
    essay = next(path for path in sorted(project.paths.anchors.iterdir()) if path.suffix == ".txt")
    essay.write_text("My role model is my sister. She never gives up, whatever happens.", encoding="utf-8")
    uploads, ledger = len(project.uploads()), len(project.ledger())
    project.doit("anchor_align:one")
    assert len(project.uploads()) == uploads + 1
    assert len(project.ledger()) == ledger + 3
    artefact: dict[str, Any] = json.loads(project.paths.run("one").artefact.read_bytes())
    assert sum(one["reused"] for one in artefact["llm_comparisons"]) == 3
    assert len(read_model(project.paths.run("one").uploads, Uploads).storage_ids) == 4


def test_a_broken_essay_stops_before_anything_is_sent(project: Project) -> None:
    """The file and the remedy are named, the exit code is not 0, and mending it is enough."""
    essay = next(path for path in sorted(project.paths.anchors.iterdir()) if path.suffix == ".txt")
    content, uploads = essay.read_bytes(), project.uploads()
    essay.write_bytes(b"")
    done = project.doit("anchor_align:one", succeeds=False)
    assert done.returncode != 0
    assert essay.name in done.stdout and "the file is empty" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    essay.write_bytes(content)
    project.doit("anchor_align:one")
    assert project.uploads() == uploads


def test_clean_removes_what_was_generated(project: Project) -> None:
    """The run's reports and files go; inputs, verdicts and uploads stay."""
    ledger, inputs = project.ledger(), sorted(project.paths.inputs.rglob("*"))
    project.doit("clean", *(f"{name}:one" for name in CHAIN[:-1]))
    assert not [name for name in project.reports() if "anchor_align_one" in name]
    assert not project.paths.run("one").artefact.exists()
    assert (project.ledger(), sorted(project.paths.inputs.rglob("*"))) == (ledger, inputs)


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Every step's code and targets in the project's own graph."""
    project = Project.fresh(tmp_path_factory.mktemp("graph") / "p")
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
        elif step == "analysis":
            assert {"steps/analysis.py", "stats/bradley_terry.py"} <= set(task["code"]) or (
                "steps/boundary_analysis.py" in task["code"]
            )
        else:
            assert f"steps/{step}.py" in task["code"] or f"steps/boundary_{step}.py" in task["code"]
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


def test_a_mistake_in_the_experiments_is_a_message(tmp_path: Path) -> None:
    """doit cannot even list: one sentence, exit code 2, no traceback."""
    project = Project.fresh(tmp_path / "p")
    project.paths.experiments.write_text('baseline = "none"\n[variant.one]\n', encoding="utf-8")
    done = project.doit("list", succeeds=False)
    assert done.returncode == 2
    assert "no variant 'none'" in done.stderr
    assert "Traceback" not in done.stderr
