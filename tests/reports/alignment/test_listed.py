"""Lists of pairs on a page: as many as somebody may read, and said so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from eng5.contracts.artefact import Artefact
from eng5.reports.alignment import analysis, listed
from eng5.reports.alignment.report import build


def test_what_is_left_out_is_counted(monkeypatch: pytest.MonkeyPatch, judge: Callable[..., Artefact]) -> None:
    """Inversions, contested pairs and flips beyond the most that a page lists are in the analysis alone."""
    made = judge(steepness=0.0, position=1.0, rounds=2)
    whole = analysis.build(made, {}, name="a-coin")
    assert whole.position is not None
    lists = len(whole.inversions), len(whole.contested), len(whole.position.flips)
    assert min(lists) > 3
    assert listed.shortened(whole) == (whole, {"inversions": "", "contested": "", "flips": ""})
    assert "are listed" not in "".join(build(made, whole, {}).values())
    monkeypatch.setattr(listed, "MOST", 3)
    short, left_out = listed.shortened(whole)
    assert short.position is not None
    assert short.inversions == whole.inversions[:3] and short.contested == whole.contested[:3]
    assert short.position.flips == whole.position.flips[:3]
    for page in build(made, whole, {}).values():
        assert [f"Of {number} pairs 3 are listed" in page for number in lists] == [True] * 3
    assert "build/a-coin/60_analysis.json has all" in left_out["flips"]
