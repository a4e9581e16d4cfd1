"""Where a study is."""

from __future__ import annotations

from pathlib import Path

import pytest

from eng5.errors import InputError
from eng5.study.find import find_study
from eng5.study.make import Choices, make


def test_found_from_any_folder_below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The study around the current folder, however deep that is."""
    make(tmp_path / "study", Choices())
    deep = tmp_path / "study" / "inputs" / "prompts" / "system"
    monkeypatch.chdir(deep)
    assert find_study().root == tmp_path / "study"
    assert find_study(tmp_path / "study").root == tmp_path / "study"


def test_outside_of_a_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The remedy names `eng5 init`; a dodo.py of another project is none of ours."""
    (tmp_path / "dodo.py").touch()
    monkeypatch.chdir(tmp_path)
    for folder in (None, tmp_path):
        with pytest.raises(InputError, match="eng5 init FOLDER"):
            find_study(folder)
