"""A panel as it is lived: three judges in three browsers, one leaves and comes back, the server is killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from eng5.contracts.analysis import Analysis
from eng5.contracts.artefact import Artefact
from eng5.files import read_model
from tests.people.browser import CHROMIUM, answered, ready
from tests.project import ROOT, Project

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium, which is not installed"),
]

PAIRS = 6
JUDGES = ("anna", "bo", "cy")
PANEL = f"""
[human]
judges = ["anna", "bo", "cy"]
pairs = {PAIRS}
overlap = 0.34

[variant.panel]
provider = "human"
rubric = "prompts/rubric/001_content_language.txt"
"""
TURNS = [*JUDGES * 2, *("anna", "bo") * 4, *["cy"] * 4]
"""Whose answer comes next: cy leaves after two and comes back when the others are done."""


def serve(project: Project) -> tuple[subprocess.Popen[str], str]:
    """The page's process and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "eng5", "judge", "panel"],
        cwd=project.root,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("cy"):
            return process, line.split()[1].partition("/#")[0]
    raise AssertionError("the page was not served")


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def choice(left: str, right: str) -> str:
    """What all judges think: the longer text, the first by its words where both are as long."""
    return "left" if (len(left), left) > (len(right), right) else "right"


def undisturbed(project: Project) -> None:
    """The same answers, in the same turn, by a program over one connection."""
    process, address = serve(project)
    with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:

        def ask(judge: str, **body: Any) -> Any:
            headers = {"authorization": f"Bearer {judge}"}
            answer = (
                client.post("/api/answer", json=body, headers=headers)
                if body
                else client.get("/api/state", headers=headers)
            )
            return answer.json()["question"]

        open_question = {judge: ask(judge) for judge in JUDGES}
        for judge in TURNS:
            question = open_question[judge]
            said = choice(question["left"], question["right"])
            open_question[judge] = ask(judge, id=question["id"], choice=said)
    kill(process)


def in_browsers(project: Project, browser: Any) -> None:
    """Cy leaves after two answers; the server is killed twice, once while an answer is on its way."""
    process, address = serve(project)
    pages = {}
    for judge in JUDGES:
        pages[judge] = browser.new_context().new_page()
        pages[judge].goto(f"{address}/#{judge}")
        ready(pages[judge])
    done = dict.fromkeys(JUDGES, 0)
    for turn, judge in enumerate(TURNS):
        if turn == 6:
            pages["cy"].context.close()
        if turn == 14:
            kill(process)
            process, address = serve(project)
            pages["cy"] = browser.new_context().new_page()
            pages["cy"].goto(f"{address}/#cy")
        page = pages[judge]
        ready(page)
        side = choice(page.locator("#a").text_content(), page.locator("#b").text_content())
        killed_now = turn == 8
        if killed_now:
            kill(process)
        page.keyboard.press("1" if side == "left" else "2")
        if killed_now:
            process, _ = serve(project)
        done[judge] += 1
        answered(page, done[judge])
    for page in pages.values():
        assert page.locator("#rest-title").inner_text() == "All done. Thank you!"
        page.context.close()
    kill(process)


def measured(project: Project) -> tuple[Analysis, list[tuple[str, str, str | None, str]]]:
    """The analysis without the time that judges took, and what each said of which texts."""
    project.doit("report:panel")
    paths = project.paths.run("panel")
    analysis = read_model(paths.analysis, Analysis)
    timeless = {"median_seconds": None, "seconds_interval": None}
    judges = [one.model_copy(update=timeless) for one in analysis.judges]
    run = analysis.run.model_copy(update={"spent": None})
    rows = read_model(paths.artefact, Artefact).llm_comparisons
    said = [(row.essay_a_id, row.essay_b_id, row.winner_id, row.model) for row in rows]
    return analysis.model_copy(update={"judges": judges, "run": run}), said


def test_three_judges_in_three_browsers(tmp_path: Path, browser: Any) -> None:
    """Each verdict is there once, and the report is that of the same panel without any disturbance."""
    lived = Project.fresh(tmp_path / "lived")
    with (lived.root / "inputs/experiments.toml").open("a", encoding="utf-8") as stream:
        stream.write(PANEL)
    assert lived.doit("report:panel", succeeds=False).returncode == 9
    calm = lived.copy(tmp_path / "calm")
    in_browsers(lived, browser)
    undisturbed(calm)
    for project in (lived, calm):
        assert sum('"provider": "human"' in line for line in project.ledger()) == 3 * PAIRS
    analysis, said = measured(lived)
    assert len(said) == len(set(said)) == 3 * PAIRS
    assert (analysis, said) == measured(calm)
