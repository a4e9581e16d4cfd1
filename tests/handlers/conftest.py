"""A project, a stand-in and settings for the handlers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from eng5.clients.auth import bearer
from eng5.clients.cj_admin import CJAdminClient
from eng5.contracts.modes import RunnerMode
from eng5.contracts.platform import PlatformSettings
from eng5.contracts.wire.cj_admin_api import InstructionsUpsert, StudentPromptUpsert
from eng5.environment import credentials
from eng5.paths import ProjectPaths
from eng5.settings import RunnerSettings
from eng5.stack.standin import StandIn
from tests.project import Project

SECRET = "a secret of the tests, long enough for HS256"
ASSIGNMENT = "11111111-2222-3333-4444-555555555555"
COURSE = "11111111-2222-3333-4444-666666666666"
SCALE = "eng5_np_legacy_9_step"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No address and no token of the machine; the stand-in's own secret."""
    for name in (
        "ENG5_STACK", "ENG5_ANCHOR_DIR_OVERRIDE", "CONTENT_SERVICE_URL", "CJ_SERVICE_URL", "ENVIRONMENT",
        "KAFKA_BOOTSTRAP_SERVERS", "HULEEDU_SERVICE_ACCOUNT_TOKEN", "HULEEDU_ADMIN_TOKEN", "HULEEDU_ENVIRONMENT",
    ):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JWT_SECRET_KEY", SECRET)


@pytest.fixture
def project(tmp_path: Path) -> ProjectPaths:
    """A fresh copy of the project."""
    return Project.fresh(tmp_path / "project").paths


@pytest.fixture(scope="session")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """One stand-in for all, with an assignment that has a prompt and three anchors."""
    with StandIn(tmp_path_factory.mktemp("standin"), jwt_secret=SECRET) as running:
        own = credentials({"JWT_SECRET_KEY": SECRET})
        with CJAdminClient(running.addresses.cj_service_url, lambda: bearer(own)) as admin:
            admin.upsert_instructions(
                InstructionsUpsert(
                    assignment_id=ASSIGNMENT, instructions_text="Judge the whole text.", grade_scale=SCALE
                )
            )
            admin.set_prompt(StudentPromptUpsert(assignment_id=ASSIGNMENT, prompt_text="Write about a hero."))
            for grade, words in (("F+", 20), ("C+", 60), ("A", 150)):
                admin.register(
                    ASSIGNMENT, f"essay_{grade}", grade, f"The hero of {grade} did a deed. " * words
                )
        yield running


@pytest.fixture
def platform(standin: StandIn) -> PlatformSettings:
    """The stand-in as a platform at given addresses."""
    places = standin.addresses
    return PlatformSettings(
        stack="external",
        content_service_url=places.content_service_url,
        cj_service_url=places.cj_service_url,
        kafka_bootstrap=places.bootstrap_servers,
    )


@pytest.fixture
def settings_for(project: ProjectPaths) -> Callable[..., RunnerSettings]:
    """`settings_for(mode, **changes)`: settings of a run named "run-1"."""

    def make(mode: RunnerMode, **changes: Any) -> RunnerSettings:
        values: dict[str, Any] = {"mode": mode, "batch_id": "run-1", "anchors_folder": project.anchors}
        if mode is RunnerMode.EXECUTE:
            values |= {"assignment_id": ASSIGNMENT, "course_id": COURSE}
        return RunnerSettings.model_validate(values | changes)

    return make
