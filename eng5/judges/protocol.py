"""What a judge is: something that answers a question about two essays."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from eng5.contracts.failures import NEXT, FailureCause, cause_of
from eng5.judges.question import Question


class Outcome(StrEnum):
    """How a comparison came out. A tie and an error are outcomes of their own, never a win."""

    A = "A"
    B = "B"
    TIE = "tie"
    ERROR = "error"


class JudgeStoppedError(Exception):
    """No further question can be answered: the batch fails with this code; what was answered is kept.

    A ``remedy`` among the details is what the user is told to do about it.
    """

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.details = details


@dataclass(frozen=True)
class Verdict:
    """A judge's answer. ``confidence`` runs from 1 to 5; errors have a code and a message instead.

    ``cost_usd`` is None when the price is not known. ``metadata`` goes into the callback's
    ``request_metadata``, ``extra`` into the details of an error; both are kept in the ledger. Of an error,
    ``extra`` may have the ``cause`` (`contracts.failures`), a ``remedy`` and the ``raw_text`` of the answer.
    """

    outcome: Outcome
    confidence: float | None = None
    justification: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = 0.0
    metadata: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def cause(self) -> FailureCause:
        """Of an error."""
        return cause_of(self.error_code, self.extra.get("cause"))

    @property
    def remedy(self) -> str:
        """What to do about an error: what its judge says, else what helps against its cause."""
        named = self.extra.get("remedy")
        return named if isinstance(named, str) else NEXT[self.cause]


@dataclass(frozen=True)
class JudgeFacts:
    """What a judge says of itself.

    needs: what of a question it looks at; a verdict is found in the ledger by that alone. "texts" are the essays,
    "ids" their ids, "prompt" is all that the judge is told beside the essays, with temperature and the like.
    usd_per_question: what a question costs in USD; None where that follows from its length. repeats_itself: whether
    the same question always gets the same answer; None where nobody can say.
    """

    needs: frozenset[str] = frozenset({"texts", "prompt"})
    usd_per_question: float | None = 0.0
    repeats_itself: bool | None = None

    @property
    def costs(self) -> bool:
        """Questions cost something, so one goes first to see whether they can be answered."""
        return self.usd_per_question != 0.0


@runtime_checkable
class Judge(Protocol):
    """A judge for one batch.

    ``version`` changes whenever the same question may be answered differently, so that verdicts of
    different versions never mix. ``concurrency`` is how many questions it takes at a time.
    """

    @property
    def facts(self) -> JudgeFacts: ...

    @property
    def version(self) -> str: ...

    @property
    def concurrency(self) -> int: ...

    def deciding_parameters(self, essay_a_id: str, essay_b_id: str) -> Mapping[str, Any]:
        """What decides the answer beside the question's text, as JSON values."""
        ...

    async def judge(self, question: Question) -> Verdict:
        """The answer; an exception other than JudgeStoppedError is recorded as an error outcome."""
        ...


@runtime_checkable
class KnowsItsPairs(Protocol):
    """A judge that can answer only some questions, and knows which."""

    def lacking(self, wanted: Collection[tuple[str, str, int]]) -> list[str]:
        """Those of the wanted (essay A, essay B, repetition) that it cannot answer, as text."""
        ...
