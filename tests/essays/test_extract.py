"""Text from essay files: nothing lost, nothing invented, every refusal with file and remedy."""

from __future__ import annotations

import io
import logging
import random
import zipfile
from pathlib import Path

import docx
import pytest
from docx.document import Document
from hypothesis import given
from hypothesis import strategies as st

from eng5.errors import InputError
from eng5.essays.extract import MAX_FILE_BYTES, extract

ROOT = Path(__file__).parents[2]
SWEDISH = "I grew up in Skåne. She’s “the best” – my rôle model."


def written(folder: Path, name: str, content: bytes | Document) -> Path:
    path = folder / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        content.save(str(path))
    return path


def pdf(text: str | None, *, extra_trailer: bytes = b"", extra_objects: tuple[bytes, ...] = ()) -> bytes:
    """A PDF of one page: `text` in Helvetica, or a grey rectangle for None."""
    drawn = b"0.5 g 10 10 200 200 re f" if text is None else f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *extra_objects,
    )
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (len(objects) + 1, extra_trailer)
    return body + table + trailer + b"startxref\n%d\n%%%%EOF\n" % len(body)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (SWEDISH.encode(), "utf-8"),
        (SWEDISH.encode("utf-8-sig"), "utf-8"),
        (SWEDISH.encode("cp1252"), "cp1252"),
        (SWEDISH.encode("mac_roman"), "mac_roman"),
        (SWEDISH.encode("utf-16"), "utf_16"),
        (SWEDISH.encode("utf-32"), "utf_32"),
        ("My role model is my mother.".encode("utf-16-le"), "utf_16_le"),
    ],
)
def test_encodings_of_text_files(tmp_path: Path, content: bytes, encoding: str) -> None:
    """Swedish letters and typographic quotes come out right, with or without a byte-order mark."""
    found = extract(written(tmp_path, "essay.txt", content))
    assert found.text == (SWEDISH if len(found.text) > 30 else "My role model is my mother.")
    assert (found.encoding, found.content) == (encoding, content)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_paragraphs_of_text_files(tmp_path: Path, newline: str) -> None:
    """Blank lines part paragraphs, however many and however ended; single line breaks are kept."""
    text = newline.join(["", "My role model", "by N.N.  ", "", " \t", "She is kind.", "", "", "The end.", ""])
    found = extract(written(tmp_path, "essay.txt", text.encode()))
    assert found.text == "My role model\nby N.N.\n\nShe is kind.\n\nThe end."


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_any_utf8_text_keeps_its_words(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Extraction only touches white space, and extracting its result again changes nothing."""
    folder = tmp_path_factory.mktemp("essay")
    try:
        found = extract(written(folder, "essay.txt", text.encode())).text
    except InputError:
        assert not text.strip().strip("\ufeff").strip()
        return
    assert found.split() == text.removeprefix("\ufeff").split()
    if not found.startswith("\ufeff"):
        assert extract(written(folder, "again.txt", found.encode())).text == found


def test_docx_paragraphs_and_split_runs(tmp_path: Path) -> None:
    """A word that the editor keeps in three runs is one word; each paragraph is one; empty ones are none."""
    document = docx.Document()
    paragraph = document.add_paragraph()
    for run in ("My ro", "le", " model"):
        paragraph.add_run(run)
    document.add_paragraph("")
    document.add_paragraph("  She is kind, from Skåne. ")
    found = extract(written(tmp_path, "essay.docx", document))
    assert found.text == "My role model\n\nShe is kind, from Skåne."
    assert found.encoding is None


def test_docx_tables(tmp_path: Path) -> None:
    """A table stands where it stood, a row a paragraph; a merged cell is read once."""
    document = docx.Document()
    document.add_paragraph("Before")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip((c for row in table.rows for c in row.cells), "abcd", strict=True):
        cell.text = text
    merged = document.add_table(rows=1, cols=2)
    merged.cell(0, 0).merge(merged.cell(0, 1)).text = "across"
    document.add_paragraph("After")
    assert (
        extract(written(tmp_path, "essay.docx", document)).text == "Before\n\na\tb\n\nc\td\n\nacross\n\nAfter"
    )


def test_pdf_of_the_project() -> None:
    """Lines are joined into paragraphs, words are not, and each paragraph is one."""
    found = extract(ROOT / "inputs/anchors/anchor_essay_eng_5_17_vt_007_C-.pdf").text
    paragraphs = found.split("\n\n")
    assert 3 <= len(paragraphs) <= 9
    assert all("\n" not in paragraph and len(paragraph.split()) > 3 for paragraph in paragraphs)
    assert 150 <= len(found.split()) <= 450


def test_every_essay_of_the_project_is_read() -> None:
    """All formats under inputs/ give a text of an essay's length without control characters."""
    for path in sorted((ROOT / "inputs/anchors").iterdir()) + sorted((ROOT / "inputs/students").iterdir()):
        text = extract(path).text
        assert 100 <= len(text.split()) <= 500, path.name
        assert all(sign.isprintable() or sign == "\n" for sign in text), path.name


def test_pdf_with_text(tmp_path: Path) -> None:
    """The PDFs that the refusals below are made from are readable otherwise."""
    assert extract(written(tmp_path, "essay.pdf", pdf("My role model"))).text == "My role model"


def zip_of(name: str, size: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, bytes(size))
    return buffer.getvalue()


def docx_without_body() -> bytes:
    whole = io.BytesIO()
    docx.Document().save(whole)
    buffer = io.BytesIO()
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            content = b"<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'/>"
            new.writestr(name, content if name == "word/document.xml" else old.read(name))
    return buffer.getvalue()


ENCRYPTED = pdf(
    "secret",
    extra_trailer=b"/Encrypt 6 0 R /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]",
    extra_objects=(b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>" % (b"41" * 32, b"42" * 32),),
)
NOISE = random.Random(1).randbytes(3000)


@pytest.mark.parametrize(
    ("name", "content", "problem", "remedy"),
    [
        ("essay.txt", b"", "the file is empty", "put the essay into it"),
        ("essay.docx", b"", "the file is empty", "put the essay into it"),
        ("essay.txt", b" \r\n\t\n \xc2\xa0 \n", "no text found", "put the essay into it"),
        ("essay.md", b"\xef\xbb\xbf", "no text found", "put the essay into it"),
        ("essay.txt", NOISE, "neither UTF-8 nor a known text encoding", "save the essay as UTF-8"),
        ("essay.txt", bytes(200), "neither UTF-8 nor a known text encoding", "save the essay as UTF-8"),
        ("essay.txt", b"\x89PNG\r\n\x1a\n" + NOISE, "neither UTF-8 nor", "save the essay as UTF-8"),
        (
            "essay.txt",
            b"a" * (MAX_FILE_BYTES + 1),
            "5,242,881 bytes; an essay file may have",
            "remove pictures",
        ),
        ("essay.docx", NOISE, "no zip archive", "save it again as .docx"),
        ("essay.docx", zip_of("bomb.xml", 60_000_000), "a zip bomb", "save the text alone"),
        ("essay.docx", zip_of("notes.txt", 10), "not a readable DOCX", "save it again as .docx"),
        ("essay.docx", docx_without_body(), "not a readable DOCX", "save it again as .docx"),
        ("essay.pdf", NOISE, "not a readable PDF", "save the text as .docx or .txt"),
        ("essay.pdf", pdf("My role model")[:200], "not a readable PDF", "save the text as .docx or .txt"),
        ("essay.pdf", ENCRYPTED, "protected by a password", "remove its password"),
        ("essay.pdf", pdf(None), "no text found", "recognised (OCR)"),
    ],
)
def test_refusals(tmp_path: Path, name: str, content: bytes, problem: str, remedy: str) -> None:
    """An unusable file is an input error that names the file, what is wrong, and what to do."""
    path = written(tmp_path, name, content)
    with pytest.raises(InputError) as caught:
        extract(path)
    assert caught.value.where == str(path)
    assert problem in caught.value.problem
    assert remedy in (caught.value.remedy or "")


def test_a_docx_with_a_picture_only(tmp_path: Path) -> None:
    """A photographed page has no text."""
    picture = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415478da6360f8ff"
        "ff000501020021c5c2c80000000049454e44ae426082"
    )
    document = docx.Document()
    document.add_picture(io.BytesIO(picture))
    with pytest.raises(InputError, match="no text found"):
        extract(written(tmp_path, "essay.docx", document))


def test_the_largest_file_is_read(tmp_path: Path) -> None:
    """The limit itself is allowed."""
    assert len(extract(written(tmp_path, "essay.txt", b"a" * MAX_FILE_BYTES)).text) == MAX_FILE_BYTES


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    """A file that is removed while the folder is read is an input error."""
    with pytest.raises(InputError, match="does not exist"):
        extract(tmp_path / "essay.txt")


def test_the_pdf_library_keeps_quiet(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A damaged file is described by our message alone."""
    logging.basicConfig()
    with pytest.raises(InputError):
        extract(written(tmp_path, "essay.pdf", pdf("My role model")[:200]))
    assert capfd.readouterr() == ("", "")
