"""CITATION.cff, as GitHub, Zenodo and reference managers read it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[1]

TEXT = {"type": "string", "minLength": 1}
CITATION = {
    "type": "object",
    "required": ["authors", "cff-version", "message", "title"],
    "properties": {
        "cff-version": {"const": "1.2.0"},
        "message": TEXT,
        "title": TEXT,
        "abstract": TEXT,
        "type": {"enum": ["software", "dataset"]},
        "version": TEXT,
        "license": TEXT,
        "keywords": {"type": "array", "items": TEXT, "minItems": 1, "uniqueItems": True},
        "authors": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "object", "required": ["name"], "properties": {"name": TEXT}},
        },
    },
    "additionalProperties": False,
}
"""What the Citation File Format 1.2.0 asks of the keys that this project uses; authors are an entity by name."""


def test_the_citation_is_valid_and_of_this_version() -> None:
    """It has what the format asks for; version and licence are those of pyproject.toml."""
    citation = yaml.load((ROOT / "CITATION.cff").read_text("utf-8"), Loader=yaml.BaseLoader)
    assert [error.message for error in Draft202012Validator(CITATION).iter_errors(citation)] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert (citation["version"], citation["license"]) == (project["version"], project["license"]["text"])
    assert citation["title"].startswith(project["name"])
