"""Batches of penalised fits."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.sparse import csr_array

from eng5.stats.bradley_terry import batch_newton
from eng5.stats.bradley_terry.batch_newton import modes, ridge
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


@pytest.mark.parametrize("position", [None, 9])
def test_many_parameters_are_fitted_one_by_one(monkeypatch: pytest.MonkeyPatch, position: int | None) -> None:
    """Sparsely and apart the maxima and the second derivatives are the same, with a ridge and with a prior each."""
    rng = np.random.default_rng(2)
    i, j = np.nonzero(np.triu(rng.random((9, 9)) < 0.7, 1))
    design = PairDesign(i, j, position, 12)
    won, lost = rng.integers(0, 4, (2, len(i))).astype(float), rng.integers(0, 4, (2, len(i))).astype(float)
    root = rng.normal(size=(12, 12))
    each = [root @ root.T + np.eye(12), 0.1 * np.eye(12)]
    for small, large in ((0.5 * np.eye(12), None), (each, [csr_array(one) for one in each])):
        start = np.zeros((2, 12))
        together = modes(design, won, lost, small, start=start, tolerance=1e-9)
        with monkeypatch.context() as patch:
            patch.setattr(batch_newton, "SEPARATE_LIMIT", 2)
            precision = ridge(12, 0.5) if large is None else large
            apart = modes(design, won, lost, precision, start=start, tolerance=1e-9)
        assert apart.point == pytest.approx(together.point, abs=1e-8)
        for k in range(2):
            assert apart.hessian_of(k) == pytest.approx(together.hessian[k], abs=1e-7)
            assert together.hessian_of(k) == pytest.approx(together.hessian[k])


def test_no_end_of_the_iteration_of_one_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a batch."""
    monkeypatch.setattr(batch_newton, "SEPARATE_LIMIT", 1)
    monkeypatch.setattr(batch_newton, "MAX_ITERATIONS", 1)
    design = PairDesign(np.array([0]), np.array([1]), None, 2)
    with pytest.raises(ConvergenceError, match="a penalised fit"):
        modes(design, np.array([9.0]), np.array([1.0]), ridge(2, 1.0), start=np.zeros((1, 2)))
