"""People who judge: how far they agree with each other, and a judge with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from eng5.contracts.artefact import Artefact, Comparison
from eng5.contracts.experts import (
    BesideExperts,
    ExpertAgreement,
    ExpertStandIn,
    ExpertWords,
    PartedPair,
)
from eng5.contracts.own import Estimate, with_fields_of
from eng5.pages.rendering import count, estimate, number, percent
from eng5.reports.alignment.dataset import Dataset, couple, estimated, load
from eng5.reports.alignment.judges import judge_name
from eng5.reports.variants.dataset import among, same_essays
from eng5.stats.against_experts import PairSplit, against_experts
from eng5.stats.alternative_annotator import AgainstGrader
from eng5.stats.comparisons import IntArray
from eng5.stats.expert_agreement import Agreed, agreed, alpha, best_possible, couples

LISTED = 30
"""Pairs of which the words are kept."""
CHANCE = 0.5
NO_LIMIT = 0.995
"""A ceiling above this is none that a reader would see as one."""
Named = tuple[str, Artefact]
"""A run's name and its artefact."""


def agreement(data: Dataset) -> ExpertAgreement | None:
    """How far the judges of one run agree; None unless two of them decided one pair."""
    names, judge = _judges(data)
    decided = data.comparisons.decided
    found = couples(data.comparisons.select(decided), judge[decided])
    share = agreed(found)
    if len(names) < 2 or share.share is None:
        return None
    every = agreed(couples(data.comparisons, judge), weighted=True)
    value = alpha(data.comparisons, judge)
    chosen = estimated(share.share, share.interval)
    ceiling = _through(best_possible, chosen)
    return ExpertAgreement(
        judges=len(names),
        pairs=found.pairs,
        couples=share.couples,
        agreement=chosen,
        alpha=_alpha(value, every),
        ceiling=ceiling,
        sentence=(
            f"Two judges who decided the same pair chose the same essay in {estimate(chosen, 'share')} of the cases. "
            + _limit(chosen, ceiling.value)
        ),
    )


def _limit(agreement: Estimate, ceiling: float | None) -> str:
    if ceiling is None or agreement.value is None or agreement.interval is None or ceiling > NO_LIMIT:
        return "These few pairs show no limit to what another judge can reach."
    if agreement.value <= CHANCE:
        return "That is no more than coins would: there is nothing yet that another judge could agree with."
    return (
        f"So no judge, human or not, can agree with a single one of them in more than about {percent(ceiling)}; one "
        f"that is just like them agrees in {percent(agreement.value)}."
    )


def _judges(data: Dataset) -> tuple[list[str], IntArray]:
    said = [judge_name(one) for one in data.answered]
    names = sorted(set(said))
    place = {name: number for number, name in enumerate(names)}
    return names, np.array([place[name] for name in said], dtype=np.int64)


def _through(figure: Callable[[float], float], estimate: Estimate) -> Estimate:
    """A figure that rises with what is estimated, ends included."""
    if estimate.value is None:
        return Estimate()
    ends = estimate.interval
    if ends is not None:
        ends = ends.model_copy(update={"low": figure(ends.low), "high": figure(ends.high)})
    return Estimate(value=figure(estimate.value), interval=ends)


def _beyond_chance(estimate: Estimate) -> Estimate:
    return _through(lambda share: 2.0 * share - 1.0, estimate)


def _alpha(value: float | None, every: Agreed) -> Estimate:
    """Alpha is 1 less observed over expected disagreement; the interval is that of what was observed."""
    if value is None or every.share is None or every.share >= 1:
        return Estimate(value=value)
    scale = (1.0 - value) / (1.0 - every.share)
    found = _through(lambda share: 1.0 - scale * (1.0 - share), estimated(every.share, every.interval))
    return Estimate(value=value, interval=found.interval)


def beside(artefact: Artefact, data: Dataset, experts: Named) -> BesideExperts | None:
    """The judge of a run against experts, on essays that both have.

    None without a pair that both decided, and for a panel that the experts are part of.
    """
    run, theirs = experts
    if artefact.panel and theirs.metadata.batch_uuid in {one.batch_uuid for one in artefact.panel.members}:
        return None
    subjects = same_essays(data.subjects, artefact, theirs)
    mine, expert_data = among(data, subjects), among(load(theirs), subjects)
    names, judge = _judges(expert_data)
    found = against_experts(mine.comparisons, expert_data.comparisons, judge)
    if not found.pairs:
        return None
    with_experts, among_experts = (
        estimated(one.share, one.interval) for one in (found.with_experts, found.among_experts)
    )
    ceiling = None if among_experts.value is None else best_possible(among_experts.value)
    corrected = _beyond_chance(with_experts)
    of_ceiling = None
    if ceiling is not None and ceiling > 0.5 and corrected.value is not None:
        of_ceiling = min(1.0, corrected.value / (2.0 * ceiling - 1.0))
    tested = found.in_place
    apart = [one for one in found.splits if (one.judge_i - one.judge_j) * (one.experts_i - one.experts_j) < 0]
    present = np.unique(judge[_on(expert_data, found.splits)])
    difference = estimated(found.difference, found.interval)
    return BesideExperts(
        run=run,
        pairs=found.pairs,
        verdicts=found.verdicts,
        with_experts=with_experts,
        among_experts=among_experts,
        difference=difference,
        corrected=corrected,
        corrected_experts=_beyond_chance(among_experts),
        ceiling=ceiling,
        of_ceiling=of_ceiling,
        margin=0.1 if tested is None else tested.margin,
        stand_ins=[]
        if tested is None
        else [_stand_in(names[place], one) for place, one in zip(present, tested.graders, strict=True)],
        winning_rate=None if tested is None else tested.winning_rate,
        as_good=tested is not None and tested.as_good,
        parted=[_parted(one, mine, expert_data) for one in apart[:LISTED]],
        parted_in_all=len(apart),
        sentence=_against(run, found.pairs, with_experts, among_experts, difference, ceiling),
    )


def _on(data: Dataset, splits: Sequence[PairSplit]) -> list[int]:
    """Places of the decided comparisons of these pairs."""
    decided = data.comparisons.decided
    return [place for one in splits for place in data.by_pair[one.i, one.j] if decided[place]]


def _stand_in(name: str, one: AgainstGrader) -> ExpertStandIn:
    return with_fields_of(
        one,
        ExpertStandIn,
        expert=name,
        judge_agrees=one.judge,
        expert_agrees=one.grader,
        advantage=estimated(one.advantage, one.interval),
    )


def _parted(one: PairSplit, mine: Dataset, theirs: Dataset) -> PartedPair:
    return with_fields_of(
        couple(mine.subjects[one.i], mine.subjects[one.j]),
        PartedPair,
        judge_for_one=one.judge_i,
        judge_for_other=one.judge_j,
        experts_for_one=one.experts_i,
        experts_for_other=one.experts_j,
        apart=one.apart,
        judge_words=_words(mine, one),
        expert_words=_words(theirs, one),
    )


def _words(data: Dataset, one: PairSplit) -> list[ExpertWords]:
    names = {subject.essay_id: subject.name for subject in data.subjects}
    rows: list[Comparison] = [data.answered[place] for place in data.by_pair[one.i, one.j]]
    return [
        ExpertWords(
            judge=judge_name(row),
            winner_name=None if row.winner_id is None else names[row.winner_id],
            words=row.justification,
        )
        for row in rows
    ]


def _against(
    run: str,
    pairs: int,
    with_experts: Estimate,
    among_experts: Estimate,
    difference: Estimate,
    ceiling: float | None,
) -> str:
    text = (
        f"On {count(pairs)} pairs that the experts of {run} decided too, a verdict of the judge is an expert's in "
        f"{estimate(with_experts, 'share')} of the cases"
    )
    if among_experts.value is None:
        return f"{text}. No two experts decided the same pair, so it is not known how far they agree."
    text += f"; two experts chose the same essay in {estimate(among_experts, 'share')}."
    ends = difference.interval
    if ends is None or difference.value is None:
        told = "Whether it agrees with them less than they do with each other cannot be told from so few."
    elif ends.high < 0:
        told = f"It agrees with them less than they do with each other, by {number(-100 * difference.value, 0)} points."
    elif ends.low > 0:
        told = "It agrees with them more than they do with each other, as a judge can that sides with the majority."
    else:
        told = "That it agrees with them less, or more, than they do with each other is not shown."
    if ceiling is None or ceiling > NO_LIMIT:
        return f"{text} {told}"
    if with_experts.value is not None and with_experts.value > ceiling:
        return (
            f"{text} {told} By their agreement no judge could reach more than about {percent(ceiling)}: that this one "
            "does is chance, or they are better than so few pairs of two experts show."
        )
    return f"{text} {told} No judge could reach more than about {percent(ceiling)}."
