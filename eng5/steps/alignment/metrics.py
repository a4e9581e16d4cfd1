"""The figures of the summary, those with a target first."""

from __future__ import annotations

from eng5.contracts.analysis import Interval, Metric
from eng5.stats.inversions import Inversions
from eng5.stats.kendall import Kendall
from eng5.stats.zero_wins import ZeroWins
from eng5.steps.alignment.dataset import Dataset

__all__ = ["band_inversions", "build"]

BANDS = ("A", "B")


def band_inversions(data: Dataset, found: Inversions) -> int | None:
    """Direct inversions that involve a grade of band A or B; None when no essay has such a grade."""
    in_band = [bool(s.grade) and s.level is not None and str(s.grade)[0] in BANDS for s in data.subjects]
    if not any(in_band):
        return None
    return sum(in_band[pair.higher] or in_band[pair.lower] for pair in found.direct)


def build(
    found: Inversions,
    zero: ZeroWins,
    tau: Kendall,
    intervals: dict[str, Interval],
    in_band: int | None,
    in_band_baseline: int | None,
) -> list[Metric]:
    """Every figure of the summary; `intervals` by metric name, where there is one."""
    decided = found.pairs > 0
    regression = None
    if decided and in_band is not None and in_band_baseline is not None:
        regression = max(0, in_band - in_band_baseline)
    metrics = [
        Metric(
            name="direct_inversions",
            label="Direct inversions",
            kind="count",
            value=len(found.direct) if decided else None,
            note=f"of {found.pairs} pairs with different grades" if decided else None,
        ),
        Metric(
            name="zero_win_anchors",
            label="Zero-win anchors",
            kind="count",
            value=zero.count if decided else None,
            note=f"{zero.expected_perfect:.1f} expected under perfect order" if decided else None,
        ),
        Metric(
            name="kendall_tau",
            label="Kendall's tau",
            kind="ratio",
            value=tau.tau_b if decided else None,
        ),
        Metric(
            name="ab_regression",
            label="A/B regression",
            kind="count",
            value=regression,
            note="no baseline run to compare with" if in_band_baseline is None else None,
        ),
        Metric(
            name="tau_a_favourable",
            label="Tau, older definition (equal grades favour the judge)",
            kind="ratio",
            value=tau.tau_a_favourable if decided else None,
        ),
        Metric(
            name="gamma",
            label="Goodman–Kruskal gamma",
            kind="ratio",
            value=tau.gamma if decided else None,
        ),
        Metric(
            name="contested_pairs",
            label="Contested pairs (won as often as lost)",
            kind="count",
            value=len(found.contested) if decided else None,
        ),
        Metric(
            name="lower_won_once",
            label="Inversions, older count (lower grade won at least once)",
            kind="count",
            value=found.lower_won_once if decided else None,
        ),
        Metric(
            name="ab_inversions",
            label="Direct inversions with an A or a B",
            kind="count",
            value=in_band if decided else None,
        ),
    ]
    return [
        metric if metric.value is None else metric.model_copy(update={"interval": intervals.get(metric.name)})
        for metric in metrics
    ]
