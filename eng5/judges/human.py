"""People as a judge: they answer on a page (`eng5 judge`), which writes their verdicts into the ledger.

A verdict of theirs is an entry like any other; its model is the judge's pseudonym, and its question's hash is the
same for every judge. Taking an answer back is an entry of its own, an error with the code UNDONE and the same key:
nothing in the ledger is ever changed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eng5.contracts.panel import HUMAN, Shown
from eng5.judges.ledger import LEDGER_FILE, Entry
from eng5.judges.panel_file import GrowingFile, PanelFile
from eng5.judges.protocol import JudgeFacts, JudgeStoppedError, Outcome, Verdict
from eng5.judges.question import Question
from eng5.judges.registry import JudgeCall

PEOPLE = "people"
"""Model of a run whose judges are people; each verdict has its own judge's pseudonym."""
UNDONE = "VERDICT_UNDONE"

Put = tuple[str, str, int]
"""A question as it was put: judge, hash, and the how-manieth time."""


class HumanJudge:
    """Answers nothing by itself: the panel's answers are looked up where the batch is judged."""

    version = "human-1"
    facts = JudgeFacts(needs=frozenset({"texts", "prompt"}))
    concurrency = 1

    def deciding_parameters(self, essay_a_id: str, essay_b_id: str) -> Mapping[str, Any]:
        """Nothing beside the question's text."""
        return {}

    async def judge(self, question: Question) -> Verdict:
        """Where the panel's file is not at hand, nobody can be asked."""
        raise JudgeStoppedError(
            "INVALID_CONFIGURATION",
            "people are asked by the stand-in of one process: the embedded one, or `eng5 serve` without --role",
        )


class HumanVerdicts:
    """What the ledger has of people, as far as it was read: standing answers, and those that were taken back."""

    def __init__(self, state: Path) -> None:
        self._lines = GrowingFile(state / LEDGER_FILE)
        self.standing: dict[Put, Entry] = {}
        self.undone: dict[Put, Entry] = {}

    def read(self) -> HumanVerdicts:
        """Take in what was appended since the last time; itself.

        Raises:
            DamagedFileError: a line about people does not parse.
        """
        mark = json.dumps(HUMAN).encode()

        def parse(line: bytes) -> Entry | None:
            return Entry.from_json(json.loads(line)) if mark in line else None

        for entry in self._lines.read(parse, "a verdict in it is asked for again"):
            if entry is not None:
                self.take(entry)
        return self

    def take(self, entry: Entry) -> None:
        """Count an entry; those of other judges count for nothing."""
        if entry.provider != HUMAN:
            return
        put = (entry.model, *entry.key)
        if entry.verdict.error_code == UNDONE:
            if (taken_back := self.standing.pop(put, None)) is not None:
                self.undone[put] = taken_back
        elif entry.verdict.outcome is not Outcome.ERROR and put not in self.undone:
            self.standing.setdefault(put, entry)


@dataclass(frozen=True)
class PanelProgress:
    """How far a panel is: per judge the answered and the awaited comparisons; `closed` panels await nothing."""

    answered: dict[str, int]
    quotas: dict[str, int]
    closed: bool

    @property
    def done(self) -> int:
        """Answers that stand, also of judges who left."""
        return sum(self.answered.values())

    @property
    def total(self) -> int:
        """Answers that stand or are awaited."""
        names = self.quotas.keys() | self.answered.keys()
        return sum(max(self.answered.get(name, 0), self.quotas.get(name, 0)) for name in names)

    @property
    def complete(self) -> bool:
        """Nothing is awaited any more."""
        return self.closed or (self.total > 0 and self.done >= self.total)


class PanelRecord:
    """A panel's file and the people's part of the ledger, read together. `batch` is the run's batch uuid."""

    def __init__(self, state: Path, batch: str) -> None:
        self.file = PanelFile(state, batch)
        self.verdicts = HumanVerdicts(state)

    def read(self) -> PanelRecord:
        """Take in what is new; itself. DamagedFileError as its parts."""
        self.file.read()
        self.verdicts.read()
        return self

    def answer(self, shown: Shown) -> Entry | None:
        """The standing answer to a question; None when there is none."""
        return self.verdicts.standing.get((shown.judge, shown.question_sha256, shown.repetition))

    def answered(self, judge: str | None = None) -> list[tuple[Shown, Entry]]:
        """Answered questions in the order of their slots; those of one judge, or of all."""
        found = []
        for slot in sorted(self.file.shown):
            shown = self.file.shown[slot]
            if judge in (None, shown.judge) and (entry := self.answer(shown)) is not None:
                found.append((shown, entry))
        return found

    def progress(self) -> PanelProgress:
        """How far it is."""
        answered = Counter(shown.judge for shown, _ in self.answered())
        return PanelProgress(dict(answered), dict(self.file.quotas), self.file.closed)

    def final(self) -> list[tuple[Shown, Entry]]:
        """Answers that cannot be taken back any more: all but each judge's last, or all of a complete panel."""
        answered = self.answered()
        if self.progress().complete:
            return answered
        last: dict[str, Entry] = {}
        for shown, entry in answered:
            last[shown.judge] = max(last.get(shown.judge, entry), entry, key=lambda one: one.completed_at)
        return [(shown, entry) for shown, entry in answered if entry is not last[shown.judge]]


def make(call: JudgeCall) -> HumanJudge:
    """The judge of any batch that people answer."""
    return HumanJudge()
