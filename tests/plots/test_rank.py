"""Tests of `eng5.plots.rank`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from eng5.contracts.analysis import EssayRow
from eng5.plots import rank
from eng5.plots.plot import Palette

Make = Callable[..., EssayRow]


def span(first: int, last: int) -> dict[str, int]:
    return {"expected_rank_first": first, "expected_rank_last": last}


def rows(make: Make, ranks: Sequence[int]) -> list[EssayRow]:
    """Five grades from A to E with the judge's ranks."""
    return [
        make(
            grade,
            grade,
            0.0,
            rank=judged,
            rank_last=judged,
            expected_rank=n,
            expected_rank_first=n,
            expected_rank_last=n,
        )
        for n, (grade, judged) in enumerate(zip("ABCDE", ranks, strict=True), start=1)
    ]


def test_agreement_is_level_lines(make_essay: Make, read: Any) -> None:
    """The same order on both sides gives level lines, none standing out."""
    lines = read(rank.draw(rows(make_essay, [1, 2, 3, 4, 5]))).lines()
    assert [line.y for line in lines] == [[n, n] for n in range(5)]
    assert {line.colour for line in lines} == {Palette.ACCENT}


@pytest.mark.parametrize(
    ("ranks", "moved"), [([2, 1, 3, 4, 5], 0), ([3, 2, 1, 4, 5], 2), ([5, 1, 2, 3, 4], 1)]
)
def test_essays_moved_by_two_places_stand_out(
    make_essay: Make, read: Any, ranks: list[int], moved: int
) -> None:
    """A line leads to the judge's rank; a swap of neighbours does not stand out, two places do."""
    lines = read(rank.draw(rows(make_essay, ranks))).lines()
    assert [line.y[1] + 1 for line in lines] == ranks
    assert sum(line.colour == Palette.WARN for line in lines) == moved


def test_a_rank_within_the_span_of_equal_grades_has_not_moved(make_essay: Make) -> None:
    """Three essays of one grade share ranks 1 to 3, so rank 3 is no disagreement."""
    shared = make_essay(
        "a", "A", 0.0, rank=3, rank_last=3, expected_rank=2, expected_rank_first=1, expected_rank_last=3
    )
    assert not rank.off(shared)


def test_one_ranked_essay_is_no_drawing(make_essay: Make) -> None:
    """Two ranked essays are needed."""
    assert rank.draw(rows(make_essay, [1, 2, 3, 4, 5])[:1]) is None
    assert rank.draw([make_essay("a", "A", 1.0), make_essay("b", "B", 0.0)]) is None


@pytest.mark.parametrize("name", ["anchor_essay_eng_5_17_vt_{:03}_A", "W{}" + 12 * "W", "{}\n\u202ename"])
def test_names_stay_apart_within_the_drawing(make_essay: Make, read: Any, name: str) -> None:
    """On both sides, whatever the names begin with and however wide their letters are."""
    essays = [
        make_essay(name.format(n), "A", 0.0, rank=n, rank_last=n, expected_rank=n) for n in range(1, 25)
    ]
    plot: Any = rank.draw(essays)
    read(plot)
    sides = [text.get_text() for text in plot.axes.texts if text.get_text() not in ("experts", "judge")]
    left, right = sides[::2], sides[1::2]
    assert len(set(left)) == 24
    assert [text.removesuffix(" A") for text in left] == [text.split(" ", 1)[1] for text in right]
    if name.startswith("anchor"):
        assert left[11] == "…012_A A"
