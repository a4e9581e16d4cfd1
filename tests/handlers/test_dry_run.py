"""Dry run writes a stub that the graph does not take for an artefact, and opens no socket."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from eng5.contracts.artefact import Artefact
from eng5.contracts.modes import RunnerMode
from eng5.contracts.run import JudgeSettings
from eng5.files import read_model, sha256_bytes
from eng5.handlers.dry_run import DryRunHandler
from eng5.paths import ProjectPaths, RunnerPaths
from eng5.settings import RunnerSettings
from eng5.steps import inventory
from tests.project import Project

MakeSettings = Callable[..., RunnerSettings]


@pytest.fixture
def project(tmp_path: Path) -> ProjectPaths:
    """Few essays; each test reads them all."""
    return Project.small(tmp_path / "project").paths


def dry_run(project: ProjectPaths, settings: RunnerSettings) -> RunnerPaths:
    found = inventory.build(project, project.anchors, mode=RunnerMode.DRY_RUN)
    assert DryRunHandler().execute(settings, found, project.run("run-1")) == 0
    return project.run("run-1")


def test_the_stub_has_validation_and_manifest_only(
    project: ProjectPaths, settings_for: MakeSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is an artefact by its contract, with every input file in the manifest and no comparison; its path is said."""
    paths = dry_run(project, settings_for(RunnerMode.DRY_RUN, judge=JudgeSettings(provider="openai")))
    stub = read_model(paths.stub, Artefact)
    assert stub.llm_comparisons == []
    assert stub.validation.batch_status == "not published"
    assert not stub.validation.complete
    assert stub.metadata.judge.provider == "openai"
    listed = {one.path: one.sha256 for one in stub.validation.manifest}
    assert len(listed) == 6 + 3 + 3
    assert all(sha256_bytes((project.root / path).read_bytes()) == sha for path, sha in listed.items())
    assert str(paths.stub) in capsys.readouterr().out


def test_the_checksum_is_that_of_the_stub(project: ProjectPaths, settings_for: MakeSettings) -> None:
    """SHA-256 of the file with the checksum blanked."""
    stub = dry_run(project, settings_for(RunnerMode.DRY_RUN)).stub.read_bytes()
    checksum = json.loads(stub)["validation"]["artefact_checksum"]
    assert sha256_bytes(stub.replace(checksum.encode(), b"")) == checksum


def test_the_graph_does_not_see_it(project: ProjectPaths, settings_for: MakeSettings) -> None:
    """No 00_run.json, no 50_artefact.json: nothing is listed as a run."""
    paths = dry_run(project, settings_for(RunnerMode.DRY_RUN))
    assert project.runs() == []
    assert not any(path.exists() for path in paths.chain())


def test_a_missing_schema_is_made(
    project: ProjectPaths, settings_for: MakeSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The published schema is there after a dry run, and the stub is valid by it."""
    import jsonschema

    from eng5.reports import schema

    target = tmp_path / "schemas" / "artefact.schema.json"
    ensure = schema.ensure_schema_available
    monkeypatch.setattr(schema, "ensure_schema_available", lambda: ensure(target))
    paths = dry_run(project, settings_for(RunnerMode.DRY_RUN))
    jsonschema.validate(json.loads(paths.stub.read_bytes()), json.loads(target.read_bytes()))


def test_no_socket_is_opened(
    project: ProjectPaths, settings_for: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With sockets forbidden, a dry run does its work."""

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    settings = settings_for(RunnerMode.DRY_RUN)
    monkeypatch.setattr(socket, "socket", forbidden)
    dry_run(project, settings)
