"""Would the same judge order the essays the same way again, and what would a coin have scored?"""

from __future__ import annotations

from eng5.contracts.judge_quality import Coin, Reliability, SplitHalf
from eng5.contracts.own import Estimate, with_fields_of
from eng5.reports.alignment.dataset import Dataset, estimated, pair_verdicts
from eng5.stats import reliability
from eng5.stats.agreement import agreement
from eng5.stats.bradley_terry.fit import BradleyTerryFit
from eng5.stats.pair_effects import PairEffects
from eng5.stats.transitivity import COIN_SHARE, transitivity


def build(data: Dataset, fit: BradleyTerryFit, effects: PairEffects) -> Reliability:
    """Needs at least one decided comparison; scale separation needs a common scale of three essays."""
    scale = reliability.reliability(fit, effects)
    half = reliability.split_half(data.comparisons)
    circles = transitivity(data.comparisons)
    repeats = agreement(*pair_verdicts(data))
    return Reliability(
        separation_reliability=estimated(scale.ssr, scale.ssr_interval) if scale else Estimate(),
        separation_index=estimated(scale.separation, scale.separation_interval) if scale else Estimate(),
        coin=None if scale is None else with_fields_of(scale.coin_flip, Coin),
        reliable=None if scale is None else scale.reliable,
        essays=0 if scale is None else scale.essays,
        split_half=None
        if half is None
        else with_fields_of(half, SplitHalf, low=half.spread[0], high=half.spread[1]),
        triads=circles.triads,
        circular_triads=circles.circular,
        circular_share=circles.share,
        circular_share_coin=COIN_SHARE,
        repeated_pairs=repeats.pairs,
        agreement=repeats.rate,
        agreement_coin=repeats.coin,
        repeats_identical=repeats.repeats_identical,
    )
