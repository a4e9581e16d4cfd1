"""`eng5 batches`, and a run that awaits one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from eng5.steps import events
from tests.batch_server import KEY, BatchServer, batch_server
from tests.cli.conftest import Done
from tests.project import Project

Eng5 = Callable[..., Done]
RUN = (
    "--mode", "anchor-align-test", "--batch-id", "by-batch", "--llm-provider", "openai", "--llm-model", "gpt-4o",
    "--llm-batching-mode", "provider_batch_api",
)  # fmt: skip


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[BatchServer]:
    """OpenAI, by its address in the environment; a batch there takes long."""
    with batch_server() as server:
        server.looks = 1000
        monkeypatch.setenv("ENG5_LLM_OPENAI_BASE_URL", server.address("openai"))
        monkeypatch.setenv("ENG5_LLM_OPENAI_API_KEY", KEY)
        yield server


@pytest.fixture
def awaited(eng5: Eng5, provider: BatchServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that ended at its deadline, which passed once the batch was looked up again."""
    with monkeypatch.context() as patch:
        assert events.run.__kwdefaults__ is not None
        patch.setitem(events.run.__kwdefaults__, "clock", lambda: 1e9 if provider.calls["look"] > 1 else 0.0)
        done = eng5(*RUN)
    done.refused(10, "run 'by-batch' awaits its batch: batch_1 at openai", "eng5 batches wait by-batch")


def test_without_a_batch_it_says_how_to_ask_for_one(eng5: Eng5, project: Project) -> None:
    """And a run or an id that is not there is answered with those that are."""
    assert 'batching_mode = "provider_batch_api"' in eng5("batches").went_well()
    eng5("batches", "wait", "nobody").refused(2, "nothing was sent by batch for a run 'nobody'", "none")
    eng5("batches", "cancel", "batch_9").refused(2, "no batch 'batch_9' was sent from this study", "none")


def test_a_run_awaits_its_batch_and_goes_on(eng5: Eng5, awaited: None, provider: BatchServer) -> None:
    """Exit code 10 and how to come back; the table; its end; the same command makes the report, nothing sent twice."""
    head, shown = eng5("batches").went_well().splitlines()
    assert head.split() == ["Run", "Model", "Batch", "State", "Answered", "Kept", "Failed", "Age", "Cost"]
    assert " ".join(shown.split()).startswith("by-batch openai/gpt-4o batch_1 in_progress 0 of 15 0 0 ")
    assert shown.endswith("min  0.0000 USD")
    provider.batches[0].looks = 0
    said = eng5("batches", "wait", "by-batch")
    assert "Collect their answers: doit report:by-batch" in said.went_well()
    assert "batch_1 at openai: completed" in said.err
    report = eng5(*RUN).went_well()
    assert "Report: " in report
    assert "Asked for this run: 15; planned 15" in report
    assert "planned within 24 h, by batch" in report
    assert set(provider.asked.values()) == {1}
    assert "No batch of 'by-batch' is open" in eng5("batches", "wait", "by-batch").went_well()
    eng5("batches", "cancel", "batch_1").refused(2, "has ended (completed)")


@pytest.mark.slow
def test_what_was_cancelled_is_asked_again_on_demand(
    eng5: Eng5, provider: BatchServer, request: pytest.FixtureRequest
) -> None:
    """`cancel` ends the batch at the provider; the run's command keeps what came and sends the rest anew."""
    provider.plan = lambda batch: setattr(batch.items[0], "outcome", "unrun") if batch.number == 1 else None
    request.getfixturevalue("awaited")
    said = eng5("batches", "cancel", "batch_1").went_well()
    assert said.startswith("batch_1: cancelling.")
    provider.looks = 0
    eng5(*RUN).went_well()
    assert [len(one.items) for one in provider.batches] == [15, 1]


@pytest.mark.slow
def test_what_cannot_be_looked_up_is_shown_as_it_was(
    eng5: Eng5, awaited: None, provider: BatchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that is gone or a provider that is away: the last known state, and why."""
    provider.refused["look"] = (401, "no such key")
    assert "batch_1: shown as it was last seen: openai's batch API" in eng5("batches").went_well()
    eng5("batches", "wait", "by-batch").refused(3, "no such key")
    monkeypatch.delenv("ENG5_LLM_OPENAI_BASE_URL")
    monkeypatch.delenv("ENG5_LLM_OPENAI_API_KEY")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert "set OPENAI_API_KEY" in eng5("batches").went_well()
    eng5("batches", "cancel", "batch_1").refused(3, "set OPENAI_API_KEY")
