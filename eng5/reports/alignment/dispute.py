"""A run's figures before and after experts answered on its doubtful pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from eng5.contracts.artefact import Artefact, Comparison
from eng5.contracts.dispute import Dispute, DisputedPairs, DisputedRow, DoubtfulPair
from eng5.contracts.own import with_fields_of
from eng5.reports.alignment.dataset import Dataset, couple
from eng5.stats.comparisons import FloatArray
from eng5.stats.pairwise_tau import pairwise_tau, signs


def build(
    disputed: DisputedPairs, experts: Artefact, data: Dataset, score: FloatArray | None
) -> Dispute | None:
    """None where no disputed pair is of this run.

    Args:
        disputed: the pairs, and why.
        experts: the experts' artefact.
        data: the run in doubt.
        score: shape (n,), the judge's scores in the order of `data`; None without any.
    """
    place = {subject.essay_id: number for number, subject in enumerate(data.subjects)}
    pairs = [pair for pair in disputed.pairs if pair.one_id in place and pair.other_id in place]
    if not pairs:
        return None
    answers: dict[frozenset[str], list[Comparison]] = {}
    for one in experts.llm_comparisons:
        if one.status != "failed":
            answers.setdefault(frozenset((one.essay_a_id, one.essay_b_id)), []).append(one)
    before = signs(np.where(data.level < 0, np.nan, data.level.astype(np.float64)))
    won = data.comparisons.win_matrix
    verdicts = np.sign(won - won.T).astype(np.int64)
    after = before.copy()
    rows, agreeing, contradicted = [], Counter[bool | None](), Counter[str]()
    for pair in pairs:
        i, j = sorted((place[pair.one_id], place[pair.other_id]))
        said = answers.get(frozenset((pair.one_id, pair.other_id)), [])
        counts = Counter(one.winner_id for one in said)
        sign = int(np.sign(counts[data.subjects[i].essay_id] - counts[data.subjects[j].essay_id]))
        if said:
            after[i, j], after[j, i] = sign, -sign
        agreeing[None if 0 in (sign, verdicts[i, j]) else sign == verdicts[i, j]] += 1
        if sign and before[i, j] == -sign:
            contradicted.update((data.subjects[i].name, data.subjects[j].name))
        rows.append(_row(pair, data, i, j, int(verdicts[i, j]), sign, said, counts))
    order = None if score is None else signs(score)
    return Dispute(
        run=experts.metadata.batch_id,
        judges=len({one.model for found in answers.values() for one in found}),
        comparisons=sum(map(len, answers.values())),
        rows=rows,
        with_model=agreeing[True],
        against_model=agreeing[False],
        undecided=agreeing[None],
        tau_before=None if order is None else pairwise_tau(before, order),
        tau_after=None if order is None else pairwise_tau(after, order),
        inversions_before=int((np.triu(before * verdicts, 1) < 0).sum()),
        inversions_after=int((np.triu(after * verdicts, 1) < 0).sum()),
        regrade=[f"{anchor} ({times} pairs)" for anchor, times in contradicted.most_common() if times > 1],
    )


def _row(
    pair: DoubtfulPair,
    data: Dataset,
    i: int,
    j: int,
    model: int,
    experts: int,
    said: Sequence[Comparison],
    counts: Mapping[str | None, int],
) -> DisputedRow:
    one, other = data.subjects[i], data.subjects[j]
    winner = {1: one.name, -1: other.name}
    names = {one.essay_id: one.name, other.essay_id: other.name}
    return with_fields_of(
        couple(one, other),
        DisputedRow,
        doubt=pair.doubt,
        model=winner.get(model),
        for_one=counts.get(one.essay_id, 0),
        for_other=counts.get(other.essay_id, 0),
        ties=counts.get(None, 0),
        experts=winner.get(experts),
        comments=[
            f"{'neither' if verdict.winner_id is None else names[verdict.winner_id]}: {verdict.justification}"
            for verdict in said
            if verdict.justification
        ],
    )
