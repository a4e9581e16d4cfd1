"""`eng5 doctor --judge`: one small question, a line for each thing that has to be right."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from eng5.contracts.llm_config import LlmConfig, LlmProviderConfig
from eng5.contracts.modes import RunnerMode
from eng5.contracts.run import JudgeSettings
from eng5.services.judge_check import check_judge
from eng5.settings import RunnerSettings
from tests.judges.conftest import KEY, Said, ScriptedServer, server

__all__ = ["server"]

NAMES = ["address", "key", "model", "structured output", "speed"]


def settings(tmp_path: Path, **judge: object) -> RunnerSettings:
    asked = JudgeSettings.model_validate({"provider": "openai", "model": "small", **judge})
    return RunnerSettings(
        mode=RunnerMode.ANCHOR_ALIGN_TEST, batch_id="run-1", judge=asked, anchors_folder=tmp_path
    )


def config(url: str) -> LlmConfig:
    provider = LlmProviderConfig(key=SecretStr(KEY), base_url=f"{url}/v1", timeout=60)
    return LlmConfig(providers={"openai": provider})


@pytest.mark.parametrize(
    ("said", "step", "code", "remedy"),
    [
        (Said("who?", status=401), "key", 3, "ENG5_LLM_API_KEY"),
        (Said("no such model", status=404), "model", 3, "`model` of the variant"),
        (Said("temperature is fixed", status=400), "model", 3, "take temperature = 0.5 out"),
        (Said("busy", status=503), "address", 4, "ENG5_LLM_CONCURRENCY"),
        (Said("Essay A."), "structured output", 4, "JSON Schema"),
        (Said('{"winner', finish="length"), "structured output", 4, "max_tokens"),
    ],
)
def test_the_step_that_is_at_fault_is_the_last(
    said: Said, step: str, code: int, remedy: str, server: ScriptedServer, tmp_path: Path
) -> None:
    """Those before it are ok, and it has what to do and an exit code."""
    server.default = said
    found = check_judge(settings(tmp_path, temperature=0.5), config(server.url), tmp_path)
    assert [one.what for one in found] == [f"judge: {name}" for name in NAMES[: NAMES.index(step) + 1]]
    assert [one.ok for one in found] == [True] * (len(found) - 1) + [False]
    assert found[-1].exit_code == code
    assert remedy in (found[-1].remedy or "")
    assert KEY not in repr(found)


def test_a_judge_that_can_be_asked(server: ScriptedServer, tmp_path: Path) -> None:
    """Five lines, one request; the form of the answers and the speed are said."""
    found = check_judge(settings(tmp_path), config(server.url), tmp_path)
    assert [one.what for one in found] == [f"judge: {name}" for name in NAMES]
    assert all(one.ok for one in found)
    assert "JSON Schema by response_format; answers keep to it" in found[3].found
    assert "1000 + 50 tokens" in found[4].found
    assert len(server.asked) == 1


def test_nobody_at_the_address(server: ScriptedServer, tmp_path: Path) -> None:
    """The address is named."""
    url = server.url
    server.server_close()
    [found] = check_judge(settings(tmp_path), config(url), tmp_path)
    assert found.what == "judge: address"
    assert f"{url}/v1 cannot be reached" in found.found


def test_without_a_key_nothing_is_sent(tmp_path: Path) -> None:
    """The variable that it is looked for in is named."""
    found = check_judge(settings(tmp_path), LlmConfig(), tmp_path)
    assert "nothing was sent" in found[0].found
    assert found[1].remedy == "set OPENAI_API_KEY"


@pytest.mark.parametrize(
    ("judge", "found"),
    [
        ({"provider": "mock", "model": "surface"}, "mock/surface: eng5's own, asks nobody"),
        ({"provider": "human", "model": None}, "people; `eng5 judge run-1` serves their page"),
        ({"provider": "plugin", "model": "none"}, "no installed package has a judge 'none'"),
    ],
)
def test_judges_without_a_server(judge: dict[str, str], found: str, tmp_path: Path) -> None:
    """They say what they are."""
    [line] = check_judge(settings(tmp_path, **judge), LlmConfig(), tmp_path)
    assert found in line.found
