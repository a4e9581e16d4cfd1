"""deploy/compose.yaml and its image, as far as a parser can see: no container engine runs here."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from eng5.cli.app import app

DEPLOY = Path(__file__).parents[2] / "deploy"
ROLES = ("content", "cj", "judge")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    return document


def entrypoint() -> list[str]:
    """What the image runs in front of a service's command, without the program's name."""
    line = re.search(r"^ENTRYPOINT (\[.*\])$", (DEPLOY / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert line is not None
    program, *arguments = json.loads(line[1])
    assert program == "eng5"
    return [str(one) for one in arguments]


def test_a_broker_and_every_role(compose: dict[str, Any]) -> None:
    """Four services, each restarted when it ends, and several judges of them."""
    assert set(compose["services"]) == {"kafka", *ROLES}
    assert all(one["restart"] == "unless-stopped" for one in compose["services"].values())
    assert compose["services"]["judge"]["deploy"]["replicas"] >= 2


@pytest.mark.parametrize("role", ROLES)
def test_eng5_understands_the_command(compose: dict[str, Any], role: str) -> None:
    """Every flag is one of `eng5 serve`, and the role is the service's name."""
    service = compose["services"][role]
    given: list[str] = service["command"]
    command, *arguments = [*entrypoint(), *given]
    group = typer.main.get_command(app)
    parsed = group.commands[command].make_context(command, arguments).params  # type: ignore[attr-defined]
    assert command == "serve"
    assert parsed["role"] == role
    assert parsed["host"] == "0.0.0.0"
    if role != "content":
        assert parsed["kafka_bootstrap"] == service["environment"]["KAFKA_BOOTSTRAP_SERVERS"] == "kafka:9092"


def test_addresses_fit_together(compose: dict[str, Any]) -> None:
    """What one service advertises is where the others look for it; outside it is reached from this machine only."""
    services = compose["services"]
    advertised = services["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"].split(",")
    assert advertised == ["INSIDE://kafka:9092", "OUTSIDE://localhost:9094"]
    assert services["judge"]["environment"]["CONTENT_SERVICE_URL"] == "http://content:8001/v1/content"
    for name, port in (("kafka", 9094), ("content", 8001), ("cj", 9095)):
        assert services[name]["ports"] == [f"127.0.0.1:{port}:{port}"]


def test_a_service_is_well_when_it_answers(compose: dict[str, Any]) -> None:
    """Where it listens, at the route that wants no token; what waits for it waits until then."""
    for role, port in (("content", 8001), ("cj", 9095)):
        *_, address = compose["services"][role]["healthcheck"]["test"]
        assert address == f"http://localhost:{port}/healthz"
    assert compose["services"]["cj"]["depends_on"]["content"]["condition"] == "service_healthy"


def test_no_essay_gets_into_the_image() -> None:
    """Neither texts nor grades are copied to where the image is made."""
    left_out = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    assert {"inputs/anchors", "inputs/students", "inputs/grades.csv"} <= set(left_out)


def test_what_is_named_is_there(compose: dict[str, Any]) -> None:
    """Volumes, services that are waited for, and the folder that the image is made from; no secret has a value."""
    used = {
        one.split(":")[0] for service in compose["services"].values() for one in service.get("volumes", [])
    }
    assert used == set(compose["volumes"])
    awaited = {one for service in compose["services"].values() for one in service.get("depends_on", {})}
    assert awaited <= set(compose["services"])
    assert all(
        (DEPLOY / "compose.yaml").parent.joinpath(compose["services"][role]["build"]["context"]).resolve()
        == DEPLOY.parent
        for role in ROLES
    )
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search("TOKEN|SECRET|KEY$", name):
                assert str(value).startswith(f"${{{name}:"), name


def test_topics_are_not_made_by_asking(compose: dict[str, Any]) -> None:
    """Neither here nor in the broker of the tests."""
    assert compose["services"]["kafka"]["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    assert "auto.create.topics.enable=false" in (DEPLOY / "kafka" / "server.properties").read_text("utf-8")
