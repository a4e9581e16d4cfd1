"""A panel at work: questions are put, answers kept, the last one taken back. It knows nothing of the page."""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from eng5.contracts.panel import HUMAN, Shown
from eng5.contracts.run import PanelDesign
from eng5.contracts.wire.base import utc_now
from eng5.judges.asking import question_sha256
from eng5.judges.group_commit import GroupCommitLog
from eng5.judges.human import UNDONE, HumanJudge, PanelRecord
from eng5.judges.ledger import LEDGER_FILE, Entry
from eng5.judges.protocol import Outcome, Verdict
from eng5.judges.question import Question, Setting, ShownEssay
from eng5.people.choice import Chosen, Result, dealt, next_listed, next_pair, quota, shared_pairs
from eng5.stack.cj_core.pairing import Pair

FEWEST_FOR_A_PACE = 3
"""Answers before the time that is left is told."""
LONGEST_SECONDS = 24 * 3600.0


@dataclass(frozen=True)
class Material:
    """What a panel judges: the batch, its texts, how they are shared, and pairs where they are listed."""

    batch: str
    setting: Setting
    essays: Mapping[str, ShownEssay]
    design: PanelDesign
    listed: Sequence[Pair] | None = None


class Panel:
    """One panel, served by one process. `state` is the stand-in's folder.

    Whatever a method changed is on the disk when it returns. Methods that take a judge's answer wait for each other.
    """

    def __init__(self, material: Material, state: Path) -> None:
        self.material = material
        self.record = PanelRecord(state, material.batch)
        self._ledger = GroupCommitLog(state / LEDGER_FILE)
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._judge = HumanJudge()

    def seat(self, judges: Sequence[str]) -> None:
        """These are the judges from now on; answers of others stand. A panel that was closed is open again.

        Verdicts of theirs on the same questions, from an earlier batch, count as answers.
        """
        file = self.record.read().file
        listed = self.material.listed
        if listed is not None:
            held = self._held(judges)
            counts = {judge: sum(one.judge == judge for one in held) for judge in judges}
            quotas = dealt(len(listed) - len(held), counts)
        else:
            quotas = dict.fromkeys(judges, quota(self.material.design, len(self.material.essays)))
        if quotas != file.quotas:
            file.append(quotas=quotas)
        if file.closed:
            file.append(closed=False)
        if not file.shown and listed is None:
            self._carry_over(judges)

    def in_words(self, judges: int) -> str:
        """What is compared, for whoever starts the page."""
        material = self.material
        texts = f"{len(material.essays)} texts, {judges} judge{'' if judges == 1 else 's'}"
        if material.listed is not None:
            return f"{texts}, {len(material.listed)} listed comparisons among them"
        ids = list(material.essays)
        shared = len(shared_pairs(ids, material.design))
        return (
            f"{texts}, {quota(material.design, len(ids))} comparisons each, {shared} of them the same for all"
        )

    def under_other_instructions(self, judges: Sequence[str]) -> int:
        """Answers of these judges on pairs of these essays, under other instructions or on another text."""
        essays = self.material.essays
        return sum(
            entry.model in judges
            and entry.essay_a_id in essays
            and entry.essay_b_id in essays
            and entry.question_sha256 != self._question_sha256(entry.essay_a_id, entry.essay_b_id)
            for entry in self.record.read().verdicts.standing.values()
        )

    def close_down(self) -> None:
        """Finish writing."""
        self._ledger.close()

    def current(self, judge: str) -> Shown | None:
        """The question that the judge has to answer, put now if there is none; None when the judge has done all."""
        file = self.record.read().file
        if file.closed:
            return None
        mine = [one for one in file.shown.values() if one.judge == judge]
        for shown in mine:
            if self.record.answer(shown) is None:
                return self._again(shown)
        if len(mine) >= file.quotas.get(judge, 0):
            return None
        return self._put_next(judge)

    async def answer(
        self, judge: str, question: str, outcome: Outcome, *, comment: str | None, seconds: float
    ) -> bool:
        """Keep an answer to the judge's question of that id; False when it is answered already, or no longer stands.

        Raises:
            OSError, InputError: it could not be written; it is not kept.
        """
        async with self._turns[judge]:
            shown = self.current(judge)
            if shown is None or shown.id != question:
                return False
            taken = timedelta(seconds=min(max(seconds, 0.0), LONGEST_SECONDS))
            verdict = Verdict(
                outcome, justification=comment, metadata={"seconds": round(taken.total_seconds(), 1)}
            )
            await self._append(shown, verdict, taken)
            return True

    async def take_back(self, judge: str, question: str) -> bool:
        """Take the judge's last answer back, which was to the question of that id; False when it cannot be."""
        async with self._turns[judge]:
            if self.last_answer(judge) != question:
                return False
            (shown,) = (one for one in self.record.file.shown.values() if one.id == question)
            verdict = Verdict(
                Outcome.ERROR, error_code=UNDONE, error_message="taken back by the judge", cost_usd=0.0
            )
            await self._append(shown, verdict, timedelta())
            return True

    def last_answer(self, judge: str) -> str | None:
        """The id of the question whose answer can be taken back: the last one, once."""
        self.record.read()
        if self.record.file.closed:
            return None
        answered = self.record.answered(judge)
        if not answered or self._has_taken_back(judge):
            return None
        return max(answered, key=lambda one: one[1].completed_at)[0].id

    def _has_taken_back(self, judge: str) -> bool:
        """The judge took an answer back, and has not answered that question again."""
        undone, batch = self.record.verdicts.undone.items(), self.material.batch
        taken_back = {
            (by, sha256) for (by, sha256, _), entry in undone if by == judge and entry.batch == batch
        }
        return any(
            (one.judge, one.question_sha256) in taken_back and self.record.answer(one) is None
            for one in self.record.file.shown.values()
        )

    def seconds_left(self, judge: str) -> float | None:
        """The judge's median time, times the comparisons that are left; None after fewer than three answers."""
        answered = self.record.answered(judge)
        if len(answered) < FEWEST_FOR_A_PACE:
            return None
        pace = median((entry.completed_at - entry.requested_at).total_seconds() for _, entry in answered)
        return pace * max(0, self.record.file.quotas.get(judge, 0) - len(answered))

    def _put_next(self, judge: str) -> Shown:
        material, file = self.material, self.record.file
        shown = list(file.shown.values())
        if material.listed is not None:
            chosen = next_listed(material.listed, judge, self._held(list(file.quotas)))
        else:
            number = list(file.quotas).index(judge)
            chosen = next_pair(list(material.essays), material.design, judge, number, shown, self._outcomes)
        sha256 = self._question_sha256(chosen.left, chosen.right)
        times = sum(one.judge == judge and one.question_sha256 == sha256 for one in shown)
        return self._put(judge, chosen, sha256, self._unused(judge, sha256, times + 1))

    def _held(self, judges: Sequence[str]) -> list[Shown]:
        """Questions that are answered, or that one of these judges is about to answer."""
        shown = self.record.file.shown.values()
        return [one for one in shown if one.judge in judges or self.record.answer(one) is not None]

    def _again(self, shown: Shown) -> Shown:
        """The open question; put anew, under another id, when an answer to it was taken back."""
        repetition = self._unused(shown.judge, shown.question_sha256, shown.repetition)
        if repetition == shown.repetition:
            return shown
        chosen = Chosen(shown.essay_a_id, shown.essay_b_id, shown.kind, shown.slot)
        return self._put(shown.judge, chosen, shown.question_sha256, repetition)

    def _put(self, judge: str, chosen: Chosen, sha256: str, repetition: int) -> Shown:
        shown = Shown(
            slot=len(self.record.file.shown) if chosen.slot is None else chosen.slot,
            judge=judge,
            essay_a_id=chosen.left,
            essay_b_id=chosen.right,
            question_sha256=sha256,
            repetition=repetition,
            kind=chosen.kind,
            id=secrets.token_urlsafe(12),
        )
        self.record.file.append(shown=shown)
        return shown

    def _unused(self, judge: str, sha256: str, repetition: int) -> int:
        """The first number from `repetition` on under which no answer of the judge was taken back or stands."""
        verdicts = self.record.verdicts
        while {(judge, sha256, repetition)} & (verdicts.undone.keys() | verdicts.standing.keys()):
            repetition += 1
        return repetition

    def _carry_over(self, judges: Sequence[str]) -> None:
        """Put the questions that these judges answered in an earlier batch, up to their quotas."""
        essays, quotas = self.material.essays, self.record.file.quotas
        known = sorted(self.record.verdicts.standing.values(), key=lambda one: one.completed_at)
        pairs: set[tuple[str, frozenset[str]]] = set()
        for entry in known:
            a, b = entry.essay_a_id, entry.essay_b_id
            place = (entry.model, frozenset((a, b)))
            fits = entry.model in judges and a in essays and b in essays and place not in pairs
            if not fits or entry.question_sha256 != self._question_sha256(a, b):
                continue
            if sum(judge == entry.model for judge, _ in pairs) < quotas[entry.model]:
                pairs.add(place)
                self._put(entry.model, Chosen(a, b, "own"), entry.question_sha256, entry.repetition)

    def _question_sha256(self, a: str, b: str) -> str:
        essays = self.material.essays
        return question_sha256(self._judge, Question(self.material.setting, essays[a], essays[b]))

    def _outcomes(self) -> list[Result]:
        won = {Outcome.A: 1.0, Outcome.B: 0.0, Outcome.TIE: 0.5}
        return [
            (shown.essay_a_id, shown.essay_b_id, won[entry.verdict.outcome])
            for shown, entry in self.record.answered()
        ]

    async def _append(self, shown: Shown, verdict: Verdict, taken: timedelta) -> None:
        now: datetime = utc_now()
        entry = Entry(
            question_sha256=shown.question_sha256,
            repetition=shown.repetition,
            batch=self.material.batch,
            essay_a_id=shown.essay_a_id,
            essay_b_id=shown.essay_b_id,
            provider=HUMAN,
            model=shown.judge,
            requested_at=now - taken,
            completed_at=now,
            verdict=verdict,
        )
        await self._ledger.append(entry.to_json())
        self.record.read()
