"""Comparisons that another tool wrote: who compared which two texts, which was better, and when."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from eng5.errors import InputError
from eng5.essays.decision_columns import find_columns
from eng5.files import read_bytes

__all__ = ["Decision", "Decisions", "read_decisions"]

LEFT, RIGHT = {"left", "l", "a", "first"}, {"right", "r", "b", "second"}
TIES = {"tie", "tied", "draw", "equal", "even", "both", "neither", "=", "same", "gelijk"}
ONE_TWO = {"1": "left", "2": "right", "0": "tie"}
ONE_ZERO = {"1": "left", "0": "right", "0.5": "tie", "0,5": "tie"}
TIMES = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d-%m-%Y %H:%M:%S",
    "%d-%m-%Y %H:%M", "%d.%m.%Y %H:%M", "%a %b %d %Y %H:%M:%S",
)  # fmt: skip
ENCODINGS = ("utf-8-sig", "cp1252")
Refuse = Callable[[str, str], InputError]


@dataclass(frozen=True, slots=True)
class Decision:
    """One comparison.

    Attributes:
        line: of the file, the heading being line 1.
        judge: who compared; None where the file does not say.
        left: name of the text on the left, as written; without positions, the first by name.
        right: the other.
        winner: one of the two, or None for a tie.
        decided: a choice was made, be it a tie; an empty cell is none.
        ended_at: when; a time without a zone is taken as UTC. None where it is not known.
        seconds: how long it took.
        comment: the judge's words.
    """

    line: int
    judge: str | None
    left: str
    right: str
    winner: str | None
    decided: bool
    ended_at: datetime | None
    seconds: float | None
    comment: str | None

    @property
    def started_at(self) -> datetime | None:
        """The end less the time that it took."""
        if self.ended_at is None or self.seconds is None:
            return self.ended_at
        return self.ended_at - timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Decisions:
    """All comparisons of a file.

    Attributes:
        rows: in the file's order.
        columns: which column was read as what.
        positions: the file says which text was on the left.
    """

    rows: tuple[Decision, ...]
    columns: Mapping[str, str]
    positions: bool


def read_decisions(path: Path, mapping: Mapping[str, str]) -> Decisions:
    """Read a CSV file with comma, semicolon or tab between the cells.

    Args:
        path: the file.
        mapping: field of `decision_columns.FIELDS` → column, for columns that are not known by their names.

    Raises:
        InputError: the file is no table, a column is missing or two fit, a cell cannot be read; each names the
            line, the value and the remedy.
    """
    lines = _lines(path)
    heading = [cell.strip() for cell in lines[0][1]]
    columns = find_columns(heading, mapping, path)
    positions = "left" in columns
    place = {field: heading.index(column) for field, column in columns.items()}
    cells = [
        (line, {field: (row[at].strip() if at < len(row) else "") for field, at in place.items()})
        for line, row in lines[1:]
    ]
    words = _numbers({found["chosen"] for _, found in cells})
    rows = tuple(_decision(line, found, columns, words, path) for line, found in cells)
    if not rows:
        raise InputError("the file has a heading and no comparison", where=path, remedy="export it again")
    return Decisions(rows, columns, positions)


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """Line number and cells of every line that is not empty, the heading first."""
    if not path.is_file():
        raise InputError(
            "there is no such file", where=path, remedy="name the CSV file that the tool exported"
        )
    content = read_bytes(path)
    if b"\0" in content:
        raise InputError(
            "this is no CSV file", where=path, remedy="save the table as CSV in UTF-8 and import that"
        )
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise InputError("the file's characters cannot be read", where=path, remedy="save it as CSV in UTF-8")
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        lines = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise InputError(
            f"line {reader.line_num}: {error}", where=path, remedy="export the file again as CSV"
        ) from None
    if not lines:
        raise InputError("the file is empty", where=path, remedy="export it again")
    return lines


def _numbers(values: set[str]) -> Mapping[str, str]:
    """What numbers mean in a column of nothing but numbers: 1 and 2, or 1 and 0."""
    known = values - {""}
    meant = ONE_TWO if "2" in known else ONE_ZERO
    return meant if known <= meant.keys() else {}


def _decision(
    line: int, cell: Mapping[str, str], columns: Mapping[str, str], numbers: Mapping[str, str], path: Path
) -> Decision:
    def refuse(problem: str, remedy: str) -> InputError:
        return InputError(f"line {line}: {problem}", where=path, remedy=remedy)

    if "judge" in cell and not cell["judge"]:
        raise refuse(
            f"no judge in column '{columns['judge']}'", "fill it in, or delete the line from the file"
        )
    sides = ("left", "right") if "left" in columns else ("chosen", "not_chosen")
    one, other = (cell[side] for side in sides)
    for side, name in zip(sides, (one, other), strict=True):
        if not name:
            raise refuse(
                f"no text in column '{columns[side]}'", "fill it in, or delete the line from the file"
            )
    if one.casefold() == other.casefold():
        raise refuse(f"'{one}' is compared with itself", "correct or delete the line")
    if "left" in columns:
        winner, decided = _winner(cell["chosen"], one, other, numbers, columns["chosen"], refuse)
    else:
        winner, decided = one, True
        one, other = sorted((one, other))
    return Decision(
        line=line,
        judge=cell.get("judge") or None,
        left=one,
        right=other,
        winner=winner,
        decided=decided,
        ended_at=_time(cell.get("time", ""), refuse),
        seconds=_seconds(cell, refuse),
        comment=cell.get("comment") or None,
    )


def _winner(
    chosen: str, left: str, right: str, numbers: Mapping[str, str], column: str, refuse: Refuse
) -> tuple[str | None, bool]:
    """The winner, None for a tie, and whether there was a choice at all."""
    said = chosen.casefold()
    for name in (left, right):
        if said == name.casefold():
            return name, True
    said = numbers.get(said, said)
    if said in LEFT | RIGHT:
        return (left if said in LEFT else right), True
    if said in TIES:
        return None, True
    if not said:
        return None, False
    raise refuse(
        f"'{chosen}' in column '{column}' is neither '{left}' nor '{right}'",
        "write one of the two names, left, right or tie, or leave the cell empty where nothing was chosen",
    )


def _time(text: str, refuse: Refuse) -> datetime | None:
    if not text:
        return None
    found = next(_readings(text), None)
    if found is None:
        raise refuse(
            f"'{text}' is no time that can be read", "write it as 2026-03-02 14:30, or leave the cell empty"
        )
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _readings(text: str) -> Iterator[datetime]:
    try:
        yield datetime.fromisoformat(text)
    except ValueError:
        if re.fullmatch(r"\d{10}|\d{13}", text):
            yield datetime.fromtimestamp(int(text[:10]), UTC)
    for form in TIMES:
        try:
            yield datetime.strptime(text[:24] if form.startswith("%a") else text, form)
        except ValueError:
            continue


def _seconds(cell: Mapping[str, str], refuse: Refuse) -> float | None:
    for field, unit in (("seconds", 1.0), ("milliseconds", 1000.0)):
        text = cell.get(field, "")
        if text:
            try:
                value = float(text.replace(",", ".")) / unit
            except ValueError:
                value = -1.0
            if not 0 <= value < 1e7:
                raise refuse(f"'{text}' is no time taken", f"write {field}, or leave the cell empty")
            return value
    return None
