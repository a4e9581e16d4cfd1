"""What the analysis of an alignment run answers on a card."""

from __future__ import annotations

from eng5.contracts.analysis import Analysis, Metric
from eng5.contracts.artefact import Artefact
from eng5.contracts.card import CardFigure, CardSection
from eng5.contracts.own import Estimate, with_fields_of
from eng5.pages.rendering import Kind, count, estimate, number, percent, shown

AGREEMENT = (
    "kendall_tau",
    "direct_inversions",
    "inversion_rate",
    "excess_inversions",
    "zero_win_anchors",
    "excess_zero_wins",
    "ab_regression",
)
NO_VERDICT = "no comparison was decided"


def sections(artefact: Artefact, analysis: Analysis) -> list[CardSection]:
    """A section for each question; figures of `analysis`, and nothing worked out anew."""
    return [
        _agreement(analysis),
        _ceiling(analysis),
        _position(artefact, analysis),
        _length(analysis),
        _reliability(analysis),
        _confidence(analysis),
    ]


def _agreement(analysis: Analysis) -> CardSection:
    question = "Does the judge order essays as the graders do?"
    known = {metric.name: metric for metric in analysis.metrics if metric.name in AGREEMENT}
    tau = known["kendall_tau"]
    if all(metric.value is None for metric in known.values()):
        why = (
            NO_VERDICT if not analysis.counts.decided else "no essays of different known grades were compared"
        )
        return _unknown("agreement", question, why)
    found = [_of_metric(known[name]) for name in AGREEMENT if name in known]
    if analysis.ruler is not None:
        ruler = analysis.ruler
        found += [
            _over_essays(
                "weighted_kappa",
                "Quadratic weighted kappa of grades read off the other anchors",
                ruler.weighted_kappa,
            ),
            _over_essays("exact_agreement", "Exact grade", ruler.exact_agreement, "share"),
            _over_essays("adjacent_agreement", "Within one grade", ruler.adjacent_agreement, "share"),
        ]
    if tau.value is None:
        answer = f"Kendall's tau is not known: {tau.note or 'the scores have no order'}."
    else:
        answer = f"Kendall's tau is {estimate(tau)} on these pairs" + (
            f", {number(tau.other_essays.low)} to {number(tau.other_essays.high)} for essays like these."
            if tau.other_essays
            else "; too few anchors to speak of other essays."
        )
    return CardSection(topic="agreement", question=question, answer=answer, figures=found)


def _ceiling(analysis: Analysis) -> CardSection:
    question = "How well do graders agree with each other, and is the judge as good as one of them?"
    found: list[CardFigure] = []
    said: list[str] = []
    if (ceiling := analysis.ceiling) is not None:
        found += [
            _over_essays("krippendorff_alpha", "Krippendorff's alpha of the grades", ceiling.alpha),
            _over_essays("graders_kappa", "Quadratic weighted kappa of two graders", ceiling.kappa),
            _over_essays("tau_with_graders", "Kendall's tau of the judge with their median", ceiling.tau),
            _over_essays(
                "tau_without_error", "The same with the graders' error taken out", ceiling.tau_without_error
            ),
        ]
        said.append(ceiling.sentence)
    if (beside := analysis.beside_experts) is not None:
        found += [
            _over_essays(
                "with_experts", "A verdict of the judge is an expert's", beside.with_experts, "share"
            ),
            _over_essays(
                "among_experts", "Verdicts of two experts are the same", beside.among_experts, "share"
            ),
        ]
        said.append(beside.sentence)
    elif (experts := analysis.experts) is not None:
        found.append(
            _over_essays(
                "experts_agreement", "Verdicts of two judges are the same", experts.agreement, "share"
            )
        )
        said.append(experts.sentence)
    if not found:
        return _unknown(
            "human ceiling", question, "no second grader of these essays; grades of two or more would tell"
        )
    return CardSection(topic="human ceiling", question=question, answer=" ".join(said), figures=found)


def _position(artefact: Artefact, analysis: Analysis) -> CardSection:
    question = "Does it matter which essay is shown first?"
    bias = analysis.position
    if bias is None:
        imported = artefact.metadata.imported
        why = (
            "the imported file does not say which text lay on the left"
            if imported and not imported.positions
            else NO_VERDICT
        )
        return _unknown("position", question, why)
    span = bias.eta.interval
    said = "It is not known."
    if span is not None:
        said = (
            f"Yes: it prefers the essay shown {'first' if span.low > 0 else 'second'}."
            if span.low > 0 or span.high < 0
            else "No advantage of a side was found; the interval says how large it may be."
        )
    return CardSection(
        topic="position",
        question=question,
        answer=said,
        figures=[
            _figure("first_share", "Wins of the essay shown first", bias.first_share, "share"),
            _figure("eta", "Advantage of the first place among equals, logits", bias.eta),
            _figure("consistency", "Same winner in both orders", bias.consistency, "share"),
        ],
    )


def _length(analysis: Analysis) -> CardSection:
    question = "Do longer essays get more than their grade?"
    bias = analysis.length
    if bias is None:
        why = "no decided comparison of texts of different length is in the analysis"
        return _unknown("length", question, why)
    span = bias.tendency.interval
    if span is None:
        said = "Too few graded essays to tell."
    elif span.low > 0 or span.high < 0:
        said = f"Yes: {'longer' if span.low > 0 else 'shorter'} essays are placed higher than their grade."
    else:
        said = "No tendency beyond the grade was found; the interval says how large it may be."
    by_experts = (
        ""
        if bias.longer_graded_higher is None
        else f"; the graders put it higher in {percent(bias.longer_graded_higher)} of those with different grades"
    )
    return CardSection(
        topic="length",
        question=question,
        answer=said,
        figures=[
            _over_essays(
                "length_tendency", "Length and place beyond the grade, Kendall's tau", bias.tendency
            ),
            _figure(
                "longer_won",
                "Wins of the longer essay",
                bias.longer_won,
                "share",
                f"of {count(bias.compared)} comparisons{by_experts}",
            ),
        ],
    )


def _reliability(analysis: Analysis) -> CardSection:
    question = "Would the judge say the same again?"
    known = analysis.reliability
    if known is None:
        return _unknown("reliability", question, NO_VERDICT)
    found = [_figure("separation_reliability", "Scale separation reliability", known.separation_reliability)]
    if known.repeated_pairs:
        coin = percent(known.agreement_coin)
        note = f"of {count(known.repeated_pairs)} pairs that were asked more than once; a coin: {coin}"
        found.append(
            _figure(
                "agreement",
                "Repeats that agree with the majority of their pair",
                Estimate(value=known.agreement),
                "share",
                note,
            )
        )
    if known.split_half is not None:
        half = known.split_half
        found.append(
            _figure(
                "split_half",
                "Correlation of two random halves",
                Estimate(value=half.correlation),
                note=f"95 % of the splits: {number(half.low)} to {number(half.high)}",
            )
        )
    said = {
        True: "The scores are more reliable than a coin's.",
        False: "The scores are not more reliable than a coin's.",
        None: "There are too few essays on one scale to say how reliable the scores are.",
    }[known.reliable]
    if analysis.evidence is not None:
        said += f" {analysis.evidence.repeats}"
    return CardSection(topic="reliability", question=question, answer=said, figures=found)


def _confidence(analysis: Analysis) -> CardSection:
    question = "Is the judge as often right as it says?"
    stated = analysis.calibration
    if stated is None or not stated.count:
        return _unknown("confidence", question, "no verdict between different grades states a confidence")
    over = stated.overconfidence
    said = (
        None
        if over is None
        else f"It claims to be right {abs(round(100 * over))} points {'more' if over > 0 else 'less'} often than it is."
    )
    return CardSection(
        topic="confidence",
        question=question,
        answer=said,
        figures=[
            _figure(
                "expected_calibration_error",
                "Expected calibration error",
                Estimate(value=stated.expected_error),
                note=f"by chance alone: {number(stated.expected_error_if_calibrated)}",
            ),
            _figure("mean_confidence", "Mean stated confidence, 1 to 5", stated.mean_confidence),
        ],
    )


def _of_metric(metric: Metric) -> CardFigure:
    target = None
    if metric.target is not None:
        sign = "at most" if metric.target.bound == "max" else "at least"
        status = {"met": "met", "missed": "missed", "unknown": "not known"}[metric.target.status]
        target = f"{sign} {shown(metric.target.limit, metric.kind)}: {status}"
    return with_fields_of(metric, CardFigure, target=target)


def _over_essays(
    name: str, label: str, found: Estimate, kind: Kind = "ratio", note: str | None = None
) -> CardFigure:
    """A figure whose interval is for other essays."""
    return CardFigure(
        name=name, label=label, kind=kind, value=found.value, other_essays=found.interval, note=note
    )


def _figure(
    name: str, label: str, found: Estimate, kind: Kind = "ratio", note: str | None = None
) -> CardFigure:
    return CardFigure(
        name=name, label=label, kind=kind, value=found.value, interval=found.interval, note=note
    )


def _unknown(topic: str, question: str, why: str) -> CardSection:
    return CardSection.model_validate(
        {"topic": topic, "question": question, "answer": None, "not_known": why}
    )
