"""Tests of `eng5.reports.schema`."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from eng5.contracts.artefact import Artefact
from eng5.contracts.own import OwnFile
from eng5.files import model_bytes
from eng5.reports import schema
from eng5.reports.alignment import analysis
from eng5.reports.baseline import build as baseline_of
from eng5.reports.boundary import analysis as boundary_analysis
from eng5.reports.card import card
from tests.boundary_artefacts import drawn

Judge = Callable[..., Artefact]


@pytest.mark.parametrize("name", schema.PUBLISHED)
def test_published_schemas_are_current(name: str) -> None:
    """The schema in the package is what the contract says today."""
    published = (schema.SCHEMAS / name).read_text(encoding="utf-8")
    assert published == schema.build()[name], "run: python -c 'from eng5.reports import schema; schema.run()'"


def test_files_as_written_pass_their_schema_and_others_do_not(judge: Judge) -> None:
    """A written artefact and analysis validate; a missing and an unknown field do not."""
    artefact = judge(rounds=2, tie_rate=0.1, failure_rate=0.1)
    measured = analysis.build(artefact, {}, name="run", baseline=baseline_of(artefact, name="run"))
    written: dict[str, OwnFile] = {
        "artefact.schema.json": artefact,
        "analysis.schema.json": measured,
        "boundary_analysis.schema.json": boundary_analysis.build(
            drawn({("anchor_03", "anchor_01"): (0.8, 0.6)}, 5), name="run"
        ),
    }
    written["card.schema.json"] = card.build(artefact, measured, [])
    for name, text in schema.build().items():
        validator = Draft202012Validator(json.loads(text), format_checker=Draft202012Validator.FORMAT_CHECKER)
        content = json.loads(model_bytes(written[name]))
        validator.validate(content)
        identity = list(content)[1]
        for broken in ({**content, "surplus": 1}, {k: v for k, v in content.items() if k != identity}):
            with pytest.raises(ValidationError):
                validator.validate(broken)
