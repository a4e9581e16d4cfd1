"""Anchor alignment from essays to a report, against a stand-in at given addresses."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from eng5.contracts.artefact import Artefact
from eng5.contracts.modes import RunnerMode
from eng5.contracts.platform import PlatformSettings
from eng5.contracts.run import RunFile
from eng5.errors import BatchFailedError, InputError, ServiceError
from eng5.files import read_model
from eng5.handlers.anchor_align import AnchorAlignHandler
from eng5.paths import ProjectPaths
from eng5.settings import RunnerSettings
from eng5.steps import inventory
from tests.scripted import scripted

MakeSettings = Callable[..., RunnerSettings]
ALIGN = RunnerMode.ANCHOR_ALIGN_TEST
ASSIGNMENT = "11111111-2222-3333-4444-555555555555"


def run(project: ProjectPaths, settings: RunnerSettings) -> int:
    found = inventory.build(project, settings.anchors_folder, mode=ALIGN)
    return AnchorAlignHandler().execute(settings, found, project.run(settings.batch_id))


def keep_anchors(project: ProjectPaths, count: int) -> None:
    """Fewer anchors make a quicker run."""
    for path in sorted(project.anchors.iterdir())[count:]:
        path.unlink()


def test_the_anchors_become_a_report(
    project: ProjectPaths,
    settings_for: MakeSettings,
    platform: PlatformSettings,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Sent as students of a guest batch with both prompts; the same again does nothing and says where the report is;
    other settings under the same batch id are refused with both values; a fresh one is a new attempt."""
    keep_anchors(project, 4)
    prompts = {
        "system_prompt": project.inputs / "prompts" / "system" / "001_default.txt",
        "rubric": project.inputs / "prompts" / "rubric" / "001_content_language.txt",
    }
    settings = settings_for(ALIGN, platform=platform, assignment_id=ASSIGNMENT, **prompts)
    paths = project.run("run-1")
    assert run(project, settings) == 0

    request = json.loads(paths.envelope.read_bytes())["data"]
    assert request["assignment_id"] is None
    assert len(request["essays_for_cj"]) == 4
    overrides = request["llm_config_overrides"]
    assert overrides["system_prompt_override"] == prompts["system_prompt"].read_text(encoding="utf-8")
    assert overrides["judge_rubric_override"] == prompts["rubric"].read_text(encoding="utf-8")
    assert read_model(paths.run, RunFile).identity.assignment_id == ASSIGNMENT
    assert len(read_model(paths.artefact, Artefact).llm_comparisons) == 6
    [page] = project.reports.glob("anchor_align_run-1_*.md")
    first = capsys.readouterr().out
    assert "Comparisons: 6 (6 decided, 0 ties, 0 failed)" in first
    assert f"Report: reports/{page.name}" in first

    before = {path: path.read_bytes() for path in paths.chain()}
    assert run(project, settings) == 0
    again = capsys.readouterr().out
    assert "Nothing to do" in again
    assert f"Report: reports/{page.name}" in again
    assert {path: path.read_bytes() for path in paths.chain()} == before

    other = settings.model_copy(update={"max_comparisons": 3})
    with pytest.raises(InputError, match=r"(?s)max_comparisons: none → 3.*--fresh"):
        run(project, other)
    assert run(project, other.model_copy(update={"fresh": True})) == 0
    assert read_model(paths.run, RunFile).identity.attempt == 2
    assert len(read_model(paths.artefact, Artefact).llm_comparisons) == 3
    log = [json.loads(line) for line in paths.log.read_text(encoding="utf-8").splitlines()]
    assert {line["batch_id"] for line in log} == {"run-1"}
    assert {line["runner_mode"] for line in log} == {"anchor-align-test"}
    assert all(line["correlation_id"] for line in log)
    [summary, *_] = [line for line in log if "tokens_prompt" in line]
    assert summary["correlation_id"] == json.loads(before[paths.envelope])["correlation_id"]


def test_a_changed_essay_is_refused_with_both_hashes(
    project: ProjectPaths, settings_for: MakeSettings, platform: PlatformSettings
) -> None:
    """Under the same batch id another text is another run."""
    keep_anchors(project, 2)
    settings = settings_for(ALIGN, platform=platform, use_kafka=False)
    assert run(project, settings) == 0
    before = read_model(project.run("run-1").run, RunFile).identity.essays_sha256
    essay = project.anchors / "anchor_essay_eng_5_17_vt_001_F+.txt"
    essay.write_text(essay.read_text(encoding="utf-8") + " The end.", encoding="utf-8")
    with pytest.raises(InputError, match=f"essays_sha256: {before} → [0-9a-f]{{64}}"):
        run(project, settings)


def test_without_kafka_the_request_is_written_and_not_sent(
    project: ProjectPaths,
    settings_for: MakeSettings,
    platform: PlatformSettings,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The chain ends with the envelope, and the message says so; without the flag it goes on from there."""
    keep_anchors(project, 2)
    settings = settings_for(ALIGN, platform=platform, use_kafka=False)
    paths = project.run("run-1")
    assert run(project, settings) == 0
    assert paths.envelope.exists()
    assert not paths.published.exists()
    assert "Not published (--no-kafka)" in capsys.readouterr().out
    assert run(project, settings.model_copy(update={"use_kafka": True})) == 0
    assert read_model(paths.artefact, Artefact).validation.batch_status == "completed"


def test_without_waiting_the_request_is_sent_and_awaited_later(
    project: ProjectPaths,
    settings_for: MakeSettings,
    platform: PlatformSettings,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Publish and stop; the same command with --await-completion captures what came meanwhile."""
    keep_anchors(project, 2)
    settings = settings_for(ALIGN, platform=platform, await_completion=False)
    paths = project.run("run-1")
    assert run(project, settings) == 0
    published = paths.published.read_bytes()
    assert not paths.events.exists()
    assert "--await-completion" in capsys.readouterr().out
    assert run(project, settings.model_copy(update={"await_completion": True})) == 0
    assert paths.published.read_bytes() == published
    assert len(read_model(paths.artefact, Artefact).llm_comparisons) == 1


def test_missing_anchors_are_a_hard_error(project: ProjectPaths, settings_for: MakeSettings) -> None:
    """Nothing is made for a run without anchors."""
    found = inventory.build(project, project.anchors, mode=ALIGN).model_copy(update={"anchors": []})
    with pytest.raises(InputError, match="no anchor essays"):
        AnchorAlignHandler().execute(settings_for(ALIGN), found, project.run("run-1"))
    assert not project.build.exists()


def test_a_service_that_is_down_is_named(
    project: ProjectPaths, settings_for: MakeSettings, platform: PlatformSettings
) -> None:
    """The Content Service's refusal comes through the graph as it is, and is in the log."""
    keep_anchors(project, 2)
    with scripted() as closed:
        url = closed.url
    down = platform.model_copy(update={"content_service_url": f"{url}/v1/content"})
    with pytest.raises(ServiceError, match="the Content Service cannot be reached"):
        run(project, settings_for(ALIGN, platform=down))
    log = project.run("run-1").log.read_text(encoding="utf-8")
    assert '"event": "refused"' in log
    assert '"step failed"' in log


def test_a_batch_that_failed_gets_the_next_attempt(
    project: ProjectPaths, settings_for: MakeSettings, platform: PlatformSettings
) -> None:
    """Its report says why; the same command asks again as the next attempt."""
    from eng5.contracts.run import JudgeSettings

    keep_anchors(project, 3)
    hopeless = JudgeSettings(provider="mock", model="simulated", simulated={"error_rate": 1.0})
    settings = settings_for(ALIGN, platform=platform, judge=hopeless)
    for attempt in (1, 2):
        with pytest.raises(BatchFailedError, match="low_success_rate"):
            run(project, settings)
        assert read_model(project.run("run-1").run, RunFile).identity.attempt == attempt
        paths = project.run("run-1")
        artefact = read_model(paths.artefact, Artefact)
        assert {row.failure_cause for row in artefact.llm_comparisons} == {"server error"}
        [page] = project.reports.glob(f"*{artefact.metadata.timestamp}.md")
        text = page.read_text(encoding="utf-8")
        assert "Partial, 0 of 3 comparisons answered. No verdict" in text
        assert "exit code 5" in text and "the provider failed | 3 |" in text
