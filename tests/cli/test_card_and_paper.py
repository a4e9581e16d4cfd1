"""Commands that hand a measurement on."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.cli.conftest import Done
from tests.project import Project

Eng5 = Callable[..., Done]


def test_a_card_of_one_run_and_of_all(eng5: Eng5, finished: str, project: Project) -> None:
    """Markdown and JSON under reports/; without a name every measured run has its own."""
    said = eng5("card", finished).went_well()
    assert "card: reports/card_try.md" in said and "card: reports/card_try.json" in said
    card = json.loads((project.root / "reports" / "card_try.json").read_text("utf-8"))
    assert (card["run"], card["judge_note"]) == ("try", "no model: baseline")
    assert "45_events.jsonl" in [digest["path"] for digest in card["digests"]]
    before = (project.root / "reports" / "card_try.md").read_bytes()
    assert eng5("card").went_well() == said
    assert (project.root / "reports" / "card_try.md").read_bytes() == before


@pytest.mark.slow
def test_a_kit_for_a_paper(eng5: Eng5, finished: str, project: Project) -> None:
    """Under reports/paper or where --to says; what was written is said."""
    said = eng5("paper", finished).went_well()
    assert "paper: reports/paper/paper.tex" in said and "reports/paper/tables (6 files)" in said
    there = sorted(path.name for path in (project.root / "reports" / "paper").iterdir())
    assert there == ["figures", "methods.md", "methods.tex", "paper.tex", "references.bib", "tables"]
    elsewhere = project.root / "article"
    eng5("paper", finished, "--to", str(elsewhere)).went_well()
    assert (elsewhere / "methods.md").read_bytes() == (project.root / "reports/paper/methods.md").read_bytes()
    eng5("paper", "nothing").refused(2, "no run 'nothing'")
    (project.root / "a_file").write_text("")
    eng5("paper", finished, "--to", str(project.root / "a_file")).refused(2, "there is a file", "--to FOLDER")


def test_a_run_that_is_not_there_or_was_not_measured(eng5: Eng5) -> None:
    """Which runs there are, and what makes an analysis."""
    eng5("card", "nothing").refused(2, "no run 'nothing'", "baseline", "simulated")
    eng5("card", "baseline").refused(2, "run 'baseline' has no analysis yet", "doit report:baseline")
    eng5("card").refused(2, "no run was measured yet", "doit anchor_align")
