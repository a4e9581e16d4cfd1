"""Asking one judge one question: whatever the judge does, it becomes an entry of the ledger."""

import logging

from eng5.contracts.wire.base import utc_now
from eng5.judges.ledger import Entry
from eng5.judges.protocol import Judge, JudgeStoppedError, Outcome, Verdict
from eng5.judges.question import Question

log = logging.getLogger(__name__)


def question_sha256(judge: Judge, question: Question) -> str:
    """The hash that names the question when it is put to this judge."""
    parameters = judge.deciding_parameters(question.essay_a.essay_id, question.essay_b.essay_id)
    return question.sha256(judge.version, parameters)


async def ask(judge: Judge, question: Question, sha256: str, batch: str) -> Entry:
    """The judge's answer, an error outcome when it fails; JudgeStoppedError when none can be had any more."""
    requested_at = utc_now()
    try:
        verdict = await judge.judge(question)
    except JudgeStoppedError:
        raise
    except Exception as error:
        log.warning("the judge failed: %s", error, exc_info=True)
        verdict = Verdict(Outcome.ERROR, error_code="LLM_INTERNAL_ERROR", error_message=str(error))
    return Entry.of(question, sha256, batch, verdict, requested_at)
