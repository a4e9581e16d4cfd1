"""What `eng5 serve` says to itself, on topics of eng5's own, where CJ service and judges are processes of their own.

A question, its verdict and what a crash left of both have one key, ``question_sha256:repetition``, and so meet on
one partition.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from eng5.contracts.wire.base import WireTime


class EssayRef(BaseModel, frozen=True):
    """An essay of a comparison, and where its text is stored."""

    essay_id: str
    text_storage_id: str


class ComparisonRequest(BaseModel, frozen=True):
    """A comparison that a judge is asked for. What all comparisons of a batch share is stored as a text of its own."""

    question_sha256: str
    repetition: int
    batch: str
    setting_storage_id: str
    essay_a: EssayRef
    essay_b: EssayRef
    fresh: bool = False
    """Whether other batches' verdicts do not count."""

    @property
    def key(self) -> str:
        """The key on the topics of requests and verdicts."""
        return f"{self.question_sha256}:{self.repetition}"


class BatchSetting(BaseModel, frozen=True):
    """What a judge needs to know about a batch: the fields of its setting, and the request's metadata."""

    setting: dict[str, Any]
    metadata: dict[str, Any]


class Asked(BaseModel, frozen=True):
    """Stands in a verdict's place while a judge is asked. One that is found after a crash may have been paid for."""

    asking: int
    """How many times the question has been asked, this time included."""


class Stopped(BaseModel, frozen=True):
    """Stands in a verdict's place when no judge can answer: the batch fails with this reason."""

    stopped: str
    """The error code."""
    batch: str
    message: str
    details: dict[str, Any] = {}


class LedgerUse(BaseModel, frozen=True):
    """How a batch got its verdicts: asked for by itself, reused from other batches, failed."""

    batch: str
    label: str | None = None
    provider: str
    model: str
    asked: int
    reused: int
    failed: int
    at: WireTime


Places = dict[str, dict[int, int]]
"""Topic → partition → offset."""
