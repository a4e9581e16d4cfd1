"""The judge without a model: length, vocabulary, sentences and errors, measured on the surface.

It is a baseline that any LLM judge must beat, not an assessment. The same two texts always get the
same winner, whichever is shown first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from eng5.judges.features import Features, measure
from eng5.judges.protocol import JudgeFacts, Outcome, Verdict
from eng5.judges.question import Question
from eng5.judges.registry import JudgeCall

WEIGHTS: Mapping[str, float] = {
    "length": 1.0,
    "vocabulary": 1.0,
    "word_length": 0.6,
    "sentences": 0.5,
    "linking": 0.4,
    "errors": -1.6,
}
"""Points for one unit of each feature, set by hand; units are in ``Features``."""

REASONS: Mapping[str, str] = {
    "length": "it is developed at greater length",
    "vocabulary": "its vocabulary is more varied",
    "word_length": "its words are longer and less basic",
    "sentences": "its sentences are longer and more varied",
    "linking": "its ideas are linked more often",
    "errors": "it has fewer errors of form",
}

MARGIN_SCALE = 1.2
"""The margin in points at which confidence has come 63 % of the way from 1 to 5."""


class SurfaceJudge:
    """Scores both texts by ``WEIGHTS`` and prefers the higher score; equal scores are a tie."""

    version = "surface-1"
    concurrency = 64
    facts = JudgeFacts(needs=frozenset({"texts"}), repeats_itself=True)

    def deciding_parameters(self, essay_a_id: str, essay_b_id: str) -> Mapping[str, Any]:
        """Nothing beside the texts and the version."""
        return {}

    async def judge(self, question: Question) -> Verdict:
        """Winner, margin as confidence, and the feature that weighed most for the winner."""
        a, b = _measured(question.essay_a.text), _measured(question.essay_b.text)
        gains = {name: weight * (getattr(a, name) - getattr(b, name)) for name, weight in WEIGHTS.items()}
        margin = math.fsum(gains.values())
        if margin == 0:
            return Verdict(Outcome.TIE, confidence=1.0, justification="No surface feature tells them apart.")
        winner = Outcome.A if margin > 0 else Outcome.B
        decisive = max(gains, key=lambda name: gains[name] if margin > 0 else -gains[name])
        return Verdict(
            winner,
            confidence=round(1 + 4 * (1 - math.exp(-abs(margin) / MARGIN_SCALE)), 1),
            justification=f"Essay {winner} is preferred because {REASONS[decisive]}.",
        )


@lru_cache(maxsize=4096)
def _measured(text: str) -> Features:
    return measure(text)


def make(call: JudgeCall) -> SurfaceJudge:
    """The judge of any batch."""
    return SurfaceJudge()
