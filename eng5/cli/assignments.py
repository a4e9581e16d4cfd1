"""Commands about assignments at the CJ service: their instructions, their anchors, and the token for them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eng5.cli.group import WholeHelp

if TYPE_CHECKING:
    from eng5.cli.values import Given
    from eng5.clients.cj_admin import CJAdminClient

CJ_URL = Annotated[str | None, typer.Option("--cj-service-url", help="CJ service of the platform.")]
instructions = typer.Typer(
    cls=WholeHelp,
    help="Instructions of assignments at the CJ service.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def register(
    ctx: typer.Context,
    assignment_id: Annotated[str, typer.Argument(metavar="ASSIGNMENT_ID")],
    cj_service_url: CJ_URL = None,
    expected_grade_scale: Annotated[
        str | None, typer.Option(help="Stop when the assignment has another grade scale.")
    ] = None,
    anchor_dir: Annotated[Path | None, typer.Option(help="Folder of the anchors.")] = None,
) -> None:
    """Register the anchors of inputs/anchors for an assignment. Doing it again replaces them."""
    from eng5.cli.mode import grade_scale, uuid_of
    from eng5.cli.values import given
    from eng5.contracts.grade_scales import scale_of
    from eng5.contracts.inventory import Essay
    from eng5.contracts.modes import RunnerMode
    from eng5.errors import PreflightError
    from eng5.essays.reading import text_to_send
    from eng5.services.registration import check_texts, register_anchors
    from eng5.settings import anchors_folder
    from eng5.steps import inventory

    known = given(ctx)
    assignment = str(uuid_of("ASSIGNMENT_ID", assignment_id))
    wanted = grade_scale("--expected-grade-scale", expected_grade_scale)
    folder = anchor_dir or anchors_folder(known.project)
    found = inventory.build(
        known.project,
        folder.resolve(),
        mode=RunnerMode.ANCHOR_ALIGN_TEST,
        grade_scale=scale_of(wanted) if wanted else known.experiments.grade_scale,
        language=None,
        privacy=known.experiments.privacy,
    )

    def text_of(anchor: Essay) -> str:
        return text_to_send(known.project.root / anchor.path, known.experiments.privacy)

    texts = check_texts(found, text_of)
    with _admin(known, cj_service_url) as admin:
        if wanted is not None:
            scale = admin.instructions(assignment).grade_scale
            if scale != wanted:
                raise PreflightError(
                    f"assignment {assignment} has the grade scale '{scale}', not '{wanted}'",
                    remedy="check the assignment id, or change --expected-grade-scale",
                )
        count = register_anchors(
            assignment,
            found,
            texts,
            admin,
            lambda label, grade, number: typer.echo(f"registered {label} ({grade}) as anchor {number}"),
        )
    typer.echo(f"{count} anchors registered for assignment {assignment}")


def verify_auth(ctx: typer.Context, cj_service_url: CJ_URL = None) -> None:
    """Show what the token says, and whether the CJ service accepts it. The token itself is never shown."""
    from eng5.cli.values import given
    from eng5.clients.auth import bearer, claims
    from eng5.console.tables import show_table
    from eng5.environment import credentials
    from eng5.errors import PreflightError

    known = given(ctx)
    token = bearer(credentials(), org_id=known["org_id"])
    said = claims(token.value)
    show_table(("Claim", "Value"), [("source", token.source), *_readable(said).items()])
    remedy = f"get a new token into {token.source}"
    if isinstance(said.get("exp"), int | float) and said["exp"] <= time.time():
        raise PreflightError("the token has expired", remedy=remedy)
    roles = said.get("roles")
    if not isinstance(roles, list) or "admin" not in roles:
        raise PreflightError("the token does not have the role 'admin'", remedy=remedy)
    platform = known.platform(cj_service_url=cj_service_url)
    if platform.stack == "embedded":
        typer.echo("Not tried: the embedded stand-in makes its own token. Give --cj-service-url to try it.")
        return
    with _admin(known, cj_service_url) as admin:
        total = admin.list_instructions(page_size=1).total
    typer.echo(f"Accepted by the CJ service ({total} instructions there)")


@instructions.command("list")
def list_instructions(
    ctx: typer.Context,
    cj_service_url: CJ_URL = None,
    grade_scale: Annotated[str | None, typer.Option(help="Only those of this grade scale.")] = None,
) -> None:
    """Show all instructions, newest first."""
    from eng5.cli.mode import grade_scale as checked
    from eng5.cli.values import given
    from eng5.console.tables import show_table

    scale = checked("--grade-scale", grade_scale)
    found: list[Any] = []
    with _admin(given(ctx), cj_service_url) as admin:
        page = 1
        while True:
            answer = admin.list_instructions(page=page, page_size=200, grade_scale=scale)
            found += answer.items
            if not answer.items or len(found) >= answer.total:
                break
            page += 1
    show_table(
        ("Assignment", "Course", "Grade scale", "Origin", "Prompt", "Created"),
        [
            (
                one.assignment_id,
                one.course_id,
                one.grade_scale,
                one.context_origin,
                "yes" if one.student_prompt_storage_id else "no",
                one.created_at.strftime("%Y-%m-%d %H:%M"),
            )
            for one in found
        ],
    )


@instructions.command("get")
def get_instructions(
    ctx: typer.Context,
    assignment_id: Annotated[str, typer.Argument(metavar="ASSIGNMENT_ID")],
    cj_service_url: CJ_URL = None,
) -> None:
    """Show the instructions of an assignment, and which anchors it has."""
    from eng5.cli.mode import uuid_of
    from eng5.cli.values import given
    from eng5.console.tables import show_table

    assignment = str(uuid_of("ASSIGNMENT_ID", assignment_id))
    with _admin(given(ctx), cj_service_url) as admin:
        found, anchors = admin.instructions(assignment), admin.anchors(assignment)
    show_table(
        ("Field", "Value"),
        [
            ("assignment", found.assignment_id),
            ("grade scale", found.grade_scale),
            ("context origin", found.context_origin),
            ("student prompt", found.student_prompt_storage_id),
            ("created", found.created_at.isoformat()),
            ("anchors", ", ".join(f"{one.anchor_label} ({one.grade})" for one in anchors.anchors) or "none"),
        ],
    )
    typer.echo(f"\n{found.instructions_text}")


@instructions.command("upsert")
def upsert_instructions(
    ctx: typer.Context,
    assignment_id: Annotated[str | None, typer.Option(help="Assignment (UUID).")] = None,
    course_id: Annotated[str | None, typer.Option(help="Course (UUID), in place of an assignment.")] = None,
    text: Annotated[
        Path | None, typer.Option("--text", help="File with the instructions; inputs/instructions.md.")
    ] = None,
    grade_scale: Annotated[
        str | None, typer.Option(help="Grade scale; it cannot be changed later. That of experiments.toml.")
    ] = None,
    context_origin: Annotated[
        str, typer.Option(help="research_experiment or canonical_national; it cannot be changed later.")
    ] = "research_experiment",
    prompt: Annotated[Path | None, typer.Option(help="File with the text that the pupils wrote to.")] = None,
    rubric: Annotated[Path | None, typer.Option(help="File with the judge's rubric.")] = None,
    cj_service_url: CJ_URL = None,
) -> None:
    """Create the instructions of an assignment or a course, or change their text, prompt and rubric."""
    from eng5.cli.mode import grade_scale as checked
    from eng5.cli.mode import uuid_of
    from eng5.cli.values import given, one_of
    from eng5.contracts.wire.cj_admin_api import (
        ORIGINS,
        InstructionsUpsert,
        JudgeRubricUpsert,
        StudentPromptUpsert,
    )
    from eng5.errors import InputError

    known = given(ctx)
    if (assignment_id is None) == (course_id is None):
        raise InputError("give either --assignment-id or --course-id")
    if assignment_id is None and (prompt or rubric):
        raise InputError("--prompt and --rubric belong to an assignment", remedy="give --assignment-id")
    assignment = uuid_of("--assignment-id", assignment_id)
    wanted = InstructionsUpsert(
        assignment_id=assignment,
        course_id=uuid_of("--course-id", course_id),
        instructions_text=_long_enough(text or known.project.instructions),
        grade_scale=checked("--grade-scale", grade_scale) or known.experiments.grade_scale.name,
        context_origin=one_of("--context-origin", context_origin, ORIGINS),
    )
    texts = {flag: _long_enough(file) for flag, file in (("prompt", prompt), ("rubric", rubric)) if file}
    with _admin(known, cj_service_url) as admin:
        found = admin.upsert_instructions(wanted)
        typer.echo(f"instructions {found.id}: {found.grade_scale}, {found.context_origin}")
        if "prompt" in texts:
            body = StudentPromptUpsert(assignment_id=str(assignment), prompt_text=texts["prompt"])
            typer.echo(f"prompt stored as {admin.set_prompt(body).student_prompt_storage_id}")
        if "rubric" in texts:
            rubric_body = JudgeRubricUpsert(assignment_id=str(assignment), rubric_text=texts["rubric"])
            typer.echo(f"rubric stored as {admin.set_rubric(rubric_body).judge_rubric_storage_id}")


def _admin(known: Given, cj_service_url: str | None) -> CJAdminClient:
    """The CJ service's client: the platform's, at its usual address when none is given, or the stand-in's."""
    from eng5.environment import DEFAULT_CJ_SERVICE_URL, credentials
    from eng5.services.connect import services_of

    platform = known.platform(cj_service_url=cj_service_url)
    if platform.stack == "external" and platform.cj_service_url is None:
        platform = platform.model_copy(update={"cj_service_url": DEFAULT_CJ_SERVICE_URL})
    return services_of(known.project, platform).cj_admin(credentials(), org_id=known["org_id"])


def _long_enough(path: Path) -> str:
    from eng5.errors import InputError
    from eng5.files import read_text

    text = read_text(path)
    if len(text.strip()) < 10:
        raise InputError("shorter than 10 characters", where=path, remedy="write the text into the file")
    return text


def _readable(said: Mapping[str, Any]) -> dict[str, str]:
    """Claims in words: times as times, lists joined."""
    shown = {}
    for name, value in said.items():
        if name in ("exp", "iat", "nbf") and isinstance(value, int | float):
            shown[name] = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(value))
        elif isinstance(value, list):
            shown[name] = ", ".join(map(str, value))
        else:
            shown[name] = str(value)
    return shown
