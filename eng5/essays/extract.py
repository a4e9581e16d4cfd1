"""Text from essay files. Paragraphs are kept, one blank line between two; what is left out is said in a notice."""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from eng5.errors import InputError
from eng5.essays import docx_text, odt_text, pdf_text, rtf_text
from eng5.essays.manuscript import Manuscript
from eng5.files import file_size, read_bytes

MAX_FILE_BYTES = 5 * 1024 * 1024
MAX_UNPACKED_BYTES = 50 * 1024 * 1024
MAX_XML_BYTES = 10 * 1024 * 1024
# Left to itself the detector reads western text of legacy encodings as central European (å becomes ĺ).
LEGACY_ENCODINGS = ["cp1252", "mac_roman", "cp850", "utf_16", "utf_32"]
# Without a byte-order mark only zero bytes tell them apart from noise.
WIDE_ENCODINGS = ["utf_16_le", "utf_16_be"]
SUFFIXES = (".txt", ".md", ".docx", ".odt", ".rtf", ".pdf")

READERS: dict[str, Callable[[bytes], Manuscript]] = {
    ".docx": docx_text.read,
    ".odt": odt_text.read,
    ".rtf": rtf_text.read,
    ".pdf": pdf_text.read,
}
OFFICE = (".docx", ".odt")
BEGINNINGS = {b"%PDF-": "PDF", b"{\\rtf": "RTF", b"PK\x03\x04": "packed document"}
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Extracted:
    """The text of an essay; `encoding` of a text file, None for other formats; `notices` are for its reader."""

    content: bytes
    text: str
    encoding: str | None
    notices: tuple[str, ...] = ()


def extract(path: Path) -> Extracted:
    """Read and extract one essay; a process extracts the same file once, wherever it lies.

    Raises:
        InputError: the file is too large, empty, unreadable, encrypted, a zip bomb or without text.
    """
    size = file_size(path)
    if size > MAX_FILE_BYTES:
        raise InputError(
            f"{size:,} bytes; an essay file may have {MAX_FILE_BYTES:,}",
            where=path,
            remedy="remove pictures from it, or save the text alone",
        )
    return _extracted(_EssayFile(read_bytes(path), path.suffix.lower(), path))


@dataclass(frozen=True)
class _EssayFile:
    """The same bytes in the same format are the same text; `path` is for what is said about them."""

    content: bytes
    suffix: str
    path: Path = field(compare=False)


@lru_cache(maxsize=1000)
def _extracted(file: _EssayFile) -> Extracted:
    return extract_content(file.content, file.path)


def extract_content(content: bytes, path: Path) -> Extracted:
    """The text of an essay whose bytes are read already; `path` tells its format. Errors as those of `extract`."""
    if not content:
        raise InputError("the file is empty", where=path, remedy="put the essay into it, or remove it")
    suffix, encoding = path.suffix.lower(), None
    if suffix in READERS:
        made = _manuscript(path, suffix, content)
    else:
        made, encoding = _text(path, content)
    if not made.text:
        scanned = "a scanned page has to be recognised (OCR) and saved as text first"
        remedy = "put the essay into it, or remove it" if encoding else scanned
        raise InputError("no text found in the file", where=path, remedy=remedy)
    if _runs_across(made.text):
        made.say("its lines seem to run across two columns: compare it with the file")
    return Extracted(content, made.text, encoding, tuple(made.notices))


def _manuscript(path: Path, suffix: str, content: bytes) -> Manuscript:
    kind = suffix[1:].upper()
    if content.startswith(OLD_OFFICE):
        raise _old_office(path, content)
    if suffix in OFFICE:
        _refuse_bad_archive(path, content)
    try:
        made = READERS[suffix](content)
    except Exception as error:  # noqa: BLE001 - the libraries raise what their XML, zip and PDF parts raise
        raise _unreadable(path, kind, error) from None
    made.paragraphs = [CONTROL.sub("", paragraph) for paragraph in made.paragraphs]
    made.notes = [CONTROL.sub("", note) for note in made.notes]
    return made


def _unreadable(path: Path, kind: str, error: Exception) -> InputError:
    name = type(error).__name__
    if "Password" in name or "Encryption" in name or "NotAllowed" in name:
        return _protected(path)
    if name == "TooManyPagesError":
        return InputError(str(error), where=path, remedy="save the essay alone as a file of its own")
    remedy = (
        "save the text as .docx or .txt" if kind == "PDF" else f"open it and save it again as .{kind.lower()}"
    )
    return InputError(f"not a readable {kind} ({name})", where=path, remedy=remedy)


def _protected(path: Path) -> InputError:
    return InputError(
        "the file is protected by a password",
        where=path,
        remedy="remove its password, or save the text as .docx or .txt",
    )


def _old_office(path: Path, content: bytes) -> InputError:
    """A protected DOCX is packed in the format of the old .doc."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return _protected(path)
    return InputError(
        "an old Word file (.doc) by another name", where=path, remedy="open it and save it as .docx"
    )


def _refuse_bad_archive(path: Path, content: bytes) -> None:
    suffix = path.suffix.lower()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            listed = "META-INF/manifest.xml" if suffix == ".odt" else None
            manifest = next((member for member in members if member.filename == listed), None)
            if manifest is not None and manifest.file_size <= MAX_XML_BYTES:
                protected = b"encryption-data" in archive.read(manifest)
            else:
                protected = any(member.flag_bits & 1 for member in members)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, ValueError, RuntimeError, EOFError):
        raise InputError(
            f"not a readable {suffix[1:].upper()} (no zip archive)",
            where=path,
            remedy=f"open it and save it again as {suffix}",
        ) from None
    if protected:
        raise _protected(path)
    unpacked = sum(member.file_size for member in members)
    largest = max(
        (member.file_size for member in members if member.filename.endswith((".xml", ".rels"))), default=0
    )
    if unpacked > MAX_UNPACKED_BYTES or largest > MAX_XML_BYTES:
        raise InputError(
            f"unpacks to {unpacked:,} bytes; {MAX_UNPACKED_BYTES:,} are allowed, and {MAX_XML_BYTES:,} for its text "
            "(a zip bomb?)",
            where=path,
            remedy="save the text alone as .docx or .txt",
        )


def _text(path: Path, content: bytes) -> tuple[Manuscript, str]:
    for beginning, kind in BEGINNINGS.items():
        if content.startswith(beginning):
            raise InputError(
                f"a {kind} by another name", where=path, remedy="give the file the ending of its format"
            )
    text, encoding = decode(path, content)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    blocks = re.split(r"\n[ \t]*\n", text)
    paragraphs = (
        "\n".join(line.rstrip() for line in block.strip("\n").split("\n")).strip() for block in blocks
    )
    return Manuscript([paragraph for paragraph in paragraphs if paragraph]), encoding


def decode(path: Path, content: bytes) -> tuple[str, str]:
    """The text of a text file and its encoding; InputError when it is in none that is known."""
    with contextlib.suppress(UnicodeDecodeError):
        text = content.decode("utf-8-sig")
        if "\0" not in text:
            return text, "utf-8"
    from charset_normalizer import from_bytes

    encodings = LEGACY_ENCODINGS + (WIDE_ENCODINGS if b"\0" in content else [])
    best = from_bytes(content, cp_isolation=encodings).best()
    if best is None or "\0" in str(best):
        raise InputError(
            "neither UTF-8 nor a known text encoding", where=path, remedy="save the essay as UTF-8 text"
        )
    return str(best), best.encoding


def _runs_across(text: str) -> bool:
    """Several lines have a wide gap at one place and words on both sides, as columns have that were printed as text."""
    gaps = [
        range(found.start(), found.end())
        for line in text.split("\n")
        for found in re.finditer(r"(?<=\S) {3,}(?=\S)", line)
        if found.start() >= 15 and len(line) - found.end() >= 15
    ]
    return max(Counter(place for gap in gaps for place in gap).values(), default=0) >= 4
