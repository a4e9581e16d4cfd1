"""The docs are in order; and what is not would be found."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from docs.validate_docs_structure import problems
from tests.project import ROOT

GUIDE = "how-to/export.md"
DECISION = "adr/0001-files-are-the-truth.md"
EPIC = "product/epics/epic-008-eng5-np-runner.md"


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A copy of the docs, beside what they link to."""
    shutil.copytree(ROOT / "docs", tmp_path / "docs", ignore=shutil.ignore_patterns("__pycache__"))
    for beside in ROOT.iterdir():
        if beside.name != "docs":
            (tmp_path / beside.name).symlink_to(beside)
    return tmp_path / "docs"


def edit(page: Path, old: str, new: str) -> None:
    text = page.read_text(encoding="utf-8")
    assert old in text
    page.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_docs_are_in_order() -> None:
    """The command that the docs name finds nothing and ends with 0."""
    command = [sys.executable, "docs/validate_docs_structure.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "The docs are in order.\n")


@pytest.mark.parametrize(
    ("page", "old", "new", "said"),
    [
        (GUIDE, "---\n", "", "has no front matter"),
        (GUIDE, "type: how-to", "type: explanation", "its place asks for how-to"),
        (GUIDE, "title: The", "title: Some", "its heading is ['The comparisons as a table']"),
        (GUIDE, "# From Python", "# From Python\n\n[there](nowhere.md)", "links to nowhere.md, which"),
        (GUIDE, "# From Python", "# From Python\n\n[up](#nowhere)", "links to #nowhere, and no heading"),
        (GUIDE, "# From Python", "# From Python\n\n`eng5/gone.py`", "names eng5/gone.py, which"),
        ("README.md", "(how-to/export.md)", "(how-to/gate-in-ci.md)", "export.md: no index links to it"),
        ("adr/INDEX.md", "(0001-files-are-the-truth.md)", "(INDEX.md)", "truth.md: no index links to it"),
        (DECISION, "created: 2026", "created: then, 2026", "needs created: and last_updated:"),
        (DECISION, "last_updated: 2026", "last_updated: 2020", "was last updated before it was created"),
        (DECISION, "## Consequences", "## Results", "has no section Consequences"),
        (DECISION, "status: accepted", "status: fine", "choose one of accepted, proposed, superseded"),
        (DECISION, "id: ADR-0001", "id: ADR-0002", "its name says ADR-0001"),
        (DECISION, "id: ADR-0001", "id: ADR-0002", "ADR-0002: several pages have this id"),
        (EPIC, "status: in progress", "status: done", "acceptance criteria are open"),
        (EPIC, "status: in progress", "status: draft", "its row in INDEX.md says"),
        ("product/epics/INDEX.md", "| in progress |", "| done |", "says status: in progress; its row"),
    ],
)
def test_what_is_wrong_is_named(docs: Path, page: str, old: str, new: str, said: str) -> None:
    """Each rule can be broken, and the page and what it breaks are in one line."""
    assert problems(docs) == []
    edit(docs / page, old, new)
    assert [line for line in problems(docs) if said in line], problems(docs)


def test_a_page_in_no_known_place_is_named(docs: Path) -> None:
    """A new folder needs a type of page."""
    (docs / "notes").mkdir()
    (docs / "notes" / "idea.md").write_text("---\ntype: note\ntitle: Idea\n---\n\n# Idea\n", encoding="utf-8")
    found = [line for line in problems(docs) if line.startswith("notes/idea.md")]
    assert len(found) == 2 and "lies where no type of page belongs" in found[0]


def test_a_decision_has_a_number(docs: Path) -> None:
    """Its file says which."""
    (docs / "adr" / "0001-files-are-the-truth.md").rename(docs / "adr" / "truth.md")
    assert [line for line in problems(docs) if "must be called NNNN-" in line]
