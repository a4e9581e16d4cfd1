"""Judges: one file an implementation, found by provider and model through `registry`.

A new judge of eng5's own is a class that satisfies ``protocol.Judge``, a function ``make``, and a line among the entry
points of pyproject.toml; anybody else's is a package or a file (docs/how-to/your-own-judge.md).
"""

from eng5.judges.llm_service import LlmService
from eng5.judges.protocol import Judge, JudgeFacts, JudgeStoppedError, KnowsItsPairs, Outcome, Verdict
from eng5.judges.question import Question, Setting, ShownEssay
from eng5.judges.registry import JudgeCall, JudgeUnavailableError, judge_for

__all__ = [
    "DEFAULT_MODEL",
    "DEFAULT_PROVIDER",
    "Judge",
    "JudgeCall",
    "JudgeFacts",
    "JudgeStoppedError",
    "JudgeUnavailableError",
    "KnowsItsPairs",
    "LlmService",
    "Outcome",
    "Question",
    "Setting",
    "ShownEssay",
    "Verdict",
    "judge_for",
]

DEFAULT_PROVIDER = "mock"
DEFAULT_MODEL = "surface"
