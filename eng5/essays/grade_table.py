"""The rows of grades.csv with their lines, whatever program saved them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from eng5.errors import InputError
from eng5.essays.extract import decode
from eng5.files import read_bytes

FIRST_LINE = (
    "the first line has to be: file_name,grade; or file_name and a column a grader; or file,grader,grade"
)


def read_table(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line and cells of every row that says something, as long as the first, which names the columns.

    Raises:
        InputError: there is none, or no table.
    """
    content = read_bytes(path)
    if not content:
        raise InputError("the file is empty", where=path, remedy=f"remove it, or fill it in; {FIRST_LINE}")
    text = decode(path, content)[0]
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    width = 0
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                width = width or len(cells)
                yield reader.line_num, [*cells, *[""] * (width - len(cells))]
    except csv.Error as error:
        raise InputError(
            f"line {reader.line_num}: not a table ({error})", where=path, remedy="save the table again as CSV"
        ) from None
    if not width:
        raise InputError(
            "no text found in the file", where=path, remedy=f"remove it, or fill it in; {FIRST_LINE}"
        )
