"""What the user asked for: environment and options, and which files decide what."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from eng5.contracts.run import BoundarySelection, JudgeSettings, RunnerMode
from eng5.errors import InputError
from eng5.paths import ProjectPaths
from eng5.settings import (
    PlatformSettings,
    RunnerSettings,
    anchors_folder,
    essay_files,
    kafka_config,
    load_experiments,
    secret_values,
    settings_of_run,
)
from tests.chain import Chain

EXPERIMENTS = """
baseline = "base"
language = "sv"
completion_timeout = 60
[variant.base]
system_prompt = "prompts/system.txt"
provider = "mock"
model = "surface"
max_comparisons = 9
replicates = 2
[boundary.edge]
variant = "base"
grades = ["A:C+"]
"""


def test_the_stand_in_is_the_default() -> None:
    """Without ENG5_STACK no address of the environment is used: a plain run never reaches a platform."""
    addresses = {"KAFKA_BOOTSTRAP_SERVERS": "kafka:1", "CONTENT_SERVICE_URL": "http://content:2"}
    for environment in ({}, {"ENG5_STACK": ""}, {"ENG5_STACK": " embedded "}):
        settings = PlatformSettings.from_environment(addresses | environment)
        assert settings == PlatformSettings(stack="embedded")


def test_the_platform_of_the_environment() -> None:
    """ENG5_STACK=external takes the addresses, or the platform's usual ones."""
    given = PlatformSettings.from_environment(
        {
            "ENG5_STACK": "external",
            "KAFKA_BOOTSTRAP_SERVERS": "kafka:1",
            "CONTENT_SERVICE_URL": "http://content:2/v1/content",
            "CJ_SERVICE_URL": "http://cj:3",
            "ENG5_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        }
    )
    assert (given.kafka_bootstrap, given.content_service_url, given.cj_service_url) == (
        "kafka:1",
        "http://content:2/v1/content",
        "http://cj:3",
    )
    assert given.kafka_config == {"security.protocol": "SASL_SSL"}
    usual = PlatformSettings.from_environment({"ENG5_STACK": "external"})
    assert (usual.kafka_bootstrap, usual.content_service_url) == (
        "localhost:9093",
        "http://localhost:8001/v1/content",
    )


@pytest.mark.parametrize("url", ["http://user:hunter2@content:2", "https://content/v1?token=hunter2"])
@pytest.mark.parametrize("name", ["CONTENT_SERVICE_URL", "CJ_SERVICE_URL"])
def test_an_address_with_a_secret_in_it_is_refused(name: str, url: str) -> None:
    """Addresses stand in files and logs; the message does not repeat the secret either."""
    with pytest.raises(InputError, match=name) as caught:
        PlatformSettings.from_environment({"ENG5_STACK": "external", name: url})
    assert "hunter2" not in str(caught.value)


def test_an_unknown_stack_is_refused() -> None:
    """A typing error does not quietly use the stand-in."""
    with pytest.raises(InputError, match="ENG5_STACK is 'extern'"):
        PlatformSettings.from_environment({"ENG5_STACK": "extern"})


def test_kafka_settings_of_a_file(tmp_path: Path) -> None:
    """key=value lines with comments; a variable wins over the file; a line without = is named."""
    path = tmp_path / "kafka.properties"
    path.write_text("# cluster\nsasl.username = me\n\n! old\nsasl.password=a=b\n", encoding="utf-8")
    environment = {"ENG5_KAFKA_PROPERTIES": str(path), "ENG5_KAFKA_SASL_USERNAME": "you", "OTHER": "x"}
    assert kafka_config(environment) == {"sasl.username": "you", "sasl.password": "a=b"}
    path.write_text("sasl.username me\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 1 is not key=value") as caught:
        kafka_config(environment)
    assert caught.value.where == str(path)


def test_secrets_are_known_and_not_shown(tmp_path: Path) -> None:
    """Passwords of Kafka and tokens are told to the log to blank out, and no repr has them."""
    path = tmp_path / "kafka.properties"
    path.write_text("sasl.password=from-the-file\n", encoding="utf-8")
    environment = {
        "ENG5_STACK": "external",
        "ENG5_KAFKA_PROPERTIES": str(path),
        "ENG5_KAFKA_SSL_KEY_PASSWORD": "from-a-variable",
        "HULEEDU_ADMIN_TOKEN": "the-token",
        "HOME": "/home/me",
    }
    secrets = {"from-the-file", "from-a-variable", "the-token"}
    assert secrets <= secret_values(environment)
    assert "/home/me" not in secret_values(environment)
    assert not any(secret in repr(PlatformSettings.from_environment(environment)) for secret in secrets)


def test_settings_of_the_runs(tmp_path: Path) -> None:
    """Variants, replicates and boundary tests of experiments.toml, with paths beside it."""
    project = ProjectPaths.at(tmp_path)
    project.inputs.mkdir()
    project.experiments.write_text(EXPERIMENTS, encoding="utf-8")
    experiments = load_experiments(project)

    def of(name: str) -> RunnerSettings:
        return settings_of_run(project, experiments, name, PlatformSettings())

    base, second, edge = of("base"), of("base.r2"), of("edge")
    assert (base.mode, base.batch_id, base.origin) == (RunnerMode.ANCHOR_ALIGN_TEST, "base", "experiments")
    assert base.judge == JudgeSettings(provider="mock", model="surface")
    assert base.system_prompt == tmp_path / "inputs/prompts/system.txt"
    assert (base.rubric, base.language, base.completion_timeout) == (None, "sv", 60)
    assert (base.replicate, base.max_comparisons) == (1, 9)
    assert (second.batch_id, second.replicate) == ("base.r2", 2)
    assert (edge.mode, edge.max_comparisons) == (RunnerMode.BOUNDARY_TEST, None)
    assert edge.boundary and edge.boundary.grades == ["A:C+"]


def test_the_anchors_may_lie_elsewhere(tmp_path: Path) -> None:
    """ENG5_ANCHOR_DIR_OVERRIDE names another folder; empty is none."""
    project = ProjectPaths.at(tmp_path)
    assert anchors_folder(project, {}) == tmp_path / "inputs/anchors"
    assert anchors_folder(project, {"ENG5_ANCHOR_DIR_OVERRIDE": " "}) == tmp_path / "inputs/anchors"
    assert anchors_folder(project, {"ENG5_ANCHOR_DIR_OVERRIDE": "/other"}) == Path("/other")


def test_essay_files(tmp_path: Path) -> None:
    """Sorted by name, without lock files, hidden files, folders and a README; none without the folder."""
    for name in ("b.txt", "a.docx", "~$a.docx", ".hidden.txt", "ReadMe.md"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    (tmp_path / "folder.txt").mkdir()
    assert [path.name for path in essay_files(tmp_path)] == ["a.docx", "b.txt"]
    assert list(essay_files(tmp_path / "nowhere")) == []


def test_files_that_decide(tmp_path: Path) -> None:
    """Each mode depends on what it sends; the run step also reads the grades, the inventory all inputs of its mode."""
    chain = Chain(tmp_path)
    (chain.project.students / "elev.txt").write_text("x", encoding="utf-8")

    def names(files: list[Path]) -> set[str]:
        return {path.name for path in files}

    anchors, prompts = (
        {f"role_model_{end}.txt" for end in ("001_F+", "002_E-", "003_C+", "004_A")},
        {"system.txt", "rubric.txt"},
    )
    settings = chain.settings
    assert names(settings.decisive_files(chain.project)) == anchors | prompts
    assert names(settings.identity_files(chain.project)) == anchors | prompts | {"grades.csv"}
    assert names(settings.input_files(chain.project)) == anchors | {
        "instructions.md",
        "prompt.md",
        "grades.csv",
    }
    execute = settings.model_copy(update={"mode": RunnerMode.EXECUTE})
    assert names(execute.decisive_files(chain.project)) == {"elev.txt", "prompt.md"} | prompts
    of_assignment = execute.model_copy(update={"assignment_id": "x"})
    assert names(of_assignment.decisive_files(chain.project)) == {"elev.txt"} | prompts
    simulated = settings.model_copy(update={"judge": JudgeSettings(model="simulated")})
    assert "grades.csv" in names(simulated.decisive_files(chain.project))


def test_what_freezes_a_run(tmp_path: Path) -> None:
    """Addresses and the wish for a fresh attempt are no part of it; the kind of stack and the rest are."""
    settings = Chain(tmp_path).settings
    for harmless in (
        {"fresh": True},
        {"force_reupload": True},
        {"verbose": True},
        {"platform": PlatformSettings(kafka_bootstrap="elsewhere:1")},
    ):
        assert settings.model_copy(update=harmless).frozen_part() == settings.frozen_part()
    for decisive in (
        {"batch_id": "other"},
        {"boundary": BoundarySelection(all_adjacent=True)},
        {"platform": PlatformSettings(stack="external")},
        {"completion_timeout": 5.0},
    ):
        assert settings.model_copy(update=decisive).frozen_part() != settings.frozen_part()


def test_settings_do_not_change(tmp_path: Path) -> None:
    """They are handed on, never altered."""
    with pytest.raises(ValidationError, match="frozen"):
        Chain(tmp_path).settings.batch_id = "other"  # type: ignore[misc]
