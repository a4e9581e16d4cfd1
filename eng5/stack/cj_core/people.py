"""A batch that people judge: which comparisons it has, and how they came out, follows from their panel."""

import asyncio

from eng5.contracts.panel import HUMAN
from eng5.judges.human import PEOPLE, PanelRecord
from eng5.stack.cj_core.batch import BatchRequest
from eng5.stack.cj_core.batch_comparisons import PlannedComparison
from eng5.stack.cj_core.judging import Judged, Judging

SECONDS_BETWEEN_LOOKS = 0.5


async def wait_for_people(request: BatchRequest, judging: Judging, panel: PanelRecord) -> list[Judged]:
    """All verdicts, once the panel is complete, which is then closed.

    A callback leaves when its answer cannot be taken back any more.
    """
    listed = request.data.pre_specified_comparisons is not None
    judged: dict[int, Judged] = {}
    while True:
        await asyncio.to_thread(panel.read)
        complete = panel.progress().complete
        if complete and not panel.file.closed:
            # First: while these verdicts leave, none of them may be taken back.
            panel.file.append(closed=True)
            panel.read()
        for shown, entry in panel.final():
            if shown.slot in judged:
                continue
            comparison = PlannedComparison(
                shown.slot, shown.essay_a_id, shown.essay_b_id, shown.repetition, listed
            )
            reused = entry.batch != request.batch_id
            judged[shown.slot] = Judged(comparison, entry.verdict.outcome, HUMAN, PEOPLE, reused)
            await judging.answered(comparison, judging.question(comparison), entry)
        if complete:
            return [judged[slot] for slot in sorted(judged)]
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
