"""Position bias, flips and consistency over swapped orders."""

from __future__ import annotations

import numpy as np

from eng5.contracts.judge_quality import Flip, GapRow, Position
from eng5.contracts.own import with_fields_of
from eng5.reports.alignment.dataset import Dataset, couple, estimated, pair_verdicts
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
        first_share=estimated(bias.overall.share, bias.overall.interval),
        first_wins=bias.overall.first_wins,
        decided=bias.overall.decided,
        p_value=bias.overall.p_value,
        eta=estimated(float(np.median(draws.eta)), draws.interval(draws.eta)),
        in_scores=in_scores,
        swapped_pairs=bias.both_orders,
        consistent_pairs=bias.both_orders - len(bias.flips),
        consistency=estimated(swapped.repeat_rate, swapped.repeat_interval),
        by_gap=[
            with_fields_of(share, GapRow, gap=gap, share=estimated(share.share, share.interval))
            for gap, share in sorted(bias.by_grade_gap.items())
        ],
        flips=[_flip(data, flip) for flip in bias.flips],
    )


def _flip(data: Dataset, flip: position_bias.FlippedPair) -> Flip:
    return with_fields_of(
        couple(data.subjects[flip.i], data.subjects[flip.j]),
        Flip,
        favoured="A" if flip.position == "A" else "B",
        verdicts=[data.answered[place].sequence for place in data.by_pair[flip.i, flip.j]],
    )
