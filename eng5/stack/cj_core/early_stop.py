"""Listed comparisons that stop early: a pair is not asked on once its winner is known.

A request asks for it by ``metadata.sequential.stop_at_wins``: entry n - 1 is the number of wins, of the 2n
comparisons of n iterations, with which either essay settles the pair; null where none does. An iteration is
one comparison in each order, and one with a tie or an error counts for nothing. What a pair's next iteration
is depends on its verdicts alone, so a batch that is taken up again asks the same comparisons.
"""

from collections import defaultdict
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eng5.judges import Outcome
from eng5.stack.cj_core.batch import BatchRequest, refuse
from eng5.stack.cj_core.batch_comparisons import PlannedComparison
from eng5.stack.cj_core.judging import Judged, Judging


class StopRule(BaseModel):
    """``metadata.sequential``."""

    model_config = ConfigDict(frozen=True)

    error_rate: float = Field(gt=0, lt=1)
    stop_at_wins: list[int | None]

    def is_settled(self, judged: Sequence[Judged]) -> bool:
        """Whether the verdicts on one pair, in any order, settle it."""
        iterations: defaultdict[int, list[str]] = defaultdict(list)
        for one in judged:
            if winner := _winner(one):
                iterations[one.comparison.repetition].append(winner)
        complete = [winners for winners in iterations.values() if len(winners) == 2]
        if not 0 < len(complete) <= len(self.stop_at_wins):
            return False
        bound = self.stop_at_wins[len(complete) - 1]
        wins = [winner for winners in complete for winner in winners]
        return bound is not None and max(map(wins.count, wins)) >= bound


def stop_rule(request: BatchRequest) -> StopRule | None:
    """The rule that a request with listed comparisons asks for; refused when it makes no sense."""
    asked = request.metadata.get("sequential")
    if asked is None or request.data.pre_specified_comparisons is None:
        return None
    try:
        return StopRule.model_validate(asked)
    except ValidationError as error:
        refuse(f"metadata.sequential: {error.errors()[0]['msg']}", sequential=asked)


async def run_until_settled(
    judging: Judging, comparisons: Sequence[PlannedComparison], rule: StopRule
) -> list[Judged]:
    """An iteration of every pair at a time, without the pairs that are settled."""
    judged: defaultdict[frozenset[str], list[Judged]] = defaultdict(list)
    settled: set[frozenset[str]] = set()
    for repetition in sorted({one.repetition for one in comparisons}):
        due = [one for one in comparisons if one.repetition == repetition and _pair(one) not in settled]
        for one in await judging.run(due):
            judged[_pair(one.comparison)].append(one)
        settled = {pair for pair, verdicts in judged.items() if rule.is_settled(verdicts)}
    everything = [one for verdicts in judged.values() for one in verdicts]
    return sorted(everything, key=lambda one: one.comparison.position)


def _pair(comparison: PlannedComparison) -> frozenset[str]:
    return frozenset((comparison.essay_a_id, comparison.essay_b_id))


def _winner(judged: Judged) -> str | None:
    winners = {Outcome.A: judged.comparison.essay_a_id, Outcome.B: judged.comparison.essay_b_id}
    return winners.get(judged.outcome)
