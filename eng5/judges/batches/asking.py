"""Asking a whole run by batches: what is on its way is waited for, and only the rest is sent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from eng5.contracts.provider_batch import SentBatch, custom_id, question_part, run_tag
from eng5.contracts.wire.base import utc_now
from eng5.judges.batches.api import ItemResult, Look, NotThereError
from eng5.judges.batches.post import Post
from eng5.judges.batches.sending import LEFT_UNANSWERED, Asker, BatchDesk, Left, Sender, as_seen
from eng5.judges.expected import expected_tokens
from eng5.judges.ledger import BATCH_OF_ANSWER, Entry
from eng5.judges.prices import cost_usd
from eng5.judges.protocol import JudgeStoppedError, Outcome, Verdict
from eng5.judges.question import Question, Setting

log = logging.getLogger(__name__)

MOST_ROUNDS = 3
"""Batches in which a question may be left unanswered before that is recorded as a failure."""


@dataclass(frozen=True)
class _Answer:
    """What came for a question, and with which batch: its result, or a failure that needs none."""

    batch: SentBatch | None
    came: ItemResult | Verdict


class AskByBatch:
    """One run's questions. `expect` comes first and names them all; `ask` then waits for one."""

    at_a_time = 1_000_000

    def __init__(self, desk: BatchDesk, setting: Setting, asker: Asker) -> None:
        self._desk, self._setting, self._asker = desk, setting, asker
        self._left: Left = {}
        self._answers: dict[str, asyncio.Future[_Answer]] = {}
        self._post = Post(setting, desk.llm.config)
        self._sender = Sender(desk, setting, asker, self._post, self._left)
        self._follower = desk.follower(setting.provider)
        self._delivering: asyncio.Task[None] | None = None
        self._stopped: JudgeStoppedError | None = None

    async def expect(self, questions: Sequence[tuple[str, Question]], max_cost_usd: float | None) -> None:
        """See that all questions, given with their hashes, are on their way, unless the ledger has their answers.

        Raises JudgeStoppedError, before anything is sent, when all verdicts together are expected to cost more than
        ``max_cost_usd``: a batch cannot be stopped at a price.
        """
        if self._delivering is not None:
            await self._delivering
        loop = asyncio.get_running_loop()
        kept = 0.0
        for sha256, question in questions:
            key = sha256, question.repetition
            entry = self._desk.ledger.find(key, self._asker.run, fresh=self._asker.fresh)
            if entry is not None:
                kept += entry.verdict.cost_usd or 0.0
            else:
                part = question_part(custom_id(self._asker.run, *key))
                self._left[part] = key, question
                self._answers[part] = loop.create_future()
        if max_cost_usd is not None:
            self._check_cost(kept, max_cost_usd)
        if self._left:
            self._desk.waiting[self._asker.run] = (
                f"{len(self._left)} questions on their way to {self._setting.provider}"
            )
            self._delivering = asyncio.create_task(self._deliver())

    def _check_cost(self, kept: float, limit: float) -> None:
        provider, model = self._setting.provider, self._setting.model
        known = self._desk.ledger.of_model(provider, model)
        usage, _ = expected_tokens([question for _, question in self._left.values()], known)
        cost = cost_usd(provider, model, usage, self._desk.llm.config.of(provider), batch=True) or 0.0
        if kept + cost > limit:
            raise JudgeStoppedError(
                "LLM_COST_LIMIT_EXCEEDED",
                f"{len(self._left)} questions by batch are expected to cost {cost:.4f} USD after {kept:.4f} USD "
                f"for verdicts that are kept, more than max_cost_usd ({limit} USD); nothing is sent: "
                "raise it and run again",
                spent_usd=round(kept, 9),
                max_cost_usd=limit,
            )

    async def ask(self, question: Question, sha256: str) -> Entry:
        """The answer, once its batch has ended; JudgeStoppedError when none can be had any more."""
        part = question_part(custom_id(self._asker.run, sha256, question.repetition))
        answer = await asyncio.shield(self._answers[part])
        batch = answer.batch
        if isinstance(answer.came, Verdict):
            verdict = answer.came
        else:
            verdict = await self._post.read(question, answer.came, batch.provider_id if batch else None)
        requested_at = batch.intended_at if batch else utc_now()
        return Entry.of(question, sha256, self._asker.run, verdict, requested_at)

    async def close(self) -> None:
        """Stop waiting; the batches go on."""
        if self._delivering is not None:
            self._delivering.cancel()
            await asyncio.gather(self._delivering, return_exceptions=True)
        await self._post.close()

    async def _deliver(self) -> None:
        """Wait for batches and send what is in none, until every question has its answer."""
        read: dict[str, SentBatch] = {}
        try:
            while self._left:
                batches = await self._sender.on_their_way(read)
                if all(one.questions is not None for one in batches):
                    async with self._desk.sending:
                        batches = self._sender.known(read)
                        if any(one.provider_id is None for one in batches):
                            continue  # another run was about to send it meanwhile: it has to be looked for
                        batches += await self._send_the_rest(batches, read)
                for one in await asyncio.gather(*map(self._read, batches), return_exceptions=True):
                    if isinstance(one, BaseException):
                        raise one
                    read[one.ident] = one
                if self._stopped is not None:
                    raise self._stopped
        except Exception as error:  # noqa: BLE001 - every question that waits has to learn of it
            for part in tuple(self._left):
                self._fail(part, error)
        finally:
            self._desk.waiting.pop(self._asker.run, None)

    async def _send_the_rest(
        self, batches: Sequence[SentBatch], read: dict[str, SentBatch]
    ) -> list[SentBatch]:
        covered = set().union(*map(self._sender.covered, batches))
        rest = []
        for part in self._left.keys() - covered:
            tried = [one.provider_id for one in read.values() if part in self._sender.covered(one)]
            if len(tried) < MOST_ROUNDS:
                rest.append(part)
            else:
                verdict = Verdict(
                    Outcome.ERROR,
                    error_code="LLM_PROVIDER_TIMEOUT",
                    error_message=f"{len(tried)} batches ended before its turn: {', '.join(map(str, tried))}",
                    metadata={BATCH_OF_ANSWER: tried[-1], LEFT_UNANSWERED: tried},
                    extra={"cause": "time-out"},
                )
                self._answer(part, _Answer(None, verdict))
        unwritable: dict[str, Verdict] = {}
        sent = [one async for one in self._sender.send(sorted(rest), unwritable)]
        for part, verdict in unwritable.items():
            self._answer(part, _Answer(None, verdict))
        return sent

    async def _read(self, batch: SentBatch) -> SentBatch:
        """Wait for the batch's end and hand out its results. What it was not asked in time stays left."""
        try:
            look, waited = await self._follower.until_ended(str(batch.provider_id))
        except NotThereError as refusal:
            raise self._not_there(batch, refusal) from None
        ended = self._desk.sent.save(as_seen(batch, look))
        if waited or batch.ident in self._sender.created:
            self._stopped = self._stopped or self._why_not_again(ended, look)
        names = set(ended.questions or ())
        tag = run_tag(self._asker.run)
        came: list[str] = []
        run = not look.cut_short and not look.problem
        try:
            async for result in self._follower.results(
                look, lambda one: one in names if ended.questions is not None else one.startswith(tag)
            ):
                came.append(result.custom_id)
                part = question_part(result.custom_id)
                if result.unrun is None and part in self._left:
                    self._answer(part, _Answer(ended, result))
        except NotThereError as refusal:
            if utc_now() - look.created_at < self._follower.api.results_kept:
                raise self._not_there(batch, refusal) from None
            log.warning(
                "%s has no results any more; its questions are asked again: %s", batch.provider_id, refusal
            )
            run = False
        if ended.questions is None:
            return self._desk.sent.save(ended.model_copy(update={"questions": came}))
        for part in self._sender.covered(ended) - set(map(question_part, came)) if run else ():
            self._answer(part, _Answer(ended, _no_result(ended)))
        return ended

    def _not_there(self, batch: SentBatch, refusal: NotThereError) -> JudgeStoppedError:
        """Nothing is sent again of what was paid for and should still be there."""
        return JudgeStoppedError(
            refusal.code,
            f"{refusal} (batch {batch.provider_id})",
            remedy="run the same command again later, or with the key of the account that sent it; to have its "
            f"questions sent and paid again, delete {self._desk.sent.place(batch)}",
        )

    def _why_not_again(self, batch: SentBatch, look: Look) -> JudgeStoppedError | None:
        """A batch that the user cancelled, or that the provider refused as a whole, is not sent again by itself."""
        if look.problem:
            return JudgeStoppedError(
                "LLM_PROVIDER_API_ERROR",
                f"{batch.provider} refused the batch {batch.provider_id}: {look.problem}",
            )
        if self._desk.sent.cancel_was_asked(batch):
            return JudgeStoppedError(
                "PROCESSING_ERROR",
                f"the batch {batch.provider_id} was cancelled; its answers are kept: the same command asks the rest",
            )
        return None

    def _answer(self, part: str, answer: _Answer) -> None:
        del self._left[part]
        self._answers[part].set_result(answer)

    def _fail(self, part: str, error: Exception) -> None:
        del self._left[part]
        self._answers[part].set_exception(error)
        self._answers[part].exception()  # it is raised where the answer is waited for, if it is


def _no_result(batch: SentBatch) -> Verdict:
    return Verdict(
        Outcome.ERROR,
        error_code="LLM_INVALID_RESPONSE",
        error_message=f"the batch {batch.provider_id} ended without a result for it that can be read",
        cost_usd=None,
        metadata={BATCH_OF_ANSWER: batch.provider_id},
        extra={"cause": "server error"},
    )
