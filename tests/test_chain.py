"""The chain as its users meet it: what runs again after a change, and what does not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.project import Project

ESSAY = "inputs/anchors/anchor_essay_eng_5_17_vt_008_C+.txt"
WITHOUT_SOCKETS = """
import socket, sys
def refuse(*arguments, **options):
    raise AssertionError("a socket was opened")
socket.socket.connect = socket.socket.bind = refuse
socket.create_connection = refuse
sys.modules["confluent_kafka"] = sys.modules["httpx"] = None
from doit.doit_cmd import DoitMain
sys.exit(DoitMain().run(sys.argv[1:]))
"""


NO_OP = """
import sys
from doit.doit_cmd import DoitMain
code = DoitMain().run(["anchor_align"])
print("\\nloaded:", *sorted({name.split(".")[0] for name in sys.modules}))
sys.exit(code)
"""
HEAVY = {
    "confluent_kafka", "docx", "filelock", "httpx", "jinja2", "lxml", "matplotlib", "numpy", "pdfminer", "pydantic",
    "regex", "rich", "scipy", "starlette", "tenacity", "tomllib", "typer", "typing_extensions",
}  # fmt: skip
"""What a command that finds nothing to do has no use for."""


def ran(output: str) -> set[str]:
    """The tasks that doit carried out, those that only print left aside."""
    names = {line[3:].strip() for line in output.splitlines() if line.startswith(".  ")}
    return {name for name in names if not name.startswith("anchor_align:")}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Project]:
    """A project with both variants finished; and a copy of all of it."""
    folder = tmp_path_factory.mktemp("finished")
    project = Project.small(folder / "project")
    project.doit("anchor_align")
    return project, project.copy(folder / "copy")


@pytest.fixture
def project(finished: tuple[Project, Project]) -> Project:
    """The finished project, as it was."""
    project, copy = finished
    return project.put_back(copy)


def asked(project: Project) -> list[tuple[str, str]]:
    return [(one["essay_a_id"], one["essay_b_id"]) for one in map(json.loads, project.ledger())]


def test_a_second_run_does_nothing(project: Project) -> None:
    """Every step is up to date; only the places of the reports are printed."""
    again = project.doit("anchor_align")
    assert ran(again.stdout) == set()
    assert "reports/anchor_align_baseline_" in again.stdout


def test_nothing_to_do_loads_nothing(project: Project) -> None:
    """It imports no library but doit's own, once what the tasks are made from was kept; verdicts are printed."""
    project.doit("anchor_align")
    shown, _, loaded = project.doit(code=NO_OP, imports=True).stdout.rpartition("\nloaded: ")
    assert ran(shown) == set() and "reports/anchor_align_baseline_" in shown
    assert set(loaded.split()) & HEAVY == set()


def test_a_damaged_end_of_a_journal_is_named(project: Project) -> None:
    """Which file, and what to do; no traceback of doit's."""
    journal = project.paths.run("baseline").events
    journal.write_bytes(journal.read_bytes().replace(b'"end":"completed"', b'"end":"complXted"'))
    refused = project.doit("report:baseline", succeeds=False)
    assert refused.returncode == 2 and "Traceback" not in refused.stdout + refused.stderr
    assert "45_events.jsonl: damaged: end" in refused.stdout and "delete the file" in refused.stdout


def test_an_edited_rubric_runs_the_variant_that_uses_it_and_no_other(project: Project) -> None:
    """Another rubric is another batch: all its pairs are asked, nothing is uploaded."""
    rubric = project.root / "inputs/prompts/rubric/001_content_language.txt"
    rubric.write_text(rubric.read_text(encoding="utf-8") + "\nJudge the text as a whole.\n", encoding="utf-8")
    before, uploads = len(project.ledger()), project.uploads()
    output = project.doit("artefact:baseline", "artefact:simulated").stdout
    assert {name.partition(":")[2] for name in ran(output)} == {"baseline"}
    assert "events:baseline" in ran(output)
    assert len(project.ledger()) == before + 15
    assert project.uploads() == uploads


@pytest.mark.slow
def test_an_edited_essay_is_uploaded_once_and_only_its_pairs_are_judged(project: Project) -> None:
    """Five pairs of six essays have the edited one in them."""
    essay = project.root / ESSAY
    essay.write_text(essay.read_text(encoding="utf-8") + "\n\nThat is all.\n", encoding="utf-8")
    before = len(project.ledger())
    project.doit("artefact:baseline")
    fresh = asked(project)[before:]
    assert len(fresh) == 5
    assert all("student::ANCHOR_11" in pair for pair in fresh)
    assert len(project.uploads()) == 7


def test_a_deleted_report_is_rendered_and_a_deleted_artefact_folded(project: Project) -> None:
    """Neither needs a service: the same bytes come from what is there."""
    before = project.reports()
    artefact = project.paths.run("baseline").artefact
    folded = artefact.read_bytes()
    for report in project.paths.reports.glob("anchor_align_baseline_*.md"):
        report.unlink()
    assert ran(project.doit("anchor_align").stdout) == {"report:baseline"}
    artefact.unlink()
    assert ran(project.doit("anchor_align", imports=True).stdout) == {"artefact:baseline"}
    assert project.reports() == before
    assert artefact.read_bytes() == folded


def test_an_index_that_cannot_be_written_is_a_message(project: Project) -> None:
    """Another run's damaged file keeps no report from being made; it is named at the end, without a traceback."""
    other = project.paths.run("other")
    other.folder.mkdir(parents=True)
    for file in (other.artefact, other.analysis, other.report):
        file.write_text("{", encoding="utf-8")
    (report,) = project.paths.reports.glob("anchor_align_simulated_*.md")
    report.unlink()
    project.paths.index.unlink()
    for _ in range(2):
        done = project.doit("report:simulated", succeeds=False)
        assert done.returncode == 2
        assert "Traceback" not in done.stdout + done.stderr
        named = [done.stdout.count(f"✗  {file}") for file in (f"{other.artefact}: damaged", other.analysis)]
        assert sum(named) == 1
        assert report.is_file()


def test_rebuild_reports_needs_artefacts_and_inputs_alone(project: Project, tmp_path: Path) -> None:
    """No doit database, no other file of the chain, no Kafka, no HTTP client, no socket: the same reports."""
    offline = Project.small(tmp_path / "offline")
    for name in ("baseline", "simulated"):
        run = offline.paths.run(name)
        run.folder.mkdir(parents=True)
        shutil.copy(project.paths.run(name).artefact, run.artefact)
    offline.doit("rebuild_reports", code=WITHOUT_SOCKETS, imports=True)
    rebuilt = {
        name: page for name, page in offline.reports().items() if name.startswith(("anchor", "plots/anchor"))
    }
    assert rebuilt == {name: page for name, page in project.reports().items() if name in rebuilt}
    assert any(name.endswith(".html") for name in rebuilt)


def test_a_broken_essay_is_named_and_changes_nothing(project: Project) -> None:
    """What was generated stays as it is; mending the essay makes everything up to date again, without a judge."""
    essay = project.root / ESSAY
    whole, generated, ledger = essay.read_bytes(), project.generated(), project.ledger()
    essay.write_bytes(b"")
    refused = project.doit("anchor_align:baseline", succeeds=False)
    assert refused.returncode != 0
    assert essay.name in refused.stdout and "the file is empty" in refused.stdout
    assert "Traceback" not in refused.stdout + refused.stderr
    assert project.generated() == generated
    essay.write_bytes(whole)
    assert ran(project.doit("anchor_align:baseline").stdout) <= {"identity:baseline"}
    assert project.ledger() == ledger


@pytest.mark.slow
def test_a_prompt_put_back_brings_its_batch_back(project: Project) -> None:
    """The chain of the earlier prompt is taken from the attempts: no judge is asked, the report is the same."""
    rubric = project.root / "inputs/prompts/rubric/001_content_language.txt"
    before, text = project.reports(), rubric.read_bytes()
    rubric.write_bytes(text + b"\nOne more line.\n")
    project.doit("artefact:baseline")
    ledger = project.ledger()
    rubric.write_bytes(text)
    project.doit("anchor_align:baseline")
    assert project.ledger() == ledger
    before.pop("index.html")  # it lists the report of the other prompt as well
    assert {name: project.reports()[name] for name in before} == before


def test_clean_removes_what_was_generated_and_keeps_the_verdicts(project: Project) -> None:
    """No run and no report is left, not even the gate of a variant that is gone; the next run asks no judge."""
    ledger = project.ledger()
    for suffix in ("json", "xml"):
        (project.root / "reports" / f"gate_gone.{suffix}").write_text("", encoding="utf-8")
    project.doit("clean")
    assert project.reports() == {}
    assert project.paths.runs() == []
    project.doit("artefact:baseline")
    assert project.ledger() == ledger


@pytest.mark.slow
def test_a_failed_batch_is_asked_again_as_the_next_attempt(tmp_path: Path) -> None:
    """The reason is shown; the same command makes another batch, and finishes when the cause is gone."""
    project = Project.small(tmp_path / "project")
    experiments = project.root / "inputs/experiments.toml"
    good = experiments.read_text(encoding="utf-8")
    experiments.write_text(good.replace("error_rate = 0.01", "error_rate = 0.9"), encoding="utf-8")
    failed = project.doit("artefact:simulated", succeeds=False)
    assert failed.returncode != 0 and "low_success_rate" in failed.stdout
    again = project.doit("artefact:simulated", succeeds=False)
    assert "low_success_rate" in again.stdout
    run = project.paths.run("simulated")
    assert json.loads(run.run.read_text(encoding="utf-8"))["identity"]["attempt"] == 2
    assert len(list(run.attempts.iterdir())) == 1


def test_a_wrong_experiments_file_is_a_message(tmp_path: Path) -> None:
    """The key, its value and the file are named; nothing is run."""
    project = Project.fresh(tmp_path / "project")
    experiments = project.root / "inputs/experiments.toml"
    experiments.write_text(
        experiments.read_text(encoding="utf-8").replace('baseline = "baseline"', 'baseline = "nobody"'),
        encoding="utf-8",
    )
    refused = project.doit("list", succeeds=False)
    assert refused.returncode == 2
    assert "no variant 'nobody'" in refused.stderr and "experiments.toml" in refused.stderr
    assert "Traceback" not in refused.stderr
