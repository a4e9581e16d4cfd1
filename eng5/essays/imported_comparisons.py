"""Comparisons that another tool wrote: who compared which two texts, which was better, and when."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from eng5.errors import InputError
from eng5.essays.imported_columns import find_columns
from eng5.files import read_bytes

SIDES: Mapping[str, str] = {
    **dict.fromkeys(("left", "l", "a", "first", "links", "vänster"), "left"),
    **dict.fromkeys(("right", "r", "b", "second", "rechts", "höger"), "right"),
    **dict.fromkeys(
        ("tie", "tied", "draw", "equal", "even", "both", "neither", "=", "same", "gelijk", "gleich", "lika",
         "0.5", "0,5"),
        "tie",
    ),
}  # fmt: skip
NUMBERS: tuple[Mapping[str, str], ...] = (
    {"1": "left", "0": "right"},
    {"1": "left", "2": "right", "0": "tie"},
    {"1": "left", "-1": "right", "0": "tie"},
)
"""What numbers mean in a column of nothing but numbers and ties: the first that has them all."""
NOTHING = {"", "na", "n/a", "#n/a", "nan", "null"}
"""Cells without a value, as tables of statistics programs have them."""
DAY_FIRST, MONTH_FIRST = ("%d-%m-%Y", "%d-%m-%y"), ("%m-%d-%Y", "%m-%d-%y")
DATES = ("%Y-%m-%d", "%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%a %b %d %Y")
CLOCKS = (" %H:%M:%S", " %H:%M", " %H:%M:%S %z", " %I:%M:%S %p", " %I:%M %p", " %H:%M:%S.%f", "")
EARLIEST = 1900
ENCODINGS = ("utf-8-sig", "cp1252")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
SEPARATORS = ",;\t|"
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
        mapping: field of `imported_columns.FIELDS` → column, for columns that are not known by their names.

    Raises:
        InputError: the file is no table, a column is missing or two fit, a cell cannot be read; each names the
            line, the value and the remedy.
    """
    lines = _lines(path)
    heading = [cell.strip() for cell in lines[0][1]]
    columns = find_columns(heading, mapping, path)
    place = {field: heading.index(column) for field, column in columns.items()}
    cells = [
        (line, {field: (row[at].strip() if at < len(row) else "") for field, at in place.items()})
        for line, row in lines[1:]
    ]
    reading = _Reading(path, columns, [found for _, found in cells])
    rows = tuple(reading.decision(line, found) for line, found in cells)
    if not rows:
        raise InputError("the file has a heading and no comparison", where=path, remedy="export it again")
    return Decisions(rows, columns, reading.positions)


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """Line number and cells of every line that is not empty, the heading first; InputError."""
    content = read_bytes(path)
    utf_16 = content.startswith(UTF_16)
    if b"\0" in content and not utf_16:
        raise InputError(
            "this is no CSV file", where=path, remedy="save the table as CSV in UTF-8 and import that"
        )
    for encoding in ("utf-16",) if utf_16 else ENCODINGS:
        try:
            text = unicodedata.normalize("NFC", content.decode(encoding))
            break
        except UnicodeDecodeError:
            continue
    else:
        raise InputError("the file's characters cannot be read", where=path, remedy="save it as CSV in UTF-8")
    first = next((line for line in text.splitlines() if line.strip()), "")
    told = re.fullmatch(r"sep=(.)", first.strip(' \r\n"').casefold())
    delimiter = told[1] if told else max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        lines = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise InputError(
            f"line {reader.line_num}: {error}", where=path, remedy="export the file again as CSV"
        ) from None
    if told:
        lines = lines[1:]
    if not lines:
        raise InputError("the file is empty", where=path, remedy="export it again")
    return lines


class _Reading:
    """How the cells of one file are read: what a choice and a date mean is seen from the whole column."""

    def __init__(self, path: Path, columns: Mapping[str, str], cells: Sequence[Mapping[str, str]]) -> None:
        self._path, self._columns = path, columns
        self.positions = "left" in columns
        self._sides = ("left", "right") if self.positions else ("chosen", "not_chosen")
        self._by_name, self._code = _choices(cells) if self.positions else (True, {})
        dates = DAY_FIRST + DATES
        if any(re.match(r"\d{1,2}[./-](1[3-9]|[23]\d)[./-]", cell.get("time", "")) for cell in cells):
            dates = MONTH_FIRST + DATES
        self._forms = [date + clock for date in dates for clock in CLOCKS]

    def decision(self, line: int, cell: Mapping[str, str]) -> Decision:
        """One comparison; InputError that names the line where it cannot be read."""

        def refuse(problem: str, remedy: str) -> InputError:
            return InputError(f"line {line}: {problem}", where=self._path, remedy=remedy)

        for what, field in (("judge", "judge"), *(("text", side) for side in self._sides)):
            if not cell.get(field, "not known"):
                raise refuse(
                    f"no {what} in column '{self._columns[field]}'",
                    "fill it in, or delete the line from the file",
                )
        one, other = (cell[side] for side in self._sides)
        if one.casefold() == other.casefold():
            raise refuse(f"'{one}' is compared with itself", "correct or delete the line")
        winner, decided = self._winner(cell["chosen"], one, other, refuse)
        left, right = (one, other) if self.positions else sorted((one, other))
        return Decision(
            line=line,
            judge=cell.get("judge") or None,
            left=left,
            right=right,
            winner=winner,
            decided=decided,
            ended_at=self._time(cell.get("time", ""), refuse),
            seconds=_seconds(cell, refuse),
            comment=cell.get("comment") or None,
        )

    def _winner(self, chosen: str, left: str, right: str, refuse: Refuse) -> tuple[str | None, bool]:
        """The winner, None for a tie, and whether there was a choice at all."""
        said = chosen.casefold()
        if self._by_name:
            for name in (left, right):
                if said == name.casefold():
                    return name, True
        if said in NOTHING:
            return None, False
        meant = self._code.get(_whole(said))
        if meant is None:
            raise refuse(
                f"'{chosen}' in column '{self._columns['chosen']}' is neither '{left}' nor '{right}'",
                "write one of the two names, left, right or tie, or leave the cell empty where nothing was chosen",
            )
        return {"left": left, "right": right, "tie": None}[meant], True

    def _time(self, text: str, refuse: Refuse) -> datetime | None:
        if text.casefold() in NOTHING:
            return None
        found = self._read_time(text)
        if found is None or found.year < EARLIEST:
            raise refuse(
                f"'{text}' is no time that can be read",
                "write it as 2026-03-02 14:30, leave the cell empty, or delete the column",
            )
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    def _read_time(self, text: str) -> datetime | None:
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            if re.fullmatch(r"\d{10}(\.\d+)?|\d{13}", text):
                return datetime.fromtimestamp(int(text[:10]), UTC)
        plain = re.sub(r"^(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})", r"\1-\2-\3", text)
        plain = re.sub(r"^(\d{1,2})-([A-Za-z]+)-", r"\1 \2 ", plain)
        plain = re.sub(r"\b(UTC|GMT|Z)\b(?=[+-]?\d*\s*(\(|$))", " ", re.sub(r"\s*\(.*\)$", "", plain))
        plain = " ".join(plain.replace(",", " ").split())
        for place, form in enumerate(self._forms):
            try:
                found = datetime.strptime(plain, form)
            except ValueError:
                continue
            self._forms.insert(0, self._forms.pop(place))
            return found
        return None


def _choices(cells: Sequence[Mapping[str, str]]) -> tuple[bool, Mapping[str, str]]:
    """Whether choices are names of texts, and what other words mean beside them.

    Texts may be called 1 and 2, or A and B: where a column has nothing but such words, and not each is one of
    the two texts on its line, the words are sides.
    """
    said = {_whole(cell["chosen"].casefold()) for cell in cells} - NOTHING
    numbers: Mapping[str, str] = next((each for each in NUMBERS if said <= each.keys() | SIDES.keys()), {})
    code = {**SIDES, **numbers}
    if said <= code.keys():
        chosen = ((cell, cell["chosen"].casefold()) for cell in cells)
        names = all(
            word in NOTHING
            or code[_whole(word)] == "tie"
            or word in (cell["left"].casefold(), cell["right"].casefold())
            for cell, word in chosen
        )
        return names, code
    texts = {cell[side].casefold() for cell in cells for side in ("left", "right")}
    return True, {word: meant for word, meant in SIDES.items() if word not in texts}


def _whole(word: str) -> str:
    """1 of 1.0, as a table with empty cells has whole numbers."""
    return re.sub(r"^(-?\d+)[.,]0+$", r"\1", word)


def _seconds(cell: Mapping[str, str], refuse: Refuse) -> float | None:
    for field, unit in (("seconds", 1.0), ("milliseconds", 1000.0)):
        text = cell.get(field, "")
        if text.casefold() not in NOTHING:
            try:
                parts = [float(part) for part in text.replace(",", ".").split(":")]
                value = sum(part * 60.0**power for power, part in enumerate(reversed(parts))) / unit
            except ValueError:
                value = -1.0
            if not 0 <= value < 1e7:
                raise refuse(f"'{text}' is no time taken", f"write {field}, or leave the cell empty")
            return value
    return None
