"""How much of an essay each library keeps, on the same files: DOCX, ODT, RTF and PDF by LibreOffice and python-docx.

    pip install docx2python mammoth docx2txt odfdo odfpy striprtf pyth3 pypandoc-binary pypdf pdfplumber pypdfium2 lingua-language-detector langdetect
    python benchmarks/extraction.py

The files are those of `tests/essays/saved`. A text is held against a list of what it must have (insertions, moves,
numbers of lists, notes, cells beside each other, …) and must not have (deletions, comments, hidden text, headers and
footers); a PDF against the ten paragraphs that were printed. A library that is not installed is left out, by name.
"""  # noqa: E501

from __future__ import annotations

import importlib
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from eng5.essays.extract import extract
from tests.essays.test_language import BAD_ENGLISH, SWEDISH
from tests.essays.writers import LAYOUTS, NOT_SAID, SAID, SAVED, paragraphs

Read = Callable[[Path], str]


def eng5(path: Path) -> str:
    return extract(path).text


def python_docx(path: Path) -> str:
    import docx

    return "\n".join(paragraph.text for paragraph in docx.Document(str(path)).paragraphs)


def docx2python(path: Path) -> str:
    with importlib.import_module("docx2python").docx2python(path) as found:
        return str(found.text)


def mammoth(path: Path) -> str:
    with path.open("rb") as stream:
        return str(importlib.import_module("mammoth").extract_raw_text(stream).value)


def docx2txt(path: Path) -> str:
    return str(importlib.import_module("docx2txt").process(str(path)))


def odfdo(path: Path) -> str:
    return str(importlib.import_module("odfdo").Document(path).get_formatted_text())


def odfpy(path: Path) -> str:
    document = importlib.import_module("odf.opendocument").load(str(path))
    return str(importlib.import_module("odf.teletype").extractText(document.text))


def striprtf(path: Path) -> str:
    return str(importlib.import_module("striprtf.striprtf").rtf_to_text(path.read_bytes().decode("latin-1")))


def pyth(path: Path) -> str:
    document = importlib.import_module("pyth.plugins.rtf15.reader").Rtf15Reader.read(path.open("rb"))
    return str(
        importlib.import_module("pyth.plugins.plaintext.writer").PlaintextWriter.write(document).getvalue()
    )


def pandoc(path: Path) -> str:
    options = ["--track-changes=accept", "--wrap=none"]
    return str(importlib.import_module("pypandoc").convert_file(str(path), "plain", extra_args=options))


def pdfminer(path: Path) -> str:
    return str(importlib.import_module("pdfminer.high_level").extract_text(path)).replace("\f", "\n\n")


def pdfplumber(path: Path) -> str:
    with importlib.import_module("pdfplumber").open(path) as found:
        return "\n\n".join(page.extract_text() for page in found.pages)


def pypdf(path: Path) -> str:
    return "\n\n".join(page.extract_text() for page in importlib.import_module("pypdf").PdfReader(path).pages)


def pypdfium2(path: Path) -> str:
    document = importlib.import_module("pypdfium2").PdfDocument(path)
    return "\n\n".join(page.get_textpage().get_text_range() for page in document)


OFFICE: dict[str, list[Read]] = {
    "docx": [eng5, python_docx, docx2python, mammoth, docx2txt, pandoc],
    "odt": [eng5, odfdo, odfpy, pandoc],
    "rtf": [eng5, striprtf, pyth, pandoc],
}
PRINTED: list[Read] = [eng5, pdfminer, pdfplumber, pypdf, pypdfium2]


def _office() -> None:
    for suffix, readers in OFFICE.items():
        print(
            f"\n{suffix.upper()} (everything.{suffix}): of {len(SAID)} things kept, of {len(NOT_SAID)} left out"
        )
        for read in readers:
            text = _tried(read, SAVED / f"everything.{suffix}")
            if text is None:
                continue
            shown = _one_space(text)
            lost = [what for words, what in SAID if _one_space(words) not in shown]
            added = [what for words, what in NOT_SAID if words in shown]
            print(f"{read.__name__:<12}{len(SAID) - len(lost):>3} {len(NOT_SAID) - len(added):>3}")
            print(f"  loses {', '.join(lost) or 'nothing'}; adds {', '.join(added) or 'nothing'}")


def _one_space(text: str) -> str:
    """Whatever a library puts between the cells of a row, after a number, or for a bullet."""
    return re.sub(r"(?m)^ ?- ", "• ", re.sub(r"[ \t|]+", " ", text))


def _printed() -> None:
    wanted = paragraphs()
    print(f"\nPDF: paragraphs that come out as they were written, of {len(wanted)}")
    print(f"{'':<12}" + "".join(f"{layout:>16}" for layout in LAYOUTS) + f"{'ms a page':>12}")
    for read in PRINTED:
        cells, began = [], time.perf_counter()
        for layout in LAYOUTS:
            text = _tried(read, SAVED / f"{layout}.pdf")
            if text is None:
                break
            found = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]
            cells.append(sum(paragraph in found for paragraph in wanted))
        else:
            spent = (time.perf_counter() - began) * 1000 / 13
            print(f"{read.__name__:<12}" + "".join(f"{cell:>16}" for cell in cells) + f"{spent:>12.0f}")


def _languages() -> None:
    """The language of a beginner's English, of Swedish, and of five words; and what loading costs."""
    print(
        "\nLanguage: of a beginner's English, of Swedish, of five words of English; seconds until the first answer"
    )
    texts = (BAD_ENGLISH, SWEDISH, "My mum is very kind.")
    for name, load in (("py3langid", _py3langid), ("langdetect", _langdetect), ("lingua", _lingua)):
        began = time.perf_counter()
        try:
            classify = load()
            first = classify(texts[0])
        except ImportError:
            print(f"{name}: not installed")
            continue
        took = time.perf_counter() - began
        print(f"{name:<12}{first:>4}{classify(texts[1]):>4}{classify(texts[2]):>4}{took:>8.1f} s")


def _py3langid() -> Callable[[str], str]:
    module = importlib.import_module("py3langid")
    return lambda text: str(module.classify(text)[0])


def _langdetect() -> Callable[[str], str]:
    module = importlib.import_module("langdetect")
    return lambda text: str(module.detect(text))


def _lingua() -> Callable[[str], str]:
    detector = importlib.import_module("lingua").LanguageDetectorBuilder.from_all_languages().build()
    return lambda text: str(detector.detect_language_of(text).iso_code_639_1.name.lower())


def _tried(read: Read, path: Path) -> str | None:
    try:
        return read(path)
    except ImportError:
        print(f"{read.__name__}: not installed")
    except Exception as error:  # noqa: BLE001 - whatever a library ends with is its result here
        print(f"{read.__name__}: fails ({type(error).__name__})")
    return None


if __name__ == "__main__":
    _office()
    _printed()
    _languages()
