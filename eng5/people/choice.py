"""Which pair a judge gets next, and which of its essays stands on the left.

Some pairs go to every judge, so that agreement can be known, evenly spread over the judge's time; the rest is each
judge's own. Both together connect the essays of the panel, and those of each judge as soon as the judge has n - 1
comparisons.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from eng5.contracts.panel import Shown
from eng5.contracts.run import PanelDesign
from eng5.stack.cj_core.pairing import Pair, all_pairs, comparisons
from eng5.stats.bradley_terry.connectivity import weak_components
from eng5.stats.expected_information import expected_gain, likeliest_abilities

Result = tuple[str, str, float]
"""Two essay ids, and how much of a win the first has: 1, 0, or a half."""
Kind = Literal["shared", "own", "listed"]


@dataclass(frozen=True)
class Chosen:
    """A pair for a judge; the first essay stands on the left. `slot` is given where a list has its own places."""

    left: str
    right: str
    kind: Kind
    slot: int | None = None


def quota(design: PanelDesign, essays: int) -> int:
    """Comparisons of each judge."""
    every = all_pairs(essays)
    return every if design.pairs is None else min(design.pairs, every)


def dealt(free: int, held: Mapping[str, int]) -> dict[str, int]:
    """Comparisons of each judge when `free` more are given to those who have fewest, the first of them first."""
    quotas = dict(held)
    for _ in range(free):
        quotas[min(quotas, key=quotas.__getitem__)] += 1
    return quotas


def shared_pairs(essay_ids: Sequence[str], design: PanelDesign) -> list[Pair]:
    """The pairs that every judge gets, in order: rounds in which every essay plays once, so n - 1 connect all."""
    return comparisons(essay_ids, round(design.overlap * quota(design, len(essay_ids))))


def next_pair(
    essay_ids: Sequence[str],
    design: PanelDesign,
    judge: str,
    number: int,
    shown: Sequence[Shown],
    outcomes: Callable[[], Sequence[Result]],
) -> Chosen:
    """The next pair of a judge, who has fewer than `quota` questions so far.

    Args:
        essay_ids: all essays.
        design: of the panel.
        judge: pseudonym.
        number: the judge's place in the panel, from 0.
        shown: all questions of the panel so far, one a slot.
        outcomes: of every answered comparison of the panel so far.
    """
    shared = shared_pairs(essay_ids, design)
    mine = {frozenset((one.essay_a_id, one.essay_b_id)) for one in shown if one.judge == judge}
    waiting = [pair for pair in shared if frozenset(pair) not in mine]
    total = quota(design, len(essay_ids))
    due = (len(mine) + 1) * len(shared) // total
    if waiting and (len(shared) - len(waiting) < due or len(waiting) >= total - len(mine)):
        a, b = waiting[0]
        return Chosen(a, b, "shared") if number % 2 == 0 else Chosen(b, a, "shared")
    a, b = _own(essay_ids, design, judge, shared, shown, outcomes)
    planned = waiting if number % 2 == 0 else [pair[::-1] for pair in waiting]
    return Chosen(*_turned(a, b, judge, shown, planned), "own")


def next_listed(pairs: Sequence[Pair], judge: str, shown: Sequence[Shown]) -> Chosen:
    """The next of the listed comparisons that is none of `shown`: of the pair that this judge has seen least.

    Then of those of which the judge saw the other order more often; then by the judge's own balance of sides.
    """
    taken = {one.slot for one in shown}
    mine = [one for one in shown if one.judge == judge]
    seen = Counter(frozenset((one.essay_a_id, one.essay_b_id)) for one in mine)
    in_order = Counter((one.essay_a_id, one.essay_b_id) for one in mine)
    surplus = _surplus(mine)
    slot = min(
        (slot for slot in range(len(pairs)) if slot not in taken),
        key=lambda slot: (
            seen[frozenset(pairs[slot])],
            in_order[pairs[slot]],
            surplus[pairs[slot][0]] - surplus[pairs[slot][1]],
            slot,
        ),
    )
    return Chosen(*pairs[slot], "listed", slot)


def _own(
    essay_ids: Sequence[str],
    design: PanelDesign,
    judge: str,
    shared: Sequence[Pair],
    shown: Sequence[Shown],
    outcomes: Callable[[], Sequence[Result]],
) -> Pair:
    """First what connects, then what nobody compared yet, then what tells most, or a draw."""
    met = Counter(frozenset((one.essay_a_id, one.essay_b_id)) for one in shown)
    by_judge = {frozenset((one.essay_a_id, one.essay_b_id)) for one in shown if one.judge == judge}
    by_judge |= {frozenset(pair) for pair in shared}
    left = [pair for pair in combinations(sorted(essay_ids), 2) if frozenset(pair) not in by_judge]
    for graph in ({*met, *by_judge}, by_judge):
        part = _parts(essay_ids, graph)
        if joining := [pair for pair in left if part[pair[0]] != part[pair[1]]]:
            left = joining
            break
    fewest = min(met[frozenset(pair)] for pair in left)
    left = [pair for pair in left if met[frozenset(pair)] == fewest]
    place = f"{judge}\0{len(shown)}"
    drawn = sorted(left, key=lambda pair: _draw(place, *pair))
    if design.order == "fixed":
        games = Counter(essay for one in shown for essay in (one.essay_a_id, one.essay_b_id))
        return min(drawn, key=lambda pair: games[pair[0]] + games[pair[1]])
    if int.from_bytes(_draw(place, "random share")[:4]) / 2**32 < design.random_share:
        return drawn[0]
    return _most_telling(sorted(essay_ids), drawn, shown, outcomes())


def _most_telling(
    essay_ids: list[str], candidates: Sequence[Pair], shown: Sequence[Shown], outcomes: Sequence[Result]
) -> Pair:
    place = {essay: number for number, essay in enumerate(essay_ids)}
    games, wins = np.zeros((2, len(essay_ids), len(essay_ids)))
    for one in shown:
        a, b = place[one.essay_a_id], place[one.essay_b_id]
        games[a, b] += 1
        games[b, a] += 1
    for first, second, won in outcomes:
        wins[place[first], place[second]] += won
        wins[place[second], place[first]] += 1 - won
    gain = expected_gain(likeliest_abilities(wins), games)
    return max(candidates, key=lambda pair: round(float(gain[place[pair[0]], place[pair[1]]]), 9))


def _turned(a: str, b: str, judge: str, shown: Sequence[Shown], planned: Sequence[Pair]) -> Pair:
    """The order that balances, first over judges of this pair, then over this judge's essays, then over all.

    `planned` are pairs that the judge will get for sure, in their order.
    """
    orders = Counter((one.essay_a_id, one.essay_b_id) for one in shown)
    mine = _surplus([one for one in shown if one.judge == judge])
    mine.update(left for left, _ in planned)
    mine.subtract(right for _, right in planned)
    every = _surplus(shown)
    lean = (orders[a, b] - orders[b, a], mine[a] - mine[b], every[a] - every[b])
    if lean == (0, 0, 0):
        return (a, b) if _draw("side", a, b)[0] % 2 else (b, a)
    return (a, b) if lean < (0, 0, 0) else (b, a)


def _surplus(shown: Sequence[Shown]) -> Counter[str]:
    """How much more often each essay stood on the left than on the right."""
    surplus = Counter(one.essay_a_id for one in shown)
    surplus.subtract(one.essay_b_id for one in shown)
    return surplus


def _parts(essay_ids: Sequence[str], graph: set[frozenset[str]]) -> dict[str, int]:
    """Each essay's part of the graph."""
    place = {essay: number for number, essay in enumerate(essay_ids)}
    edges = np.array([[place[essay] for essay in pair] for pair in graph], dtype=np.int64).reshape(-1, 2)
    return dict(zip(essay_ids, weak_components(len(place), *edges.T).tolist(), strict=True))


def _draw(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(parts).encode()).digest()
