"""What experts are asked about a model's run, and what became of the run's figures by their answers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from eng5.contracts.own import OwnFile

Doubt = Literal["inversion", "grade", "flip"]
"""Why a pair is doubtful: the lower grade won and may again; one of its anchors may be wrongly graded; whoever stood in
one place won in both orders."""


class DoubtfulPair(OwnFile):
    """Two essays of a run on which an answer of experts would change much; `about` is the anchor in doubt."""

    one_id: str
    other_id: str
    doubt: Doubt
    about: str | None = None


class DisputedPairs(OwnFile):
    """`dispute.json` of a run that disputes another: its pairs, each asked `times` times, in both orders in turn."""

    of: str = Field(description="name of the run in doubt")
    times: int = Field(ge=1)
    pairs: list[DoubtfulPair]


class DisputedRow(OwnFile):
    """A disputed pair and what was said of it; `one` has the higher grade, or comes first."""

    one_name: str
    other_name: str
    one_grade: str | None
    other_grade: str | None
    doubt: Doubt
    model: str | None = Field(description="name of the essay that won more of the model's comparisons")
    for_one: int = Field(description="experts' comparisons that `one` won")
    for_other: int
    ties: int
    experts: str | None = Field(description="name of the essay that won more of the experts' comparisons")
    comments: list[str] = Field(default=[], description="the experts' words, each with who it speaks for")


class Dispute(OwnFile):
    """The figures before and after, when the experts' answers stand in for the grades on the disputed pairs."""

    run: str = Field(description="name of the run in which the experts answered")
    judges: int
    comparisons: int
    rows: list[DisputedRow]
    with_model: int = Field(description="disputed pairs on which the experts say what the model says")
    against_model: int
    undecided: int = Field(description="disputed pairs on which one of the two has no majority")
    tau_before: float | None = Field(description="tau_b of the judge's scores with the grades")
    tau_after: float | None = Field(description="the same, with the experts' answers on the disputed pairs")
    inversions_before: int = Field(description="pairs in which the judge contradicts the grades")
    inversions_after: int
    regrade: list[str] = Field(description="anchors whose grade the experts contradict, with how often")
