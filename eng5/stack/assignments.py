"""What the CJ service knows about assignments: instructions, prompts, rubrics, anchors. One JSON file."""

from pathlib import Path

from pydantic import BaseModel

from eng5.contracts.wire.base import utc_now
from eng5.contracts.wire.cj_admin_api import AnchorRecord, Instructions, InstructionsUpsert
from eng5.files import model_bytes, read_model, write_bytes


class ImmutableFieldError(Exception):
    """An upsert would change a field that stays as it was first set."""


class StoredInstructions(Instructions):
    """Instructions, and the rubric that no answer about them shows."""

    judge_rubric_storage_id: str | None = None


class _Tables(BaseModel):
    instructions: list[StoredInstructions] = []
    anchors: list[AnchorRecord] = []
    last_id: int = 0


class Assignments:
    """The tables, kept in memory and written whole after every change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tables = read_model(path, _Tables) if path.exists() else _Tables()

    def instructions(
        self, *, assignment_id: str | None = None, course_id: str | None = None
    ) -> StoredInstructions | None:
        """The instructions of an assignment or of a course."""
        for one in self._tables.instructions:
            if (one.assignment_id, one.course_id) == (assignment_id, course_id):
                return one
        return None

    def all_instructions(self, grade_scale: str | None = None) -> list[StoredInstructions]:
        """All instructions, newest first."""
        found = [one for one in self._tables.instructions if grade_scale in (None, one.grade_scale)]
        return sorted(found, key=lambda one: one.id, reverse=True)

    def upsert(self, wanted: InstructionsUpsert) -> StoredInstructions:
        """Create or change instructions; ImmutableFieldError for grade_scale and context_origin."""
        known = self.instructions(assignment_id=wanted.assignment_id, course_id=wanted.course_id)
        if known is None:
            return self._put(
                StoredInstructions(**wanted.model_dump(), id=self._next_id(), created_at=utc_now())
            )
        for field in ("grade_scale", "context_origin"):
            if getattr(known, field) != getattr(wanted, field):
                raise ImmutableFieldError(f"{field} cannot be changed from {getattr(known, field)!r}")
        prompt = wanted.student_prompt_storage_id or known.student_prompt_storage_id
        return self._put(
            known.model_copy(
                update={
                    "instructions_text": wanted.instructions_text,
                    "student_prompt_storage_id": prompt,
                }
            )
        )

    def note_text(self, known: StoredInstructions, place: str, storage_id: str) -> StoredInstructions:
        """Note where a text of an assignment is stored: its prompt or its rubric, by the field ``place``."""
        return self._put(known.model_copy(update={place: storage_id}))

    def delete(self, *, assignment_id: str | None = None, course_id: str | None = None) -> bool:
        """Forget instructions; False when there are none. Anchors stay."""
        known = self.instructions(assignment_id=assignment_id, course_id=course_id)
        if known is not None:
            self._tables.instructions.remove(known)
            self._save()
        return known is not None

    def anchors(self, assignment_id: str) -> list[AnchorRecord]:
        """The anchors of an assignment, in every scale, by id."""
        found = [one for one in self._tables.anchors if one.assignment_id == assignment_id]
        return sorted(found, key=lambda one: one.id)

    def register_anchor(
        self, assignment_id: str, label: str, grade: str, grade_scale: str, storage_id: str
    ) -> AnchorRecord:
        """Add an anchor, or replace the one with the same assignment, label and scale under its old id."""
        known = next(
            (
                one
                for one in self.anchors(assignment_id)
                if (one.anchor_label, one.grade_scale) == (label, grade_scale)
            ),
            None,
        )
        anchor = AnchorRecord(
            id=known.id if known else self._next_id(),
            assignment_id=assignment_id,
            anchor_label=label,
            grade=grade,
            grade_scale=grade_scale,
            text_storage_id=storage_id,
            created_at=known.created_at if known else utc_now(),
        )
        if known is not None:
            self._tables.anchors.remove(known)
        self._tables.anchors.append(anchor)
        self._save()
        return anchor

    def _put(self, instructions: StoredInstructions) -> StoredInstructions:
        others = [one for one in self._tables.instructions if one.id != instructions.id]
        self._tables.instructions = [*others, instructions]
        self._save()
        return instructions

    def _next_id(self) -> int:
        self._tables.last_id += 1
        return self._tables.last_id

    def _save(self) -> None:
        write_bytes(self._path, model_bytes(self._tables))
