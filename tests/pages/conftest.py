"""Artefacts of judges whose behaviour is known."""

from tests.reports.conftest import judge, make_artefact

__all__ = ["judge", "make_artefact"]
