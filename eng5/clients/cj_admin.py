"""The CJ service's admin routes and its anchor registration. Every refusal names its remedy."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from eng5.clients.auth import Bearer
from eng5.clients.http import BODY_IN_MESSAGE, new_client, send
from eng5.contracts.credentials import without_tokens
from eng5.contracts.refusals import in_words
from eng5.contracts.wire.cj_admin_api import (
    ANCHORS_ROUTE,
    INSTRUCTIONS_ROUTE,
    PROMPTS_ROUTE,
    REGISTER_ANCHOR_ROUTE,
    RUBRICS_ROUTE,
    AnchorRegistered,
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
from eng5.errors import Eng5Error, InputError, PreflightError, ServiceError

if TYPE_CHECKING:
    import httpx

Answer = TypeVar("Answer", bound=BaseModel)

SERVICE = "CJ service"
READ_SECONDS = 15.0
REGISTER_SECONDS = 60.0
ATTEMPTS = 2
ESSAY_LETTERS = 15
"""As many in a row as an essay begins with are the essay."""


class CJAdminClient:
    """The CJ service as an operator meets it. Safe to use from several threads at once."""

    def __init__(
        self,
        url: str,
        token: Callable[[], Bearer],
        *,
        serve_token: str | None = None,
        timeout: float = READ_SECONDS,
        register_timeout: float = REGISTER_SECONDS,
    ) -> None:
        """`token` is asked when an admin route is first used; registering anchors needs none.

        `serve_token` is that of an `eng5 serve` on another machine, which wants one there too.
        """
        self._url = url.rstrip("/")
        self._token = token
        self._reading, self._registering = (
            new_client(url, seconds) for seconds in (timeout, register_timeout)
        )
        if serve_token is not None:
            self._registering.headers["Authorization"] = f"Bearer {serve_token}"

    def instructions(self, assignment_id: str) -> Instructions:
        """The instructions of an assignment; PreflightError when there are none."""
        return self._admin(
            "GET", f"{INSTRUCTIONS_ROUTE}/assignment/{quote(assignment_id, safe='')}", Instructions
        )

    def list_instructions(
        self, *, page: int = 1, page_size: int = 50, grade_scale: str | None = None
    ) -> InstructionsPage:
        """A page of all instructions, newest first."""
        query = f"page={page}&page_size={page_size}" + (f"&grade_scale={grade_scale}" if grade_scale else "")
        return self._admin("GET", f"{INSTRUCTIONS_ROUTE}?{query}", InstructionsPage)

    def upsert_instructions(self, wanted: InstructionsUpsert) -> Instructions:
        """Create instructions, or change their text."""
        return self._admin("POST", INSTRUCTIONS_ROUTE, Instructions, wanted)

    def set_prompt(self, wanted: StudentPromptUpsert) -> StudentPrompt:
        """Store the text that the pupils wrote to, for an assignment that has instructions."""
        return self._admin("POST", PROMPTS_ROUTE, StudentPrompt, wanted)

    def set_rubric(self, wanted: JudgeRubricUpsert) -> JudgeRubric:
        """Store the judge's rubric, for an assignment that has instructions."""
        return self._admin("POST", RUBRICS_ROUTE, JudgeRubric, wanted)

    def anchors(self, assignment_id: str) -> AnchorSummary:
        """The registered anchors of an assignment."""
        return self._admin(
            "GET", f"{ANCHORS_ROUTE}/assignment/{quote(assignment_id, safe='')}", AnchorSummary
        )

    def register(self, assignment_id: str, label: str, grade: str, text: str) -> int:
        """Register one anchor essay; the same label again replaces it. The anchor's id.

        Raises:
            InputError: the service refuses the essay, its grade or the assignment.
            ServiceError: the service cannot be reached or answers nonsense.
        """
        body = AnchorRegistration(
            assignment_id=assignment_id, grade=grade, essay_text=text, anchor_label=label
        )
        response = self._send(self._registering, "POST", REGISTER_ANCHOR_ROUTE, {}, body)
        if response.status_code == 201:
            return self._parsed(response, AnchorRegistered, with_body=False).anchor_id
        said = _said(response, text)
        if response.status_code == 400:
            raise InputError(
                f"the {SERVICE} refuses anchor '{label}': {said}",
                remedy="mend the grade or the essay, or create the assignment first "
                "(`eng5 instructions upsert`), then run the same command again",
            )
        raise ServiceError(
            f"the {SERVICE} answered {response.status_code} to anchor '{label}': {said}",
            where=self._url + REGISTER_ANCHOR_ROUTE,
            remedy="see the service's log; run the same command again when it is mended",
        )

    def close(self) -> None:
        self._reading.close()
        self._registering.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def _admin(self, method: str, route: str, model: type[Answer], body: BaseModel | None = None) -> Answer:
        token = self._token()
        response = self._send(self._reading, method, route, {"Authorization": f"Bearer {token.value}"}, body)
        if response.status_code == 200:
            return self._parsed(response, model)
        raise self._refusal(response, token.source)

    def _send(
        self, client: httpx.Client, method: str, route: str, headers: dict[str, str], body: BaseModel | None
    ) -> httpx.Response:
        content = None if body is None else body.model_dump_json(exclude_none=True).encode()
        if content is not None:
            headers = {**headers, "Content-Type": "application/json"}
        return send(
            client,
            method,
            self._url + route,
            service=SERVICE,
            content=content,
            headers=headers,
            attempts=ATTEMPTS,
        )

    def _parsed(self, response: httpx.Response, model: type[Answer], *, with_body: bool = True) -> Answer:
        try:
            return model.model_validate_json(response.content)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            field = ".".join(str(part) for part in first["loc"])
            raise ServiceError(
                f"the {SERVICE} answered {response.status_code}, and the answer cannot be used "
                f"({field + ': ' if field else ''}{first['msg']})"
                + (f": {_said(response)}" if with_body else ""),
                where=str(response.request.url),
                remedy="check that the address is that of the CJ service (--cj-service-url, CJ_SERVICE_URL)",
            ) from None

    def _refusal(self, response: httpx.Response, token_source: str) -> Eng5Error:
        where, said = str(response.request.url), _said(response)
        match response.status_code:
            case 401:
                return PreflightError(
                    f"the {SERVICE} does not accept the token of {token_source}: {said}",
                    where=where,
                    remedy="look at it with `eng5 verify-auth`; get a new token, or set the service's own "
                    "JWT_SECRET_KEY",
                )
            case 403:
                return PreflightError(
                    f"the token of {token_source} does not have the role 'admin': {said}",
                    where=where,
                    remedy="ask for a token with that role; `eng5 verify-auth` shows what yours has",
                )
            case 404:
                return PreflightError(
                    f"the {SERVICE} does not know it: {said}",
                    where=where,
                    remedy="check the assignment id (`eng5 instructions list`), "
                    "or create it with `eng5 instructions upsert`",
                )
            case 400:
                return InputError(f"the {SERVICE} refuses the request: {said}", where=where)
        return ServiceError(
            f"the {SERVICE} answered {response.status_code}: {said}",
            where=where,
            remedy="see the service's log; some deployments answer 500 whatever is wrong, "
            "so check the token (`eng5 verify-auth`) and the assignment id too",
        )


def _said(response: httpx.Response, essay: str = "") -> str:
    """What the answer's body says, in one line: the message of an error body, else its beginning.

    Essay texts go into no message, even when a service sends `essay` back.
    """
    try:
        document = response.json()
        error = document["error"]
        text = error["message"] if isinstance(error, dict) else f"{error} {document.get('message', '')}"
    except (ValueError, KeyError, TypeError, AttributeError):
        text = in_words(response.text)
    if essay and _letters(essay)[:ESSAY_LETTERS] in _letters(str(text)):
        return "its answer repeats the essay"
    return without_tokens(" ".join(str(text).split()))[:BODY_IN_MESSAGE] or "an empty body"


def _letters(text: str) -> str:
    """The ASCII letters and digits that JSON and HTML leave as they are."""
    return re.sub(r"\\u[0-9a-fA-F]{4}|\\.|&#?\w+;|[^0-9A-Za-z]", "", text)
