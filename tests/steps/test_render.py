"""Tests of `eng5.steps.render`: which modules make the pages of a run of which mode."""

import inspect
from importlib import import_module

import pytest

from eng5.contracts.modes import RunnerMode
from eng5.steps.render import report_modules


def test_each_mode_has_its_page() -> None:
    """The index follows every report."""
    made = {mode: report_modules(mode) for mode in RunnerMode}
    assert made[RunnerMode.ANCHOR_ALIGN_TEST][0] == "reports.alignment.report"
    assert made[RunnerMode.BOUNDARY_TEST][0] == "reports.boundary.report"
    assert made[RunnerMode.EXECUTE][0] == "reports.alignment.students"
    assert {index for _, index in made.values()} == {"reports.index"}


@pytest.mark.parametrize("page", sorted({mode.about.page for mode in RunnerMode}))
def test_every_page_is_made_by_a_report_generator(page: str) -> None:
    """`run(paths)`, and nothing else has to be handed to it."""
    generator = import_module(f"eng5.reports.{page}").run
    assert list(inspect.signature(generator).parameters) == ["paths"]
