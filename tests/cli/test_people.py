"""`eng5 judge` as a user types it: the panel, what is refused, closing, disputing and forgetting."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from eng5.judges.panel_file import PanelFile
from tests.cli.conftest import Eng5
from tests.forked import Forked
from tests.people.server import BATCH
from tests.project import Project

ENG5 = "from eng5.cli import main; main()"
PANEL = """
[human]
judges = ["anna", "bo"]
pairs = 5
overlap = 0.4

[variant.panel]
provider = "human"
allow_ties = true
rubric = "prompts/rubric/001_content_language.txt"
"""


@pytest.fixture
def panel(project: Project) -> Project:
    """A project of six anchors with a panel of two."""
    with (project.root / "inputs/experiments.toml").open("a", encoding="utf-8") as stream:
        stream.write(PANEL)
    return project


class Page:
    """`eng5 judge` in a process of its own."""

    def __init__(self, links: dict[str, str]) -> None:
        self.links = links

    def answer(self, judge: str, times: int = 1000) -> int:
        """Prefer the longer text, so many times or to the end; how many are left."""
        base, _, name = self.links[judge].partition("/#")
        with httpx.Client(
            base_url=base, headers={"authorization": f"Bearer {name}"}, trust_env=False, timeout=60
        ) as client:
            state = client.get("/api/state").json()
            while (question := state["question"]) and times:
                times -= 1
                choice = "left" if len(question["left"]) > len(question["right"]) else "right"
                body = {"id": question["id"], "choice": choice, "comment": f"{judge}: longer", "seconds": 9.0}
                state = client.post("/api/answer", json=body).json()
            return int(state["total"] - state["done"])


@contextmanager
def serving(project: Project, *arguments: str) -> Iterator[Page]:
    """The page, until the block ends; then as Ctrl-C ends it."""
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with Forked(ENG5, ["judge", *arguments], cwd=project.root, env=environment) as process:
        links: dict[str, str] = {}
        for line in process.stdout:
            if "http" in line:
                links[line.split()[0]] = line.split()[1]
            if len(links) == 2:
                break
        try:
            yield Page(links)
        finally:
            process.send_signal(signal.SIGINT)
    assert process.returncode == 0


def artefact(project: Project, run: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(project.paths.run(run).artefact.read_bytes())
    return found


def test_a_panel_from_its_request_to_its_report(panel: Project, eng5: Eng5) -> None:
    """doit says who is awaited and ends with 9; when all have answered, it measures the run like any other."""
    waiting = panel.doit("report:panel", succeeds=False)
    assert waiting.returncode == 9
    assert "'panel' awaits people: no comparison is answered" in waiting.stdout
    assert "eng5 judge panel" in waiting.stdout
    with serving(panel) as page:
        assert page.answer("anna", 2) == 3
        waiting = panel.doit("report:panel", succeeds=False)
        assert waiting.returncode == 9
        assert "2 of 10 comparisons are answered (anna 2 of 5, bo 0 of 5)" in waiting.stdout
        assert "waiting for people" in eng5("runs").went_well()
        assert page.answer("bo") == 0
        assert page.answer("anna") == 0
    panel.doit("report:panel", "export")
    rows = artefact(panel, "panel")["llm_comparisons"]
    assert isinstance(rows, list) and len(rows) == len(panel.ledger()) - 15 == 10
    assert {row["model"] for row in rows} == {"anna", "bo"} and {row["provider"] for row in rows} == {"human"}
    assert all(row["confidence"] is None and row["justification"].endswith("longer") for row in rows)
    (report,) = panel.paths.reports.glob("anchor_align_panel_*.md")
    assert "| anna | 5 |" in report.read_text("utf-8") and "| bo | 5 |" in report.read_text("utf-8")
    assert "human,anna" in panel.paths.export.read_text("utf-8")
    eng5("judge").refused(2, "'panel' has all its answers")


@pytest.mark.slow
def test_a_folder_of_essays_without_grades(panel: Project) -> None:
    """Scores and agreement of judges, and nothing about grades."""
    panel.paths.grades.write_text("file_name,grade\n", encoding="utf-8")
    for number, path in enumerate(sorted(panel.paths.anchors.iterdir())):
        path.rename(path.with_name(f"{number}{path.suffix}"))
    with serving(panel, "panel") as page:
        assert page.answer("anna") == page.answer("bo") == 0
    panel.doit("report:panel")
    measured = json.loads(panel.paths.run("panel").analysis.read_bytes())
    assert all(essay["score"] is not None and essay["grade"] is None for essay in measured["essays"])
    assert measured["experts"]["agreement"]["value"] is not None
    (report,) = panel.paths.reports.glob("anchor_align_panel_*.md")
    assert "no anchor has a grade" in report.read_text("utf-8")
    assert "None" not in report.read_text("utf-8")


@pytest.mark.slow
def test_a_panel_that_is_closed_goes_on_with_what_there_is(panel: Project, eng5: Eng5) -> None:
    """Nothing answered cannot be closed; what is not answered is not missing."""
    eng5("judge", "--close").refused(2, "nobody has answered in 'panel' yet")
    with serving(panel, "panel") as page:
        page.answer("anna", 3)
    assert "3 of 10" in eng5("judge", "panel", "--close").went_well()
    panel.doit("artefact:panel")
    rows = artefact(panel, "panel")["llm_comparisons"]
    assert isinstance(rows, list) and [row["model"] for row in rows] == ["anna"] * 3


@pytest.mark.slow
def test_other_runs_do_not_wait_for_people(panel: Project) -> None:
    """All variants are run before doit stops at the panel; the comparison leaves it out."""
    done = panel.doit("anchor_align", succeeds=False)
    assert done.returncode == 9
    assert list(panel.paths.reports.glob("anchor_align_simulated_*.md"))
    assert "left out until people have answered: panel" in panel.doit("compare").stdout


@pytest.mark.slow
def test_experts_settle_the_doubtful_pairs_of_a_run(panel: Project, eng5: Eng5) -> None:
    """A run of its own asks about them; the report of the run in doubt shows before and after."""
    eng5("judge", "--dispute", "baseline").refused(2, "'baseline' is not measured yet")
    panel.doit("report:baseline")
    with serving(panel, "--dispute", "baseline") as page:
        assert page.answer("anna") == page.answer("bo") == 0
    panel.doit("report:baseline")
    (report,) = panel.paths.reports.glob("anchor_align_baseline_*.md")
    assert "2 experts made" in report.read_text("utf-8")
    dispute = artefact(panel, "baseline.dispute")
    rows, validation = dispute["llm_comparisons"], dispute["validation"]
    assert isinstance(rows, list) and isinstance(validation, dict)
    assert validation["missing"] == validation["unlisted"] == 0
    asked = [(row["model"], frozenset((row["essay_a_id"], row["essay_b_id"]))) for row in rows]
    assert len(asked) == len(set(asked))


@pytest.mark.slow
def test_a_judge_that_was_made_beside_a_panel_does_not_measure_it_twice(panel: Project) -> None:
    """The baseline is made on the way to the panel's report; the second time nothing is done."""
    with serving(panel) as page:
        page.answer("anna"), page.answer("bo")
    first, second = (panel.doit("report:panel").stdout.splitlines() for _ in range(2))
    assert ".  artefact:baseline" in first
    assert second and [line for line in second if not line.startswith("-- ")] == []


@pytest.mark.slow
def test_a_pseudonym_is_forgotten(panel: Project, eng5: Eng5) -> None:
    """No file of the study has it any more, but for what people wrote; the same verdicts make the report again."""
    toml = panel.root / "inputs/experiments.toml"
    with toml.open("a", encoding="utf-8") as stream:
        stream.write('[variant.jury]\npanel = ["baseline", "panel"]\n')
    eng5("judge", "jury").refused(2, "'jury' asks only baseline, panel, not people")
    with serving(panel) as page:
        page.answer("anna"), page.answer("bo")
        eng5("judge", "--forget", "anna").refused(7, "the page of a panel is in use by process")
    panel.doit("report:panel", "report:baseline", "report:jury", "compare", "export")
    before = artefact(panel, "panel")["llm_comparisons"]
    said = eng5("judge", "--forget", "anna").went_well()
    assert "baseline: its report was held against them and is gone: doit report:baseline" in said
    assert [page.name for page in panel.paths.reports.glob("*.md")] == []
    assert "5 verdicts of anna are those of judge-" in said and "still names anna" in said
    toml.write_text(toml.read_text("utf-8").replace('"anna", ', ""), encoding="utf-8")
    panel.doit("report:panel")
    files = [path for path in panel.root.rglob("*") if path.is_file()]
    having = [path for path in files if re.search(rb"\banna\b(?!: longer)", path.read_bytes())]
    assert having == []
    after = artefact(panel, "panel")["llm_comparisons"]
    assert isinstance(before, list) and isinstance(after, list)
    assert [row["winner_id"] for row in before] == [row["winner_id"] for row in after]
    assert {row["model"] for row in after} == {"bo", said.split("are those of ")[1].split()[0]}
    eng5("judge", "--forget", "anna").refused(2, "no verdict of 'anna' is kept")


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["baseline"], ["'baseline' asks mock / surface, not people", "people judge panel"]),
        (["nobody"], ["no run 'nobody'"]),
        (["--judges", "anna,anna"], ["'anna' is named twice"]),
        (["--judges", "anna@school.se"], ["'anna@school.se' is no pseudonym"]),
        (["--judges", " , "], ["nobody is named as a judge"]),
        (["panel", "--dispute", "baseline"], ["both 'panel' and --dispute baseline"]),
        (["--dispute", "nobody"], ["no run 'nobody'"]),
        (["--dispute", "baseline", "--close"], ["no run 'baseline.dispute'"]),
        (["panel", "--forget", "anna"], ["both 'panel' and --forget anna"]),
        (["--forget", "anna", "--close"], ["both --forget anna and --close"]),
    ],
)
def test_what_cannot_be_is_refused(
    panel: Project, eng5: Eng5, arguments: list[str], parts: list[str]
) -> None:
    """With the value and what to do."""
    eng5("judge", *arguments).refused(2, *parts)


def test_comparisons_made_elsewhere_are_put_to_nobody(panel: Project, eng5: Eng5) -> None:
    """The run is there, so it is not called unknown."""
    paths = panel.paths.run("teachers")
    paths.folder.mkdir(parents=True)
    paths.artefact.write_text("{}", encoding="utf-8")
    for arguments in (["teachers"], ["--dispute", "teachers"]):
        eng5("judge", *arguments).refused(2, "the comparisons of 'teachers' were made elsewhere")


def test_a_judge_who_answered_nothing_is_forgotten_too(panel: Project, eng5: Eng5) -> None:
    """The name stands in the panel's file from the first link on."""
    file = PanelFile(panel.paths.stack, BATCH)
    file.append(quotas={"anna": 5, "bo": 5}, links={"anna": "0" * 64})
    assert "0 verdicts of anna are those of judge-" in eng5("judge", "--forget", "anna").went_well()
    assert b"anna" not in file.path.read_bytes()
    assert PanelFile(panel.paths.stack, BATCH).read().links == {}


def test_a_project_without_a_panel_says_how_to_get_one(eng5: Eng5, project: Project) -> None:
    """The lines for experiments.toml."""
    eng5("judge").refused(2, "no run has people as judges", "[human]", 'provider = "human"')


def test_what_is_no_panel_is_refused_in_experiments(panel: Project, eng5: Eng5) -> None:
    """Settings of models have no meaning for people."""
    toml = Path("inputs/experiments.toml")
    text = toml.read_text("utf-8")
    for wrong in ("temperature = 0.5", "replicates = 2", "max_comparisons = 5", 'model = "x"'):
        toml.write_text(text + f"{wrong}\n", encoding="utf-8")
        eng5("runs").refused(2, wrong.split()[0], "not for people")
