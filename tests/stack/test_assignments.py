from pathlib import Path

import pytest

from eng5.contracts.wire.cj_admin_api import InstructionsUpsert
from eng5.stack.assignments import Assignments, ImmutableFieldError, StoredInstructions


def wanted(**changes: str) -> InstructionsUpsert:
    standard = {
        "assignment_id": "a",
        "instructions_text": "Judge overall quality.",
        "grade_scale": "swedish_8_anchor",
    }
    return InstructionsUpsert.model_validate(standard | changes)


def with_texts(assignments: Assignments) -> StoredInstructions:
    known = assignments.note_text(assignments.upsert(wanted()), "student_prompt_storage_id", "prompt")
    return assignments.note_text(known, "judge_rubric_storage_id", "rubric")


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    """Instructions, prompt, rubric and anchors are found again, and ids go on where they were."""
    path = tmp_path / "assignments.json"
    first = Assignments(path)
    known = with_texts(first)
    anchor = first.register_anchor("a", "label", "A", "swedish_8_anchor", "text")
    second = Assignments(path)
    assert second.instructions(assignment_id="a") == known
    assert (known.student_prompt_storage_id, known.judge_rubric_storage_id) == ("prompt", "rubric")
    assert second.anchors("a") == [anchor]
    assert second.register_anchor("a", "other", "A", "swedish_8_anchor", "text").id > anchor.id


def test_change_of_text_keeps_prompt_and_rubric(tmp_path: Path) -> None:
    """New instructions do not forget what else is known."""
    assignments = Assignments(tmp_path / "assignments.json")
    known = with_texts(assignments)
    changed = assignments.upsert(wanted(instructions_text="Other instructions."))
    assert changed == known.model_copy(update={"instructions_text": "Other instructions."})


def test_scale_is_immutable(tmp_path: Path) -> None:
    """Another scale is refused, and nothing is changed."""
    assignments = Assignments(tmp_path / "assignments.json")
    known = assignments.upsert(wanted())
    with pytest.raises(ImmutableFieldError, match="grade_scale"):
        assignments.upsert(wanted(grade_scale="eng5_np_legacy_9_step"))
    assert assignments.instructions(assignment_id="a") == known
