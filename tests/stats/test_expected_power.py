"""How small a difference between variants can be found."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import nct, t

from eng5.stats.expected_power import expected_power
from eng5.stats.paired_metrics import tau_b, win_rate

LEVEL = np.arange(12)
FIRST, SECOND = np.triu_indices(12, 1)


def test_power_is_that_of_students_t() -> None:
    """The smallest difference has 80 % power by scipy's noncentral t, and that of the example is its own."""
    found = expected_power(LEVEL, FIRST, SECOND, tau_b(LEVEL), datasets=4)
    assert found.standard_error is not None and found.smallest is not None and found.example is not None
    critical = t.ppf(0.975, 11)
    assert 1 - nct.cdf(critical, 11, found.smallest / found.standard_error) == pytest.approx(0.8, abs=1e-6)
    assert found.example == pytest.approx(1 - nct.cdf(critical, 11, 0.13 / found.standard_error), abs=1e-6)


def test_more_couples_need_more_and_more_anchors_need_less() -> None:
    """Holm's first level for ten couples asks for a larger difference; twenty-four anchors for a smaller one."""
    alone = expected_power(LEVEL, FIRST, SECOND, win_rate(LEVEL), datasets=4)
    among = expected_power(LEVEL, FIRST, SECOND, win_rate(LEVEL), tests=10, datasets=4)
    many = expected_power(np.arange(24), *np.triu_indices(24, 1), win_rate(np.arange(24)), datasets=4)
    assert (among.smallest or 0) > (alone.smallest or 1) > (many.smallest or 1)
    assert alone.example is None, "the example is of tau"


def test_few_anchors_can_show_nothing() -> None:
    """Below five anchors, and without a comparison, there is no figure."""
    few = np.arange(4)
    assert expected_power(few, *np.triu_indices(4, 1), tau_b(few)).smallest is None
    nobody = np.array([], dtype=np.int64)
    assert expected_power(few, nobody, nobody, tau_b(few)).smallest is None
