"""50 of the baseline run → build/baseline.json: its count of A/B inversions."""

from __future__ import annotations

from eng5.contracts.artefact import Artefact
from eng5.contracts.baseline import Baseline
from eng5.files import read_model, write_model
from eng5.paths import RunnerPaths
from eng5.reports.alignment.dataset import load
from eng5.reports.alignment.metrics import band_count
from eng5.stats.inversions import inversions


def build(artefact: Artefact, *, name: str) -> Baseline:
    """Count; `name` is the run's, the folder under build/."""
    data = load(artefact)
    return Baseline(
        run=name,
        ab_inversions=band_count(data, inversions(data.comparisons, data.level)),
    )


def run(paths: RunnerPaths) -> None:
    """Read 50 of the baseline run, write build/baseline.json."""
    write_model(paths.project.baseline, build(read_model(paths.artefact, Artefact), name=paths.name))
