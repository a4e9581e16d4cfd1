"""Calls of a batch API that fail, break off, are refused for now or answered by a page: nothing is paid twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest

from eng5.judges import JudgeStoppedError, LlmService, Question
from eng5.judges.batches.asking import AskByBatch
from eng5.judges.batches.sending import Asker, BatchDesk
from eng5.judges.batches.sent import SentBatches
from eng5.judges.clock import Clock
from eng5.judges.ledger import Entry, FileLedger
from eng5.judges.question import sha256_hex
from tests.batch_server import BatchServer, Held
from tests.judges.batches.conftest import MODELS, by_default_openai, config, every_provider

pytestmark = pytest.mark.filterwarnings("ignore:The model .* is deprecated:DeprecationWarning")

Run = Callable[[str], list[str]]


@pytest.fixture
def run(server: BatchServer, tmp_path: Path, question_for: Callable[..., Question]) -> Run:
    """Asks six questions of a provider's model, and again in the same study: their outcomes, without waiting."""

    def ask(provider: str) -> list[str]:
        question = question_for(provider, MODELS[provider])
        questions = [
            (sha256_hex(str(number)), Question(question.setting, question.essay_a, question.essay_b))
            for number in range(6)
        ]
        return [entry.verdict.outcome for entry in asyncio.run(_asked(server, tmp_path, questions))]

    return ask


async def _asked(server: BatchServer, state: Path, questions: Sequence[tuple[str, Question]]) -> list[Entry]:
    async def at_once(_: float) -> None:
        await asyncio.sleep(0)

    ledger = FileLedger(state / "ledger.jsonl")
    ledger.load()
    llm = LlmService(config(server), Clock(sleep=at_once))
    desk = BatchDesk(llm, SentBatches(state), ledger)
    asking = AskByBatch(desk, questions[0][1].setting, Asker("run", "run"))
    try:
        await asking.expect(questions, None)
        return await asyncio.gather(
            *(
                ledger.answer((sha256, 1), "run", partial(asking.ask, one, sha256))
                for sha256, one in questions
            )
        )
    finally:
        await asking.close()
        await desk.close()
        ledger.close()


@every_provider
def test_results_that_break_off_are_read_again(provider: str, server: BatchServer, run: Run) -> None:
    """Twice the connection ends half-way: every question has its answer, of the one batch."""
    server.breaks_off = 2
    assert run(provider) == ["B"] * 6
    assert server.breaks_off == 0
    assert len(server.batches) == 1


@by_default_openai
@pytest.mark.parametrize(
    ("gate", "status"), [("create", 429), ("create", 529), ("look", 429), ("results", 429)]
)
def test_a_provider_that_wants_fewer_calls_is_waited_for(
    gate: str, status: int, provider: str, server: BatchServer, run: Run
) -> None:
    """It refuses three calls: the batch is created once, and results that were refused are read, not asked again."""
    server.refused_once[gate] = [(status, "too many requests")] * 3
    assert run(provider) == ["B"] * 6
    assert len(server.batches) == 1


@by_default_openai
@pytest.mark.parametrize(("status", "code"), [(403, "AUTHENTICATION_ERROR"), (404, "LLM_PROVIDER_API_ERROR")])
def test_results_that_are_refused_are_not_paid_for_again(
    status: int, code: str, provider: str, server: BatchServer, run: Run
) -> None:
    """Results that should be there: the run stops and says what to do, and takes them once it is given them."""
    server.refused["results"] = (status, "no such file, or not yours")
    with pytest.raises(JudgeStoppedError, match="not yours") as stop:
        run(provider)
    assert stop.value.code == code
    assert "key" in stop.value.details["remedy"]
    server.refused.clear()
    assert run(provider) == ["B"] * 6
    assert len(server.batches) == 1


def test_results_that_are_deleted_in_time_are_asked_for_again(server: BatchServer, run: Run) -> None:
    """A batch of two months ago whose results are gone: its questions go out once more."""
    month = 30 * 24 * 3600

    def plan(batch: Held) -> None:
        if batch.number == 1:
            batch.created = time.time() - 2 * month

    server.plan = plan
    server.refused_once["results"] = [(404, "no such file")]
    assert run("openai") == ["B"] * 6
    assert [len(one.items) for one in server.batches] == [6, 6]


@by_default_openai
@pytest.mark.parametrize("gate", ["created", "look"])
def test_a_page_in_place_of_an_answer_is_no_answer(
    gate: str, provider: str, server: BatchServer, run: Run
) -> None:
    """A proxy's page with status 200: the batch that was created behind it is found, the one looked up waited for."""
    server.pages[gate] = 1
    assert run(provider) == ["B"] * 6
    assert len(server.batches) == 1


@pytest.mark.parametrize(("status", "message"), [(402, "pay"), (400, "Your credit balance is too low")])
def test_an_exhausted_account_is_named(status: int, message: str, server: BatchServer, run: Run) -> None:
    """The provider's sentence and what to do, without the text of an exception."""
    server.refused["create"] = (status, message)
    with pytest.raises(JudgeStoppedError) as stop:
        run("anthropic")
    assert (stop.value.code, str(stop.value)) == (
        "QUOTA_EXCEEDED",
        f"anthropic's batch API: HTTP {status}: {message}",
    )
    assert "credit" in stop.value.details["remedy"]


def test_google_says_why_a_batch_failed(server: BatchServer, run: Run) -> None:
    """The reason is in the provider's answer, though not in what its library makes of it."""
    server.plan = lambda batch: setattr(batch, "end", "failed")
    with pytest.raises(JudgeStoppedError, match="the file has no valid line"):
        run("google")


def test_archived_batches_of_others_are_passed_over(server: BatchServer, run: Run) -> None:
    """Anthropic says whose a batch is in its results alone; one that has none any more is nobody's."""
    server.create([])
    server.batches[0].archived = True
    server.batches[0].state = "completed"
    assert run("anthropic") == ["B"] * 6
    assert [len(one.items) for one in server.batches] == [0, 6]
