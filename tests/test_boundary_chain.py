"""Boundary tests from essays to reports, against the embedded stand-in."""

from __future__ import annotations

import html
import json
import math
import signal
from collections import Counter
from pathlib import Path

import pytest

from eng5.contracts.artefact import Artefact
from eng5.contracts.boundary_analysis import BoundaryAnalysis
from eng5.contracts.compare_boundary import CompareBoundary
from eng5.files import read_model
from tests.project import Project
from tests.test_interruption import KILLS_ITSELF

GAP, BIAS = 1.2, 0.7
EXPERIMENTS = f"""
baseline = "known"

[variant.known]
provider = "mock"
model = "simulated"
seed = 5
simulated = {{ step = {GAP}, position_bias = {BIAS}, delay_ms = 15 }}

[variant.surface]
provider = "mock"
model = "surface"

[variant.sharp]
provider = "mock"
model = "simulated"
seed = 6
simulated = {{ step = 6.0 }}

[boundary.known]
variant = "known"
grades = ["E-:F+"]
iterations = 30
"""


def experiments(more: str) -> str:
    return EXPERIMENTS.replace("[boundary.known]", "[boundary.known_rates]") + more


def project_with(root: Path, more: str) -> Project:
    project = Project.fresh(root)
    project.paths.experiments.write_text(experiments(more), encoding="utf-8")
    return project


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Boundary tests of three judges, run and compared."""
    project = project_with(
        tmp_path_factory.mktemp("boundary") / "project",
        """
[boundary.fixed]
variant = "surface"
pairs = ["003_E-:001_F+", "003_E-:002_F+"]
iterations = 5

[boundary.early]
variant = "sharp"
grades = ["E-:F+"]
iterations = 30
sequential = true
""",
    )
    project.doit("boundary", "compare_boundary")
    return project


def analysis(project: Project, name: str) -> BoundaryAnalysis:
    return read_model(project.paths.run(name).analysis, BoundaryAnalysis)


def report(project: Project, name: str, suffix: str) -> str:
    (page,) = project.paths.reports.glob(f"boundary_{name}_*.{suffix}")
    return page.read_text(encoding="utf-8")


def logistic(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def test_known_win_rates_and_position_bias_are_found(done: Project) -> None:
    """One step of ability and the bias: P(higher wins) is σ(1.2 + 0.7) shown first, σ(1.2 - 0.7) second.

    The judge's seed is fixed, so this is one of the draws in which all 15 intervals of 95 % hold the truth.
    """
    first, second = logistic(GAP + BIAS), logistic(GAP - BIAS)
    found = analysis(done, "known_rates")
    assert len(found.pairs) == 2 and found.overall.listed == found.overall.decided == 120
    for figures in (*(pair.figures for pair in found.pairs), found.overall):
        for estimate, truth in (
            (figures.higher_first, first),
            (figures.higher_second, second),
            (figures.corrected, (first + second) / 2),
            (figures.win_rate, (first + second) / 2),
            (figures.position, (first + 1 - second) / 2),
        ):
            assert estimate.interval is not None
            assert estimate.interval.low <= truth <= estimate.interval.high
    assert found.overall.discrimination == "shown"
    assert "the position matters" in found.verdict
    assert html.escape(found.verdict) in report(done, "known_rates", "html")


def test_a_deterministic_judge_is_reported_as_such(done: Project) -> None:
    """The surface judge agrees with itself always, and the report says that repeats say no more."""
    found = analysis(done, "fixed")
    assert found.deterministic and found.overall.agreement.value == 1.0
    for suffix in ("md", "html"):
        assert "Every repeat brought the same verdict" in report(done, "fixed", suffix)


def test_every_listed_comparison_is_answered_and_asked_afresh(done: Project) -> None:
    """Each repeat has its own callback and its own line in the ledger, deterministic judge or not."""
    artefact = read_model(done.paths.run("fixed").artefact, Artefact)
    assert [c.comparison_index for c in artefact.llm_comparisons] == list(range(20))
    assert not any(c.reused for c in artefact.llm_comparisons)
    repetitions = Counter((c.essay_a_id, c.essay_b_id) for c in artefact.llm_comparisons)
    assert set(repetitions.values()) == {5} and len(repetitions) == 4
    asked = [json.loads(line) for line in done.ledger() if '"surface"' in line]
    assert len(asked) == len({(line["question_sha256"], line["repetition"]) for line in asked}) == 20


def test_only_the_essays_of_the_pairs_are_sent(done: Project) -> None:
    """Three anchors make the two pairs; the other nine stay at home."""
    request = json.loads(done.paths.run("fixed").envelope.read_bytes())
    assert len(request["data"]["essays_for_cj"]) == 3
    assert len(done.uploads()) == 3


def test_clear_pairs_are_stopped_early(done: Project) -> None:
    """A judge that is always right costs a fraction, and nothing counts as missing."""
    found = analysis(done, "early")
    ends = [pair.stopped_at for pair in found.pairs]
    assert all(end is not None and end <= 6 for end in ends)
    asked = sum(2 * (end or 0) for end in ends)
    assert found.overall.skipped == 120 - asked and found.overall.missing == 0
    artefact = read_model(done.paths.run("early").artefact, Artefact)
    assert len(artefact.llm_comparisons) == asked
    assert found.overall.discrimination == "shown"


def test_variants_are_set_side_by_side_on_the_same_pairs(done: Project) -> None:
    """The baseline's test is the reference; the sharper judge wins more often by its true margin."""
    compared = read_model(done.paths.compare_boundary, CompareBoundary)
    assert [(row.run, row.reference) for row in compared.differences] == [
        ("fixed", "known_rates"),
        ("early", "known_rates"),
        ("early", "fixed"),
    ]
    pages = {path.suffix for path in done.paths.reports.glob("compare_boundary.*")}
    assert pages == {".md", ".html"}


def test_rebuild_renders_the_same_bytes(done: Project, tmp_path: Path) -> None:
    """From the artefacts alone, with an empty doit database, every report and the comparison are what they were."""
    pages = ("boundary_", "compare_boundary")
    before = {name: text for name, text in done.reports().items() if name.startswith(pages)}
    copy = done.copy(tmp_path / "project")
    for name in ("fixed", "early", "known_rates"):
        for path in copy.paths.run(name).chain():
            if path.name != "50_artefact.json":
                path.unlink()
    (copy.paths.build / ".doit.db").unlink()
    for path in copy.paths.reports.rglob("*.*"):
        path.unlink()
    copy.doit("rebuild_reports")
    after = {name: text for name, text in copy.reports().items() if name.startswith(pages)}
    assert after == before and "compare_boundary.md" in before


@pytest.fixture(scope="module")
def ten(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A boundary test of forty comparisons that is frozen, so that every copy of it is the same run."""
    project = project_with(tmp_path_factory.mktemp("ten") / "project", "")
    text = project.paths.experiments.read_text(encoding="utf-8").replace("iterations = 30", "iterations = 10")
    project.paths.experiments.write_text(text, encoding="utf-8")
    project.doit("identity:known_rates")
    return project


def comparisons(project: Project) -> list[dict[str, object]]:
    """What was asked and what came back, but for when."""
    artefact = read_model(project.paths.run("known_rates").artefact, Artefact)
    assert artefact.validation.missing == artefact.validation.unlisted == 0
    return [one.model_dump(exclude={"started_at", "completed_at"}) for one in artefact.llm_comparisons]


@pytest.fixture(scope="module")
def undisturbed(ten: Project, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    """The comparisons of a run that nobody killed."""
    project = ten.copy(tmp_path_factory.mktemp("undisturbed") / "project")
    project.doit("artefact:known_rates")
    return comparisons(project)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "nth"), [("ledger", 2), pytest.param("45_events", 2, marks=pytest.mark.slow)]
)
def test_forty_comparisons_killed_halfway_are_forty_in_the_end(
    ten: Project, undisturbed: list[dict[str, object]], tmp_path: Path, file: str, nth: int
) -> None:
    """SIGKILL while judging or while capturing; the same command goes on: 40 callbacks, none asked twice."""
    killed = ten.copy(tmp_path / "killed")
    task = "artefact:known_rates"
    stopped = killed.doit(file, str(nth), task, code=KILLS_ITSELF, succeeds=False)
    assert stopped.returncode == -signal.SIGKILL
    assert len(killed.ledger()) < 40 or file == "45_events"
    killed.doit(task)
    asked = [json.loads(line) for line in killed.ledger()]
    assert len(asked) == len({(line["question_sha256"], line["repetition"]) for line in asked}) == 40
    found = comparisons(killed)
    assert [one["comparison_index"] for one in found] == list(range(40))
    assert found == undisturbed
