"""Which prompt to take, how sure that is, and which variants cannot be told apart."""

from __future__ import annotations

from collections.abc import Sequence

from eng5.contracts.compare import ComparedVariant, Difference, Flips, Leaderboard, NoiseBand, Place, Sure
from eng5.pages.rendering import listed, shown
from eng5.reports.variants import sentences
from eng5.reports.variants.ranking import PairTests, Ranking
from eng5.stats.letters import letters
from eng5.stats.paired import FEWEST_ESSAYS

MOST_STEPS = 3
BEST_FIRST = {"kendall_tau": -1, "win_rate": -1, "direct_inversions": 1, "zero_win_anchors": 1}
"""Sign that sorts the best value of a deciding metric to the front."""
CERTAINTY: dict[Sure, str] = {
    "other essays": "Sure, for other essays of the same grades as well",
    "these pairs": "Sure on these pairs only",
    "no": "Not sure",
}


def build(
    variants: Sequence[ComparedVariant],
    differences: Sequence[Difference],
    decided_by: str,
    flips: Sequence[Flips],
    noise: NoiseBand | None,
) -> Leaderboard:
    """Rank variants by the deciding metric and say which to take.

    Among those that no test shows to be worse than another, the best that is shown to be better than the baseline;
    without one the baseline, or, where that is worse than another, the best.

    Args:
        variants: the baseline first.
        differences: of every two variants in the metric that decides, in the others from the baseline.
        decided_by: name of that metric.
        flips: how the winners of pairs differ between variants.
        noise: what runs of one prompt show.
    """
    tests = PairTests([one for one in differences if one.metric == decided_by])
    values = {each.name: each.figures.metric(decided_by).value for each in variants}
    behind = {
        name: float("inf") if value is None else BEST_FIRST[decided_by] * value
        for name, value in values.items()
    }
    order = sorted(behind, key=lambda name: behind[name])
    places = _places(variants, order, [behind[name] for name in order], tests)
    baseline = variants[0].name
    unbeaten = [place.variant for place in places if not place.worse_than and place.rank is not None]
    improved = [name for name in unbeaten if tests.better(name, baseline)]
    take = (improved or [baseline] * (baseline in unbeaten) or unbeaten or [baseline])[0]
    as_well = [name for name in unbeaten if name != take]
    sure = _sure(take, baseline, order, tests)
    found = Ranking(variants, order, values, take, as_well, tests, differences)
    return Leaderboard(
        take=take,
        as_well=as_well,
        sure=sure,
        answer=_answer(found),
        certainty=_certainty(found, sure),
        next_steps=_next_steps(found, flips, noise)[:MOST_STEPS],
        places=places,
    )


def _places(
    variants: Sequence[ComparedVariant], order: Sequence[str], behind: Sequence[float], tests: PairTests
) -> list[Place]:
    """Places in `order`; `behind` grows from the best, and is infinite without a value."""
    by_name = {each.name: each for each in variants}
    apart = [
        (i, j)
        for i, one in enumerate(order)
        for j, other in enumerate(order)
        if i < j and (tests.better(one, other) or tests.better(other, one))
    ]
    found = []
    for name, distance, group in zip(order, behind, letters(len(order), apart), strict=True):
        targets = [metric.target for metric in by_name[name].figures.metrics if metric.target is not None]
        known = distance != float("inf")
        found.append(
            Place(
                variant=name,
                rank=1 + sum(other < distance for other in behind) if known else None,
                groups=group if known else "",
                better_than=[other for other in order if tests.better(name, other)],
                worse_than=[other for other in order if tests.better(other, name)],
                targets_met=sum(target.status == "met" for target in targets),
                targets=len(targets),
            )
        )
    return found


def _sure(take: str, baseline: str, order: Sequence[str], tests: PairTests) -> Sure:
    against = [baseline] if take != baseline else [name for name in order if name != baseline]
    if not against:
        return "no"
    if all(tests.better(take, other) for other in against):
        return "other essays"
    if all(tests.better(take, other, on_these_pairs=True) for other in against):
        return "these pairs"
    return "no"


def _answer(found: Ranking) -> str:
    """One sentence."""
    baseline, take = found.baseline, found.take
    if len(found.variants) == 1:
        return f"There is only one variant, {baseline}: nothing to compare it with."
    label = found.tests.deciding[0].label
    if found.values[baseline] is None:
        return (
            f"No prompt can be named: {label} is not known of {baseline}, which the others are held against."
        )
    others = f"; it cannot be told from {found.rivals}" if found.as_well else ""
    if take != baseline and found.tests.better(take, baseline):
        value = shown(found.values[baseline], found.tests.deciding[0].kind)
        best = (
            ", and than every other"
            if not others and len(found.variants) > 2 and None not in found.values.values()
            else ""
        )
        return (
            f"Take {found.with_value(take)}: by {label} it is better than {baseline} ({value}){best}{others}."
        )
    if take != baseline:
        return (
            f"Take {found.with_value(take)}: by {label} no variant is shown to be better, "
            f"and {baseline} is worse than another{others}."
        )
    if (ahead := found.ahead) is not None and found.tests.better(ahead, baseline, on_these_pairs=True):
        return (
            f"Keep {found.with_value(baseline)}, or try {found.with_value(ahead)}: by {label} it is better on these "
            "pairs, and not shown to be on other essays."
        )
    return f"Keep {found.with_value(baseline)}: by {label} no variant is shown to be better{others}."


def _certainty(found: Ranking, sure: Sure) -> str:
    """How sure that is, with the p-values behind it."""
    if not found.tests.deciding or found.values[found.baseline] is None:
        return f"{CERTAINTY[sure]}."
    take, baseline, tests = found.take, found.baseline, found.tests
    worse = [name for name in found.order if tests.better(take, name) and name != baseline]
    parts = []
    if take != baseline:
        test = tests.of(take, baseline)
        if test is not None and test.value is not None:
            parts.append(f"the difference from {baseline} is {sentences.of_reading(test, test.essays)}")
    elif (ahead := found.ahead) is not None:
        parts.append(f"{found.with_value(ahead)} is ahead, but {_why_open(tests, ahead, baseline)}")
        parts += [
            f"in {listed(figures)} {ahead} is {word}, for other essays too"
            for word in ("better", "worse")
            if (figures := _other_figures(found, ahead, word))
        ]
    elif sure == "no":
        how_far = "ahead, but not of every other" if worse else "ahead of no other"
        parts.append(f"{baseline} is {how_far} by more than chance")
    here = [
        name
        for name in found.order
        if name not in (baseline, *worse) and tests.better(take, name, on_these_pairs=True)
    ]
    for names, where in ((worse, "for other essays too"), (here, "on these pairs only")):
        if names:
            parts.append(f"{listed(names)} {'is' if len(names) == 1 else 'are'} worse {where}")
    if take != baseline and (ahead := found.ahead) is not None:
        parts.append(f"{found.with_value(ahead)} is ahead of it by no more than chance")
    unknown = [name for name in found.order if found.values[name] is None]
    if unknown:
        parts.append(f"nothing is known of {listed(unknown)}")
    return f"{CERTAINTY[sure]}: {'; '.join(parts)}." if parts else f"{CERTAINTY[sure]}."


def _other_figures(found: Ranking, name: str, word: str) -> list[str]:
    """The other figures in which a variant is "better" or "worse" than the baseline."""
    return [
        one.label
        for one in found.differences
        if (one.reference, one.variant) == (found.baseline, name)
        and one not in found.tests.deciding
        and one.verdict == word
    ]


def _why_open(tests: PairTests, ahead: str, baseline: str) -> str:
    """What keeps a variant that is ahead from being better."""
    test = tests.of(ahead, baseline)
    if test is None or test.value is None:
        return "the two were not compared"
    if test.beyond_noise is False:
        band = sentences.distance(test.band, test.kind)
        return f"by no more than runs of one prompt lie apart by chance (up to {band})"
    return f"with other essays that may be chance (adjusted p {sentences.p_text(test.essays.p_adjusted)})"


def _next_steps(found: Ranking, flips: Sequence[Flips], noise: NoiseBand | None) -> list[str]:
    steps = []
    rival = next(iter([*([found.ahead] if found.ahead else []), *found.as_well]), None)
    test = None if rival is None else found.tests.of(found.take, rival)
    said = None if test is None else test.advice
    if found.too_few:
        steps.append(
            f"Add anchors: with fewer than {FEWEST_ESSAYS} nothing can be said of other essays, with a dozen little."
        )
    elif said is not None and said.kind == "never":
        steps.append(_never_told_apart(found, str(rival)))
    elif test is not None and said is not None and said.kind != "nothing seen":
        advice = sentences.advice(test)
        steps.append(f"To tell {found.take} from {rival}: {advice[0].lower()}{advice[1:]}")
    if (cheaper := _cheapest(found)) is not None:
        steps.append(cheaper)
    made_here = any(each.judge.provider != "imported" for each in found.variants)
    if noise is None and len(found.variants) > 1 and made_here:
        steps.append("Run each variant three times (replicates = 3): chance is not known from single runs.")
    for one in flips:
        if {one.one, one.other} == {found.take, rival or found.baseline} and one.flipped:
            pairs = "the pair" if one.flipped == 1 else f"the {one.flipped} pairs"
            steps.append(f"Read {pairs} of which {one.one} and {one.other} name different winners.")
    metrics = next(each.figures.metrics for each in found.variants if each.name == found.take)
    named = [metric.label for metric in metrics if metric.target and metric.target.status == "missed"]
    if named:
        steps.append(f"{found.take} still misses {len(named)} of its targets: {listed(named)}.")
    return steps


def _never_told_apart(found: Ranking, rival: str) -> str:
    """Which of the two to take by other figures, where they are the baseline and another."""
    other = rival if found.take == found.baseline else found.take
    better, worse = (
        _other_figures(found, other, word) if found.baseline in (found.take, rival) else []
        for word in ("better", "worse")
    )
    apart = "even ten times as many anchors would hardly tell these two apart"
    if bool(better) is bool(worse):
        return f"Take {found.take} or {rival}, or change more of the prompt: {apart}."
    label = found.tests.deciding[0].label
    one = other if better else found.baseline
    return f"By {label} {apart}: take {one}, which is better in {listed(better or worse)}."


def _cheapest(found: Ranking) -> str | None:
    """The cheapest of those that cannot be told apart, where it costs less than the one to take."""
    cost = {
        each.name: each.figures.total_usd / len(each.figures.runs)
        for each in found.variants
        if each.figures.total_usd is not None and each.name in (found.take, *found.as_well)
    }
    if found.take not in cost:
        return None
    cheapest = min(cost, key=lambda name: cost[name])
    if cost[cheapest] >= 0.9 * cost[found.take]:
        return None
    return (
        f"{cheapest} costs {cost[cheapest]:.4f} USD a run, {found.take} {cost[found.take]:.4f} USD: "
        "where they cannot be told apart, take the cheaper."
    )
