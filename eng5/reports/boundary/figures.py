"""The statistics of a pair, a boundary or the run, as the contract writes them."""

from __future__ import annotations

from collections.abc import Sequence

from eng5.contracts.boundary_analysis import BoundaryFigures, Discrimination, EssaysRate, Needed, Rate
from eng5.contracts.own import Estimate, Interval, with_fields_of
from eng5.reports.alignment.dataset import estimated, interval
from eng5.reports.boundary.dataset import BoundaryDataset
from eng5.stats import boundary as stats
from eng5.stats import sequential
from eng5.stats.interval import IntervalResult
from eng5.stats.power import NeededIterations
from eng5.stats.sequential import SequentialDecision
from eng5.stats.win_rate import WinRate


def build(
    data: BoundaryDataset, pairs: Sequence[int], found: stats.BoundaryStatistics, smallest_rate: float
) -> BoundaryFigures:
    """The figures of some of the pairs.

    With early stopping, verdicts rest on the confidence sequences, which may be looked at after every
    iteration; the p-values and intervals for a fixed number of comparisons would be too bold.
    """
    places = set(data.places(pairs))
    figures = with_fields_of(
        found,
        BoundaryFigures,
        listed=len(places),
        failed=found.failures,
        skipped=len(places & data.skipped),
        missing=len(places & data.missing),
        win_rate=_win_rate(found.win_rate),
        higher_first=_win_rate(found.corrected.first),
        higher_second=_win_rate(found.corrected.second),
        corrected=estimated(found.corrected.rate, found.corrected.interval),
        confidence=estimated(found.confidence.mean, found.confidence.interval),
        position=_rate(found.position.a_wins, found.position.decided, found.position.exact),
        position_p_value=found.position.p_value,
        position_balanced=estimated(found.position.balanced.rate, found.position.balanced.interval),
        agreement=_rate(found.agreement.agreeing, found.agreement.verdicts),
        agreement_coin=found.agreement.coin,
        swap_pairs=_rate(found.swap.consistent_pairs, found.swap.pairs),
        swap_repeats=_rate(found.swap.consistent_repeats, found.swap.repeats, found.swap.repeat_interval),
        discrimination=found.discrimination.value,
        needed=_needed(found.needed),
        essays=_essays(found) if found.pairs > 1 else None,
    )
    if data.decisions is not None:
        return _sequential(figures, data, [data.decisions[pair] for pair in pairs], smallest_rate)
    return figures


def _sequential(
    figures: BoundaryFigures,
    data: BoundaryDataset,
    decisions: Sequence[SequentialDecision],
    smallest_rate: float,
) -> BoundaryFigures:
    """Rate and verdict from the confidence sequences of the pairs.

    The sequences hold together with the run's probability, hence so does the mean of their bounds.
    """
    assert data.error_rate is not None  # noqa: S101 - decisions are made with it
    rates = [decision.rate for decision in decisions if decision.rate is not None]
    whole = len(rates) == len(decisions)
    low, high = (
        sum(getattr(decision.interval, side) for decision in decisions) / len(decisions)
        for side in ("low", "high")
    )
    corrected = Estimate(
        value=sum(rates) / len(rates) if whole else None,
        interval=Interval(low=low, high=high, level=1 - data.error_rate, method=decisions[0].interval.method)
        if whole
        else None,
    )
    single = decisions[0] if len(decisions) == 1 and whole else None
    verdict = _verdict(corrected, single is not None and single.stop, smallest_rate)
    needed = None
    if verdict == "undecided" and corrected.value is not None:
        needed = sequential.iterations_needed(
            corrected.value,
            sum(decision.complete for decision in decisions) / len(decisions),
            max(decision.iterations for decision in decisions),
            smallest_rate=smallest_rate,
            error_rate=data.error_rate / len(data.pairs),
        )
    return figures.model_copy(
        update={
            "corrected": corrected,
            "p_value": single.p_value if single else None,
            "p_adjusted": min(1.0, single.p_value * len(data.pairs)) if single else None,
            "discrimination": verdict,
            "needed": _needed(needed),
        }
    )


def _verdict(corrected: Estimate, stopped: bool, smallest_rate: float) -> Discrimination:
    rate, bounds = corrected.value, corrected.interval
    if rate is None or bounds is None:
        return "no_data"
    if bounds.low > 0.5 or (stopped and rate > 0.5):
        return "shown"
    if bounds.high < 0.5 or (stopped and rate < 0.5):
        return "reversed"
    return "excluded" if bounds.high < smallest_rate else "undecided"


def _essays(found: stats.BoundaryStatistics) -> EssaysRate | None:
    rate = found.essays
    if rate is None:
        return None
    return with_fields_of(
        rate,
        EssaysRate,
        value=rate.rate,
        interval=interval(rate.interval),
        p_adjusted=found.essays_p_adjusted,
        discrimination=found.essays_discrimination.value,
    )


def _win_rate(rate: WinRate) -> Rate:
    return _rate(rate.wins, rate.decided, rate.interval)


def _rate(count: int, of: int, bounds: IntervalResult | None = None) -> Rate:
    return Rate(count=count, of=of, value=count / of if of else None, interval=interval(bounds))


def _needed(needed: NeededIterations | None) -> Needed | None:
    if needed is None:
        return None
    return with_fields_of(needed, Needed, aim=needed.aim.value if needed.aim else None)
