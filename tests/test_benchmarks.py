"""The benchmarks: they run where only eng5 itself is installed."""

from __future__ import annotations

import subprocess
import sys

from tests.project import ROOT


def test_judging_is_measured_without_pytest() -> None:
    """`python -m benchmarks.bench_judging` needs none of the packages that are for tests."""
    code = (
        "import sys; sys.modules.update(dict.fromkeys(('pytest', 'hypothesis', 'choix', 'statsmodels')));"
        "import benchmarks.bench_judging"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
