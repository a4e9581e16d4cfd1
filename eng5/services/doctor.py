"""Is everything there that a run needs? One finding a check, with what to do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from eng5.clients.auth import bearer, claims
from eng5.clients.health import check_health
from eng5.clients.topic_specs import PLATFORM_TOPICS, work_topics
from eng5.clients.topics import MISSING, check_topics, ensure_topics
from eng5.contracts.credentials import Credentials
from eng5.contracts.experiments import Experiments
from eng5.contracts.modes import RunnerMode
from eng5.contracts.platform import PlatformSettings
from eng5.environment import DEFAULT_KAFKA_BOOTSTRAP
from eng5.errors import Eng5Error, InputError, PreflightError, as_refusal
from eng5.files import read_text, write_text
from eng5.paths import ProjectPaths
from eng5.services.connect import services_of
from eng5.settings import anchors_folder, run_names, settings_of_run
from eng5.steps import inventory

CONTENT_PATH = "/v1/content"
ASKED_OF = {"topics": "broker", "admin routes": "CJ service"}


@dataclass(frozen=True)
class Fault:
    """What a check found; `exit_code` is 0 when it is ok."""

    what: str
    found: str
    exit_code: int = 0
    remedy: str | None = None

    @property
    def ok(self) -> bool:
        return self.exit_code == 0


Check = tuple[str, Callable[[], str | Fault]]


def check_all(
    project: ProjectPaths,
    experiments: Experiments,
    platform: PlatformSettings,
    credentials: Credentials,
    *,
    make_topics: bool = False,
) -> list[Fault]:
    """Every check, those of the inputs first. With the stand-in, starting it is the check.

    `make_topics` makes the topics that the broker has not, before they are checked.
    """
    checks: list[Check] = [
        ("project", lambda: _project(project)),
        ("inputs", lambda: _inputs(project, experiments)),
        ("prompts", lambda: _prompts(project, experiments, platform)),
    ]
    if platform.stack == "embedded":
        checks.append(("stand-in", lambda: _standin(project, platform)))
    else:
        checks += _platform_checks(project, platform, credentials, make_topics)
    found: dict[str, Fault] = {}
    for what, check in checks:
        asked = found.get(ASKED_OF.get(what, ""))
        if asked is None or asked.ok:
            found[what] = _finding(what, check)
        else:
            found[what] = Fault(what, f"not asked: see {asked.what}", asked.exit_code)
    return list(found.values())


def _platform_checks(
    project: ProjectPaths, platform: PlatformSettings, credentials: Credentials, make_topics: bool
) -> Iterator[Check]:
    content = (platform.content_service_url or "").removesuffix(CONTENT_PATH)
    yield "Content Service", lambda: check_health("Content Service", content)
    yield "CJ service", lambda: _cj_service(platform)
    yield "broker", lambda: _broker(project, platform)
    yield "topics", lambda: _topics(platform, make_topics)
    yield "token", lambda: _token(credentials)
    if platform.cj_service_url:
        yield "admin routes", lambda: _admin_routes(project, platform, credentials)


def _finding(what: str, check: Callable[[], str | Fault]) -> Fault:
    try:
        found = check()
        return found if isinstance(found, Fault) else Fault(what, found)
    except (Eng5Error, OSError) as raised:
        error = as_refusal(raised)
        place = f"{error.where}: " if error.where else ""
        return Fault(what, f"{place}{error.problem}", error.exit_code, error.remedy)


def _project(project: ProjectPaths) -> str:
    probe = project.build / ".doctor"
    try:
        write_text(probe, "")
        probe.unlink()
    except OSError as error:
        raise InputError(
            f"nothing can be written ({error.strerror})",
            where=project.build,
            remedy="mend the folder's rights",
        ) from None
    return str(project.root)


def _inputs(project: ProjectPaths, experiments: Experiments) -> str:
    found = inventory.build(
        project,
        anchors_folder(project),
        mode=RunnerMode.PLAN,
        grade_scale=experiments.grade_scale,
        language=None,
        privacy=experiments.privacy,
    )
    for file, path in ((found.instructions, project.instructions), (found.prompt, project.prompt)):
        if file is None:
            raise InputError("missing", where=path, remedy="write it; execute needs it")
    if len(found.anchors) < 2:
        raise InputError(f"{len(found.anchors)} anchors; two are the least", where=anchors_folder(project))
    counted = f"{len(found.anchors)} anchors, {len(found.students)} students, {found.grade_scale}"
    return "; ".join([counted, *found.grade_notices])


def _prompts(project: ProjectPaths, experiments: Experiments, platform: PlatformSettings) -> str:
    names = list(run_names(experiments))
    for name in names:
        settings = settings_of_run(project, experiments, name, platform)
        for path in (settings.system_prompt, settings.rubric):
            if path is not None and not read_text(path).strip():
                raise InputError(f"empty, and variant '{name}' uses it", where=path, remedy="write it")
    return f"{len(names)} runs in experiments.toml"


def _standin(project: ProjectPaths, platform: PlatformSettings) -> str:
    with services_of(project, platform).broker() as broker:
        cluster = broker.cluster_id()
    with services_of(project, platform).content() as content:
        content.has("0" * 32)
    return f"starts (cluster {cluster})"


def _cj_service(platform: PlatformSettings) -> str:
    if not platform.cj_service_url:
        raise PreflightError(
            "no address", remedy="set CJ_SERVICE_URL or give --cj-service-url; execute needs it"
        )
    return check_health("CJ service", platform.cj_service_url)


def _broker(project: ProjectPaths, platform: PlatformSettings) -> str:
    with services_of(project, platform).broker() as broker:
        return f"cluster {broker.cluster_id()}"


def _topics(platform: PlatformSettings, make: bool) -> str | Fault:
    bootstrap = platform.kafka_bootstrap or DEFAULT_KAFKA_BOOTSTRAP
    made = ensure_topics(bootstrap, PLATFORM_TOPICS, platform.kafka_config) if make else []
    faults = check_topics(bootstrap, (*PLATFORM_TOPICS, *work_topics()), platform.kafka_config)
    # A platform has no topics of `eng5 serve`; where they are, they have to be right.
    ours = {spec.name for spec in work_topics()}
    faults = [fault for fault in faults if fault.problem != MISSING or fault.topic not in ours]
    there = f"{len(PLATFORM_TOPICS)} topics" + (f", {len(made)} of them made now" if made else "")
    if not faults:
        return there
    fatal = any(fault.fatal for fault in faults)
    return Fault(
        "topics",
        ("" if fatal else f"{there}; could be better: ")
        + "; ".join(f"{fault.topic} {fault.problem}" for fault in faults),
        PreflightError.exit_code if fatal else 0,
        "\n" + "\n".join(map(str, faults)),
    )


def _token(credentials: Credentials) -> str:
    token = bearer(credentials)
    said = claims(token.value)
    until = said.get("exp")
    if isinstance(until, int | float) and until <= time.time():
        raise PreflightError("expired", remedy=f"get a new token into {token.source}")
    if "admin" not in (said.get("roles") or []):
        raise PreflightError("without the role 'admin'", remedy=f"get another token into {token.source}")
    return f"from {token.source}"


def _admin_routes(project: ProjectPaths, platform: PlatformSettings, credentials: Credentials) -> str:
    with services_of(project, platform).cj_admin(credentials) as admin:
        return f"{admin.list_instructions(page_size=1).total} instructions"
