"""The judge that draws its verdicts from given abilities: truth known, for power and for tests."""

import asyncio
import hashlib
import math
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eng5.judges.protocol import JudgeFacts, Outcome, Verdict
from eng5.judges.question import Question
from eng5.judges.registry import JudgeCall, JudgeUnavailableError


class SimulatedParameters(BaseModel):
    """What ``envelope.metadata["simulated"]`` may say.

    abilities: essay id → ability in logits. position_bias: logits added to the essay shown as A.
    tie_rate, error_rate: shares of questions, from 0 to 1. delay_ms: time that an answer takes. outage:
    (from, until), the judge is away while it has been asked so many questions.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    seed: int = 0
    abilities: dict[str, float] = Field(default_factory=dict)
    position_bias: float = 0.0
    tie_rate: float = Field(default=0.0, ge=0.0, le=1.0)
    error_rate: float = Field(default=0.0, ge=0.0, le=1.0)
    delay_ms: float = Field(default=0.0, ge=0.0)
    outage: tuple[int, int] = (0, 0)


DECIDING = {"seed", "position_bias", "tie_rate", "error_rate"}


class SimulatedJudge:
    """P(A wins) is the logistic function of ability A - ability B + position bias.

    A verdict follows from seed, both ids in order and repetition, so it does not depend on when or in
    which order questions are asked. An essay without a given ability has 0.
    """

    version = "simulated-1"
    concurrency = 16
    facts = JudgeFacts(needs=frozenset({"ids"}), repeats_itself=False)

    def __init__(self, parameters: SimulatedParameters) -> None:
        self._parameters = parameters
        self._asked = 0
        if parameters.delay_ms == 0:
            self.concurrency = 64

    def deciding_parameters(self, essay_a_id: str, essay_b_id: str) -> Mapping[str, Any]:
        """Seed, rates, and the two essays by id and ability; delay and outage decide no verdict."""
        a, b = ([name, self._ability(name)] for name in (essay_a_id, essay_b_id))
        return {"a": a, "b": b, **self._parameters.model_dump(include=DECIDING)}

    async def judge(self, question: Question) -> Verdict:
        """A draw; its confidence grows with the distance of the probability from one half."""
        given = self._parameters
        before, self._asked = self._asked, self._asked + 1
        if given.delay_ms:
            await asyncio.sleep(given.delay_ms / 1000)
        if given.outage[0] <= before < given.outage[1]:
            return Verdict(
                Outcome.ERROR, error_code="LLM_PROVIDER_UNAVAILABLE", error_message="simulated outage"
            )
        a, b = question.essay_a.essay_id, question.essay_b.essay_id
        draws = _uniform_draws(given.seed, a, b, question.repetition)
        if next(draws) < given.error_rate:
            return Verdict(
                Outcome.ERROR, error_code="LLM_PROVIDER_API_ERROR", error_message="simulated error"
            )
        logit = self._ability(a) - self._ability(b) + given.position_bias
        probability = 1 / (1 + math.exp(-max(-700.0, min(700.0, logit))))
        confidence = round(1 + 8 * abs(probability - 0.5), 1)
        if next(draws) < given.tie_rate:
            return Verdict(Outcome.TIE, confidence=confidence, justification="Simulated tie.")
        winner = Outcome.A if next(draws) < probability else Outcome.B
        return Verdict(
            winner, confidence=confidence, justification=f"Simulated: Essay {winner} drew the better lot."
        )

    def _ability(self, essay_id: str) -> float:
        return self._parameters.abilities.get(essay_id, 0.0)


def _uniform_draws(seed: int, essay_a_id: str, essay_b_id: str, repetition: int) -> Iterator[float]:
    """Four numbers in [0, 1) from a hash of what identifies the question."""
    digest = hashlib.sha256(repr((seed, essay_a_id, essay_b_id, repetition)).encode()).digest()
    for start in range(0, 32, 8):
        yield (int.from_bytes(digest[start : start + 8]) >> 11) / 2**53


def make(call: JudgeCall) -> SimulatedJudge:
    """The judge with the request's parameters; JudgeUnavailableError where they are not valid."""
    try:
        return SimulatedJudge(SimulatedParameters.model_validate(call.metadata.get("simulated") or {}))
    except ValidationError as error:
        raise JudgeUnavailableError(f"metadata.simulated: {error}") from None
