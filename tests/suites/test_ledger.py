"""The ledger's two forms keep the same promises: a file for one process, a compacted topic for many."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from eng5.judges import JudgeStoppedError, Outcome, Verdict
from eng5.judges.ledger import Entry, FileLedger, Ledger
from eng5.stack.broker import Delivered
from eng5.stack.roles import verdict_ledger
from eng5.stack.roles.verdict_ledger import TopicLedger, VerdictTopic, partition_of

KEY = ("a" * 64, 1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Topic:
    """A compacted topic and everybody's copy of it, in memory; messages are acknowledged at once."""

    def __init__(self) -> None:
        self.rows: dict[str, bytes] = {}
        self.written: list[tuple[str, Any]] = []
        self.changed: Callable[[Sequence[tuple[str, bytes | None]]], None] = lambda rows: None

    def partitions(self, topic: str) -> int:
        return 4

    def produce(
        self,
        topic: str,
        value: bytes | None,
        *,
        key: str,
        partition: int,
        delivered: Delivered | None = None,
    ) -> None:
        assert partition == partition_of(":".join(key.split(":")[:2]), 4)
        self.written.append((key, None if value is None else json.loads(value)))
        if value is None:
            self.rows.pop(key, None)
        else:
            self.rows[key] = value
        self.changed([(key, value)])
        if delivered is not None:
            delivered(None, len(self.written) - 1)

    def get(self, key: str) -> bytes | None:
        return self.rows.get(key)

    def ledger(self) -> TopicLedger:
        """Another judge's view of it."""
        cluster: Any = self
        return TopicLedger(cluster, VerdictTopic(cluster, Path(), lambda error: None))


@pytest.fixture
def topic(monkeypatch: pytest.MonkeyPatch) -> Topic:
    one = Topic()
    monkeypatch.setattr(verdict_ledger, "Table", lambda *_: one)
    return one


@pytest.fixture(params=["file", "topic"])
def make(request: pytest.FixtureRequest, tmp_path: Path, topic: Topic) -> Iterator[Callable[[], Ledger]]:
    """Makes ledgers that share what they keep, one after the other."""
    with ExitStack() as open_one:

        def ledger() -> Ledger:
            if request.param == "topic":
                return topic.ledger()
            open_one.close()
            one = FileLedger(tmp_path / "ledger.jsonl")
            open_one.callback(one.close)
            one.load()
            return one

        yield ledger


class Judge:
    """Answers as told, and counts."""

    def __init__(self, batch: str, outcome: Outcome = Outcome.A) -> None:
        self.batch, self.outcome, self.asked = batch, outcome, 0

    async def __call__(self) -> Entry:
        self.asked += 1
        await asyncio.sleep(0)
        code = "X" if self.outcome is Outcome.ERROR else None
        verdict = Verdict(self.outcome, error_code=code)
        return Entry(*KEY, self.batch, "x", "y", "mock", "m", NOW, NOW, verdict)


def test_a_question_is_asked_once(make: Callable[[], Ledger]) -> None:
    """By many at once, by another batch, and after a restart."""

    async def scenario() -> int:
        judge, first = Judge("one"), make()
        answers = await asyncio.gather(*(first.answer(KEY, "one", judge) for _ in range(5)))
        answers.append(await first.answer(KEY, "two", judge))
        second = make()
        answers.append(await second.answer(KEY, "three", judge))
        assert {one.batch for one in answers} == {"one"}
        return judge.asked

    assert asyncio.run(scenario()) == 1


def test_an_error_counts_for_its_own_batch_only(make: Callable[[], Ledger]) -> None:
    """The batch that got it does not ask again; another one does, and then has a verdict for all."""

    async def scenario() -> None:
        ledger = make()
        failing, answering = Judge("one", Outcome.ERROR), Judge("two")
        assert (await ledger.answer(KEY, "one", failing)).verdict.outcome is Outcome.ERROR
        assert (await ledger.answer(KEY, "one", failing)).verdict.outcome is Outcome.ERROR
        assert (await ledger.answer(KEY, "two", answering)).verdict.outcome is Outcome.A
        assert (await ledger.answer(KEY, "three", answering)).verdict.outcome is Outcome.A
        assert (await ledger.answer(KEY, "one", answering)).verdict.outcome is Outcome.ERROR
        assert (failing.asked, answering.asked) == (1, 1)

    asyncio.run(scenario())


def test_what_is_kept_is_found_without_asking(make: Callable[[], Ledger]) -> None:
    """As it would be answered: another batch's verdict, unless fresh ones are wanted; an error for its own batch."""

    async def scenario() -> None:
        ledger = make()
        assert ledger.find(KEY, "one") is None
        await ledger.answer(KEY, "one", Judge("one", Outcome.ERROR))
        assert ledger.find(KEY, "two") is None
        await ledger.answer(KEY, "two", Judge("two"))
        found = [ledger.find(KEY, batch) for batch in ("one", "two", "three")]
        assert [one and one.verdict.outcome for one in found] == [Outcome.ERROR, Outcome.A, Outcome.A]
        assert ledger.find(KEY, "three", fresh=True) is None

    asyncio.run(scenario())


def test_fresh_verdicts_leave_others_aside(make: Callable[[], Ledger]) -> None:
    """A batch that wants its own asks once, and changes nothing for others."""

    async def scenario() -> None:
        ledger = make()
        old, new = Judge("one"), Judge("two", Outcome.B)
        await ledger.answer(KEY, "one", old)
        for _ in range(2):
            assert (await ledger.answer(KEY, "two", new, fresh=True)).verdict.outcome is Outcome.B
        assert (await ledger.answer(KEY, "three", old)).verdict.outcome is Outcome.A
        assert (old.asked, new.asked) == (1, 1)

    asyncio.run(scenario())


def test_a_fresh_verdict_spares_others_the_question(make: Callable[[], Ledger]) -> None:
    """It was paid for; who does not ask for fresh ones takes it."""

    async def scenario() -> None:
        ledger = make()
        await ledger.answer(KEY, "one", Judge("one"), fresh=True)
        other = Judge("two")
        assert (await ledger.answer(KEY, "two", other)).batch == "one"
        assert other.asked == 0

    asyncio.run(scenario())


def test_an_answer_that_may_have_been_paid_for_is_counted(topic: Topic) -> None:
    """A judge that is killed while it is asked leaves its mark, and the next one says so in the verdict."""

    async def scenario() -> None:
        killed = topic.ledger()
        killed.mark(KEY, "one", fresh=False)
        ledger, judge = topic.ledger(), Judge("one")

        async def ask() -> Entry:
            ledger.mark(KEY, "one", fresh=False)
            return await judge()

        await ledger.answer(KEY, "one", ask)

    asyncio.run(scenario())
    assert [value.get("asking") or value.get("asked") for _, value in topic.written] == [1, 2, 2]
    assert len(topic.rows) == 1


def test_an_error_takes_its_mark_away(topic: Topic) -> None:
    """What is left is the batch's own error, and nothing that looks like a crash."""

    async def scenario() -> None:
        ledger, judge = topic.ledger(), Judge("one", Outcome.ERROR)

        async def ask() -> Entry:
            ledger.mark(KEY, "one", fresh=False)
            return await judge()

        await ledger.answer(KEY, "one", ask)

    asyncio.run(scenario())
    assert list(topic.rows) == [f"{KEY[0]}:1:one"]


def test_a_stop_is_in_the_topic_before_it_is_raised(topic: Topic) -> None:
    """The CJ service learns the reason, and a later batch asks again."""

    async def stop() -> Entry:
        raise JudgeStoppedError("QUOTA_EXCEEDED", "the account is empty", limit=3)

    async def scenario() -> None:
        ledger = topic.ledger()
        with pytest.raises(JudgeStoppedError):
            await ledger.answer(KEY, "one", stop)
        assert topic.written[-1][1] == {
            "stopped": "QUOTA_EXCEEDED",
            "batch": "one",
            "message": "the account is empty",
            "details": {"limit": 3},
        }
        judge = Judge("two")
        await ledger.answer(KEY, "two", judge)
        assert judge.asked == 1

    asyncio.run(scenario())
