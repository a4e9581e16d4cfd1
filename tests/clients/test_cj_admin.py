"""The CJ service's client against the stand-in, and against answers that no stand-in gives."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from eng5.clients.auth import Bearer, bearer
from eng5.clients.cj_admin import CJAdminClient
from eng5.contracts.credentials import Credentials
from eng5.contracts.wire.cj_admin_api import InstructionsUpsert, JudgeRubricUpsert, StudentPromptUpsert
from eng5.errors import Eng5Error, InputError, PreflightError, ServiceError
from eng5.stack.standin import StandIn
from tests.scripted import Answer, Asked, Scripted, scripted

SECRET = "a secret of the tests, long enough for HS256"
ASSIGNMENT = "11111111-2222-3333-4444-555555555555"
ESSAY = "A role model is a person that one looks up to and wants to be like some day, if only a little. " * 2
LINES = "Min hjälte\n\nMy “hero” is " + ESSAY
TOKEN = Bearer("HULEEDU_ADMIN_TOKEN", "aaaaaaaaaa.bbbbbbbbbb.cccccccccc")


def client_of(url: str, *, timeout: float = 15.0) -> CJAdminClient:
    return CJAdminClient(url, lambda: TOKEN, timeout=timeout, register_timeout=timeout)


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with StandIn(tmp_path_factory.mktemp("state"), jwt_secret=SECRET) as running:
        yield running


@pytest.fixture
def admin(standin: StandIn) -> Iterator[CJAdminClient]:
    own = Credentials(jwt_secret=SecretStr(SECRET))
    with CJAdminClient(standin.addresses.cj_service_url, lambda: bearer(own)) as client:
        yield client


@pytest.fixture
def broken() -> Iterator[Scripted]:
    with scripted() as server:
        yield server


def test_an_assignment_from_nothing_to_anchors(admin: CJAdminClient) -> None:
    """Instructions, prompt, rubric and anchors are stored, and read back as they were given."""
    wanted = InstructionsUpsert(
        assignment_id=ASSIGNMENT,
        instructions_text="Judge the whole text.",
        grade_scale="eng5_np_legacy_9_step",
    )
    assert admin.upsert_instructions(wanted).instructions_text == wanted.instructions_text
    prompt = admin.set_prompt(
        StudentPromptUpsert(assignment_id=ASSIGNMENT, prompt_text="Write about a hero.")
    )
    rubric = admin.set_rubric(
        JudgeRubricUpsert(assignment_id=ASSIGNMENT, rubric_text="Content and language.")
    )
    assert admin.instructions(ASSIGNMENT).student_prompt_storage_id == prompt.student_prompt_storage_id
    assert rubric.rubric_text == "Content and language."
    first = admin.register(ASSIGNMENT, "essay_1", "A", ESSAY)
    again = admin.register(ASSIGNMENT, "essay_1", "B", ESSAY)
    assert first == again
    summary = admin.anchors(ASSIGNMENT)
    assert [(one.anchor_label, one.grade) for one in summary.anchors] == [("essay_1", "B")]
    assert ASSIGNMENT in [
        one.assignment_id for one in admin.list_instructions(grade_scale=wanted.grade_scale).items
    ]


def test_an_unknown_assignment_is_named(admin: CJAdminClient) -> None:
    """404: the message has the id and says how to create it."""
    unknown = "99999999-2222-3333-4444-555555555555"
    with pytest.raises(PreflightError, match=f"(?s){unknown}.*instructions upsert"):
        admin.instructions(unknown)


@pytest.mark.parametrize(
    ("assignment", "grade", "said"),
    [
        ("99999999-2222-3333-4444-555555555555", "A", "Unknown assignment_id"),
        (ASSIGNMENT, "Z", "Invalid grade"),
    ],
)
def test_a_refused_registration_says_why(
    admin: CJAdminClient, assignment: str, grade: str, said: str
) -> None:
    """400 of the registration route: the service's words, the anchor's label, never the essay."""
    with pytest.raises(InputError, match=f"(?s)essay_9.*{said}") as refusal:
        admin.register(assignment, "essay_9", grade, ESSAY)
    assert ESSAY[:30] not in str(refusal.value)


def test_a_token_of_another_secret_is_refused(standin: StandIn) -> None:
    """401 names the variable that the token came from."""
    own = Credentials(jwt_secret=SecretStr("another secret, that the service does not know"))
    with (
        CJAdminClient(standin.addresses.cj_service_url, lambda: bearer(own)) as client,
        pytest.raises(PreflightError, match="does not accept the token of JWT_SECRET_KEY"),
    ):
        client.instructions(ASSIGNMENT)


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (Answer(401, {"error": {"message": "Token has expired"}}), PreflightError, "Token has expired"),
        (Answer(403, {"error": {"message": "Admin role required"}}), PreflightError, "role 'admin'"),
        (Answer(404, {"error": {"message": "no such thing"}}), PreflightError, "no such thing"),
        (Answer(400, {"error": "bad page"}), InputError, "bad page"),
        (
            Answer(500, {"error": "Internal server error", "message": "Token has expired"}),
            ServiceError,
            "answered 500: Internal server error Token has expired",
        ),
        (Answer(200, "<html>a proxy's page</html>"), ServiceError, "cannot be used.*a proxy's page"),
        (Answer(200, {"id": "one"}), ServiceError, "cannot be used"),
        (Answer(302, ""), ServiceError, "answered 302: an empty body"),
    ],
)
def test_every_bad_answer_has_its_own_words(
    broken: Scripted, answer: Answer, kind: type[Eng5Error], said: str
) -> None:
    """Status, body and remedy; an answer that is no JSON or no instructions is not a traceback."""
    broken.script = lambda asked: answer
    with client_of(broken.url) as client, pytest.raises(kind, match=f"(?s){said}") as refusal:
        client.instructions(ASSIGNMENT)
    assert refusal.value.where is not None
    if kind is not InputError:
        assert refusal.value.remedy


def test_a_silent_service_is_a_time_out(broken: Scripted) -> None:
    """No answer within the time: said as such, not as "cannot be reached"."""
    never = threading.Event()
    broken.script = lambda asked: Answer(hold=never)
    with (
        client_of(broken.url, timeout=0.1) as client,
        pytest.raises(ServiceError, match="does not answer in time"),
    ):
        client.instructions(ASSIGNMENT)
    never.set()


def test_nobody_listens(broken: Scripted) -> None:
    """A closed port is an unreachable service."""
    with scripted() as closed:
        url = closed.url
    with client_of(url) as client, pytest.raises(ServiceError, match="cannot be reached"):
        client.anchors(ASSIGNMENT)


def test_an_echoed_token_is_blanked_out(broken: Scripted) -> None:
    """A service that repeats the token in its error does not put it into ours."""
    broken.script = lambda asked: Answer(500, {"error": f"bad header {asked.headers['authorization']}"})
    with client_of(broken.url) as client, pytest.raises(ServiceError, match=r"\[token\]") as refusal:
        client.instructions(ASSIGNMENT)
    assert TOKEN.value not in str(refusal.value)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(400, {"error": f"too bad: {LINES}"}), "essay_1.*repeats the essay"),
        (Answer(400, {"error": "x" * 270 + LINES}), "essay_1.*repeats the essay"),
        (Answer(422, {"detail": [{"input": LINES}]}), "answered 422.*repeats the essay"),
        (Answer(201, {"anchor": LINES}), "answered 201.*cannot be used"),
        (Answer(201, LINES), "answered 201.*cannot be used"),
    ],
)
def test_an_echoed_essay_is_left_out(broken: Scripted, answer: Answer, said: str) -> None:
    """A service that repeats the essay, as it is or as JSON, does not put it into our message."""
    broken.script = lambda asked: answer
    with client_of(broken.url) as client, pytest.raises(Eng5Error, match=f"(?s){said}") as refusal:
        client.register(ASSIGNMENT, "essay_1", "A", LINES)
    assert "hero" not in str(refusal.value)


def test_registration_needs_no_token(broken: Scripted) -> None:
    """The open route gets no Authorization header, and 500 there is the service's failure."""
    broken.script = lambda asked: Answer(500, {"error": "Failed to store essay content"})

    def no_token() -> Bearer:
        raise AssertionError("asked for a token")

    with CJAdminClient(broken.url, no_token) as client, pytest.raises(ServiceError, match="Failed to store"):
        client.register(ASSIGNMENT, "essay_1", "A", ESSAY)
    assert all("authorization" not in asked.headers for asked in broken.asked)
    assert len(broken.asked) == 2, "one attempt and one more"


def test_dates_in_either_format(broken: Scripted) -> None:
    """The platform's RFC-1123 dates are read as well as ISO-8601."""

    def script(asked: Asked) -> Answer:
        date = "Tue, 02 Dec 2025 09:00:00 GMT" if "rfc" in asked.path else "2025-12-02T09:00:00Z"
        body = {
            "id": 1,
            "instructions_text": "Judge the whole text.",
            "grade_scale": "swedish_8_anchor",
            "context_origin": "research_experiment",
            "created_at": date,
        }
        return Answer(200, body)

    broken.script = script
    with client_of(broken.url) as client:
        assert client.instructions("rfc").created_at == client.instructions("iso").created_at


def test_an_id_cannot_leave_its_place_in_the_path(broken: Scripted) -> None:
    """Slashes and question marks of an id are escaped."""
    broken.script = lambda asked: Answer(404, {"error": "no"})
    with client_of(broken.url) as client, pytest.raises(PreflightError):
        client.instructions("../x?y")
    assert broken.asked[0].path.endswith("/assignment/..%2Fx%3Fy")


def test_the_state_of_the_standin_is_kept(tmp_path: Path) -> None:
    """Anchors that were registered are there after the stand-in has been started again."""
    own = Credentials(jwt_secret=SecretStr(SECRET))
    for round_number in (1, 2):
        with (
            StandIn(tmp_path, jwt_secret=SECRET) as running,
            CJAdminClient(running.addresses.cj_service_url, lambda: bearer(own)) as client,
        ):
            if round_number == 1:
                client.upsert_instructions(
                    InstructionsUpsert(
                        assignment_id=ASSIGNMENT,
                        instructions_text="Judge the whole text.",
                        grade_scale="swedish_8_anchor",
                    )
                )
                client.register(ASSIGNMENT, "essay_1", "A", ESSAY)
            assert client.anchors(ASSIGNMENT).anchor_count == 1
