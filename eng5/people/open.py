"""From a run's request to what its panel judges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eng5.contracts.run import PanelDesign
from eng5.errors import InputError
from eng5.people.panel import Material
from eng5.stack.assignments import Assignments
from eng5.stack.cj_core.batch import BatchRefusedError, BatchRequest
from eng5.stack.cj_core.hydration import hydrate, read_essays, setting_of
from eng5.stack.content_service import ContentStore


def material_of(event: bytes, state: Path) -> tuple[Material, dict[str, Any]]:
    """What the panel judges, and what its page shows beside the texts; `state` is the stand-in's folder.

    Raises:
        InputError: the texts are not in the stand-in's store, or fewer than two.
    """
    request = BatchRequest.parse(event)
    store = ContentStore(state / "content")
    try:
        content = hydrate(request, Assignments(state / "assignments.json"), store)
    except BatchRefusedError as refusal:
        raise InputError(f"the request cannot be carried out: {refusal}", where=state) from None
    essays = read_essays(content, store)
    missing = [one.essay_id for one in content.essays if one.essay_id not in essays]
    if missing or len(essays) < 2:
        what = f"{len(missing)} texts are not there" if missing else f"{len(essays)} texts; two are the least"
        raise InputError(
            what,
            where=state / "content",
            remedy="people compare what this project's own stand-in has stored: run without ENG5_STACK=external, "
            "or against an `eng5 serve` of this project",
        )
    pairs = request.data.pre_specified_comparisons
    setting = setting_of(request, content)
    material = Material(
        batch=request.batch_id,
        setting=setting,
        essays=essays,
        design=PanelDesign.model_validate(request.metadata.get("panel") or {}),
        listed=None if pairs is None else [(one.essay_a_id, one.essay_b_id) for one in pairs],
    )
    overrides = request.data.llm_config_overrides
    texts = (
        ("Instructions", overrides.system_prompt_override if overrides else None),
        ("The pupils' assignment", content.student_prompt),
        ("Criteria", content.criteria),
        ("What counts", content.rubric),
    )
    about = {
        "title": "Which text is better?",
        "language": request.data.language,
        "ties": setting.allow_ties,
        "instructions": [{"title": title, "text": text} for title, text in texts if text],
    }
    return material, about
