"""Tests of `eng5.runs.notes`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eng5.contracts.notes import Note
from eng5.errors import InputError
from eng5.paths import ProjectPaths
from eng5.runs.notes import checked_note, load_notes, save_note

BATCH = UUID("9d3f5c52-52b7-4f0c-9a0e-3c1c8a4f6e05")
TAGS = st.lists(st.from_regex(r"[^\s,]{1,10}", fullmatch=True), unique=True, max_size=3)


@given(st.lists(st.tuples(st.text(max_size=60), TAGS), max_size=4))
@settings(deadline=None)
def test_what_was_noted_is_read_back(given_notes: list[tuple[str, list[str]]]) -> None:
    """Any text, quotes, lines and markup included, on each attempt its own; what says nothing is not kept."""
    with tempfile.TemporaryDirectory() as folder:
        project = ProjectPaths.at(Path(folder))
        notes = [
            checked_note("run", uuid5(BATCH, str(place)), text, tags)
            for place, (text, tags) in enumerate(given_notes)
        ]
        for note in notes:
            save_note(project, note)
        assert load_notes(project).note == [note for note in notes if note.text or note.tags]
        for note in notes:
            save_note(project, Note(run="run", batch=note.batch))
        assert not project.notes.exists()


def test_the_last_word_counts(tmp_path: Path) -> None:
    """A second note takes the first one's place, where it stood."""
    project = ProjectPaths.at(tmp_path)
    for batch, text in ((BATCH, "one"), (uuid5(BATCH, "x"), "two"), (BATCH, "three")):
        save_note(project, checked_note("run", batch, text, []))
    assert [note.text for note in load_notes(project).note] == ["three", "two"]


@pytest.mark.parametrize(
    ("text", "tags", "words"),
    [
        ("x" * 5001, [], "5,001 characters"),
        ("", ["two words"], "'two words' is no tag"),
        ("", [""], "'' is no tag"),
    ],
)
def test_what_is_no_note_is_refused(text: str, tags: list[str], words: str) -> None:
    """The value and what is allowed."""
    with pytest.raises(InputError, match=words):
        checked_note("run", BATCH, text, tags)


@pytest.mark.parametrize("text", ["[[note]]\nrun = 1\n", "note = ", "[[notes]]\n", "\0"])
def test_a_file_that_was_mended_wrongly_is_named(tmp_path: Path, text: str) -> None:
    """The file and the remedy; nothing is overwritten."""
    project = ProjectPaths.at(tmp_path)
    project.inputs.mkdir()
    project.notes.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"notes\.toml"):
        save_note(project, Note(run="run", batch=BATCH, text="new"))
    assert project.notes.read_text(encoding="utf-8") == text
