"""What holds for every mode handler, every registrar and every report generator."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from eng5.clients.auth import bearer
from eng5.clients.cj_admin import CJAdminClient
from eng5.contracts.credentials import Credentials
from eng5.contracts.grade_scales import GRADE_SCALES
from eng5.contracts.modes import RunnerMode
from eng5.contracts.wire.cj_admin_api import InstructionsUpsert
from eng5.errors import InputError
from eng5.handlers import HANDLER_MAP
from eng5.protocols import AnchorRegistrarProtocol, ModeHandlerProtocol
from eng5.stack.standin import StandIn

SECRET = "a secret of the tests, long enough for HS256"
ASSIGNMENT = "11111111-2222-3333-4444-555555555555"
SCALE = "eng5_np_legacy_9_step"
ESSAY = "A role model is a person that one looks up to and wants to be like some day, if only a little. " * 2


@pytest.mark.parametrize("mode", list(RunnerMode))
def test_a_handler_is_made_without_arguments_and_has_the_protocols_signature(mode: RunnerMode) -> None:
    """`isinstance` by the runtime-checkable protocol, and `execute(settings, inventory, paths) -> int`."""
    handler = HANDLER_MAP[mode]()
    assert isinstance(handler, ModeHandlerProtocol)
    signature = inspect.signature(handler.execute)
    assert list(signature.parameters) == ["settings", "inventory", "paths"]
    assert signature.return_annotation == "int"


def test_the_map_cannot_be_changed() -> None:
    """A mode is added in the code, not at run time."""
    with pytest.raises(TypeError):
        HANDLER_MAP[RunnerMode.PLAN] = HANDLER_MAP[RunnerMode.EXECUTE]  # type: ignore[index]


class FakeRegistrar:
    """A CJ service in memory that knows one assignment."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}

    def register(self, assignment_id: str, label: str, grade: str, text: str) -> int:
        if assignment_id != ASSIGNMENT or GRADE_SCALES[SCALE].level(grade) is None:
            raise InputError(f"refused anchor '{label}'")
        return self._ids.setdefault(label, len(self._ids) + 1)


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with StandIn(tmp_path_factory.mktemp("state"), jwt_secret=SECRET) as running:
        yield running


@pytest.fixture(params=["client", "fake"])
def registrar(request: pytest.FixtureRequest) -> Iterator[AnchorRegistrarProtocol]:
    if request.param == "fake":
        yield FakeRegistrar()
        return
    places = request.getfixturevalue("standin").addresses
    own = Credentials(jwt_secret=SecretStr(SECRET))
    with CJAdminClient(places.cj_service_url, lambda: bearer(own)) as client:
        client.upsert_instructions(
            InstructionsUpsert(
                assignment_id=ASSIGNMENT, instructions_text="Judge the whole text.", grade_scale=SCALE
            )
        )
        yield client


def test_registering_again_replaces(registrar: AnchorRegistrarProtocol) -> None:
    """The same label has the same id; another label another."""
    assert isinstance(registrar, AnchorRegistrarProtocol)
    first = registrar.register(ASSIGNMENT, "one", "A", ESSAY)
    assert registrar.register(ASSIGNMENT, "one", "A", ESSAY + "More.") == first
    assert registrar.register(ASSIGNMENT, "two", "A", ESSAY) != first


@pytest.mark.parametrize(("assignment", "grade"), [("another", "A"), (ASSIGNMENT, "Z")])
def test_what_the_service_does_not_know_is_refused(
    registrar: AnchorRegistrarProtocol, assignment: str, grade: str
) -> None:
    """An unknown assignment and a grade that the scale does not have, with the anchor's label."""
    with pytest.raises(InputError, match="anchor 'one'"):
        registrar.register(assignment, "one", grade, ESSAY)
