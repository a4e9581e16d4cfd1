"""Boundary tests from names of pairs to a report, against a stand-in at given addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from eng5.contracts.artefact import Artefact
from eng5.contracts.boundary_analysis import BoundaryAnalysis
from eng5.contracts.modes import RunnerMode
from eng5.contracts.platform import PlatformSettings
from eng5.contracts.run import BoundarySelection, JudgeSettings, RunFile
from eng5.errors import InputError, ServiceError
from eng5.files import read_model
from eng5.handlers import HANDLER_MAP
from eng5.handlers.boundary_test import BoundaryTestHandler
from eng5.paths import ProjectPaths
from eng5.protocols import ModeHandlerProtocol
from eng5.settings import RunnerSettings
from eng5.steps import inventory

MakeSettings = Callable[..., RunnerSettings]
BOUNDARY = RunnerMode.BOUNDARY_TEST
PAIRS = ["003_E-:001_F+", "003_E-:002_F+"]


def run(project: ProjectPaths, settings: RunnerSettings) -> int:
    found = inventory.build(project, settings.anchors_folder, mode=BOUNDARY)
    return BoundaryTestHandler().execute(settings, found, project.run(settings.batch_id))


@pytest.fixture
def boundary_settings(
    settings_for: MakeSettings, platform: PlatformSettings
) -> Callable[..., RunnerSettings]:
    """`boundary_settings(pairs=…, iterations=…, sequential=…, **changes)`."""

    def make(changes: dict[str, Any] | None = None, **selection: Any) -> RunnerSettings:
        chosen = BoundarySelection.model_validate({"pairs": PAIRS, "iterations": 2} | selection)
        return settings_for(BOUNDARY, boundary=chosen, platform=platform, **(changes or {}))

    return make


def test_two_pairs_become_a_report(
    project: ProjectPaths, boundary_settings: MakeSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    """2 pairs × 2 × 2 orders are 8 comparisons; the pairs, the count and the page are said."""
    assert run(project, boundary_settings()) == 0
    paths = project.run("run-1")
    artefact = read_model(paths.artefact, Artefact)
    assert [c.comparison_index for c in artefact.llm_comparisons] == list(range(8))
    assert read_model(paths.analysis, BoundaryAnalysis).overall.listed == 8
    shown = capsys.readouterr()
    text = shown.out + shown.err
    assert "ANCHOR_10 (E-) and ANCHOR_08 (F+), 2 times in each order" in text
    assert "Listed comparisons: 8" in text
    (page,) = project.reports.glob("boundary_run-1_*.html")
    assert page.name in text


def test_the_same_command_again_asks_nothing(project: ProjectPaths, boundary_settings: MakeSettings) -> None:
    """The frozen run names its pairs by id; the names that found them find the same run."""
    assert run(project, boundary_settings()) == 0
    journal = project.run("run-1").events
    before = journal.read_bytes()
    assert run(project, boundary_settings(pairs=[], grades=["E-:F+"])) == 0
    assert journal.read_bytes() == before
    identity = read_model(project.run("run-1").run, RunFile).identity
    assert identity.boundary is not None
    assert [(pair.higher, pair.lower) for pair in identity.boundary] == [
        ("ANCHOR_10", "ANCHOR_08"),
        ("ANCHOR_10", "ANCHOR_04"),
    ]


def test_other_pairs_under_the_same_name_are_refused(
    project: ProjectPaths, boundary_settings: MakeSettings
) -> None:
    """A batch id stands for its list of comparisons."""
    assert run(project, boundary_settings()) == 0
    with pytest.raises(InputError, match="taken by a run with other inputs"):
        run(project, boundary_settings(iterations=3))


@pytest.mark.parametrize(
    ("selection", "problem"),
    [
        ({"pairs": ["001_F+:003_E-"]}, "no higher grade"),
        ({"pairs": ["003_E-:nobody"]}, "no anchor is called 'nobody'"),
        ({"pairs": [], "grades": ["Z:F+"]}, "no such grade"),
    ],
)
def test_wrong_names_are_refused_before_anything_is_sent(
    project: ProjectPaths, boundary_settings: MakeSettings, selection: dict[str, Any], problem: str
) -> None:
    """The anchors are listed, and no run is made."""
    with pytest.raises(InputError) as refusal:
        run(project, boundary_settings(**selection))
    assert problem in str(refusal.value) and "ANCHOR_10  E-" in str(refusal.value)
    assert not project.run("run-1").run.exists()


def test_no_pairs_and_too_small_a_budget_are_refused(
    project: ProjectPaths, settings_for: MakeSettings, boundary_settings: MakeSettings
) -> None:
    """A list is asked whole or not at all."""
    with pytest.raises(InputError, match="no pairs"):
        run(project, settings_for(BOUNDARY))
    with pytest.raises(InputError, match=r"--max-comparisons 7 is less than the 8 listed"):
        run(project, boundary_settings({"max_comparisons": 7}))


@pytest.mark.slow
def test_early_stopping_asks_less_of_a_clear_judge(
    project: ProjectPaths, boundary_settings: MakeSettings
) -> None:
    """A judge that is always right is stopped after a few of 20 iterations, and the rest is not missing."""
    sure = JudgeSettings(provider="mock", model="simulated", simulated={"step": 20})
    settings = boundary_settings({"judge": sure}, iterations=20, sequential=True)
    assert run(project, settings) == 0
    overall = read_model(project.run("run-1").analysis, BoundaryAnalysis).overall
    asked = len(read_model(project.run("run-1").artefact, Artefact).llm_comparisons)
    assert asked < 30 and overall.skipped == 80 - asked and overall.missing == 0
    assert overall.discrimination == "shown"


def test_a_service_that_runs_its_own_pairs_is_found_out(
    project: ProjectPaths,
    settings_for: MakeSettings,
    platform: PlatformSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A platform that ignores the list answers other comparisons: the run ends with what is wrong."""
    from eng5.stack.cj_core import batch

    parse = batch.BatchRequest.parse

    def without_list(raw: bytes) -> batch.BatchRequest:
        request = parse(raw)
        return batch.BatchRequest(
            raw, request.envelope, request.data.model_copy(update={"pre_specified_comparisons": None})
        )

    monkeypatch.setattr(batch.BatchRequest, "parse", without_list)
    chosen = BoundarySelection(grades=["E-:F+"], iterations=1)
    with pytest.raises(ServiceError, match="ran pairs of its own"):
        run(project, settings_for(BOUNDARY, boundary=chosen, platform=platform))


def test_a_boundary_test_is_a_mode() -> None:
    """The handler is made without arguments and satisfies the protocol."""
    assert isinstance(HANDLER_MAP[BOUNDARY](), ModeHandlerProtocol)


def test_only_the_essays_of_the_pairs_decide(project: ProjectPaths, boundary_settings: MakeSettings) -> None:
    """An edited essay of another grade leaves the run as it is; one of the pair's makes it another run."""
    assert run(project, boundary_settings()) == 0
    journal = project.run("run-1").events
    before = journal.read_bytes()
    other = project.anchors / "anchor_essay_eng_5_17_vt_012_A.txt"
    other.write_text(other.read_text(encoding="utf-8") + "\nOne more line.\n", encoding="utf-8")
    assert run(project, boundary_settings()) == 0
    assert journal.read_bytes() == before
    own = project.anchors / "anchor_essay_eng_5_17_vt_003_E-.txt"
    own.write_text(own.read_text(encoding="utf-8") + "\nOne more line.\n", encoding="utf-8")
    with pytest.raises(InputError, match="essays_sha256"):
        run(project, boundary_settings())
