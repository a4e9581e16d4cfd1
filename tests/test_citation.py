"""CITATION.cff, as GitHub, Zenodo and reference managers read it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import yaml
from jsonschema import Draft7Validator

ROOT = Path(__file__).parents[1]


def test_the_citation_is_valid_and_of_this_version() -> None:
    """The schema of the Citation File Format 1.2.0 (S. Druskat and others, CC BY 4.0) takes it; version and licence
    are those of pyproject.toml.
    """
    citation = yaml.load((ROOT / "CITATION.cff").read_text("utf-8"), Loader=yaml.BaseLoader)
    schema = json.loads((ROOT / "tests/golden/citation-file-format-1.2.0.schema.json").read_text("utf-8"))
    Draft7Validator.check_schema(schema)
    assert [error.message for error in Draft7Validator(schema).iter_errors(citation)] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert (citation["version"], citation["license"]) == (project["version"], project["license"]["text"])
    assert citation["title"].startswith(project["name"])
