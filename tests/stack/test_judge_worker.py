"""What a judge does with a comparison, with texts and a ledger that are in memory."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from pydantic import SecretStr

from eng5.contracts.judge_topics import BatchSetting, ComparisonRequest, EssayRef, Stopped
from eng5.contracts.llm_config import LlmConfig, LlmProviderConfig
from eng5.judges import JudgeStoppedError, LlmService, judge_for
from eng5.judges.asking import question_sha256
from eng5.judges.ledger import Entry, Key
from eng5.judges.question import Question, Setting, ShownEssay
from eng5.stack.roles.judge_worker import JudgeWorker
from eng5.stack.roles.work import Task
from tests.scripted import Answer, chooses, scripted

SETTING = Setting("mock", "simulated")
METADATA = {"simulated": {"seed": 3, "delay_ms": 1}}
A, B = ShownEssay("a", "One text."), ShownEssay("b", "Another text.")


class Texts:
    """A Content Service."""

    def __init__(self) -> None:
        document = BatchSetting(setting=asdict(SETTING), metadata=METADATA)
        self.stored = {"setting": document.model_dump_json(), "a": A.text, "b": B.text}
        self.fetched: list[str] = []

    def text(self, storage_id: str) -> str | None:
        self.fetched.append(storage_id)
        return self.stored.get(storage_id)


class Notes:
    """A ledger that asks for everything once."""

    def __init__(self) -> None:
        self.entries: dict[Key, Entry] = {}
        self.stops: list[Stopped] = []
        self.marks: list[Key] = []

    async def answer(
        self, key: Key, batch: str, ask: Callable[[], Awaitable[Entry]], *, fresh: bool = False
    ) -> Entry:
        if key not in self.entries:
            try:
                self.entries[key] = await ask()
            except JudgeStoppedError as stop:
                self.stops.append(
                    Stopped(stopped=stop.code, batch=batch, message=str(stop), details=stop.details)
                )
                raise
        return self.entries[key]

    def mark(self, key: Key, batch: str, *, fresh: bool) -> None:
        self.marks.append(key)

    async def stop(self, key: Key, stopped: Stopped, *, fresh: bool) -> None:
        self.stops.append(stopped)


def request(
    repetition: int = 1, setting: Setting = SETTING, llm: LlmService | None = None, **changed: Any
) -> bytes:
    judge = judge_for(setting, METADATA, llm or LlmService())
    sha256 = question_sha256(judge, Question(setting, A, B, repetition))
    fields = {
        "question_sha256": sha256,
        "repetition": repetition,
        "batch": "batch",
        "setting_storage_id": "setting",
        "essay_a": EssayRef(essay_id="a", text_storage_id="a"),
        "essay_b": EssayRef(essay_id="b", text_storage_id="b"),
    }
    return ComparisonRequest.model_validate(fields | changed).model_dump_json().encode()


async def nothing_left(partition: int) -> None:
    """What others left on a partition is known at once."""


def worker_of(
    notes: Notes,
    finished: Callable[[Task, bool], None],
    *,
    texts: Texts | None = None,
    llm: LlmService | None = None,
    known: Callable[[int], Awaitable[None]] = nothing_left,
    give_up: Callable[[Exception], None] = lambda _: None,
) -> JudgeWorker:
    """A worker whose ledger is `notes`."""
    ledger: Any = notes
    return JudgeWorker(ledger, texts or Texts(), llm or LlmService(), known, finished, give_up)


def work(
    texts: Texts, notes: Notes, *messages: bytes, llm: LlmService | None = None
) -> tuple[list[tuple[int, bool]], list[Exception]]:
    """Have messages worked on side by side: which were finished and done, and what ended the process."""
    finished: list[tuple[int, bool]] = []
    failures: list[Exception] = []

    async def scenario() -> None:
        worker = worker_of(
            notes,
            lambda task, done: finished.append((task.offset, done)),
            texts=texts,
            llm=llm,
            give_up=failures.append,
        )
        for offset, message in enumerate(messages):
            worker.start(Task(message, 0, offset, 0))
        await worker.idle()
        if llm is not None:
            await llm.close()

    asyncio.run(scenario())
    return sorted(finished), failures


def test_a_comparison_is_asked_recorded_and_done() -> None:
    """A second delivery is looked up; texts and setting are fetched once."""
    texts, notes = Texts(), Notes()
    assert work(texts, notes, request(), request(2)) == ([(0, True), (1, True)], [])
    assert work(texts, notes, request()) == ([(0, True)], [])
    assert len(notes.entries) == len(notes.marks) == 2
    assert {one.verdict.outcome.value for one in notes.entries.values()} <= {"A", "B"}


def test_a_message_that_is_none_is_left_out() -> None:
    """It is acknowledged, and stops nothing."""
    notes = Notes()
    assert work(Texts(), notes, b"{", b"", request()) == ([(0, True), (1, True), (2, True)], [])
    assert len(notes.entries) == 1


def test_another_question_than_was_meant_is_refused() -> None:
    """A judge with other settings than the CJ service would record a verdict under the wrong key."""
    notes = Notes()
    assert work(Texts(), notes, request(question_sha256="0" * 64)) == ([(0, True)], [])
    [stop] = notes.stops
    assert stop.stopped == "INVALID_CONFIGURATION"
    assert "ENG5_LLM_" in stop.message
    assert notes.marks == []


def test_a_text_that_is_not_there_stops_the_batch() -> None:
    """The reason names the text's id."""
    texts, notes = Texts(), Notes()
    del texts.stored["b"]
    work(texts, notes, request())
    assert "no text b" in notes.stops[0].message


def test_an_unknown_judge_stops_the_batch() -> None:
    """Such as one of a newer version."""
    texts, notes = Texts(), Notes()
    setting = asdict(SETTING) | {"model": "from the future"}
    texts.stored["setting"] = json.dumps({"setting": setting, "metadata": {}})
    work(texts, notes, request())
    assert "no judge mock/from the future" in notes.stops[0].message


def test_a_setting_that_is_none_stops_the_batch() -> None:
    """It ends no judge."""
    texts, notes = Texts(), Notes()
    for text in ("{", json.dumps({"setting": {"what": 1}, "metadata": {}})):
        texts.stored["setting"] = text
        assert work(texts, notes, request()) == ([(0, True)], [])
    assert [one.stopped for one in notes.stops] == ["INVALID_CONFIGURATION"] * 2


def test_what_is_not_asked_yet_is_dropped_on_release() -> None:
    """It is given back; what the judge is being asked is finished."""
    finished: list[tuple[int, bool]] = []
    notes = Notes()

    async def scenario() -> None:
        gate = asyncio.Event()

        async def known(partition: int) -> None:
            if partition == 1:
                await gate.wait()

        worker = worker_of(notes, lambda task, done: finished.append((task.partition, done)), known=known)
        worker.start(Task(request(), 0, 0, 0))
        worker.start(Task(request(2), 1, 0, 0))
        while not worker.under_way:
            await asyncio.sleep(0)
        worker.release(frozenset({0, 1}))
        await worker.idle()

    asyncio.run(scenario())
    assert sorted(finished) == [(0, True), (1, False)]


def test_a_task_that_comes_again_while_its_judge_is_asked_is_finished_as_often() -> None:
    """As after partitions that were lost and came back: no task ends in an exception."""
    finished: list[tuple[int, bool]] = []
    broken: list[object] = []
    notes = Notes()

    async def scenario() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: broken.append(context))
        worker = worker_of(notes, lambda task, done: finished.append((task.offset, done)))
        worker.start(Task(request(), 0, 7, 0))
        while not worker.under_way:
            await asyncio.sleep(0)
        worker.start(Task(request(), 0, 7, 0))
        await worker.idle()

    asyncio.run(scenario())
    assert (finished, broken) == ([(7, True), (7, True)], [])


def test_a_judge_whose_key_is_refused_asks_one_question_of_a_batch() -> None:
    """The others stop with the same reason, and it says which process has to be told; the next batch asks again."""
    refused = Answer(401, {"error": {"message": "who?", "type": "invalid_request_error", "code": None}})
    setting = Setting("openai", "small")
    texts, notes = Texts(), Notes()
    texts.stored["setting"] = BatchSetting(setting=asdict(setting), metadata={}).model_dump_json()
    with scripted(lambda _: refused) as server:

        def service() -> LlmService:
            provider = LlmProviderConfig(key=SecretStr("a-key-of-tests"), base_url=server.url)
            return LlmService(LlmConfig(providers={"openai": provider}))

        requests = [request(n, setting, service()) for n in range(1, 9)]
        assert work(texts, notes, *requests, llm=service()) == ([(n, True) for n in range(8)], [])
        assert len(server.asked) == 1
        assert [one.stopped for one in notes.stops] == ["AUTHENTICATION_ERROR"] * 8
        assert f"process {os.getpid()} on " in notes.stops[-1].details["remedy"]
        later = [request(n, setting, service(), batch="later") for n in range(1, 3)]
        server.script = lambda _: chooses("Essay A")
        work(texts, notes, *later, llm=service())
        assert len(notes.entries) == 2
        assert len(server.asked) == 3


def test_an_answer_that_failed_says_which_process_asked() -> None:
    """Where settings of the process help; what the essays or the variant are to blame for has no place."""
    setting = Setting("openai", "small")
    texts, notes = Texts(), Notes()
    texts.stored["setting"] = BatchSetting(setting=asdict(setting), metadata={}).model_dump_json()
    answers = [Answer(500, {"error": {"message": "down"}}), Answer(400, {"error": {"message": "no"}})]
    with scripted(lambda _: answers[len(server.asked) - 1]) as server:
        provider = LlmProviderConfig(
            key=SecretStr("a-key-of-tests"), base_url=server.url, attempts=1, concurrency=1
        )
        llm = LlmService(LlmConfig(providers={"openai": provider}))
        work(texts, notes, *[request(n, setting, llm) for n in (1, 2)], llm=llm)
    remedies = {one.verdict.cause: one.verdict.remedy for one in notes.entries.values()}
    assert set(remedies) == {"server error", "rejected"}
    assert f"process {os.getpid()} on " in remedies["server error"]
    assert "process" not in remedies["rejected"]


def test_an_account_that_is_exhausted_midway_is_not_asked_on() -> None:
    """What was answered is kept; of the rest no more are asked than were under way."""
    quota = Answer(
        429, {"error": {"message": "Quota.", "type": "insufficient_quota", "code": "insufficient_quota"}}
    )
    setting = Setting("openai", "small")
    texts, notes = Texts(), Notes()
    texts.stored["setting"] = BatchSetting(setting=asdict(setting), metadata={}).model_dump_json()
    with scripted() as server:
        server.script = lambda _: chooses("Essay A") if len(server.asked) <= 10 else quota
        provider = LlmProviderConfig(key=SecretStr("a-key-of-tests"), base_url=server.url, concurrency=2)
        llm = LlmService(LlmConfig(providers={"openai": provider}))
        requests = [request(n, setting, llm) for n in range(1, 31)]
        work(texts, notes, *requests, llm=llm)
    assert len(notes.entries) == 10
    assert len(server.asked) <= 12
    assert {one.stopped for one in notes.stops} == {"QUOTA_EXCEEDED"}
