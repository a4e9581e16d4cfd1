"""The doctor's findings on a healthy project and on every ailment."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import jwt
import pytest

from eng5.contracts.platform import PlatformSettings
from eng5.environment import credentials
from eng5.paths import ProjectPaths
from eng5.services.doctor import Fault, check_all
from eng5.settings import load_experiments
from tests.scripted import Answer, Scripted, scripted

SECRET = "a secret of the tests, long enough for HS256"


@pytest.fixture
def broken() -> Iterator[Scripted]:
    with scripted() as server:
        yield server


def findings(
    project: ProjectPaths, platform: PlatformSettings, environment: dict[str, str] | None = None
) -> dict[str, Fault]:
    means = credentials({"JWT_SECRET_KEY": SECRET} if environment is None else environment)
    return {one.what: one for one in check_all(project, load_experiments(project), platform, means)}


def test_all_is_well(project: ProjectPaths, platform: PlatformSettings) -> None:
    """Every check of the platform is ok, and says what it saw."""
    found = findings(project, platform)
    assert [one.what for one in found.values() if not one.ok] == []
    assert list(found) == [
        "project", "inputs", "prompts", "Content Service", "CJ service", "broker", "topics", "token", "admin routes",
    ]  # fmt: skip
    assert "12 anchors, 8 students" in found["inputs"].found


def test_the_stand_in_is_checked_by_starting_it(project: ProjectPaths) -> None:
    """Without a platform there is one service to check."""
    found = findings(project, PlatformSettings())
    assert list(found) == ["project", "inputs", "prompts", "stand-in"]
    assert found["stand-in"].ok, found["stand-in"]


@pytest.mark.parametrize(
    ("harm", "what"),
    [
        (
            lambda project: (project.inputs / "prompts" / "system" / "001_default.txt").write_text(" "),
            "prompts",
        ),
        (lambda project: project.prompt.unlink(), "inputs"),
        (lambda project: (project.anchors / "picture.png").write_bytes(b"\x89PNG"), "inputs"),
    ],
)
def test_inputs_that_need_mending(
    project: ProjectPaths, platform: PlatformSettings, harm: Callable[[ProjectPaths], object], what: str
) -> None:
    """The file is named, with exit code 2; the other checks go on."""
    harm(project)
    found = findings(project, platform)
    assert [one.what for one in found.values() if not one.ok] == [what]
    assert (found[what].exit_code, bool(found[what].remedy)) == (2, True)


def test_services_that_are_down(
    project: ProjectPaths, broken: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sick service and one that does not answer are told apart; each has exit code 4, and is asked nothing more."""
    monkeypatch.setattr("eng5.clients.kafka_cluster.METADATA_SECONDS", 0.3)
    broken.script = lambda asked: Answer(503, {"status": "unhealthy"})
    with scripted() as closed:
        nowhere = closed.url
    found = findings(
        project,
        PlatformSettings(
            stack="external",
            content_service_url=f"{broken.url}/v1/content",
            cj_service_url=nowhere,
            kafka_bootstrap=nowhere.removeprefix("http://"),
        ),
    )
    assert "503" in found["Content Service"].found
    assert "cannot be reached" in found["CJ service"].found
    assert "Kafka broker cannot be reached" in found["broker"].found
    assert found["topics"] == Fault("topics", "not asked: see broker", 4)
    assert found["admin routes"] == Fault("admin routes", "not asked: see CJ service", 4)
    assert {found[name].exit_code for name in ("Content Service", "CJ service", "broker")} == {4}


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "no token"),
        ({"HULEEDU_ADMIN_TOKEN": "nonsense"}, "no JSON Web Token"),
        ({"HULEEDU_ADMIN_TOKEN": jwt.encode({"exp": 1, "roles": ["admin"]}, SECRET)}, "expired"),
        ({"HULEEDU_ADMIN_TOKEN": jwt.encode({"roles": ["teacher"]}, SECRET)}, "without the role 'admin'"),
    ],
)
def test_tokens_that_will_not_do(
    project: ProjectPaths, platform: PlatformSettings, environment: dict[str, str], said: str
) -> None:
    """None, damaged, expired, of the wrong role: exit code 3, and what to do."""
    found = findings(project, platform, environment)
    assert said in found["token"].found
    assert (found["token"].exit_code, found["admin routes"].exit_code) == (3, 3)
    assert found["token"].remedy


def test_no_address_of_the_cj_service(project: ProjectPaths, platform: PlatformSettings) -> None:
    """Said as such; its admin routes are not tried."""
    found = findings(project, platform.model_copy(update={"cj_service_url": None}))
    assert found["CJ service"].exit_code == 3
    assert "admin routes" not in found
