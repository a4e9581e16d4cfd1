"""Why a run would go on: `eng5 why RUN` and `doit info`, on a chain that was run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from eng5.graph.graph import Graph
from eng5.graph.why import Link, why
from tests.project import Project

PROMPT = "inputs/prompts/system/001_default.txt"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose baseline is up to date."""
    project = Project.small(tmp_path_factory.mktemp("why") / "made")
    project.doit("report:baseline")
    return project


@pytest.fixture
def project(made: Project) -> Iterator[Project]:
    """The same, to change: what doit remembers is by absolute path, so it stays where it is."""
    kept = {path: path.read_bytes() for path in made.paths.inputs.rglob("*") if path.is_file()}
    yield made
    shutil.rmtree(made.paths.inputs)
    for path, content in kept.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def links(project: Project) -> dict[str, Link]:
    return {link.step: link for link in why(Graph.of(project.paths), "baseline")}


def test_a_run_that_is_not_there(tmp_path: Path) -> None:
    """No file is there, nothing is claimed of it, and looking makes none."""
    project = Project.small(tmp_path / "new")
    assert {link.state for link in links(project).values()} == {"not yet made"}
    assert not (project.paths.build / ".doit.db").exists()


def test_an_up_to_date_run(project: Project) -> None:
    """Every step says so, and so does doit."""
    assert {link.state for link in links(project).values()} == {"up to date"}
    assert "status     : up-to-date" in project.doit("info", "report:baseline").stdout


def test_a_changed_prompt(project: Project) -> None:
    """The first step is stale because of the file, whose changed lines are shown; all others follow."""
    prompt = project.root / PROMPT
    prompt.write_text(prompt.read_text("utf-8").replace("Stay neutral.", "Stay calm."), "utf-8")
    found = links(project)
    assert (found["identity"].state, found["report"].state) == ("stale", "follows")
    reasons = found["identity"].reasons
    assert f"{PROMPT} changed" in reasons
    assert any(line.startswith("  +- Stay calm.") for line in reasons)
    assert "another batch (system_prompt: " in reasons[-1]

    told = project.doit("info", "report:baseline", succeeds=False)
    assert told.returncode == 1
    assert "status     : run" in told.stdout
    assert f" - identity:baseline: {PROMPT} changed" in told.stdout


def test_changed_essays_and_grades(project: Project) -> None:
    """Which essay has another text, and which anchor another grade."""
    anchors = project.paths.anchors
    essay = next(anchors.glob("*_E-.txt"))
    essay.write_text(essay.read_text("utf-8") + "\nAnd two more words.\n", "utf-8")
    moved = next(anchors.glob("*_B.txt"))
    moved.rename(anchors / "moved.txt")
    grades = project.paths.grades
    grades.write_text(grades.read_text("utf-8").replace(f"{moved.name},B", "moved.txt,A"), "utf-8")
    reasons = links(project)["identity"].reasons
    assert any(f"{essay.name}: another text, " in reason for reason in reasons)
    assert f"inputs/anchors/{moved.name} was taken away" in reasons
    assert "inputs/anchors/moved.txt came in" in reasons


def test_a_grades_file_that_says_the_same(project: Project) -> None:
    """The run would be frozen again, and nothing is asked again."""
    with project.paths.grades.open("a", encoding="utf-8") as table:
        table.write("\n")
    assert links(project)["identity"].reasons[-1] == "→ the same batch: nothing is asked again"


def test_notes_that_were_lost(project: Project) -> None:
    """Nothing is claimed to be up to date; what is on disk decides, and it is said what that comes to."""
    notes = project.paths.build / ".doit.db"
    kept = notes.read_bytes()
    notes.unlink()
    found = links(project)
    notes.write_bytes(kept)
    assert (found["identity"].state, found["report"].state) == ("stale", "follows")
    assert "doit has no notes of it" in found["identity"].reasons[0]
    assert found["identity"].reasons[-1] == "→ the same batch: nothing is asked again"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["anchor_align:basline"], "'anchor_align:basline'; did you mean 'anchor_align:baseline'?"),
        (["anchor_algn"], "'anchor_algn'; did you mean 'anchor_align'?"),
        (["info", "report:base"], "'report:base'; did you mean 'report:baseline'?"),
    ],
)
def test_a_task_that_is_not_there(project: Project, arguments: list[str], said: str) -> None:
    """The nearest task is offered."""
    done = project.doit(*arguments, succeeds=False)
    assert done.returncode == 3
    assert said in done.stderr
    assert "Traceback" not in done.stderr
