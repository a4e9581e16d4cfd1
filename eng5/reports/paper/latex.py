"""Text and tables as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from eng5.plots.printable import printable

if TYPE_CHECKING:
    from pylatexenc.latexencode import UnicodeToLatexEncoder

FITTED = r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%"
"""Begins a box that is drawn in where it is wider than the page."""
MOST_ROWS = 35
"""Of a table that fits on a page."""

CITATION = re.compile(r"\[@([a-z]+[0-9]{4}(?:; @[a-z]+[0-9]{4})*)\]")
"""`[@bradley1952]` or `[@tukey1958; @arvesen1969]`, as Pandoc writes them."""


@cache
def _encoder() -> UnicodeToLatexEncoder:
    from pylatexenc.latexencode import UnicodeToLatexEncoder

    return UnicodeToLatexEncoder(
        unknown_char_policy="keep", unknown_char_warning=False, replacement_latex_protection="braces-all"
    )


def escaped(text: str) -> str:
    """Any text within a line of LaTeX: it shows as itself. Letters that LaTeX has no command for stay as they are.

    pdfLaTeX cannot set those (Chinese, emoji); XeLaTeX and LuaLaTeX can, with a font that has them.
    """
    return str(_encoder().unicode_to_latex(" ".join(printable(text).split())))


def cited(text: str) -> str:
    """The same of a sentence in which `[@key]` is a reference."""
    parts = CITATION.split(text)
    return "".join(
        f"\\cite{{{part.replace('; @', ',')}}}" if place % 2 else _inside(part)
        for place, part in enumerate(parts)
    )


def _inside(part: str) -> str:
    """A part of a sentence: the spaces at its ends belong to it, and a path may be broken."""
    if not part.strip():
        return " " if part else ""
    before, after = part[0].isspace() * " ", part[-1].isspace() * " "
    text = escaped(part).replace("/", r"/\allowbreak{}")
    return f"{before}{text}{after}"


def table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Sequence[bool], caption: str, label: str
) -> str:
    """A table of the packages booktabs and graphicx and, where it is longer than a page, longtable.

    Args:
        heads: of the columns.
        rows: cells as they are read.
        numbers: which columns stand on the right.
        caption: above the table.
        label: for \\ref, of letters, digits, '.', '-' and ':'.
    """
    columns = "@{}" + "".join("r" if number else "l" for number in numbers) + "@{}"
    head, *body = [" & ".join(map(_cell, row)) + r" \\" for row in (heads, *rows)]
    about = rf"\caption{{{escaped(caption)}}}\label{{{label}}}"
    if len(rows) > MOST_ROWS:
        top = [r"\toprule", head, r"\midrule"]
        lines = [r"{\small", rf"\begin{{longtable}}{{{columns}}}", about + r"\\", *top, r"\endfirsthead", *top,
                 r"\endhead", r"\bottomrule", r"\endfoot", *body, r"\end{longtable}", "}"]  # fmt: skip
    else:
        lines = [r"\begin{table}[htbp]", r"\centering\small", about, FITTED, rf"\begin{{tabular}}{{{columns}}}",
                 r"\toprule", head, r"\midrule", *body, r"\bottomrule", r"\end{tabular}}", r"\end{table}"]  # fmt: skip
    return "\n".join([*lines, ""])


def _cell(text: str) -> str:
    """A cell that the end of the row before it takes for no argument of its own."""
    found = escaped(text)
    return f"{{}}{found}" if found.startswith(("[", "*")) else found


def figure(name: str, caption: str) -> str:
    """The figure `figures/NAME.pdf`; braces keep the dots of a name from being taken for its suffix."""
    file = f"{{figures/{name}}}.pdf"
    lines = (r"\begin{figure}[htbp]", r"\centering", rf"\includegraphics[width=0.8\linewidth]{{{file}}}",
             rf"\caption{{{escaped(caption)}}}\label{{fig:{name}}}", r"\end{figure}", "")  # fmt: skip
    return "\n".join(lines)
