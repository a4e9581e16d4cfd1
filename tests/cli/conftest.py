"""`eng5` as a user types it, in a fresh project and a clean environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from eng5.cli.app import app
from eng5.graph import action
from eng5.stack.standin import StandIn
from tests.project import Project

SECRET = "a secret of the tests, long enough for HS256"


class Done:
    """What a command left behind."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    def refused(self, code: int, *parts: str) -> None:
        """It ended with this exit code and one error that has these parts."""
        assert self.code == code, (self.code, self.out, self.err)
        said = [line for line in self.err.splitlines() if not line.startswith("study: ")]
        assert said and said[0].startswith("error: ")
        assert "Traceback" not in self.err
        for part in parts:
            assert part in self.err

    def went_well(self) -> str:
        """It ended with 0; its output."""
        assert self.code == 0, (self.code, self.out, self.err)
        return self.out


Eng5 = Callable[..., Done]


OF_THE_MACHINE = (
    "ENG5_STACK", "ENG5_ANCHOR_DIR_OVERRIDE", "CONTENT_SERVICE_URL", "CJ_SERVICE_URL", "ENVIRONMENT",
    "KAFKA_BOOTSTRAP_SERVERS", "HULEEDU_SERVICE_ACCOUNT_TOKEN", "HULEEDU_ADMIN_TOKEN", "HULEEDU_ENVIRONMENT",
    "JWT_SECRET_KEY",
)  # fmt: skip


@pytest.fixture(autouse=True, scope="session")
def clean_environment() -> Iterator[None]:
    """No address and no token of the machine."""
    with pytest.MonkeyPatch.context() as patch:
        for name in OF_THE_MACHINE:
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(autouse=True, scope="session")
def one_command() -> Iterator[None]:
    """The command is made from its functions once, as in a process of its own, and not for every call."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.testing._get_command", cache(get_command))
        yield


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A fresh project of few essays; the current folder is in it."""
    made = Project.small(tmp_path / "project")
    monkeypatch.chdir(made.root)
    return made


def invoke(*arguments: str) -> Done:
    """`eng5` with these arguments, in this process, which knows nothing of earlier commands, and the current folder."""
    for kept in (action.refusals, action.late_refusals, action.outstanding):
        kept.clear()
    result = CliRunner().invoke(app, list(arguments), prog_name="eng5")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def eng5(project: Project) -> Eng5:
    """`eng5("--mode", "plan")`."""
    return invoke


@pytest.fixture(scope="session")
def finished_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project of four anchors with a run that has its report; nobody changes it."""
    made = Project.small(tmp_path_factory.mktemp("finished") / "project")
    for path in sorted(made.paths.anchors.iterdir())[4:]:
        path.unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made.root)
        invoke("--mode", "anchor-align-test", "--batch-id", "try").went_well()
    return made


@pytest.fixture
def finished(finished_once: Project, project: Project) -> str:
    """The name of a run of four anchors that has its report: the project is a copy of `finished_once`."""
    os.chdir(project.put_back(finished_once).root)
    return "try"


@pytest.fixture(scope="session")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """One stand-in for all, whose secret is SECRET."""
    with StandIn(tmp_path_factory.mktemp("standin"), jwt_secret=SECRET) as running:
        yield running


@pytest.fixture
def addresses(standin: StandIn, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The stand-in as a platform, by flags; the token comes from its secret."""
    monkeypatch.setenv("JWT_SECRET_KEY", SECRET)
    places = standin.addresses
    return [
        "--content-service-url", places.content_service_url,
        "--cj-service-url", places.cj_service_url,
        "--kafka-bootstrap", places.bootstrap_servers,
    ]  # fmt: skip
