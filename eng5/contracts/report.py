"""`70_report.json`: what was rendered from a run."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from eng5.contracts.own import OwnFile, Sha256


class RenderedFile(OwnFile):
    """A file under `reports/`."""

    path: str = Field(
        description="relative to reports/, with forward slashes",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*$",
    )
    sha256: Sha256


class Report(OwnFile):
    """The whole of `70_report.json`."""

    schema_version: Literal["1"] = "1"
    files: list[RenderedFile]


class AnalysisVerdict(BaseModel):
    """As much of an analysis as is said in the terminal."""

    verdict: str
