import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eng5.errors import DamagedFileError
from eng5.judges.ledger import Entry, FileLedger
from eng5.judges.protocol import Outcome, Verdict

NOW = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)


def entry(batch: str = "one", outcome: Outcome = Outcome.A, repetition: int = 1) -> Entry:
    verdict = Verdict(outcome, confidence=2.5, justification="Hör på: “därför”.\n", extra={"raw": [1]})
    return Entry("q" * 64, repetition, batch, "a", "b", "mock", "surface", NOW, NOW, verdict)


def asker(answer: Entry, asked: list[str]) -> Callable[[], Awaitable[Entry]]:
    async def ask() -> Entry:
        asked.append(answer.batch)
        await asyncio.sleep(0)
        return answer

    return ask


def test_entries_survive_a_restart(tmp_path: Path) -> None:
    """What was answered is found again, field by field, by another process."""
    path, asked = tmp_path / "ledger.jsonl", list[str]()
    first = FileLedger(path)
    asyncio.run(first.answer(entry().key, "one", asker(entry(), asked)))
    first.close()
    second = FileLedger(path)
    second.load()
    assert second.find(entry().key, "one") == entry()
    assert json.loads(path.read_bytes())["outcome"] == "A"


def test_nothing_is_asked_twice_at_once(tmp_path: Path) -> None:
    """A hundred who ask the same question at the same time, from two batches, cost one answer."""
    ledger, asked = FileLedger(tmp_path / "ledger.jsonl"), list[str]()

    async def crowd() -> list[Entry]:
        batches = ["one", "two"] * 50
        return await asyncio.gather(
            *(ledger.answer(entry().key, batch, asker(entry(batch), asked)) for batch in batches)
        )

    found = asyncio.run(crowd())
    assert asked == ["one"]
    assert all(one == entry("one") for one in found)
    ledger.close()


def test_errors_of_other_batches_do_not_count(tmp_path: Path) -> None:
    """A batch keeps its own error, so that it can be repeated; another batch asks again."""
    ledger, asked = FileLedger(tmp_path / "ledger.jsonl"), list[str]()

    async def two_batches() -> None:
        await ledger.answer(entry().key, "one", asker(entry("one", Outcome.ERROR), asked))
        await ledger.answer(entry().key, "two", asker(entry("two", Outcome.B), asked))
        await ledger.answer(entry().key, "one", asker(entry("one"), asked))
        await ledger.answer(entry().key, "three", asker(entry("three"), asked))

    asyncio.run(two_batches())
    ledger.close()
    assert asked == ["one", "two"]
    assert ledger.find(entry().key, "one") == entry("one", Outcome.ERROR)
    assert ledger.find(entry().key, "three") == entry("two", Outcome.B)


def test_fresh_verdicts_are_a_batchs_own(tmp_path: Path) -> None:
    """Who wants fresh verdicts gets none of another batch, and keeps its own."""
    ledger, asked = FileLedger(tmp_path / "ledger.jsonl"), list[str]()

    async def three_times() -> None:
        await ledger.answer(entry().key, "one", asker(entry("one"), asked))
        for _ in range(2):
            await ledger.answer(entry().key, "two", asker(entry("two"), asked), fresh=True)

    asyncio.run(three_times())
    ledger.close()
    assert asked == ["one", "two"]


def test_repetitions_are_different_samples(tmp_path: Path) -> None:
    """The second ask of a question is not answered by the first."""
    ledger, asked = FileLedger(tmp_path / "ledger.jsonl"), list[str]()

    async def twice() -> None:
        for repetition in (1, 2):
            one = entry(repetition=repetition)
            await ledger.answer(one.key, "one", asker(one, asked))

    asyncio.run(twice())
    ledger.close()
    assert asked == ["one", "one"]


def test_failing_asker_leaves_the_question_open(tmp_path: Path) -> None:
    """When asking fails, the failure is raised, and whoever waits asks instead."""
    ledger, asked = FileLedger(tmp_path / "ledger.jsonl"), list[str]()

    async def fail() -> Entry:
        await asyncio.sleep(0)
        raise RuntimeError("no line to the judge")

    async def two() -> tuple[Entry | BaseException, Entry | BaseException]:
        return await asyncio.gather(
            ledger.answer(entry().key, "one", fail),
            ledger.answer(entry().key, "one", asker(entry(), asked)),
            return_exceptions=True,
        )

    failure, answer = asyncio.run(two())
    ledger.close()
    assert isinstance(failure, RuntimeError)
    assert answer == entry()


@pytest.mark.parametrize(
    "line", ['{"half": ', "{}", "3", json.dumps(entry().to_json() | {"requested_at": None})]
)
def test_damaged_line_is_named(tmp_path: Path, line: str) -> None:
    """A line that is no JSON, or no answer, is an error with its number and a remedy."""
    path = tmp_path / "ledger.jsonl"
    whole = json.dumps(entry().to_json())
    path.write_text(f"{whole}\n{line}\n{whole}\n")
    with pytest.raises(DamagedFileError, match="line 2") as damage:
        FileLedger(path).load()
    assert (damage.value.where, bool(damage.value.remedy)) == (str(path), True)
