"""deploy/kafka/kafka.sh: what it says when it cannot do what it is told."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.kafka.cluster import SCRIPTS, Cluster, Reserved

pytestmark = pytest.mark.kafka


def kafka_sh(folder: Path, *arguments: str, ports: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(SCRIPTS / "kafka.sh"), *arguments],
        env={**os.environ, "KAFKA_DIR": str(folder), "KAFKA_PORTS": ports},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_port_that_is_taken(kafka: Cluster, tmp_path: Path) -> None:
    """The port is named, with what to do; nothing is started."""
    taken = kafka.bootstrap.rpartition(":")[2]
    with Reserved() as one, Reserved() as other:
        done = kafka_sh(tmp_path, "start", ports=f"{taken} {one.port} {other.port}")
    assert done.returncode == 4
    assert done.stderr == (
        f"127.0.0.1:{taken}: the port is taken\n  → set KAFKA_PORT to another one, or stop what listens there\n"
    )
    assert not list(tmp_path.glob("*.pid"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["start", "many"], "'many' is no number of nodes"),
        (["kill", "1"], "node 1 does not run"),
        (["up", "1"], "node 1 was never started"),
    ],
)
def test_what_makes_no_sense(tmp_path: Path, arguments: list[str], said: str) -> None:
    """It is refused with a remedy."""
    done = kafka_sh(tmp_path, *arguments)
    assert done.returncode == 2
    assert said in done.stderr and "→" in done.stderr
