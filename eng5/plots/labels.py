"""Names made to fit their place in a plot, and still told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import takewhile

from eng5.plots.plot import FONT_SIZE
from eng5.plots.printable import printable

UNMEASURED = re.compile(r"[^ -~\u00a0-\u024f\u2010-\u2044]")
"""Letters that matplotlib's font may lack; each counts as a W."""


def short(names: Sequence[str], length: int) -> list[str]:
    """Those longer than `length` without the beginning that all share, else cut where they stay different.

    If no cut leaves them different, they are numbered.
    """
    long = list(dict.fromkeys(name for name in names if len(name) > length))
    fitting = {name for name in names if len(name) <= length}
    for labels in _cuts(names, long, length):
        if len({*labels, *fitting}) == len(labels) + len(fitting):
            break
    else:
        labels = _numbered(long, fitting, length)
    label = dict(zip(long, labels, strict=True))
    return [label.get(name, name) for name in names]


def fitted(names: Sequence[str], length: int, pixels: float, *, bold: bool = False) -> list[str]:
    """Printable names on one line each, of at most `length` letters and, with a letter left, `pixels`."""
    clean = [printable(" ".join(name.split())) for name in names]
    found = short(clean, length)
    while length > 1 and any(width(label, bold=bold) > pixels for label in found):
        length -= 1
        found = short(clean, length)
    return found


def lines(text: str, pixels: float) -> list[str]:
    """The text broken between words into lines of at most `pixels`."""
    found: list[str] = []
    for word in text.split():
        if found and width(f"{found[-1]} {word}") <= pixels:
            found[-1] += f" {word}"
        else:
            found.append(word)
    return found


@lru_cache(maxsize=1024)
def width(text: str, *, bold: bool = False) -> float:
    """Pixels that a line takes, in matplotlib's font, which is wider than those of most readers."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(size=FONT_SIZE, weight="bold" if bold else "normal")
    return text_to_path.get_text_width_height_descent(UNMEASURED.sub("W", text), font, False)[0]


def _cuts(names: Sequence[str], long: Sequence[str], length: int) -> Iterator[list[str]]:
    """Ways to shorten: from the last part that all names share, then from where they differ; cut late first."""
    columns = zip(*(name[:-1] for name in set(names)), strict=False) if len(set(names)) > 1 else ()
    shared = "".join(letters[0] for letters in takewhile(lambda letters: len(set(letters)) == 1, columns))
    parts = re.sub(r"[^\W_]*$", "", shared)
    for start in (len(parts), len(shared)):
        for tail in (0, max(0, length // 2 - 1), *range(1, length - 1)):
            yield [_cut(name, start, tail, length) for name in long]


def _cut(name: str, start: int, tail: int, length: int) -> str:
    """The name from `start`; if that is too long, its head and the last `tail` letters."""
    label = f"…{name[start:]}" if start else name
    if len(label) <= length:
        return label
    head = label[: length - 1 - tail].rstrip("…")
    return f"{head}…{label[len(label) - tail :]}"


def _numbered(names: Sequence[str], fitting: set[str], length: int) -> list[str]:
    """Beginnings of names, each with a number of its own, as far as there are numbers that short."""
    taken, found = set(fitting), []
    for name in names:
        numbers = map(str, range(1, 10 ** (length - 1)))
        labels = (f"{name[: length - 1 - len(number)]}…{number}" for number in numbers)
        found.append(next((label for label in labels if label not in taken), "…"))
        taken.add(found[-1])
    return found
