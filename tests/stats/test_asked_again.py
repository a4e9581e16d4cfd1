"""Reruns of the same questions."""

import numpy as np
import pytest

from eng5.stats.asked_again import Reruns, in_perfect_order, reruns
from eng5.stats.comparisons import Comparisons
from eng5.stats.pair_effects import pair_effects
from eng5.stats.pair_table import PairTable
from eng5.stats.posterior import Draws, draw

GRADE = np.arange(8)[::-1]


def afresh(seed: int, times: int = 1) -> Comparisons:
    """Eight essays, abilities 0.8 apart, every verdict a fresh draw."""
    rng = np.random.default_rng(seed)
    i, j = (np.tile(side, times) for side in np.triu_indices(8, 1))
    return Comparisons(8, i, j, np.where(rng.random(len(i)) < 1 / (1 + np.exp(-0.8 * (j - i))), 1, -1))


def of(comparisons: Comparisons, won: list[list[float]]) -> Reruns:
    """Given reruns of the comparisons: rows of wins of the first of each pair, shown first."""
    table = PairTable.of(comparisons)
    effects = pair_effects(table, np.zeros((1, len(table.i))), 0.0)
    made = np.zeros((len(won), len(table.i), 2))
    made[:, :, 0] = won
    return Reruns(effects, made, made, 0)


def test_figures_by_hand() -> None:
    """Grades 2 1 0, pairs 01 02 12: in order, all reversed, and only the widest reversed."""
    comparisons = Comparisons.from_decided(3, np.array([0, 0, 1]), np.array([1, 2, 2]))
    grade = np.array([2, 1, 0])
    again = of(comparisons, [[1, 1, 1], [0, 0, 0], [1, 0, 1]])
    assert again.direct_inversions(grade)(again.one).tolist() == [0, 3, 1]
    assert again.direct_inversions(grade, np.array([True, False, False]))(again.one).tolist() == [0, 2, 1]
    assert again.zero_wins(grade)(again.one).tolist() == [1, 1, 0]
    assert again.tau_b(grade)(again.one) == pytest.approx([1.0, -1.0, 0.0])


def test_unknown_grades_are_in_no_figure() -> None:
    """An essay without a grade is neither inverted nor without a win."""
    comparisons = Comparisons.from_decided(3, np.array([0, 0, 1]), np.array([1, 2, 2]))
    grade = np.array([2, 1, -1])
    again = of(comparisons, [[1, 0, 0], [0, 0, 0]])
    assert again.direct_inversions(grade)(again.one).tolist() == [0, 1]
    assert again.zero_wins(grade)(again.one).tolist() == [1, 1]


def test_scores_of_an_incomplete_design_follow_the_fits() -> None:
    """A chain of wins orders essays that never met, as a fit does and a count of wins does not."""
    comparisons = Comparisons.from_decided(4, np.array([0, 1, 1, 2]), np.array([1, 2, 2, 3]))
    again = of(comparisons, [[1, 2, 1]])
    assert again.tau_b(np.arange(4)[::-1])(again.one) == pytest.approx([1.0])


def test_a_judge_that_repeats_itself_hardly_varies() -> None:
    """Six identical verdicts a pair: the two reruns agree nearly everywhere; fresh ones do not."""
    once = afresh(1)
    same = Comparisons(8, *(np.tile(side, 6) for side in (once.first, once.second, once.outcome)))

    def differ(comparisons: Comparisons) -> float:
        again = reruns(draw(comparisons, GRADE, position_effect=True))
        return float(np.mean(np.abs(again.one - again.other)) / again.table.games.mean())

    assert differ(same) < 0.25 * differ(afresh(1, 6))


def test_the_two_reruns_are_of_one_judge() -> None:
    """Same seed, same reruns; and both have the mean that the verdicts have."""
    draws = draw(afresh(2, 4), GRADE, position_effect=True)
    again = reruns(draws)
    assert (again.one == reruns(draws).one).all()
    for side in (again.one, again.other):
        assert side.mean() == pytest.approx(again.table.won.mean(), rel=0.1)


def test_perfect_order_has_fewer_inversions_than_the_judge() -> None:
    """With abilities dealt out by grade, a judge as uncertain makes no more inversions on average."""
    comparisons = afresh(3)
    draws = draw(comparisons, GRADE, position_effect=True)
    again, perfect = reruns(draws), in_perfect_order(draws, GRADE)
    count = again.direct_inversions(GRADE)
    assert count(perfect).mean() <= count(again.one).mean() + 0.1


def test_draws_without_their_comparisons_are_refused() -> None:
    """Reruns need to know what was asked."""
    given = Draws(np.zeros((3, 8)), np.zeros(3), False, 3.0, "given", 0)
    for make in (lambda: reruns(given), lambda: in_perfect_order(given, GRADE)):
        with pytest.raises(ValueError, match=r"draw\(\)"):
            make()


def test_many_essays_are_scored_to_first_order() -> None:
    """Sixty essays, ten comparisons each: reruns scatter about the order of the run."""
    rng = np.random.default_rng(5)
    first = rng.integers(0, 60, 600)
    second = (first + rng.integers(1, 60, 600)) % 60
    grade = np.arange(60)
    chance = 1 / (1 + np.exp(-0.1 * (first - second)))
    comparisons = Comparisons(60, first, second, np.where(rng.random(600) < chance, 1, -1))
    again = reruns(draw(comparisons, grade))
    assert 0.4 < again.tau_b(grade)(again.one).mean() < 0.95


def test_scores_of_reruns_take_the_first_place_out_as_those_of_the_run_do() -> None:
    """Two even essays that were always shown first gain by η alone: with it in the model they do not lead."""
    first = np.array([0, 0, 0, 1, 1, 1, 2, 3])
    second = np.array([2, 3, 4, 2, 3, 4, 4, 4])
    comparisons = Comparisons(5, first, second, np.ones(8, dtype=np.int64))
    plain = of(comparisons, [[1.0] * 8])
    taken_out = Reruns(plain.effects, plain.one, plain.other, 0, position_effect=True)
    grade = np.array([1, 1, 0, 0, 0])
    assert taken_out.tau_b(grade)(plain.one)[0] <= plain.tau_b(grade)(plain.one)[0]
