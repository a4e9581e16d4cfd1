"""The page on which people compare, and what it asks the server: an ASGI application.

Nothing that a browser gets names an essay, a grade or what others said: a question has an id that stands for nothing,
and two texts.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib.resources import files
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from eng5.errors import InputError
from eng5.files import sha256_text
from eng5.judges.protocol import Outcome
from eng5.people.panel import Panel

log = logging.getLogger(__name__)

LARGEST_BODY = 64_000
OUTCOMES = {"left": Outcome.A, "right": Outcome.B, "tie": Outcome.TIE}
HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

Body = TypeVar("Body", bound=BaseModel)


class _NotTakenError(Exception):
    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status = status


class UndoBody(BaseModel):
    """What the page sends to take the last answer back: the id of its question."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    id: Annotated[str, StringConstraints(max_length=64)]


class AnswerBody(UndoBody):
    """What the page sends for an answer; `seconds` is the time that the pair was looked at."""

    choice: Literal["left", "right", "tie"]
    comment: str = Field(default="", max_length=10_000)
    seconds: float = Field(default=0.0, ge=0)


class Guard:
    """Who may ask: judges by the token of their link, or, on loopback, whoever names one of them.

    Where it `is_open`, they do the latter, and the server may be asked under its own names only, so that no page of
    another site can ask it. Nobody may ask before it is told on which port the server is.
    """

    def __init__(self, judges: Sequence[str], *, by_link: bool) -> None:
        self.judges = list(judges)
        self.is_open = not by_link
        self._links: Mapping[str, str] = {}
        self._hosts: list[str] = []

    def let_in(self, port: int, links: Mapping[str, str]) -> None:
        """The port of the server, and the hashes that count where links do."""
        self._hosts = [f"{host}:{port}" for host in ("127.0.0.1", "localhost")]
        self._links = links

    def refuses(self, request: Request) -> bool:
        """The request was made for another site."""
        if not self.is_open:
            return False
        origin = request.headers.get("origin")
        own = [f"http://{host}" for host in self._hosts]
        return request.headers.get("host") not in self._hosts or (origin is not None and origin not in own)

    def judge_of(self, request: Request) -> str | None:
        """The judge who asks; None when it is nobody of the panel."""
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        if kind != "Bearer":
            return None
        if self.is_open:
            name = unquote(given)  # a pseudonym may have letters that no header can carry as they are
            return name if name in self.judges else None
        hashed = sha256_text(given)
        known = [name for name, link in self._links.items() if hmac.compare_digest(link, hashed)]
        return known[0] if known and known[0] in self.judges else None


def panel_app(panel: Panel, guard: Guard, about: Mapping[str, Any]) -> Starlette:
    """The application. `about` is what the page shows beside the questions: title, instructions, language, ties."""
    page, policy = _page()
    headers = {**HEADERS, "content-security-policy": policy}

    def answer(document: Mapping[str, Any], status: int = 200) -> Response:
        return JSONResponse(document, status, headers=headers)

    def api(endpoint: Callable[[str, Request], Awaitable[Mapping[str, Any]]]) -> Callable[..., Any]:
        async def guarded(request: Request) -> Response:
            if guard.refuses(request):
                return answer({"problem": "this server answers on its own address only"}, 403)
            judge = guard.judge_of(request)
            if judge is None:
                return answer({"problem": "unknown", "judges": guard.judges if guard.is_open else None}, 401)
            try:
                return answer(await endpoint(judge, request))
            except _NotTakenError as refusal:
                return answer({"problem": str(refusal)}, refusal.status)
            except (OSError, InputError) as error:
                log.error("an answer could not be kept: %s", error)
                return answer({"problem": "the answer could not be kept; it is sent again"}, 503)

        return guarded

    async def show_page(request: Request) -> Response:
        return Response(page, media_type="text/html", headers=headers)

    async def state(judge: str, request: Request) -> Mapping[str, Any]:
        return {**_state(panel, judge), "about": about}

    async def take_answer(judge: str, request: Request) -> Mapping[str, Any]:
        body = await _body(request, AnswerBody)
        if body.choice == "tie" and not panel.material.setting.allow_ties:
            raise _NotTakenError(400, "one of the two has to be the better one")
        comment = body.comment.strip() or None
        kept = await panel.answer(
            judge, body.id, OUTCOMES[body.choice], comment=comment, seconds=body.seconds
        )
        return {**_state(panel, judge), "kept": kept}

    async def take_back(judge: str, request: Request) -> Mapping[str, Any]:
        body = await _body(request, UndoBody)
        done = await panel.take_back(judge, body.id)
        return {**_state(panel, judge), "kept": done}

    return Starlette(
        routes=[
            Route("/", show_page),
            Route("/api/state", api(state)),
            Route("/api/answer", api(take_answer), methods=["POST"]),
            Route("/api/undo", api(take_back), methods=["POST"]),
        ]
    )


def _state(panel: Panel, judge: str) -> dict[str, Any]:
    shown = panel.current(judge)
    essays, file = panel.material.essays, panel.record.file
    answered = len(panel.record.answered(judge))
    question = None
    if shown is not None:
        left, right = essays[shown.essay_a_id].text, essays[shown.essay_b_id].text
        question = {"id": shown.id, "left": left, "right": right}
    return {
        "judge": judge,
        "question": question,
        "done": answered,
        "total": max(answered, file.quotas.get(judge, 0)),
        "secondsLeft": panel.seconds_left(judge),
        "undo": panel.last_answer(judge),
        "closed": file.closed,
    }


async def _body(request: Request, kind: type[Body]) -> Body:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise _NotTakenError(413, "too long")
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise _NotTakenError(400, ": ".join(map(str, (*first["loc"], first["msg"])))) from None


def _page() -> tuple[str, str]:
    """The page with its style and its script in it, and the policy that allows these two and nothing else."""
    folder = files("eng5.people") / "page"
    page, style, script = (
        (folder / name).read_text(encoding="utf-8") for name in ("page.html", "page.css", "page.js")
    )
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src '{_hash(script)}'",
            f"style-src '{_hash(style)}'",
            "connect-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    )
    return page.replace("/* style */", style).replace("/* script */", script), policy


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
