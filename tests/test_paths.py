"""Every path, named once."""

from __future__ import annotations

from pathlib import Path

from eng5.paths import ProjectPaths


def test_the_chain_is_numbered(tmp_path: Path) -> None:
    """The files of a run in the order of the chain, all in its folder."""
    paths = ProjectPaths.at(tmp_path).run("baseline")
    names = [path.name for path in paths.chain()]
    assert names == sorted(names)
    assert {path.parent for path in paths.chain()} == {tmp_path / "build" / "baseline"}


def test_runs_are_found_by_their_files(tmp_path: Path) -> None:
    """A folder is a run when it has a 00_run.json or an artefact; hidden folders are not runs."""
    project = ProjectPaths.at(tmp_path)
    assert project.runs() == []
    for name, file in (
        ("b", "00_run.json"),
        ("a", "50_artefact.json"),
        ("c", "run.log"),
        (".stack", "00_run.json"),
    ):
        (project.build / name).mkdir(parents=True)
        (project.build / name / file).touch()
    (project.build / "file").touch()
    assert project.runs() == ["a", "b"]
