"""Which run stands beside another: experts beside a judge, and a judge's scale beside experts'."""

from __future__ import annotations

from eng5.contracts.experiments import Experiments, Variant
from eng5.contracts.panel import HUMAN
from eng5.errors import DamagedFileError
from eng5.paths import ProjectPaths, RunnerPaths
from eng5.runs.registry import artefact_head, imported_runs
from eng5.settings import run_names

NO_MODELS = ("mock", "replay")
"""Providers that are no language model: their scale is the last choice."""


def run_beside(project: ProjectPaths, experiments: Experiments, name: str) -> RunnerPaths | None:
    """The run that the run `name` is held against; None without one that has an artefact.

    Beside a judge, the experts that `experts` of experiments.toml names, or else those that are found: of a
    variant that people judge, then of an import. Beside experts, the judge whose scale helps theirs: a language
    model before any other, the baseline before other variants. Nobody stands beside a panel that they are part of.
    """
    people = expert_runs(project, experiments)
    if name in people:
        return _first(project, _judges(experiments))
    experts = experts_of(project, experiments)
    return None if experts is None or experts.name in (name, *_members(experiments, name)) else experts


def experts_of(project: ProjectPaths, experiments: Experiments) -> RunnerPaths | None:
    """The run of experts that judges are held against; None without one that has an artefact."""
    wanted = experiments.experts
    return _first(project, [wanted] if wanted else expert_runs(project, experiments))


def expert_runs(project: ProjectPaths, experiments: Experiments) -> list[str]:
    """Runs that people judged: variants of experiments.toml, and imports that say so."""
    own = [
        run
        for run, (variant, _) in run_names(experiments).items()
        if experiments.variant[variant].provider == HUMAN
    ]
    return own + [run for run in imported_runs(project) if _imported_people(project.run(run))]


def _imported_people(paths: RunnerPaths) -> bool:
    try:
        imported = artefact_head(paths).metadata.imported
    except DamagedFileError:  # whatever works on that run names the file
        return False
    return bool(imported and imported.get("people"))


def _judges(experiments: Experiments) -> list[str]:
    def last(variant: Variant) -> bool:
        return (
            bool(variant.members)
            or variant.provider in NO_MODELS
            or variant.model in ("surface", "simulated")
        )

    names = [
        (run, variant)
        for run, (variant, _) in run_names(experiments).items()
        if experiments.variant[variant].provider != HUMAN
        and not any(experiments.variant[one].provider == HUMAN for one in _members(experiments, variant))
    ]
    names.sort(key=lambda one: (last(experiments.variant[one[1]]), one[1] != experiments.baseline))
    return [run for run, _ in names]


def _members(experiments: Experiments, name: str) -> list[str]:
    """The variants that a panel of that name is of."""
    return (experiments.variant[name].members or []) if name in experiments.variant else []


def _first(project: ProjectPaths, names: list[str]) -> RunnerPaths | None:
    there = (project.run(name) for name in names)
    return next((paths for paths in there if paths.artefact.is_file()), None)
