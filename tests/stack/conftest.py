"""Stand-ins for the tests of the stack, each with a client."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from eng5.stack.standin import StandIn
from tests.bench import Bench

JWT_SECRET = "a secret of the tests, long enough for HS256"


@pytest.fixture
def make_bench(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    """Starts stand-ins, in ``tmp_path/state`` unless told otherwise; the one before is stopped first."""
    with ExitStack() as running:

        def make(state: Path | None = None, **options: Any) -> Bench:
            running.close()
            standin = StandIn(state or tmp_path / "state", **{"jwt_secret": JWT_SECRET, **options})
            running.enter_context(standin)
            return running.enter_context(Bench(standin.addresses))

        yield make


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A stand-in that all tests share; each takes batches and assignments of its own."""
    with (
        StandIn(tmp_path_factory.mktemp("shared"), jwt_secret=JWT_SECRET) as standin,
        Bench(standin.addresses) as shared,
    ):
        yield shared


@pytest.fixture(scope="session")
def state_of_shared(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder of the shared stand-in."""
    return next(tmp_path_factory.getbasetemp().glob("shared*"))


@pytest.fixture
def twelve_essays() -> dict[str, str]:
    """Twelve essays of growing length, so that the surface judge orders them as they are numbered."""
    sentence = "My grandmother is somebody whom I admire because she never gave up on anybody."
    return {f"essay-{number:02}": f"Text {number}. " + f"{sentence} " * number for number in range(1, 13)}
