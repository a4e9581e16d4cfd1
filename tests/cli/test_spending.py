"""Commands about verdicts that were paid for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cli.conftest import Done
from tests.project import Project

Eng5 = Callable[..., Done]


@pytest.fixture
def finished(eng5: Eng5, project: Project) -> str:
    """The name of a run of four anchors that has its report."""
    for path in sorted((project.root / "inputs" / "anchors").iterdir())[4:]:
        path.unlink()
    eng5("--mode", "anchor-align-test", "--batch-id", "try").went_well()
    return "try"


def test_an_empty_ledger_says_so(eng5: Eng5, project: Project) -> None:
    """Before anything was judged."""
    assert "The ledger is empty." in eng5("ledger").went_well()


def test_the_ledger_counts_verdicts_and_hits(eng5: Eng5, finished: str) -> None:
    """Six pairs were asked; the same anchors under another name ask nothing and hit six times."""
    eng5("--mode", "anchor-align-test", "--batch-id", "again").went_well()
    head, row = eng5("ledger").went_well().splitlines()
    values = dict(zip(head.split(), row.replace(" USD", "").split(), strict=True))
    assert values == {
        "Judge": "mock/surface", "Batches": "1", "Verdicts": "6", "Ties": "0", "Errors": "0", "Hits": "6",
        "Tokens": "0", "Cached": "0", "Cost": "0.0000",
    }  # fmt: skip


def test_fresh_verdicts_leave_the_ledger_aside(eng5: Eng5, finished: str) -> None:
    """A new attempt that asks all six again."""
    eng5("--mode", "anchor-align-test", "--batch-id", "try", "--fresh-verdicts").went_well()
    assert eng5("ledger").went_well().splitlines()[1].split()[1:3] == ["2", "12"]


def test_another_judge_gets_the_same_pairs(eng5: Eng5, finished: str, project: Project) -> None:
    """Six comparisons, compared one by one; the new run has its own report."""
    said = eng5("rejudge", "try", "--provider", "mock", "--model", "simulated").went_well()
    assert "of 6 (" in said
    assert "Only in one run: 0" in said
    assert list(project.paths.reports.glob("anchor_align_try.simulated_*.md"))


def test_the_same_judge_agrees_with_itself(eng5: Eng5, finished: str) -> None:
    """Its verdicts are kept, so nothing is asked and nothing differs."""
    said = eng5("rejudge", "try", "--provider", "mock", "--model", "surface", "--name", "twin").went_well()
    assert "Same verdict as 'try': 6 of 6" in said


def test_a_run_without_artefact_cannot_be_rejudged(eng5: Eng5, project: Project) -> None:
    """The message says what to do first."""
    eng5("rejudge", "nothing", "--provider", "mock", "--model", "surface").refused(2, "finish that run first")
