"""Placing separated groups."""

import numpy as np
import pytest

from eng5.stats.bradley_terry import jeffreys
from eng5.stats.bradley_terry.jeffreys import place_groups
from eng5.stats.bradley_terry.likelihood import PairCounts
from eng5.stats.bradley_terry.newton import ConvergenceError


def _chain(groups: int, wins: float) -> tuple[PairCounts, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Each group beats the next, wins times."""
    i = np.arange(groups - 1)
    zeros = np.zeros(groups - 1)
    return PairCounts(i, i + 1, np.full(groups - 1, wins), zeros, zeros), i


def test_a_chain_has_leverage_one_at_every_link() -> None:
    """In a chain every link carries one parameter alone: half a win each way, so each gap is ln(2w + 1)."""
    counts, i = _chain(5, 3.0)
    placed = place_groups(counts, np.zeros(4), i, i + 1, np.zeros(5, dtype=np.int64))
    assert -np.diff(placed.level) == pytest.approx([np.log(7)] * 4, abs=1e-7)
    assert placed.level.sum() == pytest.approx(0, abs=1e-9)
    assert placed.gradient_norm < 1e-7


def test_fixed_differences_shift_the_levels() -> None:
    """What the members' contrasts already explain is taken off the gap."""
    counts, i = _chain(2, 3.0)
    placed = place_groups(counts, np.array([0.5]), i, i + 1, np.zeros(2, dtype=np.int64))
    assert placed.level[0] - placed.level[1] == pytest.approx(np.log(7) - 0.5, abs=1e-7)


def test_components_are_centred_apart() -> None:
    """Two chains that never meet have levels that sum to 0 each."""
    counts = PairCounts(np.array([0, 2]), np.array([1, 3]), np.array([1.0, 4.0]), np.zeros(2), np.zeros(2))
    placed = place_groups(counts, np.zeros(2), np.array([0, 2]), np.array([1, 3]), np.array([0, 0, 1, 1]))
    assert placed.level == pytest.approx(
        [np.log(3) / 2, -np.log(3) / 2, np.log(9) / 2, -np.log(9) / 2], abs=1e-7
    )


def test_iteration_limit_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    """A placement that does not converge raises."""
    monkeypatch.setattr(jeffreys, "MAX_ITERATIONS", 1)
    counts, i = _chain(3, 2.0)
    with pytest.raises(ConvergenceError, match="groups"):
        place_groups(counts, np.zeros(2), i, i + 1, np.zeros(3, dtype=np.int64))
