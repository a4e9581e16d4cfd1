"""An artefact whose comparisons are left on disk is the same artefact."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from eng5 import files
from eng5.contracts.artefact import Artefact
from eng5.contracts.stored import Stored, chunks
from eng5.errors import DamagedFileError
from eng5.files import model_bytes, read_model, write_chunks, write_model
from eng5.reports.alignment import analysis, report
from eng5.reports.alignment.dataset import load
from eng5.reports.table import comparisons


def test_on_disk_or_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, judge: Callable[..., Artefact]
) -> None:
    """Analysis, page and table are the same byte for byte, and so is the file when it is written again."""
    made = judge(steepness=0.4, rounds=2, tie_rate=0.1, failure_rate=0.1)
    path = tmp_path / "build/run/50_artefact.json"
    write_model(path, made)
    in_memory = analysis.build(made, {}, name="run")
    rows = comparisons(tmp_path)
    monkeypatch.setattr(files, "LARGE", 0)
    stored = read_model(path, Artefact)
    assert isinstance(stored.llm_comparisons, Stored)
    assert isinstance(load(stored).answered, Stored)
    assert model_bytes(analysis.build(stored, {}, name="run")) == model_bytes(in_memory)
    assert report.build(stored, in_memory, {}) == report.build(made, in_memory, {})
    assert comparisons(tmp_path) == rows
    write_chunks(tmp_path / "again.json", chunks(stored, "llm_comparisons"))
    assert (tmp_path / "again.json").read_bytes() == path.read_bytes()


def test_a_damaged_comparison_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, judge: Callable[..., Artefact]
) -> None:
    """When the file is read, not when the comparison is looked at."""
    path = tmp_path / "50_artefact.json"
    path.write_bytes(model_bytes(judge()).replace(b'"status": "succeeded"', b'"status": "lost"', 1))
    monkeypatch.setattr(files, "LARGE", 0)
    with pytest.raises(DamagedFileError, match="status"):
        read_model(path, Artefact)
