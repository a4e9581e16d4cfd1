"""Tests of `eng5.reports.text_diff`."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from eng5.contracts.text_diff import DiffLine
from eng5.reports.text_diff import lines_of

TEXTS = st.lists(
    st.sampled_from(["", "be fair", "be fair and kind", "judge", "# Rubric", "a b c"]), max_size=9
)


def signs(lines: list[DiffLine]) -> str:
    return "".join({"same": "=", "gone": "-", "new": "+", "skipped": "…"}[line.kind] for line in lines)


def test_words_are_marked_in_lines_that_are_alike() -> None:
    """One word more in a line: the line goes and comes, and only that word is marked."""
    gone, came = lines_of("Judge the content.", "Judge the whole content.")
    assert [part.text for part in gone.parts if part.changed] == []
    assert [part.text for part in came.parts if part.changed] == ["whole "]


def test_another_line_is_no_wording() -> None:
    """Two lines with few words in common are one line gone and another new, without marks."""
    lines = lines_of("Stay neutral at all times.", "Read both essays twice before you decide.")
    assert signs(lines) == "-+" and not any(part.changed for line in lines for part in line.parts)


def test_what_is_the_same_is_counted() -> None:
    """A line of context around a change, and how many lines were left out before and behind it."""
    before = [f"line {number}" for number in range(10)]
    after = [*before[:5], "new words", *before[5:]]
    lines = lines_of("\n".join(before), "\n".join(after))
    assert signs(lines) == "…=+=…" and [lines[0].text, lines[-1].text] == ["4", "4"]
    assert lines_of("the same", "the same") == []


@given(TEXTS, TEXTS)
@settings(deadline=None)
def test_nothing_is_lost(before: list[str], after: list[str]) -> None:
    """From the lines both texts can be told: skipped lines are the same in both."""
    lines = lines_of("\n".join(before), "\n".join(after))
    skipped = sum(int(line.text) for line in lines if line.kind == "skipped")
    for own, texts in (("gone", before), ("new", after)):
        texts = "\n".join(texts).splitlines()
        seen = [line.text for line in lines if line.kind in (own, "same")]
        if lines:
            assert len(seen) + skipped == len(texts)
        else:
            assert "\n".join(before).splitlines() == "\n".join(after).splitlines()
        assert [text for text in texts if text in seen] == [text for text in texts if text in set(seen)]
