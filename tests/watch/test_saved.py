"""Tests of `eng5.watch.saved`."""

from __future__ import annotations

from pathlib import Path

import pytest

from eng5.paths import ProjectPaths
from eng5.settings import RunnerSettings
from eng5.watch.saved import Texts, folders, is_input


@pytest.fixture
def project(tmp_path: Path) -> ProjectPaths:
    project = ProjectPaths.at(tmp_path.resolve())
    (project.inputs / "prompts").mkdir(parents=True)
    (project.inputs / "prompts" / "a.txt").write_text("one\ntwo\n", encoding="utf-8")
    return project


def test_only_the_lines_that_changed_are_said(project: ProjectPaths) -> None:
    """New, changed, saved as it was, unreadable, gone: each in its words, from one save to the next."""
    texts, path = Texts(project), project.inputs / "prompts" / "a.txt"
    name = "inputs/prompts/a.txt"
    assert list(texts.changes([path])) == []
    path.write_text("one\nthree\n", encoding="utf-8")
    assert list(texts.changes([path])) == [f"{name} changed", "  - two", "  + three"]
    path.write_text("\n".join(f"line {number}" for number in range(40)), encoding="utf-8")
    assert list(texts.changes([path]))[-1] == "  … and 32 lines more"
    path.write_bytes(b"\x00\xff\x00")
    assert next(texts.changes([path])).startswith(name)
    path.unlink()
    assert list(texts.changes([path])) == [f"{name} is gone"]
    path.write_text("\x1b[2Jnew", encoding="utf-8")
    assert list(texts.changes([path])) == [f"{name} is new"]
    path.write_text("\x1b[2Jnewer", encoding="utf-8")
    assert "\x1b" not in "".join(texts.changes([path]))


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("prompts/a.txt", True),
        ("experiments.toml", True),
        ("anchors/one.docx", True),
        ("notes.toml", False),
        ("students/x.txt", False),
        ("prompts/.a.txt.swp", False),
        ("prompts/a.txt~", False),
        ("anchors/~$one.docx", False),
    ],
)
def test_what_counts_as_a_save(project: ProjectPaths, name: str, counts: bool) -> None:
    """Inputs of the anchors' runs; editors' own files, notes and students are none."""
    assert is_input(project, project.inputs / name) is counts


def test_prompts_that_lie_elsewhere_are_looked_at(project: ProjectPaths, tmp_path: Path) -> None:
    """Their folder, once, beside inputs/."""
    elsewhere = tmp_path / "shared" / "b.txt"
    elsewhere.parent.mkdir()
    runs = [
        RunnerSettings(mode="anchor-align-test", batch_id=name, anchors_folder=project.anchors, rubric=path)
        for name, path in (("a", elsewhere), ("b", elsewhere), ("c", project.inputs / "prompts" / "a.txt"))
    ]
    assert folders(project, runs) == [project.inputs.resolve(), elsewhere.parent.resolve()]
