"""A table for people: with lines and colours in a terminal, aligned text in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Sequence

Row = Sequence[object]
WIDEST_NAME = 24
"""Of what a line is about, which stands first: a name up to so long stays in one piece where the terminal is narrow."""


def show_table(columns: Sequence[str], rows: Sequence[Row], *, right: Sequence[str] = ()) -> None:
    """Print `rows` under `columns`; the columns named in `right` hold numbers. None shows as "-"."""
    cells = [["-" if value is None else str(value) for value in row] for row in rows]
    if sys.stdout.isatty():
        _show_rich(columns, cells, right)
    else:
        _show_plain(columns, cells, right)


def _show_rich(columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console, JustifyMethod
    from rich.table import Table
    from rich.text import Text

    console = Console()
    natural = sum(max(map(len, column)) + 3 for column in zip(columns, *rows, strict=True))
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1 if natural <= console.width else 0))
    for place, name in enumerate(columns):
        whole = place == 0 and all(len(row[0]) <= WIDEST_NAME for row in rows)
        justify: JustifyMethod = "right" if name in right else "left"
        table.add_column(name, justify=justify, overflow="fold", no_wrap=whole)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def _show_plain(columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str]) -> None:
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    for row in (columns, *rows):
        parts = [
            cell.rjust(width) if name in right else cell.ljust(width)
            for name, cell, width in zip(columns, row, widths, strict=True)
        ]
        print("  ".join(parts).rstrip())  # noqa: T201
