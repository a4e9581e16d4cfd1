"""Sums over pairs do not depend on how the design is stored."""

import numpy as np
import pytest

from eng5.stats.bradley_terry import design as design_module
from eng5.stats.bradley_terry.design import PairDesign


@pytest.mark.parametrize("position", [None, 6])
def test_large_designs_give_the_same_sums(monkeypatch: pytest.MonkeyPatch, position: int | None) -> None:
    """Logits, gradient and information of one data set and of four, by matrix and by index."""
    rng = np.random.default_rng(1)
    i, j = np.nonzero(rng.random((6, 6)) * (1 - np.eye(6)) > 0.4)
    design = PairDesign(i, j, position, 8)
    weight, x = rng.random((4, len(i))), rng.normal(size=(4, 8))
    found = design.logits(x), design.gradient(weight), design.information(weight)
    monkeypatch.setattr(design_module, "DENSE_LIMIT", 2)
    again = design.logits(x), design.gradient(weight), design.information(weight)
    one = design.logits(x[0]), design.gradient(weight[0]), design.information(weight[0])
    for small, large, row in zip(found, again, one, strict=True):
        assert large == pytest.approx(small)
        assert row == pytest.approx(small[0])
