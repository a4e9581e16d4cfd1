"""What the tasks are made from, in plain values, kept under build/ for as long as nothing that it follows from changes.

To load the contracts takes longer than all that doit does when there is nothing to do; whoever needs a setting that
is not here reads it by them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eng5.contracts.modes import RunnerMode
from eng5.contracts.plain import glance
from eng5.environment import anchors_override, own_servers, stack
from eng5.errors import InputError
from eng5.files import read_bytes, sha256_bytes, sha256_text, write_text
from eng5.graph.code import stamps
from eng5.paths import ProjectPaths, essay_files

if TYPE_CHECKING:
    from eng5.contracts.experiments import Experiments
    from eng5.settings import RunnerSettings

    Told = tuple[Experiments, Mapping[str, RunnerSettings]]


@dataclass(frozen=True)
class RunOutline:
    """A run, as much of it as its tasks are made from.

    Attributes:
        frozen: what the run is made from, as text; doit compares it.
        own_judge: its judge is code that is not eng5's own.
    """

    mode: RunnerMode
    origin: str
    frozen: str
    by_people: bool
    own_judge: bool
    members: list[str]
    panel_verdict: str
    force_reupload: bool
    anchors_folder: str
    prompts: list[str]
    pairs_of: str | None

    @classmethod
    def of(cls, settings: RunnerSettings) -> RunOutline:
        """The outline of a run whose settings were read."""
        from eng5.contracts.judge_code import PLUGIN

        return cls(
            mode=settings.mode,
            origin=settings.origin,
            frozen=settings.frozen_part(),
            by_people=settings.judged_by_people,
            own_judge=settings.judge.provider == PLUGIN,
            members=list(settings.members),
            panel_verdict=settings.panel_verdict,
            force_reupload=settings.force_reupload,
            anchors_folder=str(settings.anchors_folder),
            prompts=list(map(str, settings.prompts)),
            pairs_of=None if settings.pairs_of is None else str(settings.pairs_of),
        )

    def input_files(self, project: ProjectPaths) -> list[Path]:
        """Every file there is that decides what the run is."""
        about = self.mode.about
        files = [
            *(essay_files(Path(self.anchors_folder)) if "anchors" in about.reads else ()),
            *(essay_files(project.students) if "students" in about.reads else ()),
            *(project.instructions, project.prompt, project.grades, *map(Path, self.prompts)),
            *([Path(self.pairs_of)] if self.pairs_of else ()),
        ]
        return [path for path in files if path.is_file()]


@dataclass(frozen=True)
class Outline:
    """A study, as much of it as its tasks are made from.

    Attributes:
        variants: run → variant.
        boundary_tests: run of a boundary test → whether it asks the baseline's judge.
        has_targets: experiments.toml names any.
        measured: what an analysis follows from beside its files, `shown` a page, `compared` a comparison; as text or
            hash that doit compares.
        may_have_experts: a run of people is named, or may be.
        runs: every run, in the order in which they are listed.
    """

    baseline: str
    variants: dict[str, str]
    boundary_tests: dict[str, bool]
    has_targets: bool
    essays_in_reports: bool
    measured: str
    shown: str
    compared: str
    may_have_experts: bool
    runs: dict[str, RunOutline]


def outline_of(experiments: Experiments, runs: Mapping[str, RunnerSettings]) -> Outline:
    """The outline of a study that was read."""
    from eng5.settings import boundary_names, run_names

    variants = {run: variant for run, (variant, _) in run_names(experiments).items()}
    return Outline(
        baseline=experiments.baseline,
        variants=variants,
        boundary_tests={
            run: experiments.boundary[test].variant == experiments.baseline
            for run, (test, _) in boundary_names(experiments).items()
        },
        has_targets=bool(experiments.targets),
        essays_in_reports=experiments.essays_in_reports,
        measured=experiments.model_dump_json(include={"targets"}),
        shown=f"{experiments.essays_in_reports} {sha256_text(experiments.privacy.model_dump_json())}",
        compared=sha256_text(experiments.model_dump_json(exclude={"boundary", "completion_timeout"})),
        may_have_experts=experiments.experts is not None
        or any(runs[run].judged_by_people for run in variants if run in runs),
        runs={name: RunOutline.of(settings) for name, settings in runs.items()},
    )


def read_settings(project: ProjectPaths) -> Told:
    """What experiments.toml says, and the settings of every run.

    Raises:
        InputError: experiments.toml or the environment says what cannot be.
    """
    from eng5.runs.registry import load_runs
    from eng5.settings import load_experiments

    experiments = load_experiments(project)
    return experiments, load_runs(project, experiments)


def read_kept(project: ProjectPaths) -> tuple[Outline, Told | None]:
    """The outline that is kept, if it is still that of the study; else the study, read, which is kept then.

    Raises:
        InputError: as `read_settings`.
    """
    with suppress(InputError, OSError):
        if (outline := glance(read_bytes(project.outline), partial(_if_current, project))) is not None:
            return outline, None
    told = read_settings(project)
    outline = outline_of(*told)
    if project.build.is_dir() and _is_whole(project, told[1]):
        with suppress(InputError, OSError):  # It is kept for speed alone.
            kept = {"follows_from": _follows_from(project, outline), "outline": asdict(outline)}
            write_text(project.outline, json.dumps(kept, indent=1))
    return outline, told


def read_outlined(project: ProjectPaths, outline: Outline) -> Told:
    """What `outline` is of, in full.

    Raises:
        InputError: the study is another by now, or what `read_settings` refuses.
    """
    told = read_settings(project)
    now = outline_of(*told)
    if replace(now, runs={name: run for name, run in now.runs.items() if name in outline.runs}) != outline:
        project.outline.unlink(missing_ok=True)
        raise InputError(
            "changed while doit was beginning", where=project.experiments, remedy="run the same command again"
        )
    return told


def _follows_from(project: ProjectPaths, outline: Outline) -> str:
    """A hash of an outline and of all that it follows from: what is read, what reads it, and where."""
    listed = {*outline.variants, *outline.boundary_tests}
    others = (project.run(name).run for name in project.runs() if name not in listed)
    return sha256_text(
        json.dumps(
            [
                asdict(outline),
                str(project.root),
                sha256_bytes(read_bytes(project.experiments)),
                {str(run): sha256_bytes(read_bytes(run)) for run in others if run.is_file()},
                [stack(), anchors_override(), sorted(own_servers())],
                sys.version,
                _stamp_of("pydantic"),
                stamps(),
            ]
        )
    )


def _stamp_of(library: str) -> list[object]:
    """Where it is and when it was installed, without its import."""
    found = find_spec(library)
    origin = Path(found.origin or "") if found else Path()
    return [str(origin), origin.stat().st_mtime_ns]


def _is_whole(project: ProjectPaths, runs: Mapping[str, RunnerSettings]) -> bool:
    """No run was left out, and none asks the platform, whose addresses are checked each time."""
    made = (name for name in project.runs() if project.run(name).run.is_file())
    return all(name in runs for name in made) and all(
        one.platform.stack == "embedded" for one in runs.values()
    )


def _if_current(project: ProjectPaths, kept: Any) -> Outline | None:
    runs = {
        name: RunOutline(**{**run, "mode": RunnerMode(run["mode"])})
        for name, run in kept["outline"]["runs"].items()
    }
    outline = Outline(**{**kept["outline"], "runs": runs})
    return outline if kept["follows_from"] == _follows_from(project, outline) else None
