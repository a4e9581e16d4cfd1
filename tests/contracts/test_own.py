"""What all own files share: strict, frozen, without NaN; and their JSON Schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from eng5.contracts.artefact import Artefact, Comparison
from eng5.contracts.inventory import Inventory
from eng5.contracts.own import OwnFile
from eng5.contracts.published import Published
from eng5.contracts.report import RenderedFile, Report
from eng5.contracts.run import JudgeSettings, RunFile
from eng5.contracts.uploads import Uploads
from eng5.files import model_bytes, read_model
from tests.chain import Chain


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """A whole chain."""
    chain = Chain(tmp_path_factory.mktemp("project"))
    chain.whole()
    return chain


KINDS: list[tuple[str, type[OwnFile]]] = [
    ("run", RunFile),
    ("inventory", Inventory),
    ("uploads", Uploads),
    ("published", Published),
    ("artefact", Artefact),
]


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_files_of_the_chain(chain: Chain, name: str, kind: type[OwnFile]) -> None:
    """Each file reads back to the same bytes, fits the schema of its model, and refuses an unknown field."""
    path: Path = getattr(chain.paths, name)
    model = read_model(path, kind)
    assert model_bytes(model) == path.read_bytes() or name == "artefact"
    document = json.loads(path.read_bytes())
    schema = kind.model_json_schema()
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(document)
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        kind.model_validate(document | {"surprise": 1})


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_a_file_of_another_version_is_refused(chain: Chain, name: str, kind: type[OwnFile]) -> None:
    """A file that a later version wrote is not read as if it were of this one."""
    document = json.loads(getattr(chain.paths, name).read_bytes())
    with pytest.raises(ValidationError, match="schema_version"):
        kind.model_validate(document | {"schema_version": "9"})


def test_values_do_not_change(chain: Chain) -> None:
    """A file that was read cannot be altered in memory."""
    with pytest.raises(ValidationError, match="frozen"):
        chain.run_file.origin = "command-line"  # type: ignore[misc]


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_no_nan(chain: Chain, number: float) -> None:
    """No own model takes a number that JSON does not have."""
    (one, *_) = read_model(chain.paths.artefact, Artefact).llm_comparisons
    with pytest.raises(ValidationError, match="finite"):
        Comparison.model_validate(one.model_dump() | {"confidence": number})
    with pytest.raises(ValidationError, match="finite"):
        JudgeSettings(temperature=number)


def test_the_report_s_record() -> None:
    """What was rendered is named relative to reports/ with its hash."""
    report = Report(files=[RenderedFile(path="anchor_align_x.md", sha256="0" * 64)])
    assert Report.model_validate_json(model_bytes(report)) == report
    with pytest.raises(ValidationError):
        Report.model_validate({"files": [{"path": "x"}]})


def test_timestamps_are_utc(chain: Chain) -> None:
    """The report's name does not depend on where it is made."""
    document: dict[str, Any] = json.loads(chain.paths.run.read_bytes())
    run = RunFile.model_validate(document | {"created_at": "2026-03-02T00:30:05+02:00"})
    assert run.timestamp == "20260301_223005"
    with pytest.raises(ValidationError, match="timezone"):
        RunFile.model_validate(document | {"created_at": "2026-03-02T00:30:05"})
