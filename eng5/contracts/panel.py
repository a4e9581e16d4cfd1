"""A panel of people: how much each of them compares, and what its file in the stand-in's folder says."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints, field_validator

from eng5.contracts.own import OwnFile, Sha256
from eng5.contracts.run import MOST_COMPARISONS, PanelDesign

HUMAN = "human"
"""The provider of runs that people judge."""

Pseudonym = Annotated[str, StringConstraints(pattern=r"^\w[\w.-]{0,39}$")]
"""Letters, digits, '.', '_' and '-'."""


class Human(PanelDesign):
    """`[human]` of experiments.toml: the panel of every run that people judge, and who they are."""

    judges: list[Pseudonym] = Field(default=[], description="pseudonyms; never a name or an address")

    @field_validator("judges")
    @classmethod
    def _each_once(cls, judges: list[str]) -> list[str]:
        folded = [judge.casefold() for judge in judges]
        twice = [judge for judge, name in zip(judges, folded, strict=True) if folded.count(name) > 1]
        if twice:
            raise ValueError(f"'{twice[0]}' is named twice")
        return judges


class Shown(OwnFile):
    """A question that was put to a judge: `essay_a_id` on the left.

    Of questions with one `slot` the last stands: it is put again when its answer is taken back.
    """

    slot: int = Field(ge=0, le=MOST_COMPARISONS, description="place among the panel's comparisons")
    judge: str
    essay_a_id: str
    essay_b_id: str
    question_sha256: Sha256
    repetition: int = Field(ge=1, description="the how-manieth time this judge is asked this")
    kind: Literal["shared", "own", "listed"]
    id: str = Field(description="what the page knows the question by")


class PanelLine(OwnFile):
    """A line of the panel's file; each says one thing."""

    at: AwareDatetime
    quotas: dict[str, int] | None = Field(
        default=None, description="comparisons that each judge of the panel is to make; the last line counts"
    )
    links: dict[str, Sha256] | None = Field(
        default=None, description="judge to the hash of the token in the personal link; the last line counts"
    )
    closed: bool | None = Field(default=None, description="no more answers are awaited")
    port: int | None = Field(default=None, description="on which the page was served last")
    shown: Shown | None = None
