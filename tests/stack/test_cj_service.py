import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from eng5.contracts.wire.cj_admin_api import (
    AdminRefused,
    AnchorRegistered,
    AnchorSummary,
    Instructions,
    InstructionsPage,
    JudgeRubric,
    StudentPrompt,
)

SCALE = "eng5_np_legacy_9_step"
SECRET = "a secret of the tests, long enough for HS256"
ESSAY = "An essay about a role model. " * 5


def claims(**changes: Any) -> dict[str, Any]:
    standard = {
        "sub": "cj-admin-dev-cli",
        "roles": ["admin"],
        "aud": "huleedu-platform",
        "iss": "huleedu-identity-service",
        "exp": datetime.now(UTC) + timedelta(hours=1),
    }
    return {name: value for name, value in (standard | changes).items() if value is not None}


def bearer(secret: str = SECRET, algorithm: str = "HS256", **changes: Any) -> dict[str, str]:
    return {"Authorization": "Bearer " + jwt.encode(claims(**changes), secret, algorithm=algorithm)}


class Admin:
    def __init__(self, bench: Any) -> None:
        self._http = bench.http
        self._url = bench.addresses.cj_service_url

    def call(self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any) -> Any:
        return self._http.request(method, self._url + path, headers=headers or bearer(), **options)

    def instructions(self, assignment_id: str, **changes: Any) -> Any:
        body = {
            "assignment_id": assignment_id,
            "instructions_text": "Judge overall quality.",
            "grade_scale": SCALE,
        }
        return self.call("POST", "/admin/v1/assessment-instructions", json=body | changes)

    def anchor(self, **fields: Any) -> Any:
        body = {"grade": "F", "essay_text": ESSAY} | fields
        return self.call("POST", "/api/v1/anchors/register", headers={"X": "no token"}, json=body)


@pytest.fixture
def admin(bench: Any) -> Admin:
    return Admin(bench)


@pytest.fixture
def assignment() -> str:
    return str(uuid.uuid4())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": ""}, 401),
        ({"Authorization": "Basic abc"}, 401),
        ({"Authorization": "Bearer a b"}, 401),
        ({"Authorization": "Bearer nonsense"}, 401),
        (bearer(exp=datetime.now(UTC) - timedelta(hours=1)), 401),
        (bearer(exp=None), 401),
        (bearer(aud="another"), 401),
        (bearer(iss="another"), 401),
        (bearer(secret="another secret that is just as long as it"), 401),
        (bearer(algorithm="HS512", secret=SECRET * 2), 401),
        (bearer(sub=None), 401),
        (bearer(roles=["teacher"]), 403),
        (bearer(roles="admin"), 403),
        (bearer(roles=None), 403),
    ],
    ids=[
        "none", "scheme", "three parts", "no token", "expired", "no exp", "aud", "iss", "signature", "algorithm",
        "no sub", "role", "roles no list", "no roles",
    ],
)  # fmt: skip
def test_admin_routes_check_the_token(admin: Admin, headers: dict[str, str], status: int) -> None:
    """Whatever is wrong with a token is 401, a missing role 403, in the intended error shape."""
    answer = admin.call("GET", "/admin/v1/assessment-instructions", headers=headers)
    assert answer.status_code == status
    code = AdminRefused.model_validate(answer.json()).error.code
    assert code == ("AUTHENTICATION_ERROR" if status == 401 else "AUTHORIZATION_ERROR")


def test_scheme_may_be_written_in_any_case(admin: Admin) -> None:
    """``bearer`` is as good as ``Bearer``."""
    headers = {"Authorization": bearer()["Authorization"].replace("Bearer", "bearer")}
    assert admin.call("GET", "/admin/v1/assessment-instructions", headers=headers).status_code == 200


def test_correlation_id_is_taken_over(admin: Admin) -> None:
    """A UUID in the header comes back; other text is mapped to one, the same every time."""
    given = str(uuid.uuid4())
    found = []
    for value in (given, "my-run", "my-run"):
        headers = {"Authorization": "", "X-Correlation-ID": value}
        answer = admin.call("GET", "/admin/v1/assessment-instructions", headers=headers)
        found.append(answer.json()["error"]["correlation_id"])
    assert found == [given, *[str(uuid.uuid5(uuid.NAMESPACE_OID, "my-run"))] * 2]


def test_instructions_are_kept(admin: Admin, assignment: str) -> None:
    """What was posted is found by assignment and in the list, newest first; a second post changes the text."""
    created = Instructions.model_validate(admin.instructions(assignment).json())
    changed = Instructions.model_validate(
        admin.instructions(assignment, instructions_text="Other words.").json()
    )
    assert (changed.id, changed.created_at) == (created.id, created.created_at)
    found = admin.call("GET", f"/admin/v1/assessment-instructions/assignment/{assignment}")
    assert Instructions.model_validate(found.json()) == changed
    page = admin.call(
        "GET", "/admin/v1/assessment-instructions", params={"page_size": 1, "grade_scale": SCALE}
    )
    assert InstructionsPage.model_validate(page.json()).items[0] == changed


def test_scale_and_origin_stay(admin: Admin, assignment: str) -> None:
    """Grade scale and context origin cannot be changed."""
    admin.instructions(assignment)
    for change in ({"grade_scale": "swedish_8_anchor"}, {"context_origin": "canonical_national"}):
        assert admin.instructions(assignment, **change).status_code == 400


@pytest.mark.parametrize(
    "change", [{"course_id": "c"}, {"grade_scale": "none"}, {"instructions_text": "short"}]
)
def test_instructions_that_make_no_sense_are_refused(
    admin: Admin, assignment: str, change: dict[str, str]
) -> None:
    """400 with the reason."""
    answer = admin.instructions(assignment, **change)
    assert answer.status_code == 400
    assert AdminRefused.model_validate(answer.json()).error.code == "VALIDATION_ERROR"


@pytest.mark.parametrize("params", [{"page": "0"}, {"page_size": "201"}, {"page": "x"}])
def test_page_out_of_range_is_refused(admin: Admin, params: dict[str, str]) -> None:
    """Pages count from 1 and hold at most 200."""
    assert admin.call("GET", "/admin/v1/assessment-instructions", params=params).status_code == 400


def test_deleting(admin: Admin, assignment: str) -> None:
    """Deleted instructions are not found any more, nor deleted twice."""
    admin.instructions(assignment)
    path = f"/admin/v1/assessment-instructions/assignment/{assignment}"
    assert admin.call("DELETE", path).json() == {"status": "deleted", "assignment_id": assignment}
    assert admin.call("DELETE", path).status_code == 404
    assert admin.call("GET", path).status_code == 404


@pytest.mark.parametrize(
    "route", ["assessment-instructions", "anchors", "student-prompts", "judge-rubrics"], ids=str
)
def test_unknown_assignment_is_not_found(admin: Admin, route: str) -> None:
    """404 names the kind of thing and its id."""
    answer = admin.call("GET", f"/admin/v1/{route}/assignment/nobody")
    details = AdminRefused.model_validate(answer.json()).error.details
    assert answer.status_code == 404
    assert details == {"resource_type": "assessment_instruction", "resource_id": "nobody"}


def test_prompt_and_rubric(admin: Admin, bench: Any, assignment: str) -> None:
    """Both are stored as content, and come back with the instructions they belong to."""
    admin.instructions(assignment)
    assert admin.call("GET", f"/admin/v1/student-prompts/assignment/{assignment}").status_code == 404
    for route, field, model in (
        ("student-prompts", "prompt_text", StudentPrompt),
        ("judge-rubrics", "rubric_text", JudgeRubric),
    ):
        posted = admin.call(
            "POST", f"/admin/v1/{route}", json={"assignment_id": assignment, field: "Ten letters"}
        )
        found = admin.call("GET", f"/admin/v1/{route}/assignment/{assignment}")
        assert posted.json() == found.json()
        assert getattr(model.model_validate(found.json()), field) == "Ten letters"
        short = admin.call("POST", f"/admin/v1/{route}", json={"assignment_id": assignment, field: "short"})
        assert short.status_code == 400
    shown = admin.call("GET", f"/admin/v1/assessment-instructions/assignment/{assignment}").json()
    stored = bench.http.get(f"{bench.addresses.content_service_url}/{shown['student_prompt_storage_id']}")
    assert stored.text == "Ten letters"
    assert "judge_rubric_storage_id" not in shown


def test_anchors_are_registered_and_replaced(admin: Admin, assignment: str) -> None:
    """An anchor is added under its label; the same label again keeps the id and changes the text."""
    admin.instructions(assignment)
    first = admin.anchor(assignment_id=assignment, grade="F+", anchor_label="one")
    again = admin.anchor(assignment_id=assignment, grade="E-", anchor_label="one")
    other = admin.anchor(assignment_id=assignment, grade="B")
    assert [answer.status_code for answer in (first, again, other)] == [201] * 3
    ids = [AnchorRegistered.model_validate(answer.json()).anchor_id for answer in (first, again, other)]
    assert ids[0] == ids[1] != ids[2]
    answer = admin.call("GET", f"/admin/v1/anchors/assignment/{assignment}")
    summary = AnchorSummary.model_validate(answer.json())
    assert [(one.anchor_label, one.grade) for one in summary.anchors] == [("one", "E-"), ("B", "B")]
    assert (summary.anchor_count, summary.anchor_count_total) == (2, 2)
    assert summary.anchor_count_by_scale == {SCALE: 2}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"assignment_id": "nobody"}, "Unknown assignment_id 'nobody'"),
        ({"grade": "X"}, f"Invalid grade 'X' for scale '{SCALE}'"),
        ({"grade": ""}, "Missing required fields"),
        ({"essay_text": "too short"}, "String should have at least 100 characters"),
    ],
)
def test_anchor_that_makes_no_sense_is_refused(
    admin: Admin, assignment: str, change: dict[str, str], error: str
) -> None:
    """400 with a plain text, as this route answers."""
    admin.instructions(assignment)
    answer = admin.anchor(**{"assignment_id": assignment, **change})
    assert (answer.status_code, answer.json()) == (400, {"error": error})


def test_anchor_that_is_no_json_is_refused(admin: Admin) -> None:
    """400 says so."""
    answer = admin.call("POST", "/api/v1/anchors/register", content=b"{")
    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid JSON body"})


def test_health_needs_no_token(bench: Any) -> None:
    """The health route answers anybody."""
    answer = bench.http.get(bench.addresses.cj_service_url + "/healthz")
    assert answer.json()["dependencies"] == {"database": {"status": "healthy"}}
