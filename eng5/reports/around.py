"""What a page takes from around its run: the essays' texts, and the pages that it leads to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from eng5.contracts.artefact import Artefact
from eng5.contracts.experiments import Experiments
from eng5.contracts.report import Report
from eng5.errors import InputError
from eng5.files import read_model
from eng5.paths import RunnerPaths
from eng5.reports import essay_texts
from eng5.reports.essay_texts import EssayTexts
from eng5.settings import load_experiments


@dataclass(frozen=True)
class Around:
    """Texts by essay id, and links as words and address, relative to reports/."""

    texts: EssayTexts = field(default_factory=dict)
    links: tuple[tuple[str, str], ...] = ()


NOTHING = Around()


def read(paths: RunnerPaths, artefact: Artefact) -> Around:
    """What there is around a run; little without a readable experiments.toml."""
    try:
        experiments = load_experiments(paths.project)
    except InputError:
        experiments = None
    texts = essay_texts.read(paths, artefact, experiments)
    return Around(texts, tuple(_links(paths, artefact, experiments)))


def _links(
    paths: RunnerPaths, artefact: Artefact, experiments: Experiments | None
) -> Iterator[tuple[str, str]]:
    """The index, the comparison that the run is part of (made or not, by experiments.toml), the run before."""
    yield "All runs", paths.project.index.name
    if experiments is not None:
        if paths.name in experiments.boundary and len(experiments.boundary) > 1:
            yield "Comparison of boundary tests (doit compare_boundary)", "compare_boundary.html"
        elif artefact.metadata.runner_mode.about.has_targets and len(experiments.variant) > 1:
            yield "Comparison of variants (doit compare)", "compare.html"
    before = _page_before(paths, artefact.metadata.timestamp)
    if before is not None:
        yield "The run before", before


def _page_before(paths: RunnerPaths, timestamp: str) -> str | None:
    """The page of the latest earlier attempt, while it is there."""
    for record in sorted(paths.attempts.glob(f"*/{paths.report.name}"), reverse=True):
        if record.parent.name[: len(timestamp)] >= timestamp:
            continue
        try:
            files = read_model(record, Report).files
        except InputError:
            continue
        for file in files:
            if file.path.endswith(".html") and (paths.project.reports / file.path).is_file():
                return file.path
    return None
