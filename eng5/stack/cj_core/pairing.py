"""Which essays are compared, in which order, and which of the two is shown first.

Everything follows from the set of ids and the budget, so that a changed text changes no pair.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Collection, Iterator
from itertools import count, islice, pairwise

Pair = tuple[str, str]
"""Two essay ids; the first is shown as Essay A."""


def comparisons(essay_ids: Collection[str], budget: int | None = None) -> list[Pair]:
    """The comparisons to run, in order; all pairs once when no budget is given.

    Rounds of a round-robin (circle method), in which every essay plays once: any two rounds in a row
    form one path through all essays, so n - 1 comparisons connect n essays, and the numbers of games
    never differ by more than one (two when n is odd). A budget above all pairs adds passes over
    the same rounds, each with the positions of the pass before it reversed.

    Positions: each essay is shown as A in half of its games, rounded up or down, within the first pass;
    an even number of whole passes is exactly balanced.
    """
    rounds = list(_round_robin(sorted(essay_ids, key=_order)))
    wanted = len(rounds) if budget is None else budget
    if not rounds or wanted <= 0:
        return []
    first_pass = _balanced([_independent_order(*pair) for pair in rounds[:wanted]])
    reversed_pass = [(b, a) for a, b in first_pass]
    passes = (first_pass if number % 2 == 0 else reversed_pass for number in count())
    return list(islice((pair for one in passes for pair in one), wanted))


def all_pairs(essays: int) -> int:
    """n(n - 1) / 2."""
    return essays * (essays - 1) // 2


def _order(essay_id: str) -> bytes:
    return hashlib.sha256(essay_id.encode()).digest()


def _round_robin(ids: list[str]) -> Iterator[Pair]:
    """All pairs in rounds: in round r meet those whose places add up to r, modulo the number of rounds."""
    places: list[str | None] = [*ids] if len(ids) % 2 == 0 else [*ids, None]
    rounds = len(places) - 1
    for number in range(rounds):
        for place in range(rounds):
            partner = (number - place) % rounds
            if partner == place:
                partner = rounds
            if place < partner:
                a, b = places[place], places[partner]
                if a is not None and b is not None:
                    yield a, b


def _independent_order(x: str, y: str) -> Pair:
    """An order of two ids that depends on nothing else."""
    low, high = sorted((x, y))
    toss = hashlib.sha256(f"{low}\0{high}".encode()).digest()[0]
    return (low, high) if toss % 2 == 0 else (high, low)


def _balanced(pairs: list[Pair]) -> list[Pair]:
    """Turn round as few pairs as needed until everyone's A and B games differ by at most one.

    While somebody has two more A games than B games, a shortest chain of pairs that leads from them to
    somebody with more B games is turned round; then the same for those with too few. Such a chain
    always exists, because A and B games are equally many among all whom a chain can reach.
    """
    beats: dict[str, dict[str, None]] = {essay: {} for pair in pairs for essay in pair}
    for a, b in pairs:
        beats[a][b] = None
    surplus = dict.fromkeys(beats, 0)
    for a, b in pairs:
        surplus[a] += 1
        surplus[b] -= 1
    loses: dict[str, dict[str, None]] = {essay: {} for essay in beats}
    for a, b in pairs:
        loses[b][a] = None

    def turn(chain: list[str]) -> None:
        for a, b in pairwise(chain):
            del beats[a][b], loses[b][a]
            beats[b][a] = loses[a][b] = None
        surplus[chain[0]] -= 2
        surplus[chain[-1]] += 2

    for essay in beats:
        while surplus[essay] >= 2:
            turn(_chain(beats, essay, lambda other: surplus[other] < 0))
    for essay in beats:
        while surplus[essay] <= -2:
            turn(_chain(loses, essay, lambda other: surplus[other] > 0)[::-1])
    return [(a, b) if b in beats[a] else (b, a) for a, b in pairs]


def _chain(edges: dict[str, dict[str, None]], start: str, is_end: Callable[[str], bool]) -> list[str]:
    """A shortest path along ``edges`` from ``start`` to somebody for whom ``is_end`` holds."""
    came_from: dict[str, str | None] = {start: None}
    waiting = deque([start])
    while True:
        here = waiting.popleft()
        for there in sorted(edges[here], key=_order):
            if there in came_from:
                continue
            came_from[there] = here
            if is_end(there):
                chain = [there]
                while (before := came_from[chain[-1]]) is not None:
                    chain.append(before)
                return chain[::-1]
            waiting.append(there)
