"""Which requests are asked through a provider's batch API, and how the stand-in does it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from eng5.contracts.provider_batch import BATCH_PROVIDERS, BY_BATCH, no_batch_api
from eng5.judges import JudgeUnavailableError, LlmService
from eng5.judges.ledger import FileLedger
from eng5.judges.question import Setting
from eng5.stack.cj_core.batch import BatchRequest

if TYPE_CHECKING:
    from eng5.judges.batches.asking import AskByBatch
    from eng5.judges.batches.sending import BatchDesk


def goes_by_batch(request: BatchRequest, setting: Setting) -> bool:
    """Whether the request asks for a batch of a model; other judges answer at once, whatever it asks for.

    Raises JudgeUnavailableError where the model's provider has no batch API.
    """
    if request.metadata.get("llm_batching_mode_hint") != BY_BATCH:
        return False
    if problem := no_batch_api(setting.provider):
        raise JudgeUnavailableError(problem)
    return setting.provider in BATCH_PROVIDERS


class Batching:
    """The batches of one stand-in."""

    def __init__(self, llm: LlmService, state: Path, ledger: FileLedger) -> None:
        self._llm, self._state, self._ledger = llm, state, ledger
        self._desk: BatchDesk | None = None
        self._waiting: dict[str, str] = {}

    def waiting_for(self) -> str | None:
        """What is waited for, in words: the batches, or the runs that have none yet. For any thread."""
        waiting = self._waiting.copy()
        batches = [words for name, words in waiting.items() if words.startswith(name)]
        return "; ".join(sorted(batches or waiting.values())) or None

    def asking(self, request: BatchRequest, setting: Setting) -> AskByBatch:
        """How the request's questions get to their judge."""
        from eng5.judges.batches.asking import AskByBatch
        from eng5.judges.batches.sending import Asker, BatchDesk
        from eng5.judges.batches.sent import SentBatches

        if self._desk is None:
            self._desk = BatchDesk(self._llm, SentBatches(self._state), self._ledger, self._waiting)
        label = str(request.metadata.get("batch_label") or request.batch_id)
        return AskByBatch(self._desk, setting, Asker(request.batch_id, label, request.wants_fresh_verdicts))

    async def close(self) -> None:
        """Close the connections; the batches go on at their providers."""
        if self._desk is not None:
            await self._desk.close()
