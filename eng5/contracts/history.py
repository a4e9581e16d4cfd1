"""`build/history.json`: every attempt of every run, what was changed for it and what came of it."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from eng5.contracts.analysis import Metric
from eng5.contracts.notes import Note
from eng5.contracts.own import OwnFile
from eng5.contracts.run_summary import JudgeSummary, PromptRef
from eng5.contracts.text_diff import TextDiff


class Attempt(OwnFile):
    """One attempt of a run. What its files do not say is None."""

    number: int = Field(description="1 the earliest of its variant")
    title: str = Field(description="its prompt and the moment, by which two attempts of one name differ")
    run: str
    batch: UUID
    present: bool = Field(description="the run is this attempt now; others are kept under attempts/")
    created_at: AwareDatetime
    replicate: int
    judge: JudgeSummary | None = Field(description="None before its verdicts are there")
    system_prompt: PromptRef | None
    rubric: PromptRef | None
    git_sha: str | None
    git_dirty: bool | None = Field(description="there were changes that were not committed")
    verdict: str | None
    metrics: list[Metric] = Field(description="none before it is measured")
    page: str | None = Field(description="its report, relative to reports/")
    prompts: list[TextDiff] = Field(description="against the attempt of this run before; none of the first")
    settings: str = Field(description="what else differs from the attempt before")
    note: Note | None

    @property
    def changed(self) -> bool:
        """Something is known to differ from the attempt before."""
        return bool(self.settings) or any(not one.same for one in self.prompts)


class Life(OwnFile):
    """The attempts of a variant, its replicates among them, or of a run of the command line."""

    name: str
    attempts: list[Attempt] = Field(description="earliest first")


class History(OwnFile):
    """The whole of `history.json`."""

    schema_version: Literal["1"] = "1"
    lives: list[Life] = Field(description="the one with the latest attempt first")
