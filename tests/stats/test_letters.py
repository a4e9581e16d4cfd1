"""Tests of `eng5.stats.letters`."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from eng5.stats.letters import letters


def test_the_example_of_the_source() -> None:
    """Piepho (2004), section 2: four things, of which 1 and 3, 1 and 4, 2 and 4 differ, get a, ab, bc, c."""
    assert letters(4, [(0, 2), (0, 3), (1, 3)]) == ["a", "ab", "bc", "c"]


def test_the_ends() -> None:
    """Nothing has no letter, what does not differ one letter, and what all differs each its own."""
    assert letters(0, []) == []
    assert letters(3, []) == ["a", "a", "a"]
    assert letters(3, list(combinations(range(3), 2))) == ["a", "b", "c"]
    many = letters(60, list(combinations(range(60), 2)))
    assert many[51:54] == ["Z", "a1", "b1"] and len(set(many)) == 60


@st.composite
def drawn_tests(draw: st.DrawFn) -> tuple[int, set[tuple[int, int]]]:
    n = draw(st.integers(1, 8))
    pairs = list(combinations(range(n), 2))
    return n, draw(st.sets(st.sampled_from(pairs))) if pairs else set()


@given(drawn_tests())
@settings(deadline=None)
def test_a_letter_is_shared_exactly_by_what_is_not_told_apart(
    drawn: tuple[int, set[tuple[int, int]]],
) -> None:
    """Whatever the tests say, and the first always has the first letter."""
    n, different = drawn
    found = letters(n, different)
    assert found[0].startswith("a")
    for i, j in combinations(range(n), 2):
        assert bool(set(found[i]) & set(found[j])) is ((i, j) not in different)
