"""The batches that were sent, as their providers show them now, with what the ledger has of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from eng5.contracts.llm_config import LlmConfig
from eng5.contracts.provider_batch import SentBatch
from eng5.judges.batches.api import BatchApi, BatchCallFailedError, Look, api_of
from eng5.judges.batches.sent import SentBatches
from eng5.judges.group_commit import GroupCommitLog
from eng5.judges.ledger import BATCH_OF_ANSWER, LEDGER_FILE, Entry
from eng5.judges.protocol import JudgeStoppedError, Outcome


@dataclass
class Collected:
    """What the ledger has of a batch. ``cost_usd`` is None where a price is not known."""

    verdicts: int = 0
    failed: int = 0
    cost_usd: float | None = 0.0


@dataclass(frozen=True)
class BatchNow:
    """A batch; without a look it is shown as it was last seen, because of ``problem`` or because it has ended."""

    batch: SentBatch
    collected: Collected
    look: Look | None = None
    problem: str | None = None


def collected(state: Path) -> Mapping[str, Collected]:
    """By the provider's id of the batch; DamagedFileError as the ledger."""
    found: defaultdict[str, Collected] = defaultdict(Collected)
    for entry in GroupCommitLog(state / LEDGER_FILE).read(Entry.from_json):
        if provider_id := entry.verdict.metadata.get(BATCH_OF_ANSWER):
            one, cost = found[provider_id], entry.verdict.cost_usd
            one.verdicts += 1
            one.failed += entry.verdict.outcome is Outcome.ERROR
            one.cost_usd = None if one.cost_usd is None or cost is None else one.cost_usd + cost
    return found


async def batches_now(state: Path, llm: LlmConfig) -> list[BatchNow]:
    """All batches, oldest first; those that have not ended are looked up."""
    apis: dict[str, BatchApi] = {}
    known = collected(state)
    try:
        return [
            await _now(one, known.get(one.provider_id or "", Collected()), llm, apis)
            for one in SentBatches(state).all()
        ]
    finally:
        for api in apis.values():
            await api.close()


async def _now(batch: SentBatch, has: Collected, llm: LlmConfig, apis: dict[str, BatchApi]) -> BatchNow:
    if batch.provider_id is None or batch.state == "ended":
        return BatchNow(batch, has)
    try:
        if batch.provider not in apis:
            apis[batch.provider] = api_of(batch.provider, llm.of(batch.provider))
        return BatchNow(batch, has, await apis[batch.provider].look(batch.provider_id))
    except (JudgeStoppedError, BatchCallFailedError) as problem:
        return BatchNow(batch, has, problem=str(problem))
