"""`reports/card_RUN.json`: what is known of a judge and its prompt, on one page. What is not known says so."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from eng5.contracts.analysis import Notice, Status
from eng5.contracts.modes import RunnerMode
from eng5.contracts.own import Estimate, Interval, OwnFile, Sha256
from eng5.contracts.run import JudgeSettings


class CardFigure(Estimate):
    """A figure of the analysis. `value` is this run's, `interval` what is expected on these pairs."""

    name: str
    label: str
    kind: Literal["count", "ratio", "share"]
    other_essays: Interval | None = Field(
        default=None, description="expected of this judge on essays like these"
    )
    target: str | None = Field(default=None, description="what was wanted, and whether it is reached")
    note: str | None = None


class CardSection(OwnFile):
    """A question that is asked of every judge. Either there are figures, or `not_known` says why there are none."""

    topic: Literal["agreement", "human ceiling", "position", "length", "reliability", "confidence"]
    question: str
    answer: str | None = Field(description="in a sentence; None where it is not known")
    figures: list[CardFigure] = Field(default=[])
    not_known: str | None = Field(default=None, description="why, and what would tell")


class CardPrompt(OwnFile):
    """What the judge was told."""

    role: Literal["system prompt", "rubric"]
    path: str | None = Field(description="None: none was sent, and the service's own stood for it")
    sha256: Sha256 | None


class MeasuredOn(OwnFile):
    """The essays and comparisons behind the figures."""

    essays: int
    graded: int
    grades: dict[str, int] = Field(description="essays of each grade, the highest first")
    grade_scale: str
    language: str
    course_code: str
    pairs: int
    comparisons: int
    decided: int
    ties: int
    failed: int
    missing: int = Field(description="asked for and never answered")


class Digest(OwnFile):
    """A file that the card rests on."""

    path: str
    sha256: Sha256


class Card(OwnFile):
    """The whole of `card_RUN.json`. Every figure is one of `60_analysis.json`."""

    schema_version: Literal["1"] = "1"
    run: str
    mode: RunnerMode
    batch_uuid: UUID
    attempt: int
    measured_at: AwareDatetime = Field(description="when the run was made")
    version: str = Field(description="of eng5, that made the run")
    git_sha: str | None
    git_dirty: bool | None
    judge: str
    judge_note: str | None = Field(description="of a judge that is no language model")
    settings: JudgeSettings
    prompts: list[CardPrompt]
    verdict: str
    status: Status
    measured_on: MeasuredOn
    sections: list[CardSection]
    not_measured_on: list[str] = Field(description="on whom and on what the figures say nothing")
    notices: list[Notice]
    digests: list[Digest] = Field(
        description="the artefact, and the files that it was folded from: the log among them"
    )
