"""What the analysis of a boundary test answers on a card."""

from __future__ import annotations

from eng5.contracts.boundary_analysis import BoundaryAnalysis
from eng5.contracts.card import CardFigure, CardSection
from eng5.contracts.own import Estimate
from eng5.pages.rendering import count, percent


def sections(analysis: BoundaryAnalysis) -> list[CardSection]:
    """A section for each question; a test of few pairs leaves some of them open."""
    overall = analysis.overall
    agreement = [_share("corrected", "Wins of the higher grade, corrected for position", overall.corrected)]
    if overall.essays is not None:
        agreement[0] = agreement[0].model_copy(update={"other_essays": overall.essays.interval})
    for boundary in analysis.boundaries if len(analysis.boundaries) > 1 else []:
        name = f"{boundary.higher_grade}/{boundary.lower_grade}"
        figure = _share(f"corrected_{name}", f"The same at {name}", boundary.figures.corrected)
        others = boundary.figures.essays
        agreement.append(figure.model_copy(update={"other_essays": others.interval if others else None}))
    repeats = (
        "Every repeat brought the same verdict." if analysis.deterministic else "Repeats do not always agree."
    )
    first = overall.position_balanced.value
    found = [
        CardSection(
            topic="agreement",
            question="Does the judge tell the grades apart?",
            answer=analysis.verdict,
            figures=agreement,
        ),
        _unknown(
            "human ceiling",
            "How well do graders agree with each other?",
            "a boundary test has no second grader",
        ),
        CardSection(
            topic="position",
            question="Does it matter which essay is shown first?",
            answer=f"The essay shown first wins {percent(first)}, both orders weighing the same."
            if first is not None
            else None,
            figures=[
                _share("position", "Wins of Essay A", overall.position),
                _share(
                    "position_balanced",
                    "The same with both orders weighing the same",
                    overall.position_balanced,
                ),
                _share("swap_consistency", "Pairs with the same winner in both orders", overall.swap_pairs),
            ],
        ),
        _unknown(
            "length",
            "Do longer essays get more than their grade?",
            "a boundary test has too few pairs to tell",
        ),
        CardSection(
            topic="reliability",
            question="Would the judge say the same again?",
            answer=repeats,
            figures=[
                _share(
                    "agreement",
                    "Verdicts that agree with the majority of their pair",
                    overall.agreement,
                    None if overall.agreement_coin is None else f"a coin: {percent(overall.agreement_coin)}",
                )
            ],
        ),
    ]
    if overall.confidence.value is None:
        why = "no verdict states a confidence"
        return [*found, _unknown("confidence", "Is the judge as often right as it says?", why)]
    stated = CardFigure(
        name="mean_confidence",
        label="Mean stated confidence, 1 to 5",
        kind="ratio",
        value=overall.confidence.value,
        interval=overall.confidence.interval,
        note=f"of {count(overall.decided)} decided comparisons",
    )
    question = "How sure does the judge say that it is?"
    return [*found, CardSection(topic="confidence", question=question, answer=None, figures=[stated])]


def _share(name: str, label: str, found: Estimate, note: str | None = None) -> CardFigure:
    return CardFigure(
        name=name, label=label, kind="share", value=found.value, interval=found.interval, note=note
    )


def _unknown(topic: str, question: str, why: str) -> CardSection:
    return CardSection.model_validate(
        {"topic": topic, "question": question, "answer": None, "not_known": why}
    )
