"""`eng5 note`: notes on attempts, as their author types them."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.cli.conftest import Done
from tests.project import Project

Eng5 = Callable[..., Done]


def test_a_note_is_written_edited_shown_and_removed(eng5: Eng5, finished: str, project: Project) -> None:
    """Text and tags, each by itself; the file is beside the prompts, and gone with the last note."""
    assert (
        "names endings" in eng5("note", finished, "names endings", "--tag", "keep", "--tag", "v2").went_well()
    )
    assert "keep, v2" in eng5("note", finished).went_well()
    eng5("note", finished, "names all endings", "--untag", "v2").went_well()
    shown = eng5("note", finished).went_well()
    assert "names all endings" in shown and "v2" not in shown and "keep" in shown
    assert project.paths.notes.is_file()
    assert "names all endings [keep]" in eng5("show", finished).went_well()
    assert json.loads(eng5("show", finished, "--json").went_well())["note"]["tags"] == ["keep"]
    eng5("note", finished, "--remove").went_well()
    assert not project.paths.notes.exists()


def test_what_cannot_be_noted_is_refused(eng5: Eng5, finished: str, project: Project) -> None:
    """An unknown run or attempt, a tag of two words, two wishes at once; nothing is written."""
    eng5("note", "nothing", "x").refused(2, "no run 'nothing' has been made", finished)
    eng5("note", finished, "x", "--attempt", "99").refused(2, "no attempt of", "there are: 1 (")
    eng5("note", finished, "--tag", "two words").refused(2, "'two words' is no tag")
    eng5("note", finished, "x", "--remove").refused(2, "--remove with a text")
    assert not project.paths.notes.exists()
