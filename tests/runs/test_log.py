"""The run's log: JSON lines that a machine can read, and nothing secret in them."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eng5.contracts.inventory import Inventory
from eng5.contracts.modes import RunnerMode
from eng5.errors import InputError
from eng5.paths import ProjectPaths, RunnerPaths
from eng5.runs import log as logs
from eng5.runs.log import log_validation_state, run_log
from eng5.settings import RunnerSettings

MakeLines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def paths(tmp_path: Path) -> RunnerPaths:
    return ProjectPaths.at(tmp_path).run("run-1")


@pytest.fixture
def settings(tmp_path: Path) -> RunnerSettings:
    return RunnerSettings(mode=RunnerMode.PLAN, batch_id="run-1", anchors_folder=tmp_path)


@pytest.fixture
def lines(paths: RunnerPaths) -> MakeLines:
    return lambda: [json.loads(line) for line in paths.log.read_text(encoding="utf-8").splitlines()]


def test_every_line_says_which_run_it_is_from(
    paths: RunnerPaths, settings: RunnerSettings, lines: MakeLines
) -> None:
    """Batch id, mode and one correlation id on all lines; a later command appends."""
    for _ in range(2):
        with run_log(paths, settings) as log:
            log.event("one", number=1)
            log.problem("two", where=Path("a/b"))
    first, second, *later = lines()
    assert (first["event"], first["level"], first["number"]) == ("one", "info", 1)
    assert (second["event"], second["level"], second["where"]) == ("two", "error", "a/b")
    assert len(later) == 2
    for line in (first, second, *later):
        assert (line["batch_id"], line["runner_mode"]) == ("run-1", "plan")
        assert line["timestamp"].endswith("Z")
    assert first["correlation_id"] == second["correlation_id"] != later[0]["correlation_id"]


def test_what_is_said_is_logged_too(
    paths: RunnerPaths, settings: RunnerSettings, lines: MakeLines, capsys: pytest.CaptureFixture[str]
) -> None:
    """A plain line for the terminal, with its facts for the file only."""
    with run_log(paths, settings) as log:
        log.say("12 anchors", anchors=12)
    assert capsys.readouterr().out == "12 anchors\n"
    assert lines()[0]["anchors"] == 12


def test_bound_facts_are_on_later_lines(
    paths: RunnerPaths, settings: RunnerSettings, lines: MakeLines
) -> None:
    """`bind` replaces what was bound before."""
    with run_log(paths, settings) as log:
        log.bind(correlation_id="c-2", batch_uuid="b-1")
        log.event("later")
    assert (lines()[0]["correlation_id"], lines()[0]["batch_uuid"]) == ("c-2", "b-1")


def test_refusals_and_interruptions_are_noted(
    paths: RunnerPaths, settings: RunnerSettings, lines: MakeLines
) -> None:
    """Whatever ends the block goes on, after a line about it."""
    with pytest.raises(InputError), run_log(paths, settings):
        raise InputError("no anchors", where="inputs")
    with pytest.raises(KeyboardInterrupt), run_log(paths, settings):
        raise KeyboardInterrupt
    refused, interrupted = lines()
    assert (refused["event"], refused["error"], refused["reason"]) == (
        "refused",
        "InputError",
        "inputs: no anchors",
    )
    assert interrupted["event"] == "interrupted"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HULEEDU_ADMIN_TOKEN", "an-opaque-token"),
        ("JWT_SECRET_KEY", "the secret key"),
        ("ENG5_KAFKA_SASL_PASSWORD", "kafka password"),
        ("OPENAI_API_KEY", "sk-0123456789"),
    ],
)
def test_secret_values_of_the_environment_never_get_in(
    paths: RunnerPaths, settings: RunnerSettings, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """In the event, in a fact, in a nested one, in a refusal, in another library's line."""
    monkeypatch.setenv(name, value)
    with run_log(paths, settings) as log:
        log.event(f"with {value}", fact=f"x {value}", nested={"deep": [value]})
        logging.getLogger("eng5.librdkafka").error("broker said %s", value)
        logging.getLogger("httpx").warning("asked with %s", value)
    with pytest.raises(InputError), run_log(paths, settings):
        raise InputError(f"refused {value}")
    text = paths.log.read_text(encoding="utf-8")
    assert text.count("[secret]") == 6
    assert value not in text


def test_secret_values_of_a_properties_file_never_get_in(
    paths: RunnerPaths, settings: RunnerSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A password of ENG5_KAFKA_PROPERTIES is as secret as one of a variable."""
    (tmp_path / "kafka.properties").write_text("sasl.password=open sesame\nclient.id=me\n")
    monkeypatch.setenv("ENG5_KAFKA_PROPERTIES", str(tmp_path / "kafka.properties"))
    with run_log(paths, settings) as log:
        log.event("open sesame", client="client me")
    assert "open sesame" not in paths.log.read_text()


def test_tokens_and_essays_never_get_in(
    paths: RunnerPaths, settings: RunnerSettings, lines: MakeLines
) -> None:
    """What looks like a token, fields that are secret by name, fields that carry texts; counts of tokens stay."""
    token = "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl"
    with run_log(paths, settings) as log:
        log.event(
            "x", header=f"Bearer {token}", authorization="z", tokens_prompt=7, essay_text="Once upon a time"
        )
    [line] = lines()
    assert line["header"] == "Bearer [token]"
    assert line["authorization"] == "[secret]"
    assert line["essay_text"] == "[left out]"
    assert line["tokens_prompt"] == 7


def test_long_values_are_cut(paths: RunnerPaths, settings: RunnerSettings, lines: MakeLines) -> None:
    """A service's long answer does not fill the log."""
    with run_log(paths, settings) as log:
        log.event("x", body="b" * 5000)
    assert lines()[0]["body"].endswith("… (5000 characters)")
    assert len(lines()[0]["body"]) < 1100


def test_the_file_rotates(
    paths: RunnerPaths, settings: RunnerSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full file is set aside, and the oldest of them goes."""
    monkeypatch.setattr(logs, "FILE_BYTES", 500)
    monkeypatch.setattr(logs, "OLD_FILES", 2)
    with run_log(paths, settings) as log:
        for number in range(20):
            log.event("line", number=number)
    assert sorted(path.name for path in paths.folder.iterdir()) == ["run.log", "run.log.1", "run.log.2"]
    assert all(path.stat().st_size <= 500 for path in paths.folder.iterdir())


def test_verbose_adds_the_lines_of_libraries(
    paths: RunnerPaths, settings: RunnerSettings, lines: MakeLines
) -> None:
    """Requests of httpx are in the log only when asked for; warnings always."""
    for verbose in (False, True):
        with run_log(paths, settings.model_copy(update={"verbose": verbose})):
            logging.getLogger("httpx").info("HTTP Request: GET http://x")
            logging.getLogger("eng5.x").debug("details")
    assert [line["event"] for line in lines()] == ["HTTP Request: GET http://x", "details"]


def test_an_exception_keeps_its_trace(paths: RunnerPaths, settings: RunnerSettings, lines: MakeLines) -> None:
    """A library's exception stands in the log with the place where it was raised."""
    with run_log(paths, settings):
        try:
            raise ValueError("of a library")
        except ValueError:
            logging.getLogger("httpx").exception("failed")
    (line,) = lines()
    assert "ValueError: of a library" in line["exception"] and "test_log.py" in line["exception"]


def test_the_log_leaves_loggers_as_they_were(paths: RunnerPaths, settings: RunnerSettings) -> None:
    """No handler stays behind when the block ends."""
    before = [logging.getLogger(name).handlers[:] for name in ("eng5", "httpx", "eng5.librdkafka")]
    with run_log(paths, settings) as log:
        log.event("x")
    assert [logging.getLogger(name).handlers[:] for name in ("eng5", "httpx", "eng5.librdkafka")] == before


def test_the_validation_state_counts(paths: RunnerPaths, settings: RunnerSettings, lines: MakeLines) -> None:
    """Mode and further facts under runner_status; counts beside it."""
    empty = Inventory(grade_scale="swedish_8_anchor", anchors=[], students=[])
    with run_log(paths, settings) as log:
        log_validation_state(log, settings, empty, guest=True)
    [line] = lines()
    assert line["runner_status"] == {"mode": "plan", "partial_data": False, "guest": True}
    assert line["counts"] == {"anchors": 0, "students": 0, "anchor_pairs": 0, "words": 0}


def test_a_folder_that_cannot_be_made_is_refused(paths: RunnerPaths, settings: RunnerSettings) -> None:
    """A file in its place, or a build/ that is none: file, problem and remedy."""
    paths.project.build.mkdir()
    paths.folder.write_text("")
    with (
        pytest.raises(InputError, match="a file is where a folder should be") as caught,
        run_log(paths, settings),
    ):
        pass
    assert caught.value.where == str(paths.folder) and caught.value.remedy
    paths.folder.unlink()
    paths.project.build.rmdir()
    paths.project.build.write_text("")
    with (
        pytest.raises(InputError, match="a file is where a folder should be") as caught,
        run_log(paths, settings),
    ):
        pass
    assert caught.value.where == str(paths.folder) and caught.value.remedy


def test_a_log_that_cannot_be_written_is_refused(paths: RunnerPaths, settings: RunnerSettings) -> None:
    """Before anything is done, and not by a traceback for each line."""
    paths.log.mkdir(parents=True)
    with (
        pytest.raises(InputError, match="a folder is where a file should be") as caught,
        run_log(paths, settings),
    ):
        pass
    assert caught.value.where == str(paths.log)


def test_a_run_goes_on_without_its_reader(
    paths: RunnerPaths, settings: RunnerSettings, monkeypatch: pytest.MonkeyPatch, lines: MakeLines
) -> None:
    """`eng5 … | head -1` reads one line; the rest stands in the log."""

    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Gone())
    with run_log(paths, settings) as log:
        log.say("nobody reads this")
    assert [line["event"] for line in lines()] == ["nobody reads this"]
