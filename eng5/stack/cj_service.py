"""The CJ service's HTTP side: admin routes behind a token, anchor registration, health. Section 3."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from eng5.contracts.grade_scales import scale_of
from eng5.contracts.wire.base import utc_now
from eng5.contracts.wire.cj_admin_api import (
    ANCHORS_ROUTE,
    INSTRUCTIONS_ROUTE,
    PROMPTS_ROUTE,
    REGISTER_ANCHOR_ROUTE,
    RUBRICS_ROUTE,
    AnchorRegistration,
    AnchorSummary,
    Instructions,
    InstructionsPage,
    InstructionsUpsert,
    JudgeRubric,
    JudgeRubricUpsert,
    StudentPrompt,
    StudentPromptUpsert,
)
from eng5.contracts.wire.topics import CJ_SERVICE
from eng5.stack.assignments import Assignments, ImmutableFieldError, StoredInstructions
from eng5.stack.bearer import NotAuthorizedError, TokenRules, authorize

if TYPE_CHECKING:
    from starlette.types import ASGIApp

Body = TypeVar("Body", bound=BaseModel)
Endpoint = Callable[[Request], Awaitable[Response]]

PAGE_SIZE = 50
LARGEST_PAGE = 200
FIELDS: dict[type[BaseModel], tuple[str, str]] = {
    StudentPrompt: ("student_prompt_storage_id", "prompt_text"),
    JudgeRubric: ("judge_rubric_storage_id", "rubric_text"),
}
"""Of a text that belongs to instructions: where it is stored, and what it says."""
STATUS_OF_CODE = {"VALIDATION_ERROR": 400, "RESOURCE_NOT_FOUND": 404}


class TextStore(Protocol):
    """Where prompts, rubrics and anchors are stored."""

    def put(self, body: bytes) -> str:
        """Store bytes; the id that they get."""
        ...

    def text(self, storage_id: str) -> str | None:
        """The text under an id; None when there is none."""
        ...


class _RefusedError(Exception):
    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.details = details


def cj_app(assignments: Assignments, content: TextStore, rules: TokenRules) -> "ASGIApp":
    """The service as an ASGI application."""
    routes = _Routes(assignments, content)

    def admin(endpoint: Endpoint) -> Endpoint:
        async def guarded(request: Request) -> Response:
            try:
                authorize(request.headers.get("authorization"), rules)
                return await endpoint(request)
            except NotAuthorizedError as error:
                return _error(request, error.code, str(error), {}, error.status)
            except _RefusedError as error:
                return _error(request, error.code, str(error), error.details, STATUS_OF_CODE[error.code])

        return guarded

    def route(path: str, endpoint: Endpoint, method: str = "GET") -> Route:
        return Route(path, admin(endpoint), methods=[method])

    by_assignment = "/assignment/{assignment_id}"
    return Starlette(
        routes=[
            route(INSTRUCTIONS_ROUTE, routes.upsert_instructions, "POST"),
            route(INSTRUCTIONS_ROUTE, routes.list_instructions),
            route(INSTRUCTIONS_ROUTE + by_assignment, routes.instructions),
            route(INSTRUCTIONS_ROUTE + by_assignment, routes.delete_instructions, "DELETE"),
            route(INSTRUCTIONS_ROUTE + "/course/{course_id}", routes.delete_instructions, "DELETE"),
            route(ANCHORS_ROUTE + by_assignment, routes.anchors),
            route(PROMPTS_ROUTE, routes.upsert_prompt, "POST"),
            route(PROMPTS_ROUTE + by_assignment, routes.prompt),
            route(RUBRICS_ROUTE, routes.upsert_rubric, "POST"),
            route(RUBRICS_ROUTE + by_assignment, routes.rubric),
            Route(REGISTER_ANCHOR_ROUTE, routes.register_anchor, methods=["POST"]),
            Route("/healthz", _health),
            Route("/healthz/live", _health),
            Route("/healthz/ready", _health),
        ]
    )


class _Routes:
    def __init__(self, assignments: Assignments, content: TextStore) -> None:
        self._assignments = assignments
        self._content = content

    async def upsert_instructions(self, request: Request) -> Response:
        wanted = await _body(request, InstructionsUpsert)
        try:
            return _answer(_shown(self._assignments.upsert(wanted)))
        except ImmutableFieldError as error:
            raise _RefusedError("VALIDATION_ERROR", str(error)) from None

    async def list_instructions(self, request: Request) -> Response:
        page = _number(request, "page", 1, 1_000_000)
        size = _number(request, "page_size", PAGE_SIZE, LARGEST_PAGE)
        found = self._assignments.all_instructions(request.query_params.get("grade_scale"))
        items = [_shown(one) for one in found[(page - 1) * size : page * size]]
        return _answer(InstructionsPage(items=items, total=len(found), page=page, page_size=size))

    async def instructions(self, request: Request) -> Response:
        return _answer(_shown(self._known(request.path_params["assignment_id"])))

    async def delete_instructions(self, request: Request) -> Response:
        if not self._assignments.delete(**request.path_params):
            raise _not_found("assessment_instruction", *request.path_params.values())
        return JSONResponse({"status": "deleted", **request.path_params})

    async def anchors(self, request: Request) -> Response:
        known = self._known(request.path_params["assignment_id"])
        registered = self._assignments.anchors(request.path_params["assignment_id"])
        in_scale = [one for one in registered if one.grade_scale == known.grade_scale]
        return _answer(
            AnchorSummary(
                assignment_id=request.path_params["assignment_id"],
                grade_scale=known.grade_scale,
                anchor_count=len(in_scale),
                anchors=in_scale,
                anchor_count_total=len(registered),
                anchor_count_by_scale=dict(Counter(one.grade_scale for one in registered)),
            )
        )

    async def upsert_prompt(self, request: Request) -> Response:
        wanted = await _body(request, StudentPromptUpsert)
        return await self._store(StudentPrompt, wanted.assignment_id, wanted.prompt_text)

    async def prompt(self, request: Request) -> Response:
        return await self._stored(StudentPrompt, self._known(request.path_params["assignment_id"]))

    async def upsert_rubric(self, request: Request) -> Response:
        wanted = await _body(request, JudgeRubricUpsert)
        return await self._store(JudgeRubric, wanted.assignment_id, wanted.rubric_text)

    async def rubric(self, request: Request) -> Response:
        return await self._stored(JudgeRubric, self._known(request.path_params["assignment_id"]))

    async def register_anchor(self, request: Request) -> Response:
        """400 with a plain text for anything wrong with the request, as the platform answers here."""
        try:
            document = await request.json()
        except ValueError:
            return JSONResponse({"error": "Invalid JSON body"}, 400)
        required = ("assignment_id", "grade", "essay_text")
        if not isinstance(document, dict) or not all(document.get(field) for field in required):
            return JSONResponse({"error": "Missing required fields"}, 400)
        try:
            wanted = AnchorRegistration.model_validate(document)
        except ValidationError as error:
            return JSONResponse({"error": "; ".join(one["msg"] for one in error.errors())}, 400)
        known = self._assignments.instructions(assignment_id=wanted.assignment_id)
        if known is None:
            return JSONResponse({"error": f"Unknown assignment_id '{wanted.assignment_id}'"}, 400)
        if scale_of(known.grade_scale).level(wanted.grade) is None:
            problem = f"Invalid grade '{wanted.grade}' for scale '{known.grade_scale}'"
            return JSONResponse({"error": problem}, 400)
        try:
            storage_id = await run_in_threadpool(self._content.put, wanted.essay_text.encode())
        except OSError:
            return JSONResponse({"error": "Failed to store essay content"}, 500)
        label = wanted.anchor_label or wanted.grade
        anchor = self._assignments.register_anchor(
            wanted.assignment_id, label, wanted.grade, known.grade_scale, storage_id
        )
        answer = {"anchor_id": anchor.id, "storage_id": storage_id, "grade_scale": anchor.grade_scale}
        return JSONResponse({**answer, "status": "registered"}, 201)

    def _known(self, assignment_id: str) -> StoredInstructions:
        known = self._assignments.instructions(assignment_id=assignment_id)
        if known is None:
            raise _not_found("assessment_instruction", assignment_id)
        return known

    async def _store(self, shape: type[BaseModel], assignment_id: str, text: str) -> Response:
        known = self._known(assignment_id)
        storage_id = await run_in_threadpool(self._content.put, text.encode())
        return await self._stored(shape, self._assignments.note_text(known, FIELDS[shape][0], storage_id))

    async def _stored(self, shape: type[BaseModel], known: StoredInstructions) -> Response:
        """A text that belongs to instructions, with them."""
        place, field = FIELDS[shape]
        storage_id = getattr(known, place)
        text = await run_in_threadpool(self._content.text, storage_id) if storage_id else None
        if text is None:
            raise _not_found(place.removesuffix("_storage_id"), str(known.assignment_id))
        return _answer(shape.model_validate(known.model_dump() | {field: text}))


async def _health(request: Request) -> Response:
    return JSONResponse(
        {
            "service": CJ_SERVICE,
            "status": "healthy",
            "message": "CJ Assessment Service is healthy",
            "version": "1.0.0",
            "checks": {"service_responsive": True, "dependencies_available": True},
            "dependencies": {"database": {"status": "healthy"}},
            "environment": "stand-in",
        }
    )


async def _body(request: Request, model: type[Body]) -> Body:
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, one['loc'])) or 'body'}: {one['msg']}" for one in error.errors()]
        raise _RefusedError("VALIDATION_ERROR", "; ".join(problems)) from None


def _number(request: Request, name: str, default: int, largest: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isdecimal() or not 1 <= int(text) <= largest:
        raise _RefusedError("VALIDATION_ERROR", f"{name} must be a number from 1 to {largest}", field=name)
    return int(text)


def _shown(stored: StoredInstructions) -> Instructions:
    return Instructions.model_validate(stored.model_dump())


def _answer(body: BaseModel) -> Response:
    return JSONResponse(body.model_dump(mode="json"))


def _not_found(resource_type: str, resource_id: str) -> _RefusedError:
    message = f"{resource_type} with ID '{resource_id}' not found"
    return _RefusedError("RESOURCE_NOT_FOUND", message, resource_type=resource_type, resource_id=resource_id)


def _error(request: Request, code: str, message: str, details: dict[str, Any], status: int) -> Response:
    error = {
        "code": code,
        "message": message,
        "correlation_id": _correlation_id(request),
        "service": CJ_SERVICE,
        "timestamp": utc_now().isoformat(),
        "details": details,
    }
    return JSONResponse({"error": error}, status)


def _correlation_id(request: Request) -> str:
    given = request.headers.get("x-correlation-id") or request.query_params.get("correlation_id")
    if not given:
        return str(uuid4())
    try:
        return str(UUID(given))
    except ValueError:
        return str(uuid5(NAMESPACE_OID, given))
