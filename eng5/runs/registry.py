"""Which runs there are: the variants and boundary tests of experiments.toml, and the frozen runs under build/."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, BaseModel

from eng5.contracts.experiments import Experiments
from eng5.contracts.journal import END_PREFIX, JournalEnd
from eng5.contracts.modes import RunnerMode
from eng5.contracts.own import with_fields_of
from eng5.contracts.platform import PlatformSettings
from eng5.contracts.privacy import Privacy
from eng5.contracts.refusals import nearest
from eng5.contracts.run import BoundarySelection, RunFile, RunIdentity, TextFile
from eng5.environment import kafka_config
from eng5.errors import DamagedFileError, InputError
from eng5.files import JsonLines, parse_model, read_model, read_text, sha256_text
from eng5.paths import ProjectPaths, RunnerPaths
from eng5.runs.state import artefact_alone
from eng5.settings import RunnerSettings, boundary_names, platform_of, run_names, settings_of_run


def batch_end(paths: RunnerPaths) -> JournalEnd | None:
    """The journal's closing line; None while answers are still to come."""
    last = JsonLines(paths.events).last()
    if last is None or not last.startswith(END_PREFIX):
        return None
    return parse_model(last, JournalEnd, paths.events)


def mode_of(paths: RunnerPaths) -> RunnerMode:
    """The mode that an artefact was made in."""
    return artefact_head(paths).metadata.runner_mode


def is_complete(paths: RunnerPaths) -> bool:
    """The artefact is of a batch that came to its end."""
    return artefact_head(paths).validation.complete


def check_current(paths: RunnerPaths, settings: RunnerSettings) -> None:
    """Refuse an artefact whose judge or prompts are not those of the settings.

    Raises:
        InputError: names what differs.
    """
    from eng5.contracts.artefact import Artefact

    about = read_model(paths.artefact, Artefact).metadata
    prompts = ((about.system_prompt, settings.system_prompt), (about.rubric, settings.rubric))
    same = [
        sent.sha256 == sha256_text(read_text(wanted)) if sent and wanted else not sent and not wanted
        for sent, wanted in prompts
    ]
    differs = [
        what
        for what, is_same in (
            ("judge", about.judge == settings.judge),
            ("system prompt", same[0]),
            ("rubric", same[1]),
        )
        if not is_same
    ]
    if differs:
        raise InputError(
            f"made with another {' and '.join(differs)} than experiments.toml names",
            where=paths.artefact,
            remedy=f"run doit anchor_align:{paths.name}, or delete the run's folder",
        )


def imported_runs(project: ProjectPaths) -> dict[str, str]:
    """Run → name, of the comparisons of other tools that were imported."""
    return {name: name for name in project.runs() if _is_imported(project.run(name))}


def _is_imported(paths: RunnerPaths) -> bool:
    if not artefact_alone(paths):
        return False
    try:
        return artefact_head(paths).metadata.imported is not None
    except DamagedFileError:  # whatever works on that run names the file
        return False


def artefact_head(paths: RunnerPaths) -> ArtefactHead:
    """What an artefact says of itself.

    Raises:
        InputError: there is none, or it is damaged.
    """
    return read_model(paths.artefact, ArtefactHead)


class HeadMetadata(BaseModel):
    """Which run it is of; `imported` is None unless its comparisons are of another tool."""

    runner_mode: RunnerMode
    attempt: int = 1
    generated_at: AwareDatetime | None = None
    imported: dict[str, Any] | None = None


class HeadComparison(BaseModel):
    """Whether it was answered."""

    status: str


class HeadValidation(BaseModel):
    """Whether the batch came to its end."""

    complete: bool = True


class ArtefactHead(BaseModel):
    """As much of an artefact as says how it is read, and how much is in it."""

    metadata: HeadMetadata
    validation: HeadValidation = HeadValidation()
    llm_comparisons: list[HeadComparison] = []


def load_runs(project: ProjectPaths, experiments: Experiments) -> dict[str, RunnerSettings]:
    """Run name → settings: variants, then boundary tests, in the order of experiments.toml; then other runs."""
    platform = platform_of()
    names = [*run_names(experiments), *boundary_names(experiments)]
    runs = {name: settings_of_run(project, experiments, name, platform) for name in names}
    for name in project.runs():
        if name not in runs and project.run(name).run.exists():
            try:
                runs[name] = frozen_settings(
                    project, read_model(project.run(name).run, RunFile), platform, experiments.privacy
                )
            except DamagedFileError as error:
                print(f"left out: {error}", file=sys.stderr)  # noqa: T201
    return runs


def no_run(name: str, known: Iterable[str]) -> InputError:
    """There is no run of this name; the nearest ones."""
    return InputError(f"no run '{name}'{nearest(name, known)}", remedy="`eng5 runs` shows all of them")


def every_run(project: ProjectPaths, experiments: Experiments) -> dict[str, RunnerSettings | None]:
    """The same, and after them the runs whose artefact came alone, of which no settings are known: imports too."""
    known = load_runs(project, experiments)
    others = (name for name in project.runs() if name not in known and artefact_alone(project.run(name)))
    return {**known, **dict.fromkeys(others)}


def frozen_settings(
    project: ProjectPaths, run: RunFile, platform: PlatformSettings, privacy: Privacy
) -> RunnerSettings:
    """The settings that a 00_run.json was made from; the services' addresses are those of today.

    So is `privacy`: a run's folder holds no list of pupils' names.
    """
    identity = run.identity
    return with_fields_of(
        identity,
        RunnerSettings,
        origin=run.origin,
        system_prompt=_path(project, identity.system_prompt),
        rubric=_path(project, identity.rubric),
        boundary=_selection(identity),
        pairs_of=_path(project, identity.pairs_of),
        use_kafka=run.use_kafka,
        await_completion=run.await_completion,
        completion_timeout=run.completion_timeout,
        anchors_folder=project.root / run.anchors_folder,
        privacy=privacy,
        platform=platform.model_copy(update={"stack": identity.stack})
        if platform.stack == identity.stack
        else PlatformSettings(
            stack=identity.stack,
            content_service_url=run.content_service_url,
            cj_service_url=run.cj_service_url,
            kafka_bootstrap=run.kafka_bootstrap,
            kafka_config=kafka_config() if identity.stack == "external" else {},
        ),
    )


def _selection(identity: RunIdentity) -> BoundarySelection | None:
    if not identity.boundary:
        return None
    return BoundarySelection(
        pairs=[f"{pair.higher}:{pair.lower}" for pair in identity.boundary],
        iterations=identity.boundary[0].iterations,
        sequential=identity.sequential is not None,
    )


def _path(project: ProjectPaths, file: TextFile | None) -> Path | None:
    return None if file is None else project.root / file.path
