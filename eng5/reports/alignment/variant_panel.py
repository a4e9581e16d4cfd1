"""What a panel of variants is worth: agreement, independence, and whether it beats its best member."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from eng5.contracts.artefact import Artefact
from eng5.contracts.own import Estimate
from eng5.contracts.variant_panel import (
    PanelAgreement,
    PanelDifference,
    PanelJudge,
    PanelMember,
    PanelVotes,
    VariantPanel,
)
from eng5.pages.rendering import NOT_AVAILABLE, listed, number
from eng5.reports.alignment.dataset import Dataset, estimated
from eng5.stats import paired_metrics
from eng5.stats.bradley_terry.fit import fit
from eng5.stats.comparisons import Comparisons, FloatArray
from eng5.stats.expert_agreement import Agreed, agreed, couples
from eng5.stats.kendall import kendall
from eng5.stats.matching import match
from eng5.stats.paired import PairedDifference, PairedReading, PairedVerdict, paired_difference
from eng5.stats.votes import Independence, independence, verdicts
from eng5.stats.win_rate import win_rate

EXCHANGES = 499
WORDS = {"majority": "Majority", "weights": "Weighted votes"}
METRICS = {"Kendall's tau": paired_metrics.tau_b, "Wins of the higher grade": paired_metrics.win_rate}
"""Figures for which more is better; the first decides."""


def build(artefact: Artefact, data: Dataset) -> VariantPanel | None:
    """None of a run that is no panel's."""
    panel = artefact.panel
    if panel is None:
        return None
    votes = _votes(artefact, panel)
    level, first, second = data.level, data.comparisons.first, data.comparisons.second
    known = (level[first] >= 0) & (level[second] >= 0)
    apart = independence(votes, np.where(known, level[first] - level[second], 0), first, second)
    weight = np.array([member.weight for member in panel.members])
    together = {
        "majority": _answered(data, verdicts(votes)),
        "weights": _answered(data, verdicts(votes, weight)),
    }
    each = [_answered(data, votes[:, place]) for place in range(len(panel.members))]
    members = [_member(member, own, data) for member, own in zip(panel.members, each, strict=True)]
    total = None
    if all(member.usd is not None for member in panel.members):
        total = sum(member.usd or 0.0 for member in panel.members)
    differences = _differences(panel, together[panel.verdict], each, data) if known.any() else []
    ranked = [(one.kendall_tau, one.name) for one in members if one.kendall_tau is not None]
    best = max(ranked, key=lambda one: one[0])[1] if ranked else None
    deciding = [one for one in differences if one[0].metric == next(iter(METRICS))]
    beats = _beats_all([statistic for _, statistic in deciding]) if deciding and best is not None else None
    shown = [_judged(WORDS[name], comparisons, data, usd=total) for name, comparisons in together.items()]
    judges = estimated(apart.judges, apart.judges_interval)
    return VariantPanel(
        verdict=panel.verdict,
        members=members,
        together=shown,
        agreements=_agreements(panel, each, apart),
        error_correlation=estimated(apart.mean, apart.mean_interval),
        independent=judges,
        best=best,
        beats_best=beats,
        differences=[one for one, _ in differences],
        total_usd=total,
        sentence=_sentence(panel, shown, members, best, beats, judges),
    )


def _votes(artefact: Artefact, panel: PanelVotes) -> FloatArray:
    """Shape (m, k), of the comparisons that somebody answered; NaN for no answer."""
    rows = zip(artefact.llm_comparisons, panel.votes, strict=True)
    kept = [[np.nan if vote is None else vote for vote in row] for one, row in rows if one.status != "failed"]
    return np.array(kept, dtype=np.float64).reshape(-1, len(panel.members))


def _answered(data: Dataset, said: FloatArray) -> Comparisons:
    """The comparisons with these outcomes, without those that are NaN."""
    rows = ~np.isnan(said)
    chosen = data.comparisons.select(rows)
    return Comparisons(chosen.n, chosen.first, chosen.second, said[rows].astype(np.int64))


def _judged(name: str, said: Comparisons, data: Dataset, *, usd: float | None = None) -> PanelJudge:
    first, second = data.level[said.first], data.level[said.second]
    graded = said.decided & (first >= 0) & (second >= 0) & (first != second)
    rate = win_rate(int((np.sign(first - second) == said.outcome)[graded].sum()), int(graded.sum()))
    tau = kendall(data.level, fit(said).theta).tau_b if said.decided.any() else None
    return PanelJudge(
        name=name,
        judge=None,
        usd=usd,
        accuracy=None,
        weight=None,
        ties=int((said.outcome == 0).sum()),
        win_rate=estimated(rate.rate, rate.interval),
        kendall_tau=tau,
    )


def _member(member: PanelMember, said: Comparisons, data: Dataset) -> PanelJudge:
    about = {"judge": member.judge, "accuracy": member.accuracy, "weight": member.weight}
    return _judged(member.name, said, data, usd=member.usd).model_copy(update=about)


def _agreements(panel: PanelVotes, each: list[Comparisons], apart: Independence) -> list[PanelAgreement]:
    found = []
    for one, other in combinations(range(len(each)), 2):
        share = _share(each[one], each[other])
        correlation = float(apart.correlation[one, other])
        found.append(
            PanelAgreement(
                one=panel.members[one].name,
                other=panel.members[other].name,
                comparisons=share.couples,
                agreement=estimated(share.share, share.interval),
                error_correlation=None if np.isnan(correlation) else correlation,
            )
        )
    return found


def _share(one: Comparisons, other: Comparisons) -> Agreed:
    """How often the two chose the same essay, on comparisons that both decided."""
    common = match([one], [other])
    decided = (common.outcomes != 0).all(axis=0)
    first, second = common.first[decided], common.second[decided]
    # Repeats of a pair are numbered, so that one is set beside the other's and not beside its own.
    joined = [
        couples(Comparisons(common.n, np.array([a, a]), np.array([b, b]), outcome), np.array([0, 1]))
        for a, b, outcome in zip(first, second, common.outcomes.T[decided], strict=True)
    ]
    if not joined:
        return Agreed(None, None, 0)
    parts = (
        np.concatenate([getattr(each, name) for each in joined]) for name in joined[0].__dataclass_fields__
    )
    return agreed(type(joined[0])(*parts))


def _differences(
    panel: PanelVotes, together: Comparisons, each: list[Comparisons], data: Dataset
) -> list[tuple[PanelDifference, PairedDifference]]:
    found = []
    for metric, make in METRICS.items():
        for member, own in zip(panel.members, each, strict=True):
            one = paired_difference(match([own], [together]), make(data.level), resamples=EXCHANGES)
            told = _verdict(one.essays)
            found.append(
                (
                    PanelDifference(
                        member=member.name,
                        metric=metric,
                        value=one.difference,
                        pairs=estimated(one.difference, one.pairs.interval),
                        essays=estimated(one.difference, one.essays.interval),
                        verdict="cannot tell" if told is PairedVerdict.CANNOT_TELL else told.value,
                    ),
                    one,
                )
            )
    return found


def _verdict(reading: PairedReading) -> PairedVerdict:
    """Of one member by itself: no p-value is adjusted, for the panel has to beat them all."""
    ends = reading.interval
    if ends is None or reading.p_value is None or reading.p_value > round(1 - ends.level, 12) or 0 in ends:
        return PairedVerdict.CANNOT_TELL
    return PairedVerdict.BETTER if ends.low > 0 else PairedVerdict.WORSE


def _beats_all(differences: list[PairedDifference]) -> bool:
    """Better than every member, each tested at the full level.

    The best member is picked by the verdicts that it is then judged by, and looks better than it is. So none is
    picked: the panel beats its best member, whichever that is, only if it beats each of them; and the error rate of
    all tests being passed where one should not is no larger than that of one (intersection–union test).

    Source: R. L. Berger (1982), Technometrics 24:295-300.
    """
    return all(_verdict(one.essays) is PairedVerdict.BETTER for one in differences)


def _sentence(
    panel: PanelVotes,
    together: list[PanelJudge],
    members: list[PanelJudge],
    best: str | None,
    beats: bool | None,
    judges: Estimate,
) -> str:
    names = [member.name for member in panel.members]
    own = next(one for one in together if one.name == WORDS[panel.verdict])
    text = f"{listed(names)} judge together"
    if judges.value is None:
        text += "; how far their errors go together is not known"
    else:
        text += f", and are worth about {number(judges.value, 1)} judges whose errors are independent"
    if best is None or beats is None:
        return f"{text}. Without grades it cannot be told whether the panel beats its best member."
    leader = next(one for one in members if one.name == best)
    taus = f"Kendall's tau {_tau(own)} against {_tau(leader)}"
    if beats:
        return f"{text}. The panel beats its best member, and every other one: {taus} of {best}."
    return (
        f"{text}. That the panel beats its best member is not shown: {taus} of {best}, which was picked as the best "
        f"by these very comparisons and so looks somewhat better than it is."
    )


def _tau(one: PanelJudge) -> str:
    return NOT_AVAILABLE if one.kendall_tau is None else number(one.kendall_tau)
