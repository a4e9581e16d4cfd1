"""The ledger of verdicts: every answer of a judge, kept, so that no question is asked twice.

An answer's key is (``question_sha256``, ``repetition``); a key has more than one answer when a batch asked again
because the first was an error or because it wanted fresh verdicts. There are two forms of one interface: a file of
JSON lines for one process, here, and a compacted topic for many (``stack/roles/verdict_ledger.py``).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from eng5.contracts.wire.base import utc_now
from eng5.judges.group_commit import GroupCommitLog
from eng5.judges.protocol import Outcome, Verdict
from eng5.judges.question import Question

LEDGER_FILE = "ledger.jsonl"
LEDGER_USE_FILE = "ledger_use.jsonl"
"""One line a batch: how many of its verdicts were asked for, reused, and failed."""

BATCH_OF_ANSWER = "provider_batch"
"""Metadata of a verdict that came through a provider's batch API: the batch's id there."""

Key = tuple[str, int]


@dataclass(frozen=True)
class Entry:
    """One answer: to which question, asked by which batch, when, and what it was."""

    question_sha256: str
    repetition: int
    batch: str
    essay_a_id: str
    essay_b_id: str
    provider: str
    model: str
    requested_at: datetime
    completed_at: datetime
    verdict: Verdict

    @classmethod
    def of(
        cls, question: Question, sha256: str, batch: str, verdict: Verdict, requested_at: datetime
    ) -> "Entry":
        """What a batch got for its question, just now."""
        return cls(
            question_sha256=sha256,
            repetition=question.repetition,
            batch=batch,
            essay_a_id=question.essay_a.essay_id,
            essay_b_id=question.essay_b.essay_id,
            provider=question.setting.provider,
            model=question.setting.model,
            requested_at=requested_at,
            completed_at=utc_now(),
            verdict=verdict,
        )

    @property
    def key(self) -> Key:
        """What the entry is found by."""
        return self.question_sha256, self.repetition

    @property
    def by_batch(self) -> bool:
        """Whether it came through a provider's batch API, which takes its time."""
        return BATCH_OF_ANSWER in self.verdict.metadata

    def to_json(self) -> dict[str, Any]:
        """The line in the file: the fields, with those of the verdict among them."""
        fields = {name: value for name, value in self.__dict__.items() if name != "verdict"}
        times = {name: fields[name].isoformat() for name in ("requested_at", "completed_at")}
        return {**fields, **times, **asdict(self.verdict)}

    @classmethod
    def from_json(cls, line: dict[str, Any]) -> "Entry":
        """The entry of a line; KeyError, TypeError or ValueError when it is none."""
        own = {name: line[name] for name in cls.__dataclass_fields__ if name != "verdict"}
        own |= {name: datetime.fromisoformat(line[name]) for name in ("requested_at", "completed_at")}
        verdict = {name: line[name] for name in Verdict.__dataclass_fields__ if name != "outcome"}
        return cls(**own, verdict=Verdict(outcome=Outcome(line["outcome"]), **verdict))


class Ledger(Protocol):
    """Finds answers and asks for those that are missing; used from one event loop."""

    def find(self, key: Key, batch: str, *, fresh: bool = False) -> Entry | None:
        """The entry that `answer` has for the key without asking, if any."""
        ...

    async def answer(
        self, key: Key, batch: str, ask: Callable[[], Awaitable[Entry]], *, fresh: bool = False
    ) -> Entry:
        """The entry for the key, asking only when there is none and nobody else is asking already.

        The batch's own answer counts, whatever it was; else another batch's, unless it is an error, or ``fresh``
        verdicts are wanted. The entry is kept for good when this returns. What ``ask`` raises is raised here.
        """
        ...


class FileLedger:
    """One JSON line an answer, in the order in which they came."""

    def __init__(self, path: Path) -> None:
        self._log = GroupCommitLog(path)
        self._entries: dict[Key, list[Entry]] = {}
        self._asking: dict[tuple[Key, str | None], asyncio.Event] = {}
        self._read = False

    def load(self) -> None:
        """Read the file, once; DamagedFileError when a line in it does not parse."""
        if not self._read:
            for entry in self._log.read(Entry.from_json):
                self._remember(entry)
            self._read = True

    def find(self, key: Key, batch: str, *, fresh: bool = False) -> Entry | None:
        """The batch's own answer, whatever it was; else another batch's, unless it is an error.

        With ``fresh``, other batches' answers do not count.
        """
        entries = self._entries.get(key, ())
        for entry in entries:
            if entry.batch == batch:
                return entry
        if fresh:
            return None
        return next((entry for entry in entries if entry.verdict.outcome is not Outcome.ERROR), None)

    def entries(self, key: Key) -> Sequence[Entry]:
        """All answers to a question, errors among them, oldest first."""
        return self._entries.get(key, ())

    def of_model(self, provider: str, model: str) -> list[Entry]:
        """The answers of a model, and its errors."""
        return [
            entry
            for entries in self._entries.values()
            for entry in entries
            if (entry.provider, entry.model) == (provider, model)
        ]

    async def answer(
        self, key: Key, batch: str, ask: Callable[[], Awaitable[Entry]], *, fresh: bool = False
    ) -> Entry:
        """As in Ledger: the entry is on the disk when this returns."""
        while (found := self.find(key, batch, fresh=fresh)) is None:
            place = (key, batch if fresh else None)
            other = self._asking.get(place)
            if other is None:
                return await self._ask(place, ask)
            await other.wait()
        return found

    def close(self) -> None:
        """Finish writing."""
        self._log.close()

    async def _ask(self, place: tuple[Key, str | None], ask: Callable[[], Awaitable[Entry]]) -> Entry:
        done = self._asking[place] = asyncio.Event()
        try:
            entry = await ask()
            await self._log.append(entry.to_json())
            self._remember(entry)
            return entry
        finally:
            del self._asking[place]
            done.set()

    def _remember(self, entry: Entry) -> None:
        self._entries.setdefault(entry.key, []).append(entry)
