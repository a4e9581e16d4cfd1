"""Reports of many judges and sizes as files, and headless Chromium to look at them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from eng5.contracts.artefact import Artefact
from eng5.contracts.experiments import MetricName, Target
from eng5.contracts.grade_scales import GRADE_SCALES
from eng5.files import write_model
from eng5.paths import ProjectPaths
from eng5.reports import index
from eng5.reports.alignment import analysis, report, students
from eng5.reports.around import Around
from eng5.reports.baseline import build as baseline_of
from eng5.reports.boundary import analysis as boundary_analysis
from eng5.reports.boundary import report as boundary_report
from eng5.reports.essay_texts import EssayText, EssayTexts
from tests.boundary_artefacts import drawn
from tests.reports.alignment.test_students import an_execute_run
from tests.reports.conftest import ROLE_MODEL_GRADES, judged

AXE = Path(__file__).parent / "node_modules/axe-core/axe.min.js"
TARGETS: dict[MetricName, Target] = {
    "direct_inversions": Target(max=1, baseline=5),
    "zero_win_anchors": Target(max=0, baseline=1),
    "kendall_tau": Target(min=0.9, baseline=0.82, on="bound"),
    "ab_regression": Target(max=0, baseline=0),
}
WORDS = (
    "some",
    "what",
    "there",
    "can",
    "other",
    "were",
    "your",
    "when",
    "use",
    "word",
    "said",
    "each",
    "she",
)
GRADES = GRADE_SCALES["eng5_np_legacy_9_step"].grades


def graded(count: int) -> list[str]:
    """As many grades, the lowest first, spread over the scale."""
    return [GRADES[place * len(GRADES) // count] for place in range(count)]


ARTEFACTS: dict[str, Callable[[], Artefact]] = {
    "good": lambda: judged(rounds=2),
    "bad": lambda: judged(steepness=0.35, rounds=2),
    "coin": lambda: judged(steepness=0.0, rounds=2),
    "position-biased": lambda: judged(steepness=0.6, position=2.0, rounds=2),
    "half failing": lambda: judged(failure_rate=0.5, complete=False, missing=9),
    "2 anchors": lambda: judged(["A", "F+"], rounds=2),
    "30 anchors": lambda: judged(graded(30), steepness=0.5, rounds=2),
    "32 points": lambda: judged([str(3 * place) for place in range(32)], grade_scale="0 to 100"),
    "100 anchors": lambda: judged(graded(100), steepness=0.4),
}
NAMES = (*ARTEFACTS, "boundary", "students", "index")


def spoken(artefact: Artefact) -> Artefact:
    """Long names, as many words as a model uses, and raw answers."""
    draw = random.Random(1)
    rows = [
        row.model_copy(
            update={
                "justification": words,
                "raw_answer": f'{{"winner": "Essay A", "justification": "{words}"}}',
            }
        )
        for row in artefact.llm_comparisons
        for words in [" ".join(draw.choices(WORDS, k=60)) if row.justification else None]
    ]
    anchors = [
        essay.model_copy(update={"anchor_id": f"anchor_essay_eng_5_17_vt_{number:03}"})
        for number, essay in enumerate(artefact.inputs.anchors, start=1)
    ]
    inputs = artefact.inputs.model_copy(update={"anchors": anchors})
    return artefact.model_copy(update={"llm_comparisons": rows, "inputs": inputs})


def texts_of(artefact: Artefact) -> EssayTexts:
    """Essays of 330 words, each with an end of its own."""
    draw = random.Random(2)
    essays = [*artefact.inputs.anchors, *artefact.inputs.students]
    return {
        one.essay_id: EssayText(f"{' '.join(draw.choices(WORDS, k=330))} END{place}")
        for place, one in enumerate(essays)
    }


def page_of(name: str) -> str:
    """The HTML of a report with essays in it."""
    if name == "boundary":
        tested = drawn({("anchor_03", "anchor_01"): (0.9, 0.7), ("anchor_04", "anchor_03"): (0.6, 0.3)}, 10)
        figures = boundary_analysis.build(tested, name="run")
        files = boundary_report.build(
            tested, figures, boundary_report.plots(figures), Around(texts_of(tested))
        )
    elif name == "students":
        placed = an_execute_run(judged)
        measured = analysis.build(placed, {}, name="run")
        plots = students.plots(students.drawn_of(placed, measured))
        files = students.build(placed, measured, plots, Around(texts_of(placed)))
    else:
        artefact = spoken(ARTEFACTS[name]())
        measured = analysis.build(artefact, TARGETS, name="run", baseline=baseline_of(artefact, name="run"))
        around = Around(texts_of(artefact), (("All runs", "index.html"), ("The run before", "before.html")))
        files = report.build(artefact, measured, report.plots(measured), around)
    (html,) = (text for path, text in files.items() if path.endswith(".html"))
    return html


def index_in(folder: Path) -> Path:
    """The index of three runs with long names and prompts."""
    project = ProjectPaths.at(folder)
    for number, name in enumerate(("a_variant_with_a_long_name", "another_one", "baseline")):
        artefact = judged(
            list(ROLE_MODEL_GRADES), seed=number, batch_id=name, provider="mock", model="simulated"
        )
        prompt = artefact.metadata.system_prompt
        assert prompt is not None
        rubric = prompt.model_copy(
            update={"path": "inputs/prompts/rubric/001_content_language_structure.txt"}
        )
        metadata = artefact.metadata.model_copy(update={"rubric": rubric})
        paths = project.run(name)
        write_model(paths.artefact, artefact.model_copy(update={"metadata": metadata}))
        analysis.run(paths, TARGETS)
        report.run(paths)
    index.run(project)
    return project.index


@pytest.fixture(scope="session")
def report_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The file of a report by its name in NAMES, made once."""
    folder = tmp_path_factory.mktemp("pages")
    made: dict[str, Path] = {}

    def file_of(name: str) -> Path:
        if name not in made:
            if name == "index":
                made[name] = index_in(folder / "project")
            else:
                made[name] = folder / f"{name}.html"
                made[name].write_text(page_of(name), encoding="utf-8")
        return made[name]

    return file_of


@pytest.fixture
def show(browser: Any, report_file: Callable[[str], Path]) -> Iterator[Callable[..., Any]]:
    """Opens a report in a browser of its own; whatever it says on the console fails the test."""
    contexts: list[Any] = []
    said: list[str] = []

    def shown(name: str, *, address: str = "", width: int = 1280, **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda line: said.append(line.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(report_file(name).as_uri() + address)
        return page

    yield shown
    for context in contexts:
        context.close()
    assert said == []


TOO_WIDE = """() => {
  document.querySelectorAll("main details").forEach((each) => { each.open = true; });
  const edge = document.documentElement.clientWidth + 1;
  return {
    page: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    elements: [...document.querySelectorAll("main *, header *, footer *")].filter((each) =>
      each.checkVisibility() && each.getBoundingClientRect().right > edge && !each.closest(".scroll, svg, pre")
    ).map((each) => each.outerHTML.slice(0, 80)),
    cut: [...document.querySelectorAll(".scroll")].filter((each) => each.scrollWidth > each.clientWidth + 1 ||
        (each.querySelector(".matrix") && each.scrollHeight > each.clientHeight + 1)
      ).map((each) => each.getAttribute("aria-label")),
  };
}"""
"""Unfolds everything, and says what is wider than the page, and which tables have to scroll; a matrix not even down."""


def fits(page: Any, width: int) -> None:
    """Nothing is wider than the page with every row opened; from 1280 px on no table has to scroll."""
    found = page.evaluate(TOO_WIDE)
    assert found["page"] <= 0 and found["elements"] == []
    if width >= 1280:
        assert found["cut"] == []


def unfolded_with_axe(page: Any) -> Any:
    """The page with axe-core in it, everything unfolded."""
    page.add_script_tag(path=str(AXE))
    page.evaluate(TOO_WIDE)
    return page


def faults(page: Any) -> list[str]:
    """What axe-core calls serious or critical."""
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:120]}"
        for one in result["violations"]
        if one["impact"] in ("serious", "critical")
    ]
