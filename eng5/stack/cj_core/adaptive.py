"""Pairs chosen as the verdicts come in, where the budget is too small for all pairs.

Which pair tells most is known only from the verdicts so far: the information of a comparison about the difference
of two abilities is p (1 - p), highest between essays that seem equal (Pollitt 2012, "The method of Adaptive
Comparative Judgement"). Choosing so inflates the reliability coefficient, because chance agreement with earlier
verdicts is sought out (Bramley & Vitello 2019, "The effect of adaptivity on the reliability coefficient in adaptive
comparative judgement"). A share of the pairs is therefore drawn at random.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import combinations

from eng5.judges import Outcome
from eng5.stack import cj_scores
from eng5.stack.cj_core.batch_comparisons import PlannedComparison
from eng5.stack.cj_core.judging import Judged
from eng5.stack.cj_core.pairing import Pair, comparisons

RANDOM_SHARE = 0.25
"""Share of each wave that is drawn at random."""


def next_wave(essay_ids: Collection[str], budget: int, judged: Sequence[Judged]) -> list[PlannedComparison]:
    """The comparisons to run next, given all verdicts so far; empty when the budget is used up.

    The first wave connects all essays. In a later wave each essay plays at most once and no pair is repeated.
    Everything follows from ids and verdicts, so a batch that is taken up again chooses the same pairs.
    """
    left = budget - len(judged)
    if left <= 0:
        return []
    if not judged:
        pairs = comparisons(essay_ids, min(budget, len(essay_ids)))
    else:
        pairs = _informative(sorted(essay_ids), judged)[:left]
    return [PlannedComparison(len(judged) + i, a, b, 1, listed=False) for i, (a, b) in enumerate(pairs)]


def _informative(essay_ids: list[str], judged: Sequence[Judged]) -> list[Pair]:
    """A matching of pairs that were not compared: a share drawn at random, the rest by information."""
    done = {frozenset((one.comparison.essay_a_id, one.comparison.essay_b_id)) for one in judged}
    drawn = sorted(
        (pair for pair in combinations(essay_ids, 2) if frozenset(pair) not in done),
        key=lambda pair: hashlib.sha256(f"{len(judged)}\0{pair[0]}\0{pair[1]}".encode()).digest(),
    )
    ability = cj_scores.scores(essay_ids, list(_wins(judged)))
    telling = sorted(drawn, key=lambda pair: -_information(ability[pair[0]] - ability[pair[1]]))
    wave_size = max(1, len(essay_ids) // 2)
    chosen = _matching(drawn, round(RANDOM_SHARE * wave_size), ())
    chosen = _matching(telling, wave_size, chosen)
    shown_first = Counter(one.comparison.essay_a_id for one in judged)
    shown_first.subtract(one.comparison.essay_b_id for one in judged)
    return [(a, b) if shown_first[a] <= shown_first[b] else (b, a) for a, b in chosen]


def _matching(candidates: list[Pair], size: int, chosen: Sequence[Pair]) -> list[Pair]:
    """Add candidates in their order until there are ``size`` pairs, no essay twice."""
    matching = list(chosen)
    taken = {essay for pair in matching for essay in pair}
    for pair in candidates:
        if len(matching) >= size:
            break
        if taken.isdisjoint(pair):
            matching.append(pair)
            taken.update(pair)
    return matching


def _information(difference: float) -> float:
    """p (1 - p) for p the logistic function of the difference in logits."""
    p = 1 / (1 + math.exp(-max(-700.0, min(700.0, difference))))
    return p * (1 - p)


def _wins(judged: Sequence[Judged]) -> Iterator[Pair]:
    """(winner, loser) of every decided comparison."""
    for one in judged:
        a, b = one.comparison.essay_a_id, one.comparison.essay_b_id
        if one.outcome is Outcome.A:
            yield a, b
        elif one.outcome is Outcome.B:
            yield b, a
