"""Tests of `eng5.steps.index`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from eng5.contracts.artefact import Artefact
from eng5.contracts.experiments import MetricName, Target
from eng5.files import write_model
from eng5.paths import ProjectPaths
from eng5.reports import index
from eng5.reports.alignment import analysis, report

pytestmark = pytest.mark.usefixtures("few_draws")

Judge = Callable[..., Artefact]
TARGETS: dict[MetricName, Target] = {
    "direct_inversions": Target(max=1, baseline=5),
    "kendall_tau": Target(min=0.9, baseline=0.82),
}


def project_with(tmp_path: Path, **artefacts: Artefact) -> ProjectPaths:
    project = ProjectPaths.at(tmp_path)
    for days, (name, artefact) in enumerate(artefacts.items()):
        created = artefact.metadata.generated_at + timedelta(days=days)
        metadata = artefact.metadata.model_copy(update={"generated_at": created, "batch_id": name})
        paths = project.run(name)
        write_model(paths.artefact, artefact.model_copy(update={"metadata": metadata}))
        analysis.run(paths, TARGETS)
        report.run(paths)
    return project


def test_index_links_every_report_and_shows_trends(judge: Judge, tmp_path: Path) -> None:
    """Latest run first, links that lead to files, a trend for each target, other pages listed."""
    grades = ("F+", "E+", "C+", "A")
    project = project_with(
        tmp_path,
        first=judge(grades, steepness=0.0),
        second=judge(grades),
        third=judge(grades, provider="mock", model="surface"),
    )
    (project.reports / "compare_all.html").write_text("<!doctype html>", encoding="utf-8")
    index.run(project)
    page = (project.reports / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'href="([^"#:]+\.html)"', page)
    assert links.pop(0) == "history.html", (
        "it is rendered with the index, and not listed among the other pages"
    )
    assert len(links) == 4 and all((project.reports / link).is_file() for link in links)
    assert page.index(">third</a>") < page.index(">second</a>") < page.index(">first</a>")
    assert page.count("<svg") == len(TARGETS)
    assert "no model: baseline" in page

    index.run(project)
    assert (project.reports / "index.html").read_text(encoding="utf-8") == page, "it never lists itself"


def test_index_of_nothing_says_so(tmp_path: Path) -> None:
    """Without a report the page is whole and says that there is none."""
    project = ProjectPaths.at(tmp_path)
    index.run(project)
    assert "No run has a report yet." in (project.reports / "index.html").read_text(encoding="utf-8")
