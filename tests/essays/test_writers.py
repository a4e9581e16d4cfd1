"""The files of `saved/`, made anew by the LibreOffice of this machine: they are read as those of the repository are."""

from __future__ import annotations

from pathlib import Path

import pytest

from eng5.essays.extract import extract
from tests.essays.writers import SAVED, SOFFICE, save_all

pytestmark = pytest.mark.libreoffice


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything, by this LibreOffice."""
    if SOFFICE is None:
        pytest.skip("LibreOffice is not installed: apt-get install -y libreoffice-writer-nogui hyphen-en-us")
    folder = tmp_path_factory.mktemp("saved")
    save_all(folder)
    return folder


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "name", sorted(path.name for path in SAVED.iterdir() if path.suffix != ".txt" and path.stem != "hyphens")
)
def test_this_libreoffice(saved: Path, name: str) -> None:
    """Whichever version saved an essay, its text is the same."""
    assert extract(saved / name).text == extract(SAVED / name).text
