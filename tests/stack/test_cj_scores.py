import random
from itertools import combinations

import numpy as np
import pytest

from eng5.stack import cj_scores

# Vectors of the wire contracts, section 4.8: wins, scores, standard errors with the last item as reference.
PLATFORM_VECTORS = {
    "one win": ([(0, 1)], [1.9659, -1.9659], [2.0, 0.0]),
    "a circle": ([(0, 1), (1, 2), (2, 0)], [0.0, 0.0, 0.0], [1.633, 1.633, 0.0]),
    "repeats": (
        [(0, 1)] * 2 + [(1, 2)] * 2 + [(0, 2), (2, 1)],
        [2.7334, -1.0330, -1.7004],
        [2.0, 1.2113, 0.0],
    ),
    "perfect order": (list(combinations(range(5), 2)), [4.278, 2.456, 0.384, -2.033, -5.085], None),
}


def named(wins: list[tuple[int, int]]) -> list[tuple[str, str]]:
    return [(f"{winner:02}", f"{loser:02}") for winner, loser in wins]


@pytest.mark.parametrize("name", PLATFORM_VECTORS)
def test_platform_vectors(name: str) -> None:
    """Scores and errors are those of the platform's own service."""
    wins, expected, errors = PLATFORM_VECTORS[name]
    scores = cj_scores.scores([f"{item:02}" for item in range(len(expected))], named(wins))
    assert list(scores.values()) == pytest.approx(expected, abs=6e-4)
    if errors is not None:
        found = cj_scores.standard_errors(scores, named(wins), f"{len(expected) - 1:02}")
        assert list(found.values()) == pytest.approx(errors, abs=6e-4)


@pytest.mark.parametrize("items", [3, 12, 24])
def test_scores_equal_those_of_choix(items: int) -> None:
    """The library that the platform uses finds the same scores, with noise and with isolated items."""
    import choix

    draw = random.Random(items)
    pairs = list(combinations(range(items - 1), 2))
    wins = [(a, b) if draw.random() < 0.7 else (b, a) for a, b in pairs]
    reference = choix.ilsr_pairwise(items, wins, alpha=cj_scores.ALPHA)
    scores = cj_scores.scores([f"{item:02}" for item in range(items)], named(wins))
    assert np.array(list(scores.values())) == pytest.approx(reference - reference.mean(), abs=1e-8)


def test_no_wins_is_no_difference() -> None:
    """Without a decided comparison all scores are 0, and the errors the platform's 0.5."""
    scores = cj_scores.scores(["b", "a"], [])
    assert scores == {"a": 0.0, "b": 0.0}
    assert cj_scores.standard_errors(scores, [], "a") == {"a": 0.5, "b": 0.5}
    assert cj_scores.scores([], []) == {}
