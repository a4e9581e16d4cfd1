"""Batches of penalised fits."""

import numpy as np
import pytest
from scipy.optimize import minimize

from eng5.stats.bradley_terry import batch_newton
from eng5.stats.bradley_terry.batch_newton import modes
from eng5.stats.bradley_terry.design import PairDesign
from eng5.stats.bradley_terry.newton import ConvergenceError
from eng5.stats.comparisons import FloatArray


@pytest.mark.parametrize("position", [None, 3])
def test_each_mode_maximises_its_own_objective(position: int | None) -> None:
    """Three data sets and three penalties at once give what a general-purpose optimiser finds one by one."""
    rng = np.random.default_rng(0)
    size = 3 if position is None else 4
    design = PairDesign(np.array([0, 1, 2]), np.array([1, 2, 0]), position, size)
    won, lost = rng.integers(0, 9, (3, 3)).astype(float), rng.integers(0, 9, (3, 3)).astype(float)
    precision = np.stack([np.eye(size) * q for q in (0.1, 1.0, 5.0)])
    found = modes(design, won, lost, precision, start=np.zeros((3, size)), tolerance=1e-10)
    for k in range(3):

        def loss(x: FloatArray, k: int = k) -> float:
            value = design.log_likelihood(x[None, :], won[k], lost[k])[0]
            return float(x @ precision[k] @ x / 2 - value)

        best = minimize(loss, np.zeros(size), method="BFGS", options={"gtol": 1e-8})
        assert found.point[k] == pytest.approx(best.x, abs=1e-5)


def test_iteration_limit_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that does not converge raises."""
    monkeypatch.setattr(batch_newton, "MAX_ITERATIONS", 1)
    design = PairDesign(np.array([0]), np.array([1]), None, 2)
    with pytest.raises(ConvergenceError, match="batch"):
        modes(design, np.array([9.0]), np.array([1.0]), np.eye(2), start=np.zeros((1, 2)))


def test_a_start_far_off_is_found_back_from() -> None:
    """At ±30 logits the information is all but the penalty's, and a full Newton step would never return."""
    design = PairDesign(np.array([0]), np.array([1]), None, 2)
    start = np.array([[30.0, -30.0], [-30.0, 30.0], [0.0, 0.0]])
    found = modes(design, np.array([6.0]), np.array([4.0]), 0.02 * np.eye(2), start=start, tolerance=1e-9)
    assert found.point == pytest.approx(np.tile(found.point[2], (3, 1)), abs=1e-8)
