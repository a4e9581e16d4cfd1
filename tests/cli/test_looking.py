"""Commands that look: runs, show, config, doctor; serve; and the help."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import SECRET, Done
from tests.project import ROOT, Project

Eng5 = Callable[..., Done]


def test_runs_without_any(eng5: Eng5) -> None:
    """The variants of experiments.toml are runs that have not started."""
    rows = [line.split("  ") for line in eng5("runs").went_well().splitlines()]
    assert [row[0] for row in rows] == ["Run", "baseline", "simulated", "e_minus_f_plus"]
    assert all("not started" in " ".join(row) for row in rows[1:])


def test_a_run_as_text_and_as_json(eng5: Eng5, finished: str) -> None:
    """State, progress, report and figures; the same for programs."""
    text = eng5("show", finished).went_well()
    assert "reported" in text and "6 of 6" in text and "Kendall's tau" in text
    document = json.loads(eng5("show", finished, "--json").went_well())
    assert document["state"] == "reported"
    assert (document["callbacks"], document["expected"], document["attempt"]) == (6, 6, 1)
    assert document["report"].startswith("reports/anchor_align_try_")
    assert document["metrics"]["kendall_tau"] is not None
    assert document["files"][0] == "00_run.json" and document["files"][-1] == "70_report.json"


def test_a_run_that_has_not_started(eng5: Eng5) -> None:
    """A variant is shown before it has any file."""
    assert "not started" in eng5("show", "baseline").went_well()
    assert json.loads(eng5("show", "baseline", "--json").went_well())["metrics"] == {}


def test_an_unknown_run(eng5: Eng5) -> None:
    """The names that there are stand in the message."""
    eng5("show", "nothing").refused(2, "no run 'nothing'", "baseline", "simulated")


def test_config_says_where_values_come_from(
    eng5: Eng5, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Flag, environment, experiments.toml, default; secrets are hidden."""
    monkeypatch.setenv("CJ_SERVICE_URL", "http://cj:9095")
    monkeypatch.setenv("HULEEDU_ADMIN_TOKEN", "very-secret-token")
    monkeypatch.setenv("ENG5_KAFKA_SASL_PASSWORD", "kafka-password")
    monkeypatch.setenv("ENG5_KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    toml = project.root / "inputs" / "experiments.toml"
    toml.write_text('course_code = "ENG6"\n' + toml.read_text(encoding="utf-8"))

    def rows(*arguments: str) -> dict[str, list[str]]:
        out = eng5(*arguments, "config").went_well()
        assert "very-secret-token" not in out and "kafka-password" not in out
        lines = [[cell for cell in line.split("  ") if cell] for line in out.splitlines()]
        return {line[0].strip(): [cell.strip() for cell in line[1:]] for line in lines}

    embedded = rows()
    assert embedded["cj_service_url"] == ["http://cj:9095", "not used: the stand-in is embedded"]
    assert embedded["course_code"] == ["ENG6", "experiments.toml"]
    assert embedded["language"] == ["en", "default"]
    assert embedded["HULEEDU_ADMIN_TOKEN"] == ["set (hidden)", "environment (HULEEDU_ADMIN_TOKEN)"]
    assert embedded["kafka sasl.password"] == ["set (hidden)", "environment (ENG5_KAFKA_*)"]
    assert embedded["kafka security.protocol"] == ["SASL_SSL", "environment (ENG5_KAFKA_*)"]
    platform = rows("--kafka-bootstrap", "k:9092", "--language", "sv")
    assert platform["stack"] == ["external", "flag"]
    assert platform["kafka_bootstrap"] == ["k:9092", "flag"]
    assert platform["cj_service_url"] == ["http://cj:9095", "environment (CJ_SERVICE_URL)"]
    assert platform["language"] == ["sv", "flag"]


def test_config_lists_every_variable(eng5: Eng5, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the environment is asked for stands in the table, and where it is given, with where it is from."""
    source = ast.parse((ROOT / "eng5" / "environment.py").read_text(encoding="utf-8"))
    texts = {node.value for node in ast.walk(source) if isinstance(node, ast.Constant)}
    names = {
        text for text in texts if isinstance(text, str) and re.fullmatch(r"[A-Z][A-Z0-9_]{8,}[A-Z]", text)
    }
    names -= {"OPENBLAS_NUM_THREADS"}
    assert {"ENG5_CONTENT_SECONDS", "JWT_ISSUER", "GEMINI_API_KEY", "CJ_SERVICE_URL"} <= names
    values = {"ENG5_STACK": "external", "ENG5_CONTENT_SECONDS": "7"}
    for place in ("ENG5_LLM_KEY_FILE", "ENG5_KAFKA_PROPERTIES"):
        values[place] = str(tmp_path / place)
        Path(values[place]).touch(mode=0o600)
    for name in names:
        monkeypatch.setenv(name, values.get(name, "http://given:1"))
    monkeypatch.setenv("ENG5_LLM_OPENROUTER_TIMEOUT", "5")
    out = eng5("config").went_well()
    for name in (*names, "ENG5_LLM_OPENROUTER_TIMEOUT"):
        assert f"environment ({name})" in out, (name, out)
    assert re.search(r"ENG5_CONTENT_SECONDS +7 +environment", out)


def test_the_doctor_finds_nothing(eng5: Eng5, addresses: list[str]) -> None:
    """All checks ok: exit code 0."""
    assert "PROBLEM" not in eng5(*addresses, "doctor").went_well()


def test_the_doctor_finds_something(eng5: Eng5, addresses: list[str], project: Project) -> None:
    """The gravest problem's exit code, and what to do on standard error."""
    (project.root / "inputs" / "instructions.md").unlink()
    addresses[3] = "http://127.0.0.1:9"
    done = eng5(*addresses, "doctor")
    assert done.code == 4
    assert done.out.count("PROBLEM") == 3, done.out
    assert "inputs: write it" in done.err and "CJ service: check" in done.err


def test_serve_prints_its_addresses_and_ends_with_the_signal(project: Project) -> None:
    """One line of JSON when ready; both services answer; SIGTERM ends it with 0."""
    process = subprocess.Popen(
        [sys.executable, "-m", "eng5", "serve", "--content-port", "0", "--cj-port", "0", "--kafka-port", "0"],
        cwd=project.root,
        env=os.environ | {"PYTHONPATH": str(ROOT), "JWT_SECRET_KEY": SECRET},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    places = json.loads(process.stdout.readline())
    for address in (places["content_service_url"].removesuffix("/v1/content"), places["cj_service_url"]):
        assert httpx.get(address + "/healthz", timeout=60).status_code == 200
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate()
    assert (process.returncode, out, err) == (0, "", f"study: {project.root}\n")


def test_the_help_groups_flags_and_names_exit_codes(eng5: Eng5) -> None:
    """Panels, examples, exit codes, and every command."""
    out = eng5("--help").went_well()
    for part in (
        "What to run",
        "The judge",
        "Boundary tests",
        "The platform",
        "Examples",
        "Exit codes",
        "130",
    ):
        assert part in out
    for command in (
        "register-anchors",
        "verify-auth",
        "instructions",
        "runs",
        "show",
        "serve",
        "config",
        "doctor",
    ):
        assert command in out


def test_help_imports_nothing_heavy() -> None:
    """`eng5 --help` is quick because models, clients and statistics stay outside."""
    code = (
        "import sys; from typer.testing import CliRunner; from eng5.cli.app import app; "
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    heavy = {
        "pydantic",
        "httpx",
        "confluent_kafka",
        "doit",
        "numpy",
        "scipy",
        "jinja2",
        "matplotlib",
    }
    assert not heavy & set(done.stdout.split())


def test_an_unknown_flag_is_an_error_of_use(eng5: Eng5) -> None:
    """Exit code 2, with the flag in the message."""
    done = eng5("--moed", "plan")
    assert done.code == 2
    assert "--moed" in done.err


def test_a_damaged_run_is_shown_among_the_others(eng5: Eng5, finished: str, project: Project) -> None:
    """Its file and the remedy stand on standard error, or in the run's own page; the others are listed."""
    envelope = project.paths.run(finished).envelope
    envelope.write_bytes(envelope.read_bytes()[:300])
    listed = eng5("runs")
    assert "not started" in listed.went_well()
    assert next(line for line in listed.out.splitlines() if line.startswith("try ")).split()[2] == "damaged"
    assert str(envelope) in listed.err and "→ delete the file" in listed.err
    assert str(envelope) in eng5("show", finished).went_well()
    document = json.loads(eng5("show", finished, "--json").went_well())
    assert document["state"] == "damaged" and str(envelope) in document["damage"]


def test_a_damaged_analysis_is_shown(eng5: Eng5, finished: str, project: Project) -> None:
    """There are no figures, and the file is named."""
    analysis = project.paths.run(finished).analysis
    analysis.write_text("{")
    document = json.loads(eng5("show", finished, "--json").went_well())
    assert (document["state"], document["metrics"]) == ("damaged", {})
    assert str(analysis) in document["damage"]


def in_a_shell(project: Project, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    python = f"{shlex.quote(sys.executable)} -m eng5"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command.replace("eng5", python, 1)],
        cwd=project.root,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    done.stderr = done.stderr.removeprefix(f"study: {project.root}\n")
    return done


@pytest.mark.parametrize(
    ("command", "unbuffered"),
    [
        ("runs | true", ""),
        ("--help | true", "1"),
        *(
            pytest.param(*one, marks=pytest.mark.slow)
            for one in (("runs | true", "1"), ("--mode plan | true", ""))
        ),
    ],
)
def test_a_reader_that_has_gone_is_no_error(project: Project, command: str, unbuffered: str) -> None:
    """Nothing on standard error."""
    assert in_a_shell(project, f"eng5 {command}", PYTHONUNBUFFERED=unbuffered).stderr == ""


@pytest.mark.parametrize(
    ("before", "after", "code", "said"),
    [
        ("", ">&-", 0, ""),
        pytest.param("mkdir gone; cd gone; rmdir ../gone; ", "", 2, "is gone", marks=pytest.mark.slow),
    ],
)
def test_no_standard_output_and_no_folder(
    project: Project, before: str, after: str, code: int, said: str
) -> None:
    """A closed output is as good as none; a folder that was removed is named in a sentence."""
    done = in_a_shell(project, f"{before}eng5 runs {after}")
    assert (done.returncode, said in done.stderr) == (code, True)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("command", "unbuffered"),
    [
        ("runs", ""),
        *(pytest.param(*one, marks=pytest.mark.slow) for one in (("runs", "1"), ("--mode plan", ""))),
    ],
)
def test_a_full_disk_behind_the_output_is_a_message(project: Project, command: str, unbuffered: str) -> None:
    """Problem and remedy, exit code 1."""
    done = in_a_shell(project, f"eng5 {command} > /dev/full", PYTHONUNBUFFERED=unbuffered)
    assert done.returncode == 1
    assert done.stderr.startswith("error: standard output: cannot be written (No space left on device)\n  → ")
    assert "Traceback" not in done.stderr


def test_characters_that_the_output_does_not_have(finished: str, project: Project) -> None:
    """They are escaped."""
    done = in_a_shell(project, f"eng5 show {finished}", PYTHONUTF8="0", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert (done.returncode, done.stderr) == (0, "")
    assert r"Goodman\u2013Kruskal" in done.stdout
