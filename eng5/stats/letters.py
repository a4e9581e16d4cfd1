"""Compact letter display: which of several things cannot be told apart."""

from __future__ import annotations

from collections.abc import Collection
from string import ascii_letters


def letters(n: int, different: Collection[tuple[int, int]]) -> list[str]:
    """The letters of `n` things, best first: two share a letter exactly when no test tells them apart.

    Insert and absorb: one column holds all; each pair that differs splits every column that holds both into one
    without the one and one without the other; a column within another is dropped. What is left are the largest
    groups in which no two differ.

    Args:
        n: how many there are.
        different: pairs of places (0 to n - 1), in any order, that a test tells apart.

    Returns:
        Letters by place, "a" the group of the first; after "Z" come "a1", "b1", and so on.

    Source: H.-P. Piepho (2004), J. Comput. Graph. Stat. 13, 456-466.
    """
    columns = [frozenset(range(n))] if n else []
    for one, other in different:
        split = [
            part
            for column in columns
            for part in ((column - {one}, column - {other}) if {one, other} <= column else (column,))
        ]
        columns = [part for part in dict.fromkeys(split) if not any(part < whole for whole in split)]
    columns.sort(key=sorted)
    return ["".join(_letter(place) for place, column in enumerate(columns) if i in column) for i in range(n)]


def _letter(place: int) -> str:
    round_, number = divmod(place, len(ascii_letters))
    return ascii_letters[number] + (str(round_) if round_ else "")
