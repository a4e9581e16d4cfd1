"""Execute: preflight against real HTTP, each failure with its own words; then students to a report with grades."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from eng5.contracts.artefact import Artefact
from eng5.contracts.modes import RunnerMode
from eng5.contracts.platform import PlatformSettings
from eng5.contracts.run import RunFile
from eng5.errors import Eng5Error, InputError, PreflightError, ServiceError
from eng5.files import read_model
from eng5.handlers.execute import ExecuteHandler
from eng5.paths import ProjectPaths
from eng5.settings import RunnerSettings
from eng5.steps import inventory
from tests.scripted import Answer, Asked, Scripted, scripted

MakeSettings = Callable[..., RunnerSettings]
EXECUTE = RunnerMode.EXECUTE
ASSIGNMENT = "11111111-2222-3333-4444-555555555555"
SCALE = "eng5_np_legacy_9_step"

INSTRUCTIONS: dict[str, Any] = {
    "id": 1,
    "assignment_id": ASSIGNMENT,
    "course_id": None,
    "instructions_text": "Judge the whole text.",
    "grade_scale": SCALE,
    "context_origin": "research_experiment",
    "student_prompt_storage_id": "0" * 32,
    "created_at": "2026-03-02T09:00:00Z",
}
ANCHORS: dict[str, Any] = {
    "assignment_id": ASSIGNMENT,
    "grade_scale": SCALE,
    "anchor_count": 0,
    "anchors": [],
    "anchor_count_total": 2,
    "anchor_count_by_scale": {"swedish_8_anchor": 2},
}


def run(project: ProjectPaths, settings: RunnerSettings) -> int:
    found = inventory.build(project, settings.anchors_folder, mode=EXECUTE)
    return ExecuteHandler().execute(settings, found, project.run(settings.batch_id))


def keep_students(project: ProjectPaths, count: int) -> None:
    """Fewer students make a quicker run."""
    for path in sorted(project.students.iterdir())[count:]:
        path.unlink()


@pytest.fixture
def broken() -> Iterator[Scripted]:
    """A CJ service that a test puts answers into."""
    with scripted() as server:
        yield server


def test_students_get_grades(
    project: ProjectPaths,
    settings_for: MakeSettings,
    platform: PlatformSettings,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Students alone are sent, the prompt is not; budget and hint travel in the metadata; anchors of the service
    stand between them with the experts' grades; the report has ids, no file names; the same again asks nobody."""
    keep_students(project, 3)
    (project.students / "elev_text_01.docx").rename(project.students / "Åsa Öhman.docx")
    judge = {"provider": "mock", "model": "surface", "batching_mode": "serial_bundle"}
    settings = settings_for(
        EXECUTE, platform=platform, max_comparisons=14, judge=judge, expected_grade_scale=SCALE
    )
    paths = project.run("run-1")
    assert run(project, settings) == 0

    envelope = json.loads(paths.envelope.read_bytes())
    assert envelope["data"]["assignment_id"] == ASSIGNMENT
    assert envelope["data"]["student_prompt_ref"] is None
    assert len(envelope["data"]["essays_for_cj"]) == 3
    assert envelope["metadata"]["max_comparisons"] == 14
    assert envelope["metadata"]["llm_batching_mode_hint"] == "serial_bundle"

    artefact = read_model(paths.artefact, Artefact)
    assert len(artefact.llm_comparisons) == 14
    anchors = [score for score in artefact.bt_summary if score.is_anchor]
    students = [score for score in artefact.bt_summary if not score.is_anchor]
    assert sorted(str(score.anchor_grade) for score in anchors) == ["A", "C+", "F+"]
    assert {score.letter_grade for score in students} <= {
        "F",
        "F+",
        "E-",
        "E+",
        "D-",
        "D+",
        "C-",
        "C+",
        "B",
        "A",
    }
    assert len(read_model(paths.run, RunFile).registered_anchors) == 3

    said = capsys.readouterr().out
    assert f"Assignment {ASSIGNMENT}: {SCALE}, research_experiment, 3 anchors" in said
    assert "Comparisons: 14 (14 decided" in said
    pages = {path.suffix: path for path in project.reports.glob("execute_run-1_*")}
    table = pages.pop(".csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(table) == 4 and any("elev_text" in row for row in table), (
        "the file names are in the table alone"
    )
    assert set(pages) == {".md", ".html"}
    for page in pages.values():
        text = page.read_text(encoding="utf-8")
        assert "hman" not in text.lower() and "elev_text" not in text and ".docx" not in text
    ids = paths.ids.read_text(encoding="utf-8").splitlines()[1:]
    shown = pages[".md"].read_text(encoding="utf-8")
    assert len(ids) == 3 and all(line.removeprefix("STUDENT_").partition(",")[0] in shown for line in ids)

    nowhere = platform.model_copy(update={"cj_service_url": "http://127.0.0.1:9"})
    assert run(project, settings.model_copy(update={"platform": nowhere})) == 0
    assert "Nothing to do" in capsys.readouterr().out

    frozen = paths.run.read_bytes()
    for again in ("fresh", "fresh_verdicts"):
        other = settings.model_copy(update={again: True, "expected_grade_scale": "swedish_8_anchor"})
        with pytest.raises(PreflightError, match=SCALE):
            run(project, other)
    assert paths.run.read_bytes() == frozen, "what would be asked is checked before anything changes"


def test_without_an_assignment_the_prompt_is_sent_along(
    project: ProjectPaths, settings_for: MakeSettings, platform: PlatformSettings
) -> None:
    """A guest batch of students: the prompt is uploaded and named, nothing is asked of the CJ service."""
    keep_students(project, 2)
    nowhere = platform.model_copy(update={"cj_service_url": None})
    settings = settings_for(EXECUTE, platform=nowhere, assignment_id=None, use_kafka=False)
    assert run(project, settings) == 0
    request = json.loads(project.run("run-1").envelope.read_bytes())["data"]
    assert request["assignment_id"] is None
    assert request["student_prompt_ref"]["references"]["student_prompt_text"]["storage_id"]


@pytest.mark.parametrize(
    ("missing", "assignment", "said"),
    [
        ("instructions.md", ASSIGNMENT, "no instructions"),
        ("students", ASSIGNMENT, "no student essays"),
        ("prompt.md", None, "no prompt, and no assignment"),
    ],
)
def test_missing_inputs_are_named(
    project: ProjectPaths, settings_for: MakeSettings, missing: str, assignment: str | None, said: str
) -> None:
    """Instructions and a student are needed, the prompt only without an assignment; no service is asked."""
    path = project.inputs / missing
    if path.is_dir():
        keep_students(project, 0)
    else:
        path.unlink()
    with pytest.raises(InputError, match=said) as refusal:
        run(project, settings_for(EXECUTE, assignment_id=assignment))
    assert refusal.value.where == str(path)


def test_no_address_of_the_cj_service(
    project: ProjectPaths, settings_for: MakeSettings, platform: PlatformSettings
) -> None:
    """The platform without CJ_SERVICE_URL."""
    nowhere = platform.model_copy(update={"cj_service_url": None})
    with pytest.raises(PreflightError, match=r"no address of the CJ service.*\n.*--cj-service-url"):
        run(project, settings_for(EXECUTE, platform=nowhere))


def good(asked: Asked, **changes: Any) -> Answer:
    """Instructions and an empty list of anchors, with changes to the instructions."""
    return Answer(200, ANCHORS if "/anchors/" in asked.path else INSTRUCTIONS | changes)


@pytest.mark.parametrize(
    ("script", "kind", "said"),
    [
        (lambda asked: Answer(401, {"error": "expired"}), PreflightError, "does not accept the token"),
        (lambda asked: Answer(403, {"error": "not for you"}), PreflightError, "role 'admin'"),
        (lambda asked: Answer(404, {"error": "unknown"}), PreflightError, "does not know it"),
        (lambda asked: good(asked), PreflightError, "no anchors in the grade scale .*but 2 in swedish_8_anchor"),
        (lambda asked: good(asked, student_prompt_storage_id=None), PreflightError, "no student prompt"),
        (lambda asked: good(asked, grade_scale="swedish_8_anchor"), PreflightError, "'swedish_8_anchor', not"),
        (lambda asked: Answer(500, {"error": "Internal server error", "message": "oh"}), ServiceError, "500: .* oh"),
        (lambda asked: Answer(200, "<html>"), ServiceError, "cannot be used"),
    ],
    ids=["401", "403", "404", "no anchors", "no prompt", "other scale", "500", "not JSON"],
)  # fmt: skip
def test_every_failed_preflight_has_its_own_words(
    project: ProjectPaths,
    settings_for: MakeSettings,
    platform: PlatformSettings,
    broken: Scripted,
    script: Callable[[Asked], Answer],
    kind: type[Eng5Error],
    said: str,
) -> None:
    """What is wrong, the remedy, and nothing uploaded, published or frozen."""
    broken.script = script
    there = platform.model_copy(update={"cj_service_url": broken.url})
    settings = settings_for(EXECUTE, platform=there, expected_grade_scale=SCALE)
    with pytest.raises(kind, match=f"(?s){said}") as refusal:
        run(project, settings)
    assert refusal.value.remedy
    assert not project.run("run-1").run.exists()
    assert '"event": "refused"' in project.run("run-1").log.read_text(encoding="utf-8")


def test_an_unknown_grade_scale_of_the_assignment(
    project: ProjectPaths, settings_for: MakeSettings, platform: PlatformSettings, broken: Scripted
) -> None:
    """A scale that this version does not know cannot be worked with; the known ones are listed."""
    broken.script = lambda asked: good(asked, grade_scale="of_tomorrow")
    there = platform.model_copy(update={"cj_service_url": broken.url})
    with pytest.raises(PreflightError, match=r"(?s)of_tomorrow.*swedish_8_anchor"):
        run(project, settings_for(EXECUTE, platform=there))


def test_a_service_that_never_answers(
    project: ProjectPaths,
    settings_for: MakeSettings,
    platform: PlatformSettings,
    broken: Scripted,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A time-out is told apart from a refusal."""
    from eng5.clients import cj_admin

    never = threading.Event()
    broken.script = lambda asked: Answer(hold=never)
    original = cj_admin.CJAdminClient.__init__
    monkeypatch.setattr(
        cj_admin.CJAdminClient,
        "__init__",
        lambda self, url, token, **more: original(
            self, url, token, timeout=0.1, register_timeout=0.1, **more
        ),
    )
    there = platform.model_copy(update={"cj_service_url": broken.url})
    with pytest.raises(ServiceError, match="does not answer in time"):
        run(project, settings_for(EXECUTE, platform=there))
    never.set()


def test_what_the_reader_should_know_is_said(
    project: ProjectPaths,
    settings_for: MakeSettings,
    platform: PlatformSettings,
    broken: Scripted,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A single student, and a rubric that a canonical assignment overrules."""
    keep_students(project, 1)
    anchors = ANCHORS | {
        "anchor_count": 1,
        "anchors": [
            {
                "id": 7,
                "assignment_id": ASSIGNMENT,
                "anchor_label": "one",
                "grade": "A",
                "grade_scale": SCALE,
                "text_storage_id": "1" * 32,
                "created_at": "2026-03-02T09:00:00Z",
            }
        ],
    }
    broken.script = lambda asked: (
        Answer(200, anchors)
        if "/anchors/" in asked.path
        else good(asked, context_origin="canonical_national")
    )
    monkeypatch.setattr("eng5.graph.drive.carry_out", lambda *_, **__: 0)
    there = platform.model_copy(update={"cj_service_url": broken.url})
    rubric = project.inputs / "prompts" / "rubric" / "001_content_language.txt"
    assert run(project, settings_for(EXECUTE, platform=there, rubric=rubric)) == 0
    said = capsys.readouterr().out
    assert "ignores --rubric" in said
    assert "two are the least" in said


def test_the_token_is_in_no_file(
    project: ProjectPaths,
    settings_for: MakeSettings,
    platform: PlatformSettings,
    broken: Scripted,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Neither a given token that the service repeats in its error, nor the secret, is in a file, a log or a message."""
    token = "abcdefghij.klmnopqrst.uvwxyz0123456789"
    monkeypatch.setenv("HULEEDU_ADMIN_TOKEN", token)
    monkeypatch.setenv("JWT_SECRET_KEY", "a-very-secret-key-of-the-service")
    broken.script = lambda asked: Answer(401, {"error": f"{asked.headers['authorization']} is bad"})
    there = platform.model_copy(update={"cj_service_url": broken.url})
    with pytest.raises(PreflightError) as refusal:
        run(project, settings_for(EXECUTE, platform=there, verbose=True))
    assert broken.asked[0].headers["authorization"] == f"Bearer {token}"
    shown = str(refusal.value) + "".join(capsys.readouterr())
    files = [
        path.read_bytes().decode("utf-8", "replace") for path in project.build.rglob("*") if path.is_file()
    ]
    assert files
    for text in (shown, *files):
        assert token not in text
        assert "a-very-secret-key-of-the-service" not in text
