"""The essays' texts for the pages of a run: as they were sent, where experiments.toml allows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from eng5.contracts.artefact import Artefact
from eng5.contracts.experiments import Experiments
from eng5.contracts.inventory import Essay
from eng5.contracts.privacy import Privacy
from eng5.errors import Eng5Error
from eng5.essays.reading import text_to_send
from eng5.files import read_bytes, sha256_bytes, sha256_text
from eng5.paths import RunnerPaths

MOST = 2_000_000
"""Characters of all essays of a page together; what is beyond that is named and left out."""


@dataclass(frozen=True)
class EssayText:
    """A text, or in `why` where it is and why it is not here."""

    text: str | None = None
    why: str = ""


EssayTexts = Mapping[str, EssayText]
"""By essay id."""


def read(paths: RunnerPaths, artefact: Artefact, experiments: Experiments | None) -> dict[str, EssayText]:
    """The text of every essay of the run; none where `essays_in_reports` is not set, or nothing is known of it.

    A text counts only as long as it is the one that the judge saw, by its hash: names that [privacy] takes out are
    out of it here too.
    """
    allowed, privacy = False, Privacy()
    if experiments is not None:
        allowed, privacy = experiments.essays_in_reports, experiments.privacy
    found, left = {}, MOST
    for essay, place in _essays(paths, artefact):
        one = _read(paths.project.root / essay.path, essay, place, privacy) if allowed else _not_shown(place)
        if one.text is not None and len(one.text) > left:
            one = EssayText(why=f"Left out, for the page has {MOST:,} characters of essays already: {place}.")
        left -= len(one.text or "")
        found[essay.essay_id] = one
    return found


def _essays(paths: RunnerPaths, artefact: Artefact) -> Iterator[tuple[Essay, str]]:
    """Each essay and where a reader finds it. The name of a student's file may be a pupil's, so it is not named."""
    for essay in artefact.inputs.anchors:
        yield essay, essay.path
    for essay in artefact.inputs.students:
        yield essay, f"build/{paths.name}/ids.csv says which file it is"


def _not_shown(place: str) -> EssayText:
    return EssayText(
        why=f"{place}. Essays are shown here where inputs/experiments.toml says essays_in_reports = true."
    )


def _read(path: Path, essay: Essay, place: str, privacy: Privacy) -> EssayText:
    if not path.is_file():
        return EssayText(why=f"The file is no longer where it was: {place}.")
    try:
        text = _text(path, sha256_bytes(read_bytes(path)), privacy)
    except Eng5Error:
        return EssayText(why=f"The file cannot be read any more: {place}.")
    if sha256_text(text) != essay.text_sha256:
        return EssayText(
            why=f"The essay, or what [privacy] replaces in it, has changed since it was judged: {place}."
        )
    return EssayText(text)


@lru_cache(maxsize=1024)
def _text(path: Path, sha256: str, privacy: Privacy) -> str:
    """The text of a file; the hash is what makes it another one."""
    return text_to_send(path, privacy)
