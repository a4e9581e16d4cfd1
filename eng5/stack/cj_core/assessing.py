"""One batch, from what it is about to the events that say that it is complete."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eng5.contracts.grade_scales import scale_of
from eng5.contracts.wire.base import utc_now
from eng5.judges import Judge, LlmService, Outcome, judge_for
from eng5.judges.human import HumanJudge, PanelRecord
from eng5.judges.ledger import Ledger
from eng5.judges.question import Setting, ShownEssay
from eng5.stack import cj_scores
from eng5.stack.assignments import Assignments
from eng5.stack.broker import Cluster, UndeliveredError
from eng5.stack.cj_core.batch import (
    BatchContent,
    BatchRefusedError,
    BatchRequest,
    Records,
    TakenUp,
)
from eng5.stack.cj_core.batch_comparisons import plan
from eng5.stack.cj_core.comparing import compare, refuse_lacking, use_of_ledger
from eng5.stack.cj_core.final_events import Assessment, Outgoing, success_events
from eng5.stack.cj_core.hydration import TextSource, hydrate, read_essays, setting_of
from eng5.stack.cj_core.judging import Asking, AskingAtOnce, Judged, Judging
from eng5.stack.cj_core.projection import project
from eng5.stack.deliveries import Deliveries, Outlet
from eng5.stack.faults import BatchFaults
from eng5.stack.partition_memory import ReaderGoneError

log = logging.getLogger(__name__)

SUCCESS_RATE_THRESHOLD = 0.8
FEWEST_STUDENTS = 2


class AssessmentFailedError(Exception):
    """The batch began and cannot be finished; ``error_info`` says why, as the platform words it."""

    def __init__(self, error_info: dict[str, Any], last: Judged | None = None) -> None:
        super().__init__(error_info["reason"])
        self.error_info = error_info
        self.last = last


@dataclass(frozen=True)
class Means:
    """What the service works with; one process and many differ in these only.

    ``asking`` makes a batch's way to a judge. ``own_texts``: the Content Service is this process's own; elsewhere a
    batch of which it has no text at all is not completed, because it is meant for somebody else's. ``outbox_delay``
    is how many seconds the final events come after the last callback, ``default_budget`` how many comparisons a
    request gets that names no number (None: every pair once). ``panel`` finds what people answered in a batch; without
    it nobody can be asked.
    """

    broker: Cluster
    records: Records
    ledger: Ledger
    asking: Callable[[BatchRequest, Setting, Judge, BatchContent], Awaitable[Asking]]
    outlet: Outlet
    assignments: Assignments
    texts: TextSource
    llm: LlmService
    outbox_delay: float = 0.0
    default_budget: int | None = None
    own_texts: bool = True
    panel: Callable[[str], PanelRecord] | None = None


class Assessing:
    """One batch on its way to its final events; ``record`` is how far it is."""

    def __init__(self, means: Means, request: BatchRequest, taken: TakenUp) -> None:
        self._means = means
        self._request = request
        self._taken = taken
        self._deliveries = Deliveries()
        self.record = taken.record

    async def assess(self, faults: BatchFaults) -> list[Outgoing]:
        """The events that say that it is complete; every callback is in the broker's log when this returns."""
        means, request = self._means, self._request
        if faults.fail == "initialization":
            raise BatchRefusedError("CONTENT_SERVICE_ERROR", "a failure on demand")
        if self.record.content is None:
            content = await asyncio.to_thread(hydrate, request, means.assignments, means.texts)
            await self._save(content=content)
        else:
            content = self.record.content
        setting = setting_of(request, content)
        judge = judge_for(setting, request.metadata, means.llm)
        essays = await asyncio.to_thread(read_essays, content, means.texts)
        if not essays and content.essays and not means.own_texts:
            raise BatchRefusedError(
                "CONTENT_SERVICE_ERROR",
                "the CJ service's Content Service has none of the essays: is it the one that they were stored in?",
            )
        students = [one.essay_id for one in content.essays if not one.is_anchor and one.essay_id in essays]
        judged: Sequence[Judged] = []
        if len(students) >= FEWEST_STUDENTS or request.data.pre_specified_comparisons is not None:
            judged = await self._judged(content, setting, judge, essays, faults)
            ranked = list(essays)
        else:
            ranked = students
        assessment = await asyncio.to_thread(_score, ranked, judged, content)
        if self.record.completed_at is None:
            await self._save(completed_at=utc_now())
        return success_events(request, self.record, content, assessment)

    async def settle(self) -> None:
        """Wait until the callbacks that left are in the broker's log, or refused."""
        with contextlib.suppress(UndeliveredError):
            await self._deliveries.settled()

    async def _judged(
        self,
        content: BatchContent,
        setting: Setting,
        judge: Judge,
        essays: Mapping[str, ShownEssay],
        faults: BatchFaults,
    ) -> Sequence[Judged]:
        means, request = self._means, self._request
        panel = means.panel(request.batch_id) if means.panel and isinstance(judge, HumanJudge) else None
        comparisons = await asyncio.to_thread(plan, request, essays, means.default_budget)
        if faults.fail == "stuck":
            comparisons = comparisons[: len(comparisons) // 2]
        refuse_lacking(judge, comparisons)
        asking = await means.asking(request, setting, judge, content)
        judging = Judging(
            request, setting, judge, essays, means.ledger, asking, means.outlet, faults,
            self._deliveries, self._taken.sent,
        )  # fmt: skip
        log.info("batch %s: %d comparisons", request.batch_id, len(comparisons))
        try:
            judged = await compare(request, judging, comparisons, essays, panel)
        except ReaderGoneError:
            raise AssessmentFailedError(_stuck(100 * judging.sent / len(comparisons))) from None
        finally:
            if isinstance(asking, AskingAtOnce):
                await asking.close()
            use = use_of_ledger(request, setting, judging.tally)
            self.record = await means.records.note_use(self.record, use)
        await self._deliveries.settled()
        if faults.fail == "stuck":
            raise AssessmentFailedError(_stuck(50.0))
        _check_success_rate(judged, forced=faults.fail == "low_success_rate")
        return judged

    async def _save(self, **update: Any) -> None:
        self.record = self.record.model_copy(update=update)
        await self._means.records.save(self.record)


def _score(ranked: list[str], judged: Sequence[Judged], content: BatchContent) -> Assessment:
    """Bradley-Terry scores of the essays, best first, and grades where anchors allow it."""
    wins = []
    for one in judged:
        if one.outcome is Outcome.A:
            wins.append((one.comparison.essay_a_id, one.comparison.essay_b_id))
        elif one.outcome is Outcome.B:
            wins.append((one.comparison.essay_b_id, one.comparison.essay_a_id))
    theta = cj_scores.scores(ranked, wins)
    best_first = dict(sorted(theta.items(), key=lambda item: (-item[1], item[0])))
    anchors = {one.essay_id: one.anchor_grade for one in content.essays if one.anchor_grade is not None}
    anchors = {essay_id: grade for essay_id, grade in anchors.items() if essay_id in theta}
    if not anchors or content.grade_scale is None:
        return Assessment(best_first, {}, judged)
    errors = cj_scores.standard_errors(theta, wins, reference=list(anchors)[-1])
    scale = scale_of(content.grade_scale)
    return Assessment(best_first, project(theta, errors, anchors, scale), judged)


def _check_success_rate(judged: Sequence[Judged], *, forced: bool) -> None:
    """A tie is a success: the judge answered."""
    failed = sum(one.outcome is Outcome.ERROR for one in judged)
    rate = 1 - failed / len(judged) if judged else 1.0
    if rate >= SUCCESS_RATE_THRESHOLD and not forced:
        return
    details = {
        "callbacks_received": len(judged),
        "completed_comparisons": len(judged) - failed,
        "failed_comparisons": failed,
        "success_rate": round(rate, 3),
        "success_rate_threshold": SUCCESS_RATE_THRESHOLD,
        "callbacks_reached_cap": True,
        "budget_exhausted": True,
    }
    raise AssessmentFailedError(
        {"reason": "low_success_rate", "details": details}, judged[-1] if judged else None
    )


def _stuck(progress: float) -> dict[str, Any]:
    return {
        "reason": "stuck_timeout_insufficient_progress",
        "progress_pct": progress,
        "batch_state": "FAILED",
    }
