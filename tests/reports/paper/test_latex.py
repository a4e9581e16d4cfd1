"""Any text as LaTeX."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pylatexenc.latex2text import LatexNodes2Text
from pylatexenc.latexwalker import LatexWalker

from eng5.plots.printable import printable
from eng5.reports.paper import latex

TEXT = st.text(st.characters(codec="utf-8"), max_size=40)


def test_every_special_character_is_a_letter() -> None:
    r"""& % $ # _ { } ~ ^ \ have a meaning in LaTeX and none here; letters with accents have commands."""
    found = latex.escaped(r"Åsa & Bo_1: 50 % of #3 for $5 {x} ~^ \input{/etc/passwd}")
    for sign in "&%$#_":
        assert found.count(sign) == found.count("\\" + sign), sign
    assert "\\input" not in found and "{\\r{A}}sa" in found


@given(TEXT)
def test_what_was_escaped_parses_and_reads_as_it_was(text: str) -> None:
    """A LaTeX parser finds balanced groups and no unknown command, and gives the text back."""
    found = latex.escaped(text)
    LatexWalker(found, tolerant_parsing=False).get_latex_nodes()
    if all((sign.isalnum() and sign.isascii()) or sign in " .,;:&%$#_{}()" for sign in text):
        shown = LatexNodes2Text(keep_comments=True).latex_to_text(found)
        assert " ".join(shown.split()) == " ".join(printable(text).split())


@given(st.lists(st.lists(TEXT, min_size=2, max_size=2), max_size=4))
def test_a_table_has_its_rows_and_columns_whatever_stands_in_it(rows: list[list[str]]) -> None:
    """Between the rules there is a line a row, each with one column mark and one end."""
    text = latex.table(["One", "Two"], rows, numbers=[False, True], caption="50 % & more", label="tab:x")
    LatexWalker(text, tolerant_parsing=False).get_latex_nodes()
    body = text.split("\\midrule\n")[1].split("\\bottomrule")[0].splitlines()
    assert len(body) == len(rows)
    for line in body:
        assert line.endswith(" \\\\") and not line.startswith(("[", "*"))
        assert line.replace("{\\&}", "").count("&") == 1


def test_a_long_table_goes_over_pages() -> None:
    """More rows than a page has are a longtable, with its head on each page."""
    text = latex.table(
        ["Essay"], [[str(n)] for n in range(latex.MOST_ROWS + 1)], numbers=[False], caption="c", label="l"
    )
    assert text.count("\\endhead") == 1 and "\\begin{longtable}" in text and "\\begin{table}" not in text


def test_citations_are_kept_and_nothing_else_is_taken_for_one() -> None:
    """`[@key]` of a source is \\cite; brackets of a name are brackets."""
    assert latex.cited("Tau_b [@kendall1945], jackknife [@tukey1958; @arvesen1969].") == (
        "Tau{\\_}b \\cite{kendall1945}, jackknife \\cite{tukey1958,arvesen1969}."
    )
    assert "\\cite" not in latex.cited("a name [@\\input] and [x]")
