"""Commands about assignments, against the stand-in as a platform and as the embedded one."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import jwt
import pytest

from tests.cli.conftest import SECRET, Done
from tests.project import Project
from tests.scripted import Answer, Asked, scripted

Eng5 = Callable[..., Done]


def admin_token(**claims: object) -> str:
    said = {"sub": "ops", "aud": "huleedu-platform", "iss": "huleedu-identity-service", "exp": 4_000_000_000}
    return jwt.encode(said | {"roles": ["admin", "teacher"]} | claims, SECRET)


def keep_anchors(project: Project, count: int) -> None:
    for path in sorted((project.root / "inputs" / "anchors").iterdir())[count:]:
        path.unlink()


def test_from_instructions_to_anchors(eng5: Eng5, project: Project, addresses: list[str]) -> None:
    """Upsert, list, get, register, register again: the same anchors, not twice as many."""
    assignment = str(uuid4())
    keep_anchors(project, 3)
    for _ in range(2):
        out = eng5(
            *addresses, "instructions", "upsert", "--assignment-id", assignment.upper(),
            "--prompt", "inputs/prompt.md", "--rubric", "inputs/prompts/rubric/001_content_language.txt",
        ).went_well()  # fmt: skip
        assert "eng5_np_legacy_9_step" in out and "prompt stored" in out and "rubric stored" in out
    assert assignment in eng5(*addresses, "instructions", "list").went_well()
    other = eng5(*addresses, "instructions", "list", "--grade-scale", "swedish_8_anchor").went_well()
    assert assignment not in other
    cj_service = addresses[3]
    for _ in range(2):
        out = eng5(
            "register-anchors", assignment, "--cj-service-url", cj_service,
            "--expected-grade-scale", "eng5_np_legacy_9_step",
        ).went_well()  # fmt: skip
        assert "registered anchor_essay_eng_5_17_vt_001_F+ (F+)" in out
        assert "3 anchors registered" in out
    shown = eng5(*addresses, "instructions", "get", assignment).went_well()
    assert shown.count("anchor_essay_eng_5_17_vt_00") == 3
    assert "Assessment instructions: written production" in shown


def test_the_embedded_stand_in_needs_no_token(eng5: Eng5, project: Project) -> None:
    """It makes its own; what is stored is there for the next command."""
    keep_anchors(project, 2)
    assignment = str(uuid4())
    eng5("instructions", "upsert", "--assignment-id", assignment).went_well()
    eng5("register-anchors", assignment).went_well()
    assert "no  " in eng5("instructions", "list").went_well(), "without a prompt"


def test_registration_that_is_refused(eng5: Eng5, project: Project) -> None:
    """The first refusal ends it, with what was and what was not registered, and exit code 2."""
    keep_anchors(project, 3)

    def script(asked: Asked) -> Answer:
        if b"_001_F+" in asked.body:
            return Answer(400, {"error": "Invalid grade 'F+' for scale 'x'"})
        return Answer(
            201, {"anchor_id": 5, "storage_id": "0" * 32, "grade_scale": "x", "status": "registered"}
        )

    with scripted(script) as service:
        done = eng5("register-anchors", str(uuid4()), "--cj-service-url", service.url)
    done.refused(
        2, "Invalid grade 'F+'", "registered: ", "not registered: ", "anchor_essay_eng_5_17_vt_001_F+"
    )
    essay = (project.root / "inputs/anchors/anchor_essay_eng_5_17_vt_001_F+.txt").read_bytes()[3:40]
    assert essay.decode("utf-8", "replace") not in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("register-anchors", "12"), "no UUID"),
        (("register-anchors", str(uuid4()), "--anchor-dir", "inputs/nowhere"), "inputs/nowhere"),
        (("register-anchors", str(uuid4()), "--expected-grade-scale", "x"), "swedish_8_anchor"),
        (("instructions", "get", "12"), "no UUID"),
        (("instructions", "list", "--grade-scale", "x"), "swedish_8_anchor"),
        (("instructions", "upsert"), "either --assignment-id or --course-id"),
        (
            ("instructions", "upsert", "--assignment-id", str(uuid4()), "--course-id", str(uuid4())),
            "either --assignment-id or --course-id",
        ),
        (("instructions", "upsert", "--course-id", str(uuid4()), "--prompt", "x"), "belong to an assignment"),
        (("instructions", "upsert", "--assignment-id", str(uuid4()), "--text", "none.md"), "does not exist"),
        (("instructions", "upsert", "--assignment-id", str(uuid4()), "--text", "short.md"), "10 characters"),
    ],
)
def test_mistakes_are_found_before_anything_is_sent(
    eng5: Eng5, project: Project, arguments: tuple[str, ...], said: str
) -> None:
    """Exit code 2, and no stand-in was started."""
    (project.root / "short.md").write_text("too short")
    eng5(*arguments).refused(2, said)
    assert not (project.root / "build").exists()


def test_a_short_anchor_is_refused_before_anything_is_sent(eng5: Eng5, project: Project) -> None:
    """The service takes 100 characters; the file is named."""
    (project.root / "inputs" / "anchors" / "anchor_essay_eng_5_17_vt_001_F+.txt").write_text("I am short.")
    eng5("register-anchors", str(uuid4())).refused(2, "_001_F+.txt", "11 characters")


def test_the_grade_scale_of_the_assignment_is_checked(
    eng5: Eng5, project: Project, addresses: list[str]
) -> None:
    """--expected-grade-scale: another scale at the service stops the registration."""
    assignment = str(uuid4())
    eng5(
        *addresses,
        "instructions",
        "upsert",
        "--assignment-id",
        assignment,
        "--grade-scale",
        "swedish_8_anchor",
    ).went_well()
    eng5(
        *addresses, "register-anchors", assignment, "--expected-grade-scale", "eng5_np_legacy_9_step"
    ).refused(3, "'swedish_8_anchor', not 'eng5_np_legacy_9_step'")


def test_claims_are_shown_and_the_token_is_not(
    eng5: Eng5, addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Source, subject, roles and end of the token; the service accepts it."""
    token = admin_token()
    monkeypatch.setenv("HULEEDU_ADMIN_TOKEN", token)
    out = eng5(*addresses, "verify-auth").went_well()
    for part in ("HULEEDU_ADMIN_TOKEN", "ops", "admin, teacher", "2096-10-02", "Accepted by the CJ service"):
        assert part in out
    assert token not in out


@pytest.mark.parametrize(
    ("claims", "said"),
    [({"exp": 1}, "expired"), ({"roles": ["teacher"]}, "role 'admin'"), ({"roles": "admin"}, "role 'admin'")],
)
def test_tokens_that_will_not_do(
    eng5: Eng5, monkeypatch: pytest.MonkeyPatch, claims: dict[str, object], said: str
) -> None:
    """Seen without asking the service; the claims are shown all the same."""
    monkeypatch.setenv("HULEEDU_SERVICE_ACCOUNT_TOKEN", admin_token(**claims))
    done = eng5("verify-auth")
    done.refused(3, said, "HULEEDU_SERVICE_ACCOUNT_TOKEN")
    assert "ops" in done.out


def test_a_token_that_the_service_refuses(
    eng5: Eng5, addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed by somebody else: only the service can tell."""
    monkeypatch.setenv("HULEEDU_ADMIN_TOKEN", admin_token(iss="somebody-else"))
    eng5(*addresses, "verify-auth").refused(3, "does not accept the token of HULEEDU_ADMIN_TOKEN")


def test_no_token_and_no_platform(eng5: Eng5, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing to show is exit code 3; with a good token and no platform, nothing is tried."""
    eng5("verify-auth").refused(3, "no token")
    monkeypatch.setenv("JWT_SECRET_KEY", SECRET)
    assert "Not tried" in eng5("verify-auth").went_well()
