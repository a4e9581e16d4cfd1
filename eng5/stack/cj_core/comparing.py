"""All comparisons of a batch: are they possible, which are next, where did the verdicts come from."""

from collections.abc import Mapping, Sequence

from eng5.contracts.judge_topics import LedgerUse
from eng5.contracts.wire.base import utc_now
from eng5.judges import Judge, JudgeUnavailableError, KnowsItsPairs
from eng5.judges.human import PanelRecord
from eng5.judges.question import Setting, ShownEssay
from eng5.stack.cj_core.adaptive import next_wave
from eng5.stack.cj_core.batch import BatchRequest
from eng5.stack.cj_core.batch_comparisons import PlannedComparison
from eng5.stack.cj_core.early_stop import run_until_settled, stop_rule
from eng5.stack.cj_core.judging import Judged, Judging, Tally
from eng5.stack.cj_core.pairing import all_pairs
from eng5.stack.cj_core.people import wait_for_people


def refuse_lacking(judge: Judge, comparisons: list[PlannedComparison]) -> None:
    """JudgeUnavailableError names the comparisons for which the judge says that it has no verdict."""
    if isinstance(judge, KnowsItsPairs):
        wanted = [(one.essay_a_id, one.essay_b_id, one.repetition) for one in comparisons]
        if lacking := judge.lacking(wanted):
            raise JudgeUnavailableError(
                f"no verdict for {len(lacking)} of {len(wanted)} comparisons: {'; '.join(lacking)}"
            )


async def compare(
    request: BatchRequest,
    judging: Judging,
    comparisons: list[PlannedComparison],
    essays: Mapping[str, ShownEssay],
    panel: PanelRecord | None = None,
) -> Sequence[Judged]:
    """All verdicts; listed pairs may stop early, and an adaptive batch without room for all pairs chooses its own.

    A ``panel`` of people has what was compared, and by whom.
    """
    if panel is not None:
        return await wait_for_people(request, judging, panel)
    if rule := stop_rule(request):
        return await run_until_settled(judging, comparisons, rule)
    if not is_adaptive(request, comparisons, essays):
        return await judging.run(comparisons)
    judged: list[Judged] = []
    while wave := next_wave(essays, len(comparisons), judged):
        judged += await judging.run(wave)
    return judged


def is_adaptive(
    request: BatchRequest, comparisons: list[PlannedComparison], essays: Mapping[str, ShownEssay]
) -> bool:
    """Whether pairs are left to choose at all."""
    listed = request.data.pre_specified_comparisons is not None
    return request.is_adaptive and not listed and len(comparisons) < all_pairs(len(essays))


def use_of_ledger(request: BatchRequest, setting: Setting, tally: Tally) -> LedgerUse:
    """How a batch got its verdicts: asked for by itself, reused from other batches, failed."""
    return LedgerUse(
        batch=request.batch_id,
        label=request.metadata.get("batch_label"),
        provider=setting.provider,
        model=setting.model,
        asked=tally.asked,
        reused=tally.reused,
        failed=tally.failed,
        at=utc_now(),
    )
