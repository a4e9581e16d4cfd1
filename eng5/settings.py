"""What the user asked for. The only reader of the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from eng5.contracts.credentials import Credentials
from eng5.contracts.experiments import Experiments
from eng5.contracts.llm_config import LlmConfig
from eng5.contracts.run import BoundarySelection, JudgeSettings, RunnerMode
from eng5.errors import InputError
from eng5.files import read_text
from eng5.llm_settings import key_file, llm_config
from eng5.paths import ProjectPaths

__all__ = [
    "PlatformSettings",
    "RunnerSettings",
    "credentials",
    "llm_settings",
    "load_experiments",
    "run_names",
    "secret_values",
    "settings_of_run",
    "stack",
]

DEFAULT_CONTENT_SERVICE_URL = "http://localhost:8001/v1/content"
DEFAULT_CJ_SERVICE_URL = "http://localhost:9095"
DEFAULT_KAFKA_BOOTSTRAP = "localhost:9093"
GUARDED_ENVIRONMENTS = ("production", "prod", "staging")


class PlatformSettings(BaseModel):
    """Where the services are. `embedded` starts the stand-in on loopback when a step first needs it."""

    model_config = ConfigDict(frozen=True)

    stack: Literal["embedded", "external"] = "embedded"
    content_service_url: str | None = None
    cj_service_url: str | None = None
    kafka_bootstrap: str | None = None
    kafka_client_id: str = "eng5-np-runner"
    kafka_config: dict[str, str] = Field(default={}, repr=False, description="librdkafka settings")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> PlatformSettings:
        """Read ENG5_STACK, the platform's addresses and ENG5_KAFKA_* (librdkafka names, dots as underscores)."""
        if stack(environment) == "embedded":
            return cls()
        return cls(
            stack="external",
            content_service_url=service_url(
                "CONTENT_SERVICE_URL", environment.get("CONTENT_SERVICE_URL", DEFAULT_CONTENT_SERVICE_URL)
            ),
            cj_service_url=service_url("CJ_SERVICE_URL", environment.get("CJ_SERVICE_URL")),
            kafka_bootstrap=environment.get("KAFKA_BOOTSTRAP_SERVERS", DEFAULT_KAFKA_BOOTSTRAP),
            kafka_config=kafka_config(environment),
        )


def service_url(name: str, url: str | None) -> str | None:
    """The address without a slash at its end; InputError, by the setting's name, when it is none or holds a secret.

    Addresses are written into 00_run.json and into logs.
    """
    if not url:
        return None
    scheme, separator, rest = url.partition("://")
    host = rest.partition("/")[0]
    if "@" in host or "?" in rest:
        raise InputError(
            f"{name} holds a user, a password or a query",
            remedy="write http://HOST:PORT/…, and give the token in its own variable (`eng5 config`)",
        )
    if scheme not in ("http", "https") or not separator or not host or any(c.isspace() for c in url):
        raise InputError(f"{name}: '{url}' is no address", remedy="write http://HOST:PORT/…")
    return url.rstrip("/")


def stack(environment: Mapping[str, str] = os.environ) -> Literal["embedded", "external"]:
    """ENG5_STACK; InputError when it is neither."""
    match environment.get("ENG5_STACK", "").strip():
        case "" | "embedded":
            return "embedded"
        case "external":
            return "external"
        case other:
            raise InputError(
                f"ENG5_STACK is '{other}'",
                remedy="use 'embedded' (the stand-in) or 'external' (the platform)",
            )


def credentials(environment: Mapping[str, str] = os.environ) -> Credentials:
    """Tokens and JWT_* of the environment."""

    def secret(name: str) -> SecretStr | None:
        value = environment.get(name, "").strip()
        return SecretStr(value) if value else None

    names = [environment.get(name, "") for name in ("ENVIRONMENT", "HULEEDU_ENVIRONMENT")]
    guarded = [name for name in names if name.strip().lower() in GUARDED_ENVIRONMENTS]
    given = {
        field: environment[name]
        for field, name in (
            ("jwt_algorithm", "JWT_ALGORITHM"),
            ("jwt_audience", "JWT_AUDIENCE"),
            ("jwt_issuer", "JWT_ISSUER"),
        )
        if environment.get(name)
    }
    return Credentials(
        service_account_token=secret("HULEEDU_SERVICE_ACCOUNT_TOKEN"),
        admin_token=secret("HULEEDU_ADMIN_TOKEN"),
        jwt_secret=secret("JWT_SECRET_KEY"),
        guarded_environment=guarded[0].strip().lower() if guarded else None,
        **given,
    )


def llm_settings(environment: Mapping[str, str] = os.environ) -> LlmConfig:
    """Keys, addresses and limits of LLM providers."""
    return llm_config(environment)


SECRET_NAME = re.compile(r"TOKEN|SECRET|PASSWORD|API_KEY")


def secret_values(environment: Mapping[str, str] = os.environ) -> frozenset[str]:
    """Values of variables and Kafka settings that are secret by their name, for logs to blank out."""
    given = {**environment, **{key.upper(): value for key, value in kafka_config(environment).items()}}
    given |= key_file(environment)
    return frozenset(
        value for name, value in given.items() if SECRET_NAME.search(name.upper()) and len(value) >= 6
    )


def kafka_config(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """librdkafka settings from ENG5_KAFKA_PROPERTIES (a file of key=value lines) and ENG5_KAFKA_*.

    ENG5_KAFKA_SASL_MECHANISM becomes `sasl.mechanism`; a variable wins over the file.
    """
    config: dict[str, str] = {}
    if source := environment.get("ENG5_KAFKA_PROPERTIES"):
        for number, line in enumerate(read_text(Path(source)).splitlines(), start=1):
            if line.strip() and not line.lstrip().startswith(("#", "!")):
                key, separator, value = line.partition("=")
                if not separator:
                    raise InputError(f"line {number} is not key=value", where=source)
                config[key.strip()] = value.strip()
    for name, value in environment.items():
        if name.startswith("ENG5_KAFKA_") and name != "ENG5_KAFKA_PROPERTIES":
            config[name.removeprefix("ENG5_KAFKA_").lower().replace("_", ".")] = value
    return config


class RunnerSettings(BaseModel):
    """Everything a handler or the `run` step has to know. Frozen; nothing is passed by changing it."""

    model_config = ConfigDict(frozen=True)

    mode: RunnerMode
    batch_id: str
    origin: Literal["experiments", "command-line"] = "command-line"
    assignment_id: str | None = None
    course_id: str | None = None
    course_code: str = "ENG5"
    language: str = "en"
    user_id: str = "eng5_np_research_runner"
    org_id: str | None = None
    grade_scale: str = "eng5_np_legacy_9_step"
    expected_grade_scale: str | None = None
    judge: JudgeSettings = JudgeSettings()
    system_prompt: Path | None = None
    rubric: Path | None = None
    max_comparisons: int | None = None
    replicate: int = 1
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
    platform: PlatformSettings = PlatformSettings()

    def decisive_files(self, project: ProjectPaths, *, prompts: bool = True) -> list[Path]:
        """The files that decide the verdicts: essays as they are sent, and the prompts; whether they exist or not."""
        if self.mode is RunnerMode.EXECUTE:
            files = list(essay_files(project.students))
            files += [] if self.assignment_id else [project.prompt]
        else:
            files = list(essay_files(self.anchors_folder))
        if self.judge.model == "simulated":
            files.append(project.grades)
        if prompts:
            files += [path for path in (self.system_prompt, self.rubric, self.pairs_of) if path is not None]
        return files

    def identity_files(self, project: ProjectPaths) -> list[Path]:
        """The files that the run step reads: grades.csv gives the anchors their ids, and a boundary test its pairs."""
        files = self.decisive_files(project)
        if self.mode.needs_anchors and project.grades not in files:
            files.append(project.grades)
        return files

    def input_files(self, project: ProjectPaths) -> list[Path]:
        """Every file that the inventory reads; whether it exists or not."""
        anchors = essay_files(self.anchors_folder) if self.mode.needs_anchors else ()
        students = essay_files(project.students) if self.mode.needs_students else ()
        return [*anchors, *students, project.instructions, project.prompt, project.grades]

    def frozen_part(self) -> str:
        """What a run is made from, as text: everything but addresses and the wish for a new attempt."""
        settings = self.model_dump_json(
            exclude={"platform", "fresh", "fresh_verdicts", "force_reupload", "verbose"}
        )
        return f"{settings} {self.platform.stack}"


def essay_files(folder: Path) -> Iterator[Path]:
    """The essay files of a folder by name, without editors' lock files, hidden files and a README."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith(("~$", ".")) and path.stem.lower() != "readme":
            yield path


def anchors_folder(project: ProjectPaths, environment: Mapping[str, str] = os.environ) -> Path:
    """inputs/anchors, or ENG5_ANCHOR_DIR_OVERRIDE."""
    override = environment.get("ENG5_ANCHOR_DIR_OVERRIDE", "").strip()
    return Path(override) if override else project.anchors


def load_experiments(project: ProjectPaths) -> Experiments:
    """Read inputs/experiments.toml; InputError names the table and the key that is wrong."""
    import tomllib

    from pydantic import ValidationError

    path = project.experiments
    try:
        return Experiments.model_validate(tomllib.loads(read_text(path)))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"not TOML: {error}", where=path, remedy="mend the line and run again") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        given = "" if first["type"] == "missing" or not key else f" (given: {first['input']!r})"
        message = first["msg"].removeprefix("Value error, ")
        raise InputError(
            f"{key + ': ' if key else ''}{message}{given}", where=path, remedy="see docs/experiments.md"
        ) from None


def run_names(experiments: Experiments) -> dict[str, tuple[str, int]]:
    """Run folder → (variant, replicate). A variant with one replicate gives its own name to its run."""
    names: dict[str, tuple[str, int]] = {}
    for name, variant in experiments.variant.items():
        for replicate in range(1, variant.replicates + 1):
            names[name if replicate == 1 else f"{name}.r{replicate}"] = (name, replicate)
    return names


def settings_of_run(
    project: ProjectPaths, experiments: Experiments, run: str, platform: PlatformSettings
) -> RunnerSettings:
    """The settings of a run of experiments.toml: of a variant, or a boundary test by a variant's judge."""
    boundary = experiments.boundary.get(run)
    name, replicate = (boundary.variant, 1) if boundary else run_names(experiments)[run]
    variant = experiments.variant[name]
    folder = project.experiments.parent
    return RunnerSettings(
        mode=RunnerMode.BOUNDARY_TEST if boundary else RunnerMode.ANCHOR_ALIGN_TEST,
        batch_id=run,
        origin="experiments",
        course_code=experiments.course_code,
        language=experiments.language,
        grade_scale=experiments.grade_scale,
        judge=JudgeSettings(**{key: getattr(variant, key) for key in JudgeSettings.model_fields}),
        system_prompt=folder / variant.system_prompt if variant.system_prompt else None,
        rubric=folder / variant.rubric if variant.rubric else None,
        max_comparisons=None if boundary else variant.max_comparisons,
        replicate=replicate,
        boundary=boundary,
        completion_timeout=experiments.completion_timeout,
        anchors_folder=anchors_folder(project),
        platform=platform,
    )
