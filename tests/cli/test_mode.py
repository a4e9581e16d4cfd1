"""Every mode from the command line: what it does, what it refuses, and with which exit code."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from eng5 import handlers
from eng5.cli import mode as cli_mode
from eng5.cli.flags import FLAGS, MODES
from eng5.contracts.inventory import Inventory
from eng5.contracts.modes import RunnerMode
from eng5.errors import (
    BatchFailedError,
    Eng5Error,
    GateFailedError,
    InputError,
    InterruptedRunError,
    PartialDataError,
    PreflightError,
    RunLockedError,
    ServiceError,
)
from eng5.paths import RunnerPaths
from eng5.settings import RunnerSettings
from tests.cli.conftest import Done
from tests.project import ROOT, Project

Eng5 = Callable[..., Done]
ASSIGNMENT = "11111111-2222-3333-4444-555555555555"
COURSE = "11111111-2222-3333-4444-666666666666"
EXECUTE = ("--mode", "execute", "--assignment-id", ASSIGNMENT, "--course-id", COURSE)
ALIGN = ("--mode", "anchor-align-test")


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[RunnerSettings]:
    """The settings that reach a handler; every handler answers with exit code 0, and no essay is read."""
    found: list[RunnerSettings] = []
    nothing = Inventory(grade_scale="swedish_8_anchor", anchors=[], students=[])
    monkeypatch.setattr("eng5.steps.inventory.build", lambda *_, **__: nothing)

    class Handler:
        def execute(self, settings: RunnerSettings, inventory: Inventory, paths: RunnerPaths) -> int:
            found.append(settings)
            return 0

    monkeypatch.setattr(cli_mode, "HANDLER_MAP", dict.fromkeys(RunnerMode, Handler))
    return found


def test_plan_is_the_default(eng5: Eng5) -> None:
    """`eng5` alone shows the inventory and writes nothing but its log."""
    out = eng5().went_well()
    assert "Anchors: 6, 15 pairs" in out
    assert out == eng5("--mode", "plan").went_well()


def test_dry_run_names_its_stub(eng5: Eng5, project: Project) -> None:
    """The stub's path is printed."""
    out = eng5("--mode", "dry-run", "--batch-id", "try").went_well()
    assert str(project.root / "build" / "try" / "assessment_run.dry-run.json") in out


def test_anchor_alignment_with_the_stand_in(eng5: Eng5, project: Project) -> None:
    """Without any address the stand-in does it all, and waits without being told; the same again does nothing;
    doit knows the run."""
    for path in sorted((project.root / "inputs" / "anchors").iterdir())[3:]:
        path.unlink()
    command = (*ALIGN, "--batch-id", "try", "--system-prompt", "inputs/prompts/system/001_default.txt")
    assert "Report: reports/anchor_align_try_" in eng5(*command).went_well()
    assert "Nothing to do" in eng5(*command).went_well()
    assert "report:try" in project.doit("list", "--all").stdout
    eng5(*command, "--language", "sv").refused(2, "language: en → sv", "--fresh")
    listed = eng5("runs").went_well()
    assert next(line for line in listed.splitlines() if line.startswith("try ")).split()[2:6] == [
        "reported", "3", "of", "3",
    ]  # fmt: skip


def test_execute_with_the_platform(eng5: Eng5, project: Project, addresses: list[str]) -> None:
    """Instructions, prompt and anchors by commands, then students to a report, with the addresses by flags."""
    for folder, count in (("anchors", 3), ("students", 2)):
        for path in sorted((project.root / "inputs" / folder).iterdir())[count:]:
            path.unlink()
    eng5(*EXECUTE, *addresses).refused(3, ASSIGNMENT, "instructions upsert")
    upsert = ("instructions", "upsert", "--assignment-id", ASSIGNMENT)
    eng5(*addresses, *upsert, "--prompt", "inputs/prompt.md").went_well()
    eng5(*EXECUTE, *addresses).refused(3, "no anchors", "register-anchors")
    eng5(*addresses, "register-anchors", ASSIGNMENT).went_well()
    assert "--await-completion" in eng5(*EXECUTE, *addresses, "--batch-id", "spring").went_well()
    out = eng5(*EXECUTE, *addresses, "--batch-id", "spring", "--await-completion").went_well()
    assert "Report: reports/execute_spring_" in out


def test_without_kafka(eng5: Eng5, project: Project) -> None:
    """The request is on disk, and it is said that it was not sent."""
    out = eng5(*ALIGN, "--batch-id", "try", "--no-kafka").went_well()
    assert "Not published" in out
    assert (project.root / "build" / "try" / "30_envelope.json").exists()


def test_uploads_asked_for_again_are_done_again(eng5: Eng5, finished: str, project: Project) -> None:
    """--force-reupload uploads after the answers are there, too; the same command without it does not."""
    counts = [len(project.uploads())]
    for flags in ((), ("--force-reupload",)):
        eng5(*ALIGN, "--batch-id", finished, *flags).went_well()
        counts.append(len(project.uploads()))
    assert counts == [4, 4, 8]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--mode", "guess"), "plan, dry-run, execute, anchor-align-test, boundary-test"),
        ((*ALIGN, "--batch-id", ""), "background job"),
        ((*ALIGN, "--batch-id", "  "), "background job"),
        ((*ALIGN, "--batch-id", "../up"), "no file name"),
        ((*ALIGN, "--batch-id", "a b"), "no file name"),
        ((*ALIGN, "--batch-id", ".hidden"), "no file name"),
        ((*ALIGN, "--batch-id", "x" * 81), "no file name"),
        ((*ALIGN, "--batch-id", "baseline"), "doit report:baseline"),
        ((*ALIGN, "--batch-id", "e_minus_f_plus"), "is the name of a run"),
        *(
            ((*ALIGN, "--batch-id", name), "that eng5 itself keeps under build/")
            for name in ("baseline.json", "compare.json", "compare_boundary.json", "uploads.jsonl", "export")
        ),
        ((*ALIGN, "--max-comparisons", "0"), "1 is the least"),
        ((*ALIGN, "--llm-max-tokens", "0"), "1 is the least"),
        ((*ALIGN, "--llm-temperature", "2.5"), "0 to 2"),
        ((*ALIGN, "--llm-provider", "azure"), "anthropic, openai, google, openrouter, mock"),
        ((*ALIGN, "--anchor-align-provider", "azure"), "anthropic, openai, google, openrouter, mock"),
        ((*ALIGN, "--anchor-align-reasoning-effort", "max"), "none, low, medium, high"),
        ((*ALIGN, "--anchor-align-output-verbosity", "none"), "low, medium, high"),
        ((*ALIGN, "--llm-batching-mode", "all"), "per_request, serial_bundle, provider_batch_api"),
        ((*ALIGN, "--language", "in English"), "a language tag"),
        ((*ALIGN, "--completion-timeout", "0"), "more than 0"),
        ((*ALIGN, "--completion-timeout", "nan"), "more than 0"),
        ((*ALIGN, "--no-kafka", "--await-completion"), "nothing is published"),
        ((*ALIGN, "--assignment-id", "12"), "no UUID"),
        ((*ALIGN, "--system-prompt", "missing.txt"), "does not exist"),
        ((*ALIGN, "--kafka-bootstrap", "localhost"), "HOST:PORT"),
        ((*ALIGN, "--content-service-url", "localhost:8001"), "http://HOST:PORT"),
        ((*ALIGN, "--cj-service-url", "ftp://x"), "http://HOST:PORT"),
        ((*EXECUTE, "--expected-grade-scale", "ten_steps"), "eng5_np_national_9_step, swedish_8_anchor"),
        (("--mode", "execute", "--course-id", COURSE), "execute needs --assignment-id"),
        (("--mode", "execute", "--assignment-id", ASSIGNMENT), "execute needs --course-id"),
        (("--mode", "boundary-test"), "--boundary-pairs HIGHER:LOWER"),
        (("--mode", "boundary-test", "--all-adjacent", "--boundary-iterations", "0"), "1 is the least"),
    ],
)
def test_values_that_are_not_allowed(
    eng5: Eng5, project: Project, arguments: tuple[str, ...], said: str
) -> None:
    """Exit code 2, the value and what is allowed instead; nothing is made."""
    eng5(*arguments).refused(2, said)
    assert not (project.root / "build").exists()


def test_empty_prompts_are_refused(eng5: Eng5, project: Project) -> None:
    """A prompt file with blanks alone is a mistake."""
    (project.root / "empty.txt").write_text(" \n")
    for flag in ("--system-prompt", "--rubric"):
        eng5(*ALIGN, flag, "empty.txt").refused(2, flag, "empty")


EXAMPLES = {
    "batch_id": "x", "course_code": "ENG5", "language": "en", "user_id": "u", "org_id": "o",
    "assignment_id": ASSIGNMENT, "course_id": COURSE, "expected_grade_scale": "swedish_8_anchor",
    "llm_provider": "mock", "llm_model": "surface",
    "llm_batching_mode": "per_request", "anchor_align_provider": "mock", "anchor_align_model": "surface",
    "anchor_align_reasoning_effort": "low", "anchor_align_output_verbosity": "low",
    "boundary_pairs": "A:B", "boundary_grades": "A:B",
    "content_service_url": "http://h/v1/content", "cj_service_url": "http://h", "kafka_bootstrap": "h:1",
    "kafka_client_id": "c", "system_prompt": "inputs/prompt.md", "rubric": "inputs/prompt.md",
}  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("flag", [flag.name for flag in FLAGS if flag.name not in ("mode", "project")])
def test_a_flag_fits_a_mode_or_is_refused(
    eng5: Eng5, seen: list[RunnerSettings], mode: str, flag: str
) -> None:
    """Flags of other modes are errors that name the modes they are for; all others get through."""
    about = next(one for one in FLAGS if one.name == flag)
    needed = {
        "execute": {"assignment_id", "course_id"},
        "boundary-test": {"boundary_pairs"},
    }.get(mode, set())
    arguments = ["--mode", mode]
    for name in sorted({*needed, flag}):
        one = next(one for one in FLAGS if one.name == name)
        arguments.append(one.spelling)
        if one.kind is not bool:
            arguments.append("2" if one.kind in (int, float) else EXAMPLES[name])
    done = eng5(*arguments)
    if mode in about.modes:
        done.went_well()
        assert seen[0].mode == mode
    else:
        done.refused(2, f"{about.spelling} is for {' and '.join(about.modes)}, not for {mode}")
        assert seen == []


def test_flags_become_settings(eng5: Eng5, seen: list[RunnerSettings], project: Project) -> None:
    """The judge of the mode's own flags wins over the general one; paths are absolute; addresses mean the platform."""
    eng5(
        *ALIGN, "--llm-provider", "openai", "--anchor-align-provider", "anthropic", "--llm-model", "m",
        "--anchor-align-reasoning-effort", "high", "--llm-temperature", "0.3", "--rubric", "inputs/prompt.md",
        "--kafka-bootstrap", "k1:9092,k2:9092", "--max-comparisons", "7", "--org-id", "o",
    ).went_well()  # fmt: skip
    [settings] = seen
    assert (settings.judge.provider, settings.judge.model, settings.judge.reasoning_effort) == (
        "anthropic", "m", "high",
    )  # fmt: skip
    assert settings.rubric == project.root / "inputs" / "prompt.md"
    assert settings.platform.stack == "external"
    assert settings.platform.kafka_bootstrap == "k1:9092,k2:9092"
    assert settings.platform.content_service_url == "http://localhost:8001/v1/content"
    assert (settings.max_comparisons, settings.org_id, settings.await_completion) == (7, "o", False)


def test_the_stand_in_is_always_awaited(eng5: Eng5, seen: list[RunnerSettings]) -> None:
    """Its broker ends with the command, so publishing alone would be lost."""
    eng5(*ALIGN).went_well()
    eng5(*ALIGN, "--await-completion").went_well()
    assert [one.await_completion for one in seen] == [True, True]


def test_flag_before_environment_before_experiments_before_default(
    eng5: Eng5, seen: list[RunnerSettings], project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order in which a value is looked for."""
    monkeypatch.setenv("ENG5_STACK", "external")
    eng5(*ALIGN).went_well()
    monkeypatch.setenv("CJ_SERVICE_URL", "http://from-environment")
    eng5(*ALIGN).went_well()
    eng5(*ALIGN, "--cj-service-url", "http://from-flag").went_well()
    assert [one.platform.cj_service_url for one in seen] == [
        None,
        "http://from-environment",
        "http://from-flag",
    ]
    toml = project.root / "inputs" / "experiments.toml"
    toml.write_text('course_code = "ENG6"\ncompletion_timeout = 7\n' + toml.read_text(encoding="utf-8"))
    eng5(*ALIGN).went_well()
    eng5(*ALIGN, "--course-code", "ENG7").went_well()
    assert [(one.course_code, one.completion_timeout) for one in seen] == [
        *[("ENG5", 1800.0)] * 3, ("ENG6", 7.0), ("ENG7", 7.0),
    ]  # fmt: skip


def test_kafka_security_passes_through_and_is_in_no_file(
    eng5: Eng5, seen: list[RunnerSettings], project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ENG5_KAFKA_* and a properties file become librdkafka's settings, a variable winning; they show nowhere."""
    (project.root / "kafka.properties").write_text(
        "# security\nsasl.password = from the file\nssl.ca.location=/ca.pem\n"
    )
    monkeypatch.setenv("ENG5_KAFKA_PROPERTIES", "kafka.properties")
    monkeypatch.setenv("ENG5_KAFKA_SASL_PASSWORD", "from the variable")
    monkeypatch.setenv("ENG5_KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    eng5(*ALIGN, "--kafka-bootstrap", "k:9092").went_well()
    [settings] = seen
    assert settings.platform.kafka_config == {
        "sasl.password": "from the variable",
        "ssl.ca.location": "/ca.pem",
        "security.protocol": "SASL_SSL",
    }
    assert "from the variable" not in repr(settings) + settings.frozen_part()
    eng5(*ALIGN).went_well()
    assert seen[1].platform.kafka_config == {}


def test_an_unknown_stack(eng5: Eng5, monkeypatch: pytest.MonkeyPatch) -> None:
    """ENG5_STACK is embedded or external."""
    monkeypatch.setenv("ENG5_STACK", "cloud")
    eng5(*ALIGN).refused(2, "ENG5_STACK is 'cloud'", "external")


def test_the_project_is_found_from_below(
    eng5: Eng5, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder with dodo.py is this one or one above it, or the one that --project names."""
    monkeypatch.chdir(project.root / "inputs" / "prompts")
    eng5().went_well()
    monkeypatch.chdir(project.root.parent)
    eng5().refused(2, "no study here or above", "--project")
    eng5("--project", "project").went_well()
    eng5("--project", "project/inputs").refused(2, "no study there")


@pytest.mark.parametrize(
    "error",
    [
        Eng5Error, InputError, PreflightError, ServiceError, BatchFailedError, PartialDataError, RunLockedError,
        GateFailedError, InterruptedRunError,
    ],
)  # fmt: skip
def test_every_refusal_has_its_exit_code(
    eng5: Eng5, monkeypatch: pytest.MonkeyPatch, error: type[Eng5Error]
) -> None:
    """What a handler raises becomes one message on standard error and the class's exit code."""

    class Handler:
        def execute(self, settings: RunnerSettings, inventory: Inventory, paths: RunnerPaths) -> int:
            raise error("no", where="here", remedy="do this")

    monkeypatch.setattr(cli_mode, "HANDLER_MAP", dict.fromkeys(RunnerMode, Handler))
    eng5().refused(error.exit_code, "error: here: no\n  → do this")


def test_a_handlers_exit_code_is_the_commands(eng5: Eng5, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever `execute` returns; and Ctrl-C is 130."""

    class Handler:
        code: int | None = 9

        def execute(self, settings: RunnerSettings, inventory: Inventory, paths: RunnerPaths) -> int:
            if self.code is None:
                raise KeyboardInterrupt
            return self.code

    monkeypatch.setattr(cli_mode, "HANDLER_MAP", dict.fromkeys(RunnerMode, Handler))
    assert eng5().code == 9
    Handler.code = None
    eng5().refused(130, "interrupted")


def test_every_mode_has_a_handler() -> None:
    """The modes of the flags, of the contract and of the map are the same."""
    assert set(handlers.HANDLER_MAP) == set(RunnerMode)
    assert tuple(mode.value for mode in RunnerMode) == MODES


def test_python_m_eng5_is_eng5(project: Project) -> None:
    """As a module, in a process of its own: same output on standard output, errors on standard error."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "eng5", *arguments],
            capture_output=True, text=True, cwd=project.root, check=False,
            env={"PATH": "", "PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    assert "Anchors: 6" in run("--mode", "plan").stdout
    refused = run("--mode", "guess")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith(
        f"study: {project.root}\nerror: --mode: 'guess' is unknown\n  → use one of: "
    )
