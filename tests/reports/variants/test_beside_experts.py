"""The variants against experts in the comparison."""

from __future__ import annotations

from collections.abc import Callable

from eng5.contracts.artefact import Artefact
from eng5.contracts.experiments import Experiments
from eng5.reports.variants import compare
from eng5.reports.variants.report import build as pages
from eng5.steps import variant_panel
from tests.reports.alignment.test_experts import people

Judge = Callable[..., Artefact]
EXPERIMENTS = Experiments.model_validate(
    {"baseline": "coin", "variant": {"coin": {"provider": "mock"}, "good": {"provider": "mock"}}}
)


def test_the_variant_that_agrees_most_comes_first_and_experts_have_no_line(judge: Judge) -> None:
    """A good judge before a coin; neither the experts' own run nor a panel with it is held against themselves."""
    theirs, good = people(), judge(steepness=3.0)
    artefacts = {
        "coin": [("coin", judge(steepness=0.0))],
        "good": [("good", good)],
        "teachers": [("teachers", theirs)],
        "jury": [
            ("jury", variant_panel.build("jury", [("good", good), ("teachers", theirs)], "majority", []))
        ],
    }
    compared = compare.build(EXPERIMENTS, artefacts, people=("teachers", theirs))
    assert compared.experts is not None
    assert [line.variant for line in compared.experts.lines] == ["good", "coin"]
    coin = compared.experts.lines[1]
    assert coin.difference.interval is not None and coin.difference.interval.high < 0
    written = pages(compared, artefacts)
    assert 'id="experts"' in written["compare.html"]
    assert "## The variants and the experts" in written["compare.md"]
    assert "### teachers: another judge, without prompts" in written["compare.md"]
    assert "Which of 4 variants to take" in written["compare.html"]
    without = compared.model_copy(update={"experts": None})
    assert 'href="#experts"' not in pages(without, artefacts)["compare.html"]
