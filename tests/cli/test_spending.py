"""Commands about verdicts that were paid for."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.cli.conftest import Done
from tests.project import Project

Eng5 = Callable[..., Done]


def test_an_empty_ledger_says_so(eng5: Eng5, project: Project) -> None:
    """Before anything was judged."""
    assert "The ledger is empty." in eng5("ledger").went_well()


def test_the_ledger_counts_verdicts_and_hits(eng5: Eng5, finished: str) -> None:
    """Six pairs were asked; the same anchors under another name ask nothing and hit six times."""
    eng5("--mode", "anchor-align-test", "--batch-id", "again").went_well()
    head, row = eng5("ledger").went_well().splitlines()
    values = dict(zip(head.split(), row.replace(" USD", "").split(), strict=True))
    assert values == {
        "Judge": "mock/surface", "Batches": "1", "Verdicts": "6", "Repaid": "0", "Ties": "0", "Errors": "0",
        "Hits": "6", "Tokens": "0", "Cached": "0", "Cost": "0.0000",
    }  # fmt: skip


@pytest.mark.slow
def test_fresh_verdicts_leave_the_ledger_aside(eng5: Eng5, finished: str) -> None:
    """A new attempt that asks all six again."""
    eng5("--mode", "anchor-align-test", "--batch-id", "try", "--fresh-verdicts").went_well()
    assert eng5("ledger").went_well().splitlines()[1].split()[1:3] == ["2", "12"]


@pytest.mark.slow
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


def test_names_that_a_new_run_may_not_have(eng5: Eng5, finished: str) -> None:
    """The same names are refused as for --batch-id."""
    for name in ("../up", "baseline", "export"):
        command = ("rejudge", finished, "--provider", "mock", "--model", "simulated", "--name", name)
        eng5(*command).refused(2, f"--name: '{name}'")


@pytest.mark.parametrize("more", [(), pytest.param(("--sequential",), marks=pytest.mark.slow)])
def test_a_boundary_test_by_another_judge(eng5: Eng5, project: Project, more: tuple[str, ...]) -> None:
    """The listed comparisons, in their order and positions; the new run is a boundary test too."""
    pairs = ("--boundary-pairs", "003_E-:001_F+", "--boundary-iterations", "2")
    eng5("--mode", "boundary-test", "--batch-id", "edge", *pairs, *more).went_well()
    said = eng5("rejudge", "edge", "--provider", "mock", "--model", "simulated").went_well()
    assert "of 4 (" in said and "Only in one run: 0" in said
    assert list(project.paths.reports.glob("boundary_edge.simulated_*.md"))


@pytest.mark.slow
def test_an_artefact_that_is_missing_is_folded_first(eng5: Eng5, finished: str, project: Project) -> None:
    """The new run is frozen on what the answers say, and the same command again does nothing."""
    # doit's notes hold for one place.
    eng5("--mode", "anchor-align-test", "--batch-id", "try").went_well()
    command = ("rejudge", "try", "--provider", "mock", "--model", "simulated", "--name", "twin")
    artefact = project.paths.run("try").artefact
    whole = artefact.read_bytes()
    artefact.write_bytes(whole[:1000])
    eng5(*command).refused(2, str(artefact), "delete the file and run the same command again")
    assert not project.paths.run("twin").run.exists()
    artefact.unlink()
    assert "of 6 (" in eng5(*command).went_well()
    assert artefact.read_bytes() == whole
    assert "Nothing to do" in eng5(*command).went_well()


@pytest.mark.slow
def test_an_artefact_that_is_out_of_date_is_folded_first(eng5: Eng5, finished: str, project: Project) -> None:
    """Without doit's notes every step runs again; the artefact changes before the new run is frozen."""
    artefact = project.paths.run("try").artefact
    document = json.loads(artefact.read_bytes())
    document["llm_comparisons"].pop()
    artefact.write_text(json.dumps(document), encoding="utf-8")
    for notes in project.paths.build.glob(".doit.db*"):
        notes.unlink()
    said = eng5("rejudge", "try", "--provider", "mock", "--model", "simulated").went_well()
    assert "of 6 (" in said and "Only in one run: 0" in said


SHAKY = """\
from pathlib import Path

from eng5.judges import Outcome, Verdict

NOTES = Path(__file__).with_suffix(".txt")


class Shaky:
    def __init__(self, call):
        pass

    def judge(self, question):
        asked = NOTES.read_text().splitlines() if NOTES.exists() else []
        NOTES.write_text("\\n".join([*asked, f"{question.essay_a.essay_id} {question.essay_b.essay_id}"]))
        if len(asked) == 3:
            raise ValueError("not now")
        return Verdict(Outcome.A, confidence=3.0, justification="It came first.")
"""


def test_what_failed_is_asked_again_and_nothing_else(eng5: Eng5, project: Project) -> None:
    """The fourth of fifteen questions fails, and the run stands; `retry` asks that one, as a new attempt."""
    judges = project.root / "judges"
    judges.mkdir()
    (judges / "shaky.py").write_text(SHAKY, encoding="utf-8")
    table = '\n[variant.shaky]\njudge = "judges/shaky.py:Shaky"\n'
    with project.paths.experiments.open("a", encoding="utf-8") as experiments:
        experiments.write(table)
    eng5("retry", "shaky").refused(2, "50_artefact.json")
    eng5("doit", "report:shaky").went_well()
    assert "15 decided, 0 ties, 0 failed" in eng5("retry", "shaky").went_well()
    asked = (judges / "shaky.txt").read_text(encoding="utf-8").splitlines()
    assert len(asked) == 16
    assert asked[15] == asked[3]
    eng5("retry", "shaky").refused(2, "nothing failed in 'shaky'")
    eng5("retry", "nobody").refused(2, "no run 'nobody'", "shaky")
