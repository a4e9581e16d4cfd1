"""Tests of `eng5.reports.history`."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import pytest

from eng5.contracts.artefact import Artefact, PromptText
from eng5.contracts.experiments import MetricName, Target
from eng5.contracts.history import History
from eng5.contracts.notes import Note
from eng5.files import read_model, sha256_text, write_model
from eng5.paths import ProjectPaths, RunnerPaths
from eng5.reports import history
from eng5.reports.alignment import analysis, report
from eng5.runs.notes import save_note
from tests.reports.alignment.test_report import HOSTILE, Page, tables
from tests.reports.conftest import judged

Judge = Callable[..., Artefact]
TARGETS: dict[MetricName, Target] = {"direct_inversions": Target(max=1), "kendall_tau": Target(min=0.9)}
GRADES = ("F+", "E+", "C+", "A")


def batch(number: int) -> UUID:
    return uuid5(NAMESPACE_OID, str(number))


def put(paths: RunnerPaths, artefact: Artefact, number: int, prompt: str, **changes: Any) -> None:
    """An attempt, made `number` days after the first, with its analysis and its page."""
    created = artefact.metadata.generated_at + timedelta(days=number)
    text = PromptText(path="inputs/prompts/system/001_a.txt", sha256=sha256_text(prompt), text=prompt)
    changes = {
        "generated_at": created,
        "timestamp": created.strftime("%Y%m%d_%H%M%S"),
        "batch_uuid": batch(number),
        "system_prompt": text,
        "git_sha": "abcdef0123456789",
        "git_dirty": number == 1,
    } | changes
    write_model(
        paths.artefact, artefact.model_copy(update={"metadata": artefact.metadata.model_copy(update=changes)})
    )
    analysis.run(paths, TARGETS)
    report.run(paths)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> ProjectPaths:
    """A run with two attempts of one prompt file, its replicate, and a run that has no other; nobody changes it."""
    project = ProjectPaths.at(tmp_path_factory.mktemp("history"))
    run = project.run("one")
    put(run.earlier("20260302_093000_x"), judged(GRADES, steepness=0.2), 0, "Judge the texts.\nBe fair.")
    put(run, judged(GRADES), 1, "Judge the two texts.\nBe fair.")
    put(project.run("one.r2"), judged(GRADES), 2, "Judge the two texts.\nBe fair.", replicate=2)
    put(project.run("other"), judged(GRADES), 3, "Something else.")
    return project


@pytest.fixture
def project(made: ProjectPaths, tmp_path: Path) -> ProjectPaths:
    """A copy of it."""
    return ProjectPaths.at(shutil.copytree(made.root, tmp_path / "project"))


def test_every_attempt_has_its_row_and_its_point(project: ProjectPaths) -> None:
    """Earlier and present, told apart by date and text, replicates among them; a point each in every trend."""
    history.run(project)
    found = read_model(project.history, History)
    assert [life.name for life in found.lives] == ["other", "one"]
    one = found.lives[1].attempts
    assert [(each.number, each.run, each.present) for each in one] == [
        (1, "one", False), (2, "one", True), (3, "one.r2", True),
    ]  # fmt: skip
    assert len({each.title for each in one}) == 3 and all(each.title.startswith("001_a (") for each in one)
    assert [each.git_dirty for each in one] == [False, True, False]
    page = project.history_page.read_text(encoding="utf-8")
    for name in TARGETS:
        drawn = (project.reports / "plots" / "history" / f"one-{name}.svg").read_text(encoding="utf-8")
        assert [f"#{each.number} {each.title}" in drawn for each in one] == [True] * 3
    assert not (project.reports / "plots" / "history" / "other-kendall_tau.svg").exists(), (
        "one point is no trend"
    )
    assert page.count("<svg") == len(TARGETS) and page.count(">now</span>") == 3
    assert page.count("+ uncommitted") == 1 and page.count("abcdef01</code>") == 4
    for link in re.findall(r'href="(anchor[^"]+)"', page):
        assert (project.reports / link).is_file()


def test_the_prompt_stands_against_the_one_before(project: ProjectPaths) -> None:
    """The word that came in is marked; the first attempt has nothing before it, and another run is none."""
    found = history.read(project)
    one, other = found.lives[1].attempts, found.lives[0].attempts
    assert one[0].prompts == [] and other[0].prompts == [] and one[2].prompts == []
    changed = one[1].prompts[0]
    assert not changed.same and [part.text for part in changed.lines[1].parts if part.changed] == ["two "]
    history.run(project)
    assert "<ins>two </ins>" in project.history_page.read_text(encoding="utf-8")
    assert "+ Judge the two texts." in project.history_page.with_suffix(".md").read_text(encoding="utf-8")


def test_notes_stand_beside_their_attempt(project: ProjectPaths) -> None:
    """Hostile words are words, in both pages; rebuilding from the artefacts keeps them."""
    save_note(project, Note(run="one", batch=batch(0), text=HOSTILE, tags=["<b>tag"]))
    history.run(project)
    text = project.history_page.read_text(encoding="utf-8")
    page = Page(text)
    assert page.mismatched == [] and page.open == []
    assert "<script>alert(1)</script>" in " ".join(page.text) and "<b>tag" in " ".join(page.text)
    assert [tag for tag, _ in page.tags].count("script") == 1
    markdown = project.history_page.with_suffix(".md").read_text(encoding="utf-8")
    for table in tables(markdown):
        assert len({len(row) for row in table}) == 1
    assert [each.note is not None for each in history.read(project).lives[1].attempts] == [True, False, False]


def test_what_cannot_be_read_is_not_available(project: ProjectPaths) -> None:
    """An analysis of another version costs its figures; a folder without anything readable is no attempt."""
    paths = project.run("one")
    paths.analysis.write_text('{"schema_version": "0"}', encoding="utf-8")
    (paths.attempts / "stray_1").mkdir()
    (paths.attempts / "stray_1" / "00_run.json").write_text("{", encoding="utf-8")
    history.run(project)
    one = history.read(project).lives[1].attempts
    assert [len(each.metrics) > 0 for each in one] == [True, False, True]
    assert "not measured" in project.history_page.read_text(encoding="utf-8")


def test_nothing_was_made_yet(tmp_path: Path) -> None:
    """Without a run the page is whole and says so."""
    project = ProjectPaths.at(tmp_path)
    history.run(project)
    assert "No run was made yet." in project.history_page.read_text(encoding="utf-8")
