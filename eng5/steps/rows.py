"""The comparisons of a journal: by request id, what they are sorted and summed by; their text on disk.

A million comparisons are a gigabyte of text, and more as objects; of each some 400 bytes are kept in memory.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import MutableSequence
from datetime import datetime
from pathlib import Path
from sys import intern
from typing import Any

from eng5.contracts.artefact import Comparison, Costs, TokenCount
from eng5.contracts.estimate import Spending
from eng5.contracts.stored import BETWEEN, Stored, items_of
from eng5.files import Scratch

Row = dict[str, Any]

AT_ONCE = 64
"""Rows that are written together: few enough to stay in the processor's cache."""
BLANK: Row = {
    name: None if field.is_required() else field.default for name, field in Comparison.model_fields.items()
} | {"sequence": 1}
"""A row without content, in the order in which the artefact has its fields."""
FIRST_LINE = b'      "sequence": %d,\n'
UNNUMBERED = len(FIRST_LINE % 1)
"""Length of the first line of a text while its place in the order is not known."""


class Rows:
    """Comparisons without their place in the order, one a request id; their texts are in `folder` while it lives."""

    def __init__(self, folder: Path) -> None:
        self._texts = Scratch(folder)
        self._start, self._end = array("q"), array("q")
        self._pending: list[Row] = []
        self._place: dict[str, int] = {}
        self._key: list[tuple[int, str, str, str]] = []
        self._decided = bytearray()
        self._judges: dict[tuple[str, str], int] = {}
        self._judge = array("l")
        self._prompt_tokens, self._completion_tokens, self._usd = array("q"), array("q"), array("d")
        self._reused = bytearray()
        self._asked_from: datetime | None = None
        self._asked_to: datetime | None = None
        self._replaced = False
        self._columns: tuple[MutableSequence[Any], ...] = (
            self._key, self._decided, self._judge, self._prompt_tokens, self._completion_tokens, self._usd,
            self._reused,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self._place)

    def add(self, row: Row) -> bool:
        """Whether the request id is new. Of rows that differ the earliest, then the first by content, stands."""
        known = len(self._place)
        place = self._place.setdefault(row["request_id"], known)
        if place < known:
            self._settle(place, row)
            return False
        self._pending.append(row)
        if len(self._pending) == AT_ONCE:
            self._write()
        return True

    def _remember(self, rows: list[Row]) -> None:
        """What is kept in memory of rows, behind the last."""
        self._key += [
            (
                row["comparison_index"] or 0,
                intern(row["essay_a_id"]),
                intern(row["essay_b_id"]),
                row["request_id"],
            )
            for row in rows
        ]
        judges = self._judges
        self._judge.extend([judges.setdefault((row["provider"], row["model"]), len(judges)) for row in rows])
        self._decided.extend([row["status"] == "succeeded" for row in rows])
        self._prompt_tokens.extend([row["tokens_prompt"] for row in rows])
        self._completion_tokens.extend([row["tokens_completion"] for row in rows])
        self._usd.extend([math.nan if row["cost_usd"] is None else row["cost_usd"] for row in rows])
        self._reused.extend([row["reused"] for row in rows])
        for row in rows:
            if not row["reused"]:
                self._widen(row["started_at"], row["completed_at"])

    def _widen(self, started: datetime, completed: datetime) -> None:
        """The time from the first question to the last answer, as far as it is known."""
        if self._asked_from is None or started < self._asked_from:
            self._asked_from = started
        if self._asked_to is None or completed > self._asked_to:
            self._asked_to = completed

    def _write(self) -> None:
        """Move what is pending to columns and disk."""
        if not self._pending:
            return
        self._remember(self._pending)
        block = items_of(self._pending, "llm_comparisons")
        begin = self._texts.append(block)
        for text in block.split(BETWEEN):
            self._start.append(begin + UNNUMBERED)
            self._end.append(begin + len(text))
            begin += len(text) + len(BETWEEN)
        self._pending.clear()

    def _settle(self, place: int, row: Row) -> None:
        self._write()
        kept = self._texts.read(self._start[place], self._end[place])
        text = items_of([row], "llm_comparisons")[UNNUMBERED:]
        if text == kept:
            return
        before = Comparison.model_validate_json(b"{" + FIRST_LINE % 1 + kept + b"}").completed_at
        if (row["completed_at"], text) < (before, kept):
            self._remember([row])
            for column in self._columns:
                column[place] = column.pop()
            self._start[place] = self._texts.append(text)
            self._end[place] = self._start[place] + len(text)
            self._replaced = True

    def ordered(self) -> Stored[Comparison]:
        """The comparisons by index, essays and request id, whatever the order of arrival, numbered from 1."""
        self._write()
        order = array("l", sorted(range(len(self)), key=self._key.__getitem__))
        return Stored(Comparison, _Numbered(self, order))

    def text(self, place: int) -> bytes:
        """The text of a row that was written, without its first line."""
        return self._texts.read(self._start[place], self._end[place])

    def met(self) -> Counter[tuple[str, str]]:
        """How often each two essays met, by who was shown first."""
        self._write()
        return Counter((a, b) for _, a, b, _ in self._key)

    def decided(self) -> Counter[str]:
        """Decided comparisons of each essay."""
        self._write()
        chosen = [(a, b) for (_, a, b, _), decided in zip(self._key, self._decided, strict=True) if decided]
        return Counter(a for a, _ in chosen) + Counter(b for _, b in chosen)

    def costs(self, planned: Spending | None) -> Costs:
        """By judge, and what was asked beside what was planned, if anything was; None where a price is unknown."""
        self._write()
        counts = []
        for (provider, model), judge in sorted(self._judges.items()):
            rows = [place for place, each in enumerate(self._judge) if each == judge]
            counts.append(
                TokenCount(
                    provider=provider,
                    model=model,
                    comparisons=len(rows),
                    prompt_tokens=sum(self._prompt_tokens[place] for place in rows),
                    completion_tokens=sum(self._completion_tokens[place] for place in rows),
                    usd=_known_sum(math.fsum(self._usd[place] for place in rows)),
                )
            )
        counts = [count for count in counts if count.comparisons]
        total = math.fsum(math.nan if count.usd is None else count.usd for count in counts)
        spent = None if planned is None else self._spent(by_batch=planned.by_batch)
        return Costs(total_usd=_known_sum(total), token_counts=counts, planned=planned, spent=spent)

    def _spent(self, *, by_batch: bool) -> Spending:
        asked = [place for place, reused in enumerate(self._reused) if not reused]
        if self._replaced:
            self._asked_from = self._asked_to = None
            for one in self.ordered():
                if not one.reused and one.started_at is not None and one.completed_at is not None:
                    self._widen(one.started_at, one.completed_at)
        seconds = 0.0
        if self._asked_from is not None and self._asked_to is not None:
            seconds = self._asked_to.timestamp() - self._asked_from.timestamp()
        return Spending(
            asked=len(asked),
            cost_usd=_known_sum(math.fsum(self._usd[one] for one in asked)),
            seconds=round(seconds, 3),
            by_batch=by_batch,
        )


class _Numbered:
    """Texts in an order, each with its number as first line."""

    def __init__(self, rows: Rows, order: array[int]) -> None:
        self._rows, self._order = rows, order

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, place: int, /) -> bytes:
        return FIRST_LINE % (place + 1) + self._rows.text(self._order[place])


def _known_sum(value: float) -> float | None:
    """Rounded to 1e-9 USD; None where a price was unknown."""
    return None if math.isnan(value) else round(value, 9)
