"""Verdicts counted by pair."""

import numpy as np

from eng5.stats.bradley_terry.likelihood import aggregate
from eng5.stats.comparisons import Comparisons
from eng5.stats.pair_table import PairTable

JUDGED = Comparisons(
    4, np.array([0, 1, 1, 2, 0, 3]), np.array([1, 0, 0, 0, 2, 2]), np.array([1, 1, -1, -1, 0, 1])
)


def test_verdicts_by_pair_and_order() -> None:
    """0 against 1: won as first, then lost and won as second; 0 against 2: won as second, the tie left out."""
    table = PairTable.of(JUDGED)
    assert (table.i.tolist(), table.j.tolist()) == ([0, 0, 2], [1, 2, 3])
    assert table.won.tolist() == [[1, 1], [0, 1], [0, 0]]
    assert table.games.tolist() == [[1, 2], [0, 1], [0, 1]]
    assert (table.asked.tolist(), table.repeated) == ([3, 1, 1], 1)


def test_presentations_are_what_the_fits_count() -> None:
    """Without weights they are the counts that a fit makes of the comparisons, with and without positions."""
    table = PairTable.of(JUDGED)
    for positions in (True, False):
        ours, theirs = (
            table.presentations(positions=positions),
            aggregate(JUDGED, positions=positions, ties=False),
        )
        assert ours.i.tolist() == theirs.i.tolist() and ours.j.tolist() == theirs.j.tolist()
        assert ours.won.tolist() == theirs.won.tolist() and ours.lost.tolist() == theirs.lost.tolist()


def test_information_scales_the_verdicts_of_a_pair() -> None:
    """Three verdicts that are worth one weigh a third each."""
    counts = PairTable.of(JUDGED).presentations(positions=False, information=np.ones(3))
    assert (counts.won + counts.lost).tolist() == [1.0, 1.0, 1.0]
    assert counts.won[0] == 2 / 3


def test_equal_records_are_found_once() -> None:
    """Two pairs of the same record share it."""
    table = PairTable.of(Comparisons(4, np.array([0, 2, 1]), np.array([1, 3, 2]), np.array([1, 1, -1])))
    records, which = table.records
    assert len(records) == 2 and which[0] == which[2] != which[1]


def test_nothing_compared() -> None:
    """No comparison, no pair, and no essay either."""
    none = np.array([], dtype=np.int64)
    assert len(PairTable.of(Comparisons(0, none, none, none)).i) == 0
