"""What the user asked for, in experiments.toml and on the command line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel

from eng5.contracts.experiments import Experiments, Variant
from eng5.contracts.grade_scales import DEFAULT_GRADE_SCALE, GRADE_SCALES, Scale
from eng5.contracts.judge_names import model_of_another
from eng5.contracts.modes import RunnerMode
from eng5.contracts.own import with_fields_of
from eng5.contracts.panel import HUMAN
from eng5.contracts.platform import PlatformSettings
from eng5.contracts.privacy import Privacy
from eng5.contracts.run import BoundarySelection, JudgeSettings, PanelDesign
from eng5.contracts.variant_panel import PanelVerdict
from eng5.environment import anchors_override, own_servers, platform_values
from eng5.errors import InputError
from eng5.files import read_text, sha256_text
from eng5.paths import ProjectPaths

Model = TypeVar("Model", bound=BaseModel)


class RunnerSettings(BaseModel, frozen=True):
    """Everything a handler or the `run` step has to know. Frozen; nothing is passed by changing it."""

    mode: RunnerMode
    batch_id: str
    origin: Literal["experiments", "command-line"] = "command-line"
    assignment_id: str | None = None
    course_id: str | None = None
    course_code: str = "ENG5"
    language: str = "en"
    user_id: str = "eng5_np_research_runner"
    org_id: str | None = None
    grade_scale: Scale = GRADE_SCALES[DEFAULT_GRADE_SCALE]
    expected_grade_scale: str | None = None
    judge: JudgeSettings = JudgeSettings()
    system_prompt: Path | None = None
    rubric: Path | None = None
    max_comparisons: int | None = None
    replicate: int = 1
    members: tuple[str, ...] = ()
    """The variants whose verdicts it puts together, where it is a panel of variants: such a run asks nobody."""
    panel_verdict: PanelVerdict = "majority"
    boundary: BoundarySelection | None = None
    pairs_of: Path | None = None
    use_kafka: bool = True
    await_completion: bool = True
    force_reupload: bool = False
    completion_timeout: float = 1800.0
    fresh: bool = False
    fresh_verdicts: bool = False
    verbose: bool = False
    anchors_folder: Path
    privacy: Privacy = Privacy()
    platform: PlatformSettings = PlatformSettings()

    @property
    def prompts(self) -> list[Path]:
        """The files of the system prompt and the rubric that are given."""
        return [path for path in (self.system_prompt, self.rubric) if path is not None]

    @property
    def judged_by_people(self) -> bool:
        """Its judges are people."""
        return self.judge.provider == HUMAN

    def frozen_part(self) -> str:
        """What a run is made from, as text: everything but addresses and the wish for a new attempt."""
        settings = self.model_dump_json(
            exclude={"platform", "fresh", "fresh_verdicts", "force_reupload", "verbose", "privacy"}
        )
        # It is kept by doit, where a list of pupils' names has no place.
        return f"{settings} {sha256_text(self.privacy.model_dump_json())} {self.platform.stack}"


def anchors_folder(project: ProjectPaths, environment: Mapping[str, str] = os.environ) -> Path:
    """inputs/anchors, or ENG5_ANCHOR_DIR_OVERRIDE."""
    override = anchors_override(environment)
    return Path(override) if override else project.anchors


def platform_of(environment: Mapping[str, str] = os.environ) -> PlatformSettings:
    """Where the environment says that the services are.

    Raises:
        InputError: it says what cannot be.
    """
    return PlatformSettings(**platform_values(environment))


def load_experiments(project: ProjectPaths) -> Experiments:
    """Read inputs/experiments.toml; InputError names the table and the key that is wrong."""
    remedy = (
        "`eng5 init NEW-FOLDER` writes one whose comments explain the keys; "
        "docs/experiments.md of eng5 has them all"
    )
    experiments = read_toml(project.experiments, Experiments, remedy=remedy)
    for name, variant in experiments.variant.items():
        if problem := model_of_another(variant.provider, variant.model, own_servers()):
            raise InputError(f"variant.{name}: {problem}", where=project.experiments, remedy=remedy)
    return experiments


def read_toml(path: Path, kind: type[Model], *, remedy: str) -> Model:
    """A TOML file that people write, as a model.

    Raises:
        InputError: names the table and the key that is wrong, with `remedy`.
    """
    import tomllib

    from pydantic import ValidationError

    from eng5.contracts.refusals import sentence

    try:
        return kind.model_validate(tomllib.loads(read_text(path)))
    except ValidationError as error:
        raise InputError(sentence(error, kind), where=path, remedy=remedy) from None
    except RecursionError:
        problem = "lists or tables within each other without end"
    except tomllib.TOMLDecodeError as error:
        problem = f"not TOML: {error}"
    except ValueError:
        problem = "a number of some thousand digits"
    raise InputError(problem, where=path, remedy="mend the file and run again")


def _judge(variant: Variant, experiments: Experiments) -> JudgeSettings:
    """The variant's judge; people share their comparisons as [human] says where the variant says nothing."""
    judge = variant.asked()
    if judge.provider != HUMAN or judge.panel is not None:
        return judge
    design = PanelDesign(**{key: getattr(experiments.human, key) for key in PanelDesign.model_fields})
    return judge.model_copy(update={"panel": design})


def variant_of(run: str, replicate: int) -> str:
    """`NAME` of `NAME.r2`."""
    return run.removesuffix(f".r{replicate}") if replicate > 1 else run


def run_names(experiments: Experiments) -> dict[str, tuple[str, int]]:
    """Run folder → (variant, replicate). A variant with one replicate gives its own name to its run."""
    return _replicated({name: variant.replicates for name, variant in experiments.variant.items()})


def boundary_names(experiments: Experiments) -> dict[str, tuple[str, int]]:
    """Run folder → (boundary test, replicate), in the same way."""
    return _replicated({name: test.replicates for name, test in experiments.boundary.items()})


def _replicated(replicates: Mapping[str, int]) -> dict[str, tuple[str, int]]:
    return {
        name if replicate == 1 else f"{name}.r{replicate}": (name, replicate)
        for name, times in replicates.items()
        for replicate in range(1, times + 1)
    }


def settings_of_run(
    project: ProjectPaths, experiments: Experiments, run: str, platform: PlatformSettings
) -> RunnerSettings:
    """The settings of a run of experiments.toml: of a variant, or a boundary test by a variant's judge."""
    test, replicate = boundary_names(experiments).get(run, (None, 1))
    boundary = None if test is None else experiments.boundary[test]
    name, replicate = (boundary.variant, replicate) if boundary else run_names(experiments)[run]
    variant = experiments.variant[name]
    folder = project.experiments.parent
    return with_fields_of(
        experiments,
        RunnerSettings,
        mode=RunnerMode.BOUNDARY_TEST if boundary else RunnerMode.ANCHOR_ALIGN_TEST,
        batch_id=run,
        origin="experiments",
        judge=_judge(variant, experiments),
        system_prompt=folder / variant.system_prompt if variant.system_prompt else None,
        rubric=folder / variant.rubric if variant.rubric else None,
        max_comparisons=None if boundary else variant.max_comparisons,
        replicate=replicate,
        members=tuple(variant.members or ()),
        panel_verdict=variant.panel_verdict,
        boundary=boundary,
        anchors_folder=anchors_folder(project),
        platform=platform,
    )
