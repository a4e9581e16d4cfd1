"""An essay as the judge will see it: its text without the names that are kept back, and what to know about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from eng5.contracts.privacy import Privacy
from eng5.errors import InputError
from eng5.essays.extract import SUFFIXES, extract
from eng5.essays.language import language_of, other_language
from eng5.essays.privacy import replace_names


@dataclass(frozen=True)
class EssayReading:
    """The file's bytes, the text that is sent, and what was found out about it."""

    content: bytes
    text: str
    encoding: str | None
    language: str | None
    names_replaced: int
    notices: tuple[str, ...]


def text_to_send(path: Path, privacy: Privacy) -> str:
    """The text alone; errors as those of `read_essay`."""
    return replace_names(extract(path).text, privacy).text


def read_essay(path: Path, *, language: str | None, privacy: Privacy) -> EssayReading:
    """Read one essay; `language` is the one that essays should be in, None where that is of no matter: then the
    essay's own, which takes half a second to find out, is None as well.

    Raises:
        InputError: its format is not read, the file cannot be used, or a pattern of `privacy` cannot.
    """
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise InputError(
            "the file's name is not UTF-8",
            where=str(path).encode("utf-8", "backslashreplace").decode(),
            remedy="rename the file",
        ) from None
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"'{path.suffix}' files are not read",
            where=path,
            remedy=f"save the essay as one of {', '.join(SUFFIXES)}, or move the file away",
        )
    found = extract(path)
    text, replaced, left = replace_names(found.text, privacy)
    notices = [*found.notices]
    if left:
        notices.append(f"names written in small letters were left ({left}): a pattern can replace them")
    if language is not None and (other := other_language(text, language)):
        notices.append(other)
    own = language_of(text) if language is not None else None
    return EssayReading(found.content, text, found.encoding, own, replaced, tuple(notices))
