"""The published JSON Schemas of the files that other tools read, generated from their contracts."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel

from eng5.contracts.analysis import Analysis
from eng5.contracts.artefact import Artefact
from eng5.contracts.boundary_analysis import BoundaryAnalysis
from eng5.contracts.card import Card
from eng5.files import write_text

SCHEMAS = Path(__file__).parents[1] / "schemas"
ARTEFACT_SCHEMA = SCHEMAS / "artefact.schema.json"
PUBLISHED: dict[str, type[BaseModel]] = {
    "artefact.schema.json": Artefact,
    "analysis.schema.json": Analysis,
    "boundary_analysis.schema.json": BoundaryAnalysis,
    "card.schema.json": Card,
}


def build() -> dict[str, str]:
    """The text of every schema, by its file name; draft 2020-12, of the files as they are written."""
    texts = {}
    for name, model in PUBLISHED.items():
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **model.model_json_schema(mode="serialization"),
        }
        texts[name] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return texts


def run(folder: Path = SCHEMAS) -> None:
    """Write every schema."""
    for name, text in build().items():
        write_text(folder / name, text)


def ensure_schema_available(path: Path = ARTEFACT_SCHEMA) -> Path:
    """The path of the artefact's schema; the file is made where it is missing."""
    if not path.exists():
        write_text(path, build()[ARTEFACT_SCHEMA.name])
    return path
