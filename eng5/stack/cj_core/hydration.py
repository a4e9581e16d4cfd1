"""From a request to what is judged: essays with their texts, and the texts that go with them."""

import hashlib
import logging
from collections import Counter
from typing import Protocol

from eng5.contracts.panel import HUMAN
from eng5.contracts.wire.base import WireModel
from eng5.contracts.wire.cj_admin_api import CANONICAL_ORIGIN
from eng5.contracts.wire.vocabulary import STUDENT_PROMPT
from eng5.judges import DEFAULT_MODEL, DEFAULT_PROVIDER
from eng5.judges.human import PEOPLE
from eng5.judges.question import DEFAULT_SYSTEM_PROMPT, Setting, ShownEssay
from eng5.stack.assignments import Assignments, StoredInstructions
from eng5.stack.cj_core.batch import (
    ANCHOR_PREFIX,
    BatchContent,
    BatchRefusedError,
    BatchRequest,
    EssaySource,
    refuse,
)

log = logging.getLogger(__name__)


class TextSource(Protocol):
    """Where texts are stored."""

    def text(self, storage_id: str) -> str | None:
        """The text under an id; None when it cannot be had or is empty."""
        ...


def hydrate(request: BatchRequest, assignments: Assignments, texts: TextSource) -> BatchContent:
    """Fix what the batch is judged on.

    A guest brings its prompt and rubric along. A batch with an assignment gets prompt, criteria, rubric
    and anchors from there; its own rubric counts unless the assignment is a national one.
    Raises BatchRefusedError for an unknown assignment, a prompt without text, and repeated essay ids.
    """
    data = request.data
    essays = [EssaySource(essay_id=e.essay_id, text_storage_id=e.text_storage_id) for e in data.essays_for_cj]
    repeated = [name for name, times in Counter(e.essay_id for e in essays).items() if times > 1]
    if repeated:
        refuse(f"essay ids are given more than once: {', '.join(repeated)}", essay_ids=repeated)
    rubric = data.llm_config_overrides.judge_rubric_override if data.llm_config_overrides else None
    if data.assignment_id is None:
        return BatchContent(essays=essays, student_prompt=_event_prompt(request, texts), rubric=rubric)
    known = assignments.instructions(assignment_id=data.assignment_id)
    if known is None:
        raise BatchRefusedError(
            "PROCESSING_ERROR",
            f"Unknown assignment_id '{data.assignment_id}'",
            assignment_id=data.assignment_id,
        )
    if rubric is None or known.context_origin == CANONICAL_ORIGIN:
        rubric = _stored(texts, known.judge_rubric_storage_id)
    return BatchContent(
        essays=[*essays, *_anchors(request, known, assignments)],
        student_prompt=_stored(texts, known.student_prompt_storage_id),
        criteria=known.instructions_text,
        rubric=rubric,
        grade_scale=known.grade_scale,
    )


def read_essays(content: BatchContent, texts: TextSource) -> dict[str, ShownEssay]:
    """The essays whose text can be had, by id; the others are left out, as on the platform."""
    essays = {}
    for source in content.essays:
        text = texts.text(source.text_storage_id)
        if text is None:
            log.warning("essay %s is left out: no text under %s", source.essay_id, source.text_storage_id)
        else:
            essays[source.essay_id] = ShownEssay(source.essay_id, text)
    return essays


def setting_of(request: BatchRequest, content: BatchContent) -> Setting:
    """What reaches the judge beside the essays."""
    overrides: WireModel | None = request.data.llm_config_overrides
    given = {} if overrides is None else overrides.model_dump()
    provider = given.get("provider_override") or DEFAULT_PROVIDER
    return Setting(
        provider=provider,
        model=PEOPLE if provider == HUMAN else given.get("model_override") or DEFAULT_MODEL,
        system_prompt=given.get("system_prompt_override")
        or ("" if provider == HUMAN else DEFAULT_SYSTEM_PROMPT),
        student_prompt=content.student_prompt,
        criteria=content.criteria,
        rubric=content.rubric,
        temperature=given.get("temperature_override"),
        max_tokens=given.get("max_tokens_override"),
        reasoning_effort=given.get("reasoning_effort"),
        output_verbosity=given.get("output_verbosity"),
        allow_ties=request.allows_ties,
        replicate=request.replicate,
    )


def _anchors(request: BatchRequest, known: StoredInstructions, assignments: Assignments) -> list[EssaySource]:
    found = []
    for anchor in assignments.anchors(known.assignment_id or ""):
        if anchor.grade_scale == known.grade_scale:
            tail = hashlib.sha256(f"{request.batch_id}:{anchor.id}".encode()).hexdigest()[:8]
            found.append(
                EssaySource(
                    essay_id=f"{ANCHOR_PREFIX}{anchor.id}_{tail}",
                    text_storage_id=anchor.text_storage_id,
                    anchor_grade=anchor.grade,
                )
            )
    return found


def _event_prompt(request: BatchRequest, texts: TextSource) -> str | None:
    reference = request.data.student_prompt_ref
    place = reference.references.get(STUDENT_PROMPT) if reference else None
    return _stored(texts, place.get("storage_id")) if place else None


def _stored(texts: TextSource, storage_id: str | None) -> str | None:
    if storage_id is None:
        return None
    text = texts.text(storage_id)
    if text is None:
        raise BatchRefusedError("CONTENT_SERVICE_ERROR", "content fetch failed", storage_id=storage_id)
    return text
