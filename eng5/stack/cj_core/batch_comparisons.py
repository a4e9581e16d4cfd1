"""Which comparisons a batch is made of: generated pairs within the budget, or the listed ones."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from eng5.stack.cj_core.batch import BatchRefusedError, BatchRequest, refuse
from eng5.stack.cj_core.pairing import Pair, all_pairs, comparisons


@dataclass(frozen=True, slots=True)
class PlannedComparison:
    """One comparison of a batch.

    ``position`` counts from 0; ``repetition`` says the how-manieth time, from 1, the same two essays
    are shown in the same order; ``listed`` is true when the request listed the comparison.
    """

    position: int
    essay_a_id: str
    essay_b_id: str
    repetition: int
    listed: bool


def plan(
    request: BatchRequest, essay_ids: Collection[str], default_budget: int | None = None
) -> list[PlannedComparison]:
    """The comparisons to run, from the essays whose text is there.

    Listed comparisons run as they are listed. Without a list, the budget is ``max_comparisons``, or
    ``default_budget`` when the request sets none: that many, each pair at most once in each order (as on the
    platform, which stops at 120), or every pair once where it is None.
    Raises BatchRefusedError when the list cannot be carried out.
    """
    listed = request.data.pre_specified_comparisons
    if listed is None:
        budget = request.max_comparisons
        if budget is None and default_budget is not None:
            budget = min(default_budget, 2 * all_pairs(len(essay_ids)))
        return _numbered(comparisons(essay_ids, budget), listed=False)
    pairs = [(one.essay_a_id, one.essay_b_id) for one in listed]
    _check_list(request, pairs, essay_ids)
    return _numbered(pairs, listed=True)


def _numbered(pairs: Iterable[Pair], *, listed: bool) -> list[PlannedComparison]:
    seen: Counter[Pair] = Counter()
    numbered = []
    for position, (a, b) in enumerate(pairs):
        seen[a, b] += 1
        numbered.append(PlannedComparison(position, a, b, seen[a, b], listed))
    return numbered


def _check_list(request: BatchRequest, pairs: list[Pair], essay_ids: Collection[str]) -> None:
    if not pairs:
        refuse("pre_specified_comparisons is an empty list")
    sent = {essay.essay_id for essay in request.data.essays_for_cj}
    unknown = sorted({name for pair in pairs for name in pair} - sent)
    if unknown:
        refuse(f"listed essays are not among essays_for_cj: {', '.join(unknown)}", essay_ids=unknown)
    against_itself = sorted({a for a, b in pairs if a == b})
    if against_itself:
        refuse(f"essays are listed against themselves: {', '.join(against_itself)}", essay_ids=against_itself)
    budget = request.max_comparisons
    if budget is not None and budget < len(pairs):
        refuse(
            f"max_comparisons is {budget}, but {len(pairs)} comparisons are listed",
            max_comparisons=budget,
            listed=len(pairs),
        )
    unread = sorted({name for pair in pairs for name in pair} - set(essay_ids))
    if unread:
        raise BatchRefusedError(
            "CONTENT_SERVICE_ERROR",
            f"the texts of listed essays cannot be fetched: {', '.join(unread)}",
            essay_ids=unread,
        )
