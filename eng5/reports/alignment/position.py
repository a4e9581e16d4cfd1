"""Position bias, flips and consistency over swapped orders."""

from __future__ import annotations

import numpy as np

from eng5.contracts.judge_quality import Flip, GapRow, Position
from eng5.contracts.own import Estimate
from eng5.reports.alignment.dataset import Dataset, interval, pair_verdicts
from eng5.stats import position_bias
from eng5.stats.agreement import swap_consistency
from eng5.stats.posterior import Draws


def build(data: Dataset, draws: Draws, *, in_scores: bool) -> Position:
    """Needs at least one decided comparison; `draws` have the position effect in them.

    η is their median: the maximum-likelihood value is about twice the truth when each pair is judged once.
    """
    bias = position_bias.position_bias(data.comparisons, data.level)
    swapped = swap_consistency(*pair_verdicts(data))
    return Position(
        first_share=_share(bias.overall),
        first_wins=bias.overall.first_wins,
        decided=bias.overall.decided,
        p_value=bias.overall.p_value,
        eta=Estimate(value=float(np.median(draws.eta)), interval=interval(draws.interval(draws.eta))),
        in_scores=in_scores,
        swapped_pairs=bias.both_orders,
        consistent_pairs=bias.both_orders - len(bias.flips),
        consistency=Estimate(value=swapped.repeat_rate, interval=interval(swapped.repeat_interval)),
        by_gap=[
            GapRow(gap=gap, decided=share.decided, first_wins=share.first_wins, share=_share(share))
            for gap, share in sorted(bias.by_grade_gap.items())
        ],
        flips=[_flip(data, flip) for flip in bias.flips],
    )


def _share(share: position_bias.PositionShare) -> Estimate:
    return Estimate(value=share.share, interval=interval(share.interval))


def _flip(data: Dataset, flip: position_bias.FlippedPair) -> Flip:
    one, other = data.subjects[flip.i], data.subjects[flip.j]
    return Flip(
        one_id=one.essay_id,
        other_id=other.essay_id,
        one_name=one.name,
        other_name=other.name,
        one_grade=one.grade,
        other_grade=other.grade,
        favoured="A" if flip.position == "A" else "B",
        verdicts=[data.answered[place].sequence for place in data.by_pair[flip.i, flip.j]],
    )
