"""Text from essay files, through libraries made for it. Paragraphs are kept, one blank line between two."""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eng5.errors import InputError
from eng5.files import file_size, read_bytes

if TYPE_CHECKING:
    from docx.table import Table

MAX_FILE_BYTES = 5 * 1024 * 1024
MAX_UNPACKED_BYTES = 50 * 1024 * 1024
# Left to itself the detector reads western text of legacy encodings as central European (å becomes ĺ).
LEGACY_ENCODINGS = ["cp1252", "mac_roman", "cp850", "utf_16", "utf_32"]
# Without a byte-order mark only zero bytes tell them apart from noise.
WIDE_ENCODINGS = ["utf_16_le", "utf_16_be"]
SUFFIXES = (".txt", ".md", ".docx", ".pdf")


@dataclass(frozen=True)
class Extracted:
    """The text of an essay; `encoding` of a text file, None for DOCX and PDF."""

    content: bytes
    text: str
    encoding: str | None


def extract(path: Path) -> Extracted:
    """Read and extract one essay.

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
    content = read_bytes(path)
    if not content:
        raise InputError("the file is empty", where=path, remedy="put the essay into it, or remove it")
    match path.suffix.lower():
        case ".docx":
            paragraphs, encoding = _docx_paragraphs(path, content), None
        case ".pdf":
            paragraphs, encoding = _pdf_paragraphs(path, content), None
        case _:
            paragraphs, encoding = _text_paragraphs(path, content)
    text = "\n\n".join(filter(None, paragraphs))
    if not text:
        raise InputError(
            "no text found in the file",
            where=path,
            remedy="put the essay into it, or remove it"
            if encoding
            else "a scanned page has to be recognised (OCR) and saved as text first",
        )
    return Extracted(content, text, encoding)


def _text_paragraphs(path: Path, content: bytes) -> tuple[list[str], str]:
    text, encoding = _decode(path, content)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    blocks = re.split(r"\n[ \t]*\n", text)
    return [
        "\n".join(line.rstrip() for line in block.strip("\n").split("\n")).strip() for block in blocks
    ], encoding


def _decode(path: Path, content: bytes) -> tuple[str, str]:
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


def _docx_paragraphs(path: Path, content: bytes) -> list[str]:
    import docx
    from docx.table import Table

    _refuse_zip_bomb(path, content)
    try:
        items = list(docx.Document(io.BytesIO(content)).iter_inner_content())
    except Exception as error:  # noqa: BLE001 - python-docx raises what its XML and zip parts raise
        raise InputError(
            f"not a readable DOCX ({type(error).__name__})",
            where=path,
            remedy="open it and save it again as .docx",
        ) from None
    paragraphs: list[str] = []
    for item in items:
        if isinstance(item, Table):
            paragraphs += _rows(item)
        else:
            paragraphs.append(item.text.strip())
    return paragraphs


def _rows(table: Table) -> list[str]:
    """A line a row, cells parted by tabs. A merged cell is in every row and column that it covers, and read once."""
    seen: set[object] = set()
    rows = []
    for row in table.rows:
        cells = {cell._tc: cell for cell in row.cells if cell._tc not in seen}
        seen |= cells.keys()
        rows.append("\t".join(cell.text.strip() for cell in cells.values()).strip())
    return rows


def _refuse_zip_bomb(path: Path, content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile:
        raise InputError(
            "not a readable DOCX (no zip archive)", where=path, remedy="open it and save it again as .docx"
        ) from None
    if unpacked > MAX_UNPACKED_BYTES:
        raise InputError(
            f"unpacks to {unpacked:,} bytes; {MAX_UNPACKED_BYTES:,} are allowed (a zip bomb?)",
            where=path,
            remedy="save the text alone as .docx or .txt",
        )


def _pdf_paragraphs(path: Path, content: bytes) -> list[str]:
    import logging

    from pdfminer.high_level import extract_text

    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    try:
        text = extract_text(io.BytesIO(content))
    except Exception as error:  # noqa: BLE001 - pdfminer raises many kinds on damaged or encrypted files
        raise InputError(
            f"not a readable PDF ({type(error).__name__})",
            where=path,
            remedy="remove its password, or save the text as .docx or .txt",
        ) from None
    blocks = re.split(r"\n[ \t]*\n", text.replace("\f", "\n\n"))
    return [" ".join(line.strip() for line in block.split("\n")).strip() for block in blocks]
