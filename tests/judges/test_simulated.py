import asyncio
import math

import pytest
from pydantic import ValidationError

from eng5.judges.protocol import Judge, Outcome, Verdict
from eng5.judges.question import Question, Setting, ShownEssay
from eng5.judges.simulated import SimulatedJudge, SimulatedParameters

SETTING = Setting("mock", "simulated")
DRAWS = 4000
# Five standard errors of a share of 4000 draws: 5 * sqrt(0.25 / 4000).
TOLERANCE = 0.04


def verdicts(a: str = "strong", b: str = "weak", **parameters: object) -> list[Verdict]:
    judge = SimulatedJudge(SimulatedParameters.model_validate(parameters))
    essays = ShownEssay(a, "A text."), ShownEssay(b, "Another.")

    async def draw() -> list[Verdict]:
        return [await judge.judge(Question(SETTING, *essays, number)) for number in range(1, DRAWS + 1)]

    return asyncio.run(draw())


def share(found: list[Verdict], outcome: Outcome) -> float:
    return sum(one.outcome is outcome for one in found) / len(found)


@pytest.mark.parametrize(("difference", "bias"), [(0.0, 0.0), (1.0, 0.0), (1.0, 0.7), (-2.0, 0.5)])
def test_wins_follow_abilities_and_bias(difference: float, bias: float) -> None:
    """The share of wins is the logistic function of difference and bias."""
    found = verdicts(seed=3, abilities={"strong": difference}, position_bias=bias)
    assert share(found, Outcome.A) == pytest.approx(1 / (1 + math.exp(-difference - bias)), abs=TOLERANCE)


def test_ties_and_errors_come_at_their_rates() -> None:
    """Errors come first, ties among the rest."""
    found = verdicts(seed=4, error_rate=0.2, tie_rate=0.25)
    assert share(found, Outcome.ERROR) == pytest.approx(0.2, abs=TOLERANCE)
    assert share(found, Outcome.TIE) == pytest.approx(0.8 * 0.25, abs=TOLERANCE)


def test_same_question_same_verdict() -> None:
    """A verdict does not depend on when it is asked for; another seed gives others."""
    assert verdicts(seed=5) == verdicts(seed=5)
    assert verdicts(seed=5) != verdicts(seed=6)


def test_certain_verdicts_are_confident() -> None:
    """Confidence runs from 1 at even odds to 5 at certainty, even for absurd abilities."""
    assert {one.confidence for one in verdicts(abilities={})} == {1.0}
    certain = verdicts(abilities={"strong": 1e6})
    assert {(one.outcome, one.confidence) for one in certain} == {(Outcome.A, 5.0)}


@pytest.mark.parametrize(
    "parameters",
    [
        {"tie_rate": 1.1},
        {"error_rate": -0.1},
        {"abilities": {"x": float("nan")}},
        {"unknown": 1},
        {"delay_ms": -1},
    ],
    ids=str,
)
def test_parameters_that_make_no_sense_are_refused(parameters: dict[str, object]) -> None:
    """Rates are shares, abilities are numbers, and there is nothing else."""
    with pytest.raises(ValidationError):
        SimulatedParameters.model_validate(parameters)


def test_deciding_parameters_are_those_of_the_pair() -> None:
    """Another essay's ability and the delay decide nothing; a pair's own abilities do."""
    one = SimulatedJudge(SimulatedParameters(abilities={"a": 1.0, "c": 2.0}))
    two = SimulatedJudge(SimulatedParameters(abilities={"a": 1.0, "c": 3.0}, delay_ms=5))
    assert isinstance(one, Judge)
    assert one.deciding_parameters("a", "b") == two.deciding_parameters("a", "b")
    assert one.deciding_parameters("a", "c") != two.deciding_parameters("a", "c")
    assert two.concurrency < one.concurrency


def test_an_outage_comes_and_goes() -> None:
    """Away for the second and third question; the verdicts around it are those of a judge without an outage."""
    steady = [one.outcome for one in verdicts(seed=4)[:5]]
    troubled = [one.outcome for one in verdicts(seed=4, outage=(1, 3))[:5]]
    assert troubled[1:3] == [Outcome.ERROR] * 2
    assert [troubled[0], *troubled[3:]] == [steady[0], *steady[3:]]
