"""The comparison of variants and the history in headless Chromium."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import pytest

from eng5.contracts.artefact import Artefact
from eng5.contracts.experiments import Experiments
from eng5.contracts.judge_code import JudgeStatement
from eng5.contracts.notes import Note
from eng5.files import write_model
from eng5.paths import ProjectPaths
from eng5.reports import history
from eng5.reports.alignment import analysis
from eng5.reports.variants import compare
from eng5.reports.variants import report as compare_report
from eng5.runs.notes import save_note
from tests.browser.conftest import AXE, TARGETS, faults, fits, spoken, texts_of, unfolded_with_axe
from tests.people.browser import CHROMIUM
from tests.reports.alignment.test_experts import people
from tests.reports.conftest import judged

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium, which is not installed"),
]

Show = Callable[..., Any]
NAMES = ("2 variants", "5 variants", "8 variants", "history")
STEEPNESS = (0.3, 3.0, 0.35, 0.0, 1.5, 0.8, 60.0, 0.5)
OWN = JudgeStatement(sha256="0" * 64, needs=["prompt", "texts"], usd_per_question=0.25, repeats_itself=True)
"""A judge of one's own, with all that a page says of one."""
SCREEN = 800
"""Height of a screen, pixels."""


def runs(count: int) -> dict[str, list[tuple[str, Artefact]]]:
    """Judges from a coin to a perfect one; every other one judged three times; the last but one failed by half."""
    made = {}
    for place in range(count):
        name = "base" if place == 0 else f"a_variant_with_quite_a_long_name_{place}"
        own: dict[str, Any] = {"own_judge": OWN} if place == 1 else {}
        failing: dict[str, Any] = {"failure_rate": 0.5, "complete": False} if place == 6 else {}
        made[name] = [
            (
                f"{name}.r{replicate}" if replicate > 1 else name,
                spoken(judged(steepness=STEEPNESS[place], seed=10 * place + replicate, **failing, **own)),
            )
            for replicate in range(1, 4 if place % 2 == 0 else 2)
        ]
    return made


def comparison_of(count: int) -> str:
    made = runs(count)
    experiments = Experiments.model_validate(
        {
            "baseline": "base",
            "targets": {name: target.model_dump(exclude_none=True) for name, target in TARGETS.items()},
            "variant": {name: {"replicates": len(each)} for name, each in made.items()},
            "holdout": ["anchor_essay_eng_5_17_vt_003"],
        }
    )
    found = compare.build(
        experiments, made, left_out={"another": "no artefact yet"}, people=("teachers", people())
    )
    assert found.experts is not None
    return compare_report.build(found, made, texts_of(made["base"][0][1]))["compare.html"]


def history_in(folder: Path) -> Path:
    """Three attempts of a run, with a long note on one."""
    project = ProjectPaths.at(folder)
    paths = project.run("a_variant_with_quite_a_long_name")
    for days in range(3):
        artefact = judged(steepness=0.2 + days, seed=days)
        batch = uuid5(NAMESPACE_OID, str(days))
        created = artefact.metadata.generated_at + timedelta(days=days)
        prompt = artefact.metadata.system_prompt
        assert prompt is not None
        changes = {
            "generated_at": created,
            "timestamp": created.strftime("%Y%m%d_%H%M%S"),
            "batch_uuid": batch,
            "system_prompt": prompt.model_copy(
                update={"text": f"{prompt.text}\nLine {days}.", "sha256": 64 * str(days)}
            ),
            "git_sha": 40 * "a",
            "git_dirty": True,
        }
        each = paths if days == 2 else paths.earlier(f"attempt_{days}")
        write_model(
            each.artefact,
            artefact.model_copy(update={"metadata": artefact.metadata.model_copy(update=changes)}),
        )
        analysis.run(each, TARGETS)
    save_note(project, Note(run=paths.name, batch=batch, text="unbroken" * 40, tags=["keep", "v2"]))
    history.run(project)
    return project.history_page


@pytest.fixture(scope="session")
def report_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The file of a page by its name in NAMES, made once."""
    folder = tmp_path_factory.mktemp("compared")
    made: dict[str, Path] = {}

    def file_of(name: str) -> Path:
        if name not in made:
            if name == "history":
                made[name] = history_in(folder / "project")
            else:
                made[name] = folder / f"{name}.html"
                made[name].write_text(comparison_of(int(name.split()[0])), encoding="utf-8")
        return made[name]

    return file_of


@pytest.mark.parametrize("width", [400, 768, 1280, 1920])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_wider_than_the_page(show: Show, name: str, width: int) -> None:
    """With every row opened too; from 1280 px on no table has to scroll."""
    fits(show(name, width=width), width)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.skipif(not AXE.is_file(), reason="needs axe-core: npm install --prefix tests/browser")
def test_axe_finds_no_serious_fault(show: Show, name: str, scheme: str) -> None:
    """In light and dark, everything unfolded."""
    assert faults(unfolded_with_axe(show(name, color_scheme=scheme))) == []


def test_five_variants_take_five_screens_and_the_answer_the_first(show: Show) -> None:
    """At 1280 px: the answer, how sure it is and the first places of the leaderboard without scrolling."""
    page = show("5 variants")
    assert page.evaluate("document.documentElement.scrollHeight") <= 5 * SCREEN
    for place in (".verdict", ".certainty", "#leaderboard tr.taken"):
        box = page.locator(place).bounding_box()
        assert box["y"] + box["height"] <= SCREEN, place


def test_a_flipped_pair_opens_with_what_every_run_said(show: Show) -> None:
    """By the keyboard: both essays, and each run's verdict under its name."""
    page = show("5 variants")
    page.locator("#flips tbody a").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("dialog[open]").count() == 1
    said = page.locator("#reader-orders li > span").all_inner_texts()
    assert (
        len(said) >= 5
        and any("base / " in line for line in said)
        and any("_name_1 / " in line for line in said)
    )
    assert all("END" in text for text in page.locator("#reader-essays .essay").all_inner_texts())


def test_print_unfolds_everything(show: Show) -> None:
    """Diffs are whole, and the plots and the differences are there."""
    page = show("5 variants")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#differences svg").first.is_visible()
    assert page.locator("#method pre").first.is_visible()
