"""The benchmarks: they run where only eng5 itself is installed."""

from __future__ import annotations

import subprocess
import sys

from benchmarks import expert_prior
from tests.project import ROOT


def test_judging_is_measured_without_pytest() -> None:
    """`python -m benchmarks.bench_judging` needs none of the packages that are for tests."""
    code = (
        "import sys; sys.modules.update(dict.fromkeys(('pytest', 'hypothesis', 'choix', 'statsmodels')));"
        "import benchmarks.bench_judging"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_page_on_few_comparisons_has_what_was_measured() -> None:
    """The tables are those of the kept rows: `python benchmarks/expert_prior.py --page` writes them."""
    page = expert_prior.PAGE.read_text(encoding="utf-8")
    assert expert_prior.tables(expert_prior.load()) in page


def test_no_language_model_harms_and_a_good_one_halves_the_error() -> None:
    """What was measured and kept: at most .6 with a good one, at most 1.02 with any that is wrong."""
    for row in expert_prior.load():
        assert row["ratio"] <= (0.6 if row["llm"] == "good" else 1.02), row
        assert row["llm"] == "none" or row["runs"] >= 100
