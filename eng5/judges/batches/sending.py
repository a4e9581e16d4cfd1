"""Which questions are on their way, and sending those that are not, each exactly once.

A batch's questions are on the disk before it is created, and its id right after it. So whenever a process ends, the
next one knows of every question whether it is on its way, and finds what it does not know in the provider's list.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from eng5.contracts.provider_batch import SentBatch, custom_id, question_part
from eng5.contracts.wire.base import utc_now
from eng5.judges.batches.api import (
    BatchApi,
    BatchCallFailedError,
    BatchCallRefusedError,
    Look,
    NotThereError,
    TooManyCallsError,
    api_of,
    no_batch_api,
)
from eng5.judges.batches.finding import find_intended, find_of_run
from eng5.judges.batches.follow import FIRST_WAIT, Follower
from eng5.judges.batches.post import Post, UnwritableError
from eng5.judges.batches.sent import SentBatches
from eng5.judges.ledger import BATCH_OF_ANSWER, FileLedger, Key
from eng5.judges.llm import LONGEST_WAIT
from eng5.judges.llm_service import LlmService
from eng5.judges.protocol import JudgeStoppedError, Verdict
from eng5.judges.question import Question, Setting

log = logging.getLogger(__name__)

LEFT_UNANSWERED = "provider_batches_unanswered"
"""Metadata of a failure: the batches in which its question was not run."""

Left = dict[str, tuple[Key, Question]]
"""Questions without an answer, by the part of their custom ids that names them."""


@dataclass
class BatchDesk:
    """What the runs of a process share: what was sent, and one connection a provider.

    ``waiting`` has a sentence for each run whose questions go by batch, and for each batch that is waited for. One run
    at a time looks what is not on its way and sends it, in the batches that are ``creating``, by our own ids.
    """

    llm: LlmService
    sent: SentBatches
    ledger: FileLedger
    waiting: dict[str, str] = field(default_factory=dict)
    sending: asyncio.Lock = field(default_factory=asyncio.Lock)
    creating: set[str] = field(default_factory=set)
    _apis: dict[str, BatchApi] = field(default_factory=dict)

    def follower(self, provider: str) -> Follower:
        """Asks the provider; JudgeStoppedError without a key, or where it has no batch API."""
        if provider not in self._apis:
            self._apis[provider] = api_of(provider, self.llm.config.of(provider))
        return Follower(self._apis[provider], provider, self.llm.clock, self.waiting)

    async def close(self) -> None:
        """Close the connections."""
        for api in self._apis.values():
            await api.close()


@dataclass(frozen=True)
class Asker:
    """Who asks: the id and name of the run, and whether verdicts and batches of other runs do not count."""

    run: str
    label: str
    fresh: bool = False


class Sender:
    """The batches of one run. ``left`` is shared with who waits for the answers."""

    def __init__(self, desk: BatchDesk, setting: Setting, asker: Asker, post: Post, left: Left) -> None:
        self._desk, self._setting, self._asker, self._post, self._left = desk, setting, asker, post, left
        self._base_url = desk.llm.config.of(setting.provider).base_url
        self._follower = desk.follower(setting.provider)
        self._api = self._follower.api
        self.created: set[str] = set()
        """Batches that this process created, by our own id."""

    async def on_their_way(self, read: Collection[str]) -> list[SentBatch]:
        """Batches that have questions of ours and are not among those that were ``read``, found at the provider too."""
        batches = []
        for one in self.known(read):
            if one.ident not in self._desk.creating:
                found = one if one.provider_id else await self._mend(one)
                batches += [found] if found else []
        return batches if read else batches + await self._of_another_machine()

    def known(self, read: Collection[str]) -> list[SentBatch]:
        """Those of which something is kept."""
        return [
            one
            for one in self._desk.sent.all()
            if self._may_count(one) and one.ident not in read and self.covered(one)
        ]

    def covered(self, batch: SentBatch) -> set[str]:
        """The questions of ours whose answers the batch has or will have, and which were not taken from it before."""
        if batch.questions is None:
            return set(self._left)
        parts = self._left.keys() & {question_part(one) for one in batch.questions}
        return {part for part in parts if not self._was_read(part, batch)}

    async def send(self, parts: Iterable[str], unwritable: dict[str, Verdict]) -> AsyncIterator[SentBatch]:
        """Create batches of questions, or find that another machine sent them while they were written down.

        ``unwritable`` gets the failures of questions of which the client library makes no request.
        """
        async for lines, betas in self._written(parts, unwritable):
            if self._api.stores_ident and (found := await self._of_another_machine()):
                for one in found:
                    yield one
                return
            yield await self._create(self._intend(lines), lines, betas)

    async def _written(
        self, parts: Iterable[str], unwritable: dict[str, Verdict]
    ) -> AsyncIterator[tuple[dict[str, bytes], set[str]]]:
        """The questions as requests, as many at a time as the provider takes in a batch, and their betas."""
        lines: dict[str, bytes] = {}
        betas: set[str] = set()
        size = 0
        for part in list(parts):
            key, question = self._left[part]
            name = custom_id(self._asker.run, *key)
            try:
                letter = await self._post.write(question)
            except UnwritableError as error:
                unwritable[part] = error.verdict
                continue
            line = self._api.line(name, letter.request)
            if lines and (len(lines) >= self._api.most_requests or size + len(line) > self._api.most_bytes):
                yield lines, betas
                lines, betas, size = {}, set(), 0
            lines[name] = line
            betas |= letter.betas
            size += len(line) + 1
            if len(lines) % 100 == 0:
                self._desk.waiting[self._asker.run] = (
                    f"{len(lines)} of {len(self._left)} questions written down"
                )
                await asyncio.sleep(0)
        if lines:
            yield lines, betas

    def _may_count(self, batch: SentBatch) -> bool:
        same = (batch.provider, batch.model, batch.base_url) == (
            self._setting.provider,
            self._setting.model,
            self._base_url,
        )
        return same and (batch.run == self._asker.run or not self._asker.fresh)

    def _was_read(self, part: str, batch: SentBatch) -> bool:
        key, _ = self._left[part]
        return any(
            batch.provider_id in (found.get(BATCH_OF_ANSWER), *found.get(LEFT_UNANSWERED, ()))
            for found in (entry.verdict.metadata for entry in self._desk.ledger.entries(key))
        )

    def _intend(self, lines: Mapping[str, bytes]) -> SentBatch:
        return SentBatch(
            ident=str(uuid.uuid4()),
            run=self._asker.run,
            label=self._asker.label,
            provider=self._setting.provider,
            model=self._setting.model,
            base_url=self._base_url,
            intended_at=utc_now(),
            questions=list(lines),
            total=len(lines),
        )

    async def _create(
        self, intended: SentBatch, lines: Mapping[str, bytes], betas: Collection[str]
    ) -> SentBatch:
        """Keep what is about to be sent, send it with one attempt, keep the id."""
        sent = self._desk.sent
        self._desk.creating.add(intended.ident)
        sent.save(intended)
        try:
            look = await self._created(intended, list(lines.values()), betas)
        except NotThereError as refusal:
            sent.forget(intended)
            raise no_batch_api(refusal) from None
        except BatchCallRefusedError:
            sent.forget(intended)
            raise
        except BatchCallFailedError as failure:
            log.warning("%s; looking whether the batch was created", failure)
            found = await self._find(intended)
            if found is None:
                raise JudgeStoppedError(
                    "LLM_PROVIDER_UNAVAILABLE",
                    f"{failure}; the batch is not in the provider's list: run the same command again, which looks "
                    "there once more before it sends anything",
                ) from None
            look = found
        finally:
            self._desk.creating.discard(intended.ident)
        self.created.add(intended.ident)
        log.info("%s: sent %d questions to %s", look.provider_id, len(lines), self._setting.provider)
        return sent.save(as_seen(intended, look))

    async def _created(self, intended: SentBatch, lines: Sequence[bytes], betas: Collection[str]) -> Look:
        """The batch; asked for again where the provider wants fewer calls, which is no attempt."""
        llm, pause = self._desk.llm, FIRST_WAIT
        left = llm.config.of(self._setting.provider).attempts
        while True:
            try:
                return await self._api.create(intended.ident, intended.run, self._setting.model, lines, betas)
            except TooManyCallsError as failure:
                left, pause = left - 1, max(pause, failure.retry_after or 0.0)
                if not left or pause > LONGEST_WAIT:
                    raise BatchCallRefusedError(
                        "LLM_PROVIDER_RATE_LIMIT", str(failure), remedy="run the same command again later"
                    ) from None
                log.warning("%s; sent again in %.0f s", failure, pause)
                self._desk.waiting[self._asker.run] = f"{failure}; sent again in {pause:.0f} s"
                await llm.clock.sleep(pause)
                pause *= 2

    async def _mend(self, intended: SentBatch) -> SentBatch | None:
        """The batch that was about to be created when its process ended; None, and forgotten, when it was not."""
        found = await self._find(intended)
        if found is None:
            log.warning(
                "a batch of %d questions was about to be sent to %s when its process ended, and is not in the "
                "provider's list: they are sent now",
                intended.total,
                self._setting.provider,
            )
            self._desk.sent.forget(intended)
            return None
        log.warning("%s was sent before its id could be kept; it is taken up", found.provider_id)
        return self._desk.sent.save(as_seen(intended, found))

    async def _find(self, intended: SentBatch) -> Look | None:
        with _looking():
            return await find_intended(self._follower, intended, self._is_kept)

    def _is_kept(self, provider_id: str) -> bool:
        """Such a batch need not be looked for: it is known whose it is."""
        return any(one.provider_id == provider_id for one in self._desk.sent.all())

    async def _of_another_machine(self) -> list[SentBatch]:
        """Batches of this run, where none of them is kept here."""
        if any(one.run == self._asker.run for one in self._desk.sent.all()):
            return []
        count, most = len(self._left), self._api.most_requests
        with _looking():
            sizes = {min(count, most), count % most}
            looks = await find_of_run(self._follower, self._asker.run, sizes, self._is_kept)
        found = []
        for look in looks:
            log.warning("%s is of this run, sent from elsewhere; it is taken up", look.provider_id)
            ident = look.ident or str(uuid.uuid5(uuid.NAMESPACE_URL, look.provider_id))
            update = {"ident": ident, "questions": None, "intended_at": look.created_at}
            unknown = self._intend({}).model_copy(update=update)
            found.append(self._desk.sent.save(as_seen(unknown, look)))
        return found


def as_seen(batch: SentBatch, look: Look) -> SentBatch:
    """The batch as the provider shows it."""
    update = {name: getattr(look, name) for name in ("provider_id", "state", "word", "done", "failed")}
    ended_at = batch.ended_at or (utc_now() if look.state == "ended" else None)
    return batch.model_copy(update={**update, "total": look.total or batch.total, "ended_at": ended_at})


@contextmanager
def _looking() -> Iterator[None]:
    """Where the provider cannot be asked for its list, nothing is sent."""
    try:
        yield
    except NotThereError as refusal:
        raise no_batch_api(refusal) from None
    except BatchCallFailedError as failure:
        raise JudgeStoppedError(
            "LLM_PROVIDER_UNAVAILABLE",
            f"{failure}; so it is not known whether these questions were sent before, and nothing is sent: "
            "run the same command again",
        ) from None
