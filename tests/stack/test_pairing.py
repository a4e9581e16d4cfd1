from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eng5.stack.cj_core.pairing import Pair, all_pairs, comparisons

ids = st.sets(st.text(min_size=1, max_size=8), min_size=2, max_size=24)


def connected(essay_ids: set[str], pairs: list[Pair]) -> bool:
    reached, waiting = set(), [next(iter(essay_ids))]
    while waiting:
        here = waiting.pop()
        reached.add(here)
        waiting += [other for pair in pairs if here in pair for other in pair if other not in reached]
    return reached == essay_ids


def imbalance(pairs: list[Pair]) -> int:
    shown = Counter(a for a, _ in pairs)
    shown.subtract(Counter(b for _, b in pairs))
    return max((abs(surplus) for surplus in shown.values()), default=0)


@given(ids)
def test_every_pair_is_compared_once(essay_ids: set[str]) -> None:
    """Without a budget there is exactly one comparison for each pair, positions balanced."""
    pairs = comparisons(essay_ids)
    assert {frozenset(pair) for pair in pairs} == {frozenset(pair) for pair in combinations(essay_ids, 2)}
    assert len(pairs) == all_pairs(len(essay_ids))
    assert imbalance(pairs) <= 1


@given(ids, st.data())
def test_smaller_budget(essay_ids: set[str], data: st.DataObject) -> None:
    """A budget takes as many pairs as it says, connects all essays as soon as it can, and stays balanced."""
    budget = data.draw(st.integers(0, all_pairs(len(essay_ids))))
    pairs = comparisons(essay_ids, budget)
    assert len({frozenset(pair) for pair in pairs}) == budget
    assert imbalance(pairs) <= 1
    if budget >= len(essay_ids) - 1:
        assert connected(essay_ids, pairs)
    games = Counter(essay for pair in pairs for essay in pair)
    counts = [games[essay] for essay in essay_ids]
    assert max(counts) - min(counts) <= 1 + len(essay_ids) % 2


@given(ids, st.integers(1, 3))
def test_passes_alternate_positions(essay_ids: set[str], passes: int) -> None:
    """Each pass over all pairs reverses the one before; an even number of them is exactly balanced."""
    size = all_pairs(len(essay_ids))
    pairs = comparisons(essay_ids, passes * size + 1)
    for start in range(0, passes * size, size):
        follow = pairs[start + size : start + 2 * size]
        assert follow == [(b, a) for a, b in pairs[start : start + size]][: len(follow)]
    assert imbalance(pairs[: 2 * size]) == (0 if passes > 1 else imbalance(pairs[: 2 * size]))


@given(ids)
def test_order_of_the_ids_does_not_matter(essay_ids: set[str]) -> None:
    """The same set gives the same comparisons."""
    assert comparisons(sorted(essay_ids)) == comparisons(sorted(essay_ids, reverse=True))


@pytest.mark.parametrize("essays", [12, 24])
def test_an_added_essay_leaves_the_others_as_they_were(essays: int) -> None:
    """When an essay is added, seven in eight of the old comparisons keep their order, over twenty sets."""
    changed = total = 0
    for start in range(20):
        old = [f"essay {start}.{number}" for number in range(essays)]
        before, after = comparisons(old), set(comparisons([*old, "new"]))
        changed += sum(pair not in after for pair in before)
        total += len(before)
    assert changed <= total / 8


@pytest.mark.parametrize("essay_ids", [[], ["alone"]])
def test_too_few_essays(essay_ids: list[str]) -> None:
    """Fewer than two essays cannot be compared, whatever the budget."""
    assert comparisons(essay_ids, 5) == []
