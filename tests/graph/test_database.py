"""Tests of `eng5.graph.database`: doit goes on without its notes."""

from importlib.metadata import entry_points
from pathlib import Path

import pytest
from doit.dependency import JSONCodec

from eng5.graph import dodo
from eng5.graph.database import NAME, Database
from tests.project import Project


def test_doit_finds_it_by_name() -> None:
    """The entry point of the package is what DOIT_CONFIG names."""
    [found] = entry_points(group="doit.BACKEND", name=NAME)
    assert found.load() is Database


def test_doit_does_with_its_own_where_eng5_was_installed_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Metadata of an older install name no back end: the notes then lie beside dodo.py."""
    older = tmp_path / "eng5-0.0.1.dist-info"
    older.mkdir()
    (older / "METADATA").write_text("Metadata-Version: 2.1\nName: eng5\nVersion: 0.0.1\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    project = Project.fresh(tmp_path / "p")
    config = dodo(project.root / "dodo.py")["DOIT_CONFIG"]
    assert (config["backend"], config["dep_file"]) == ("sqlite3", str(project.root / ".doit.db"))


def test_a_damaged_file_is_named_and_done_without(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The tasks run all the same."""
    path = tmp_path / ".doit.db"
    path.write_bytes(b"not a database " * 100)
    database = Database(str(path), JSONCodec())
    assert database.get("task", "_values_:") is None
    database._conn.close()
    message = capsys.readouterr().err
    assert str(path) in message
    assert "delete the file if it is damaged" in message


def test_the_folder_is_made_when_the_notes_are_opened(tmp_path: Path) -> None:
    """A study without build/ needs nothing prepared."""
    path = tmp_path / "build" / ".doit.db"
    Database(str(path), JSONCodec())._conn.close()
    assert path.is_file()


def test_a_folder_in_its_place_is_done_without(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So is a place where nothing can be written."""
    path = tmp_path / ".doit.db"
    path.mkdir()
    Database(str(path), JSONCodec())._conn.close()
    assert str(path) in capsys.readouterr().err
