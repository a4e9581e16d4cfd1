"""50 and 60 of some runs → a folder for a paper: tables, figures, methods with references, a document that has all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from eng5.contracts.analysis import Analysis
from eng5.errors import InputError
from eng5.files import write_bytes
from eng5.pages.rendering import cell, render
from eng5.reports.card import card
from eng5.reports.card.card import Measured
from eng5.reports.paper import figures, latex, methods, tables
from eng5.reports.paper.references import REFERENCES, bibliography, used


def build(runs: Sequence[Measured]) -> dict[str, bytes]:
    """Every file of the kit by its path in the folder; the same for the same runs, to the byte."""
    cards = [card.build(artefact, analysis, []) for artefact, analysis in runs]
    found_tables, plots, paragraphs = [tables.runs(cards)], figures.of_runs(_alignment(runs)), []
    for (artefact, analysis), of_run in zip(runs, cards, strict=True):
        found_tables.append(tables.figures(of_run))
        if isinstance(analysis, Analysis):
            found_tables.append(tables.essays(analysis))
            plots |= figures.of_alignment(analysis)
            paragraphs.append(methods.of_alignment(artefact, analysis))
        else:
            found_tables.append(tables.pairs(analysis))
            plots |= figures.of_boundary(analysis)
            paragraphs.append(methods.of_boundary(artefact, analysis))
    keys = used(sentence for paragraph in paragraphs for sentence in paragraph)
    texts = {
        "methods.tex": "\n\n".join(" ".join(map(latex.cited, each)) for each in paragraphs) + "\n",
        "methods.md": _markdown(paragraphs, keys),
        "references.bib": bibliography(keys),
        "paper.tex": render(
            "paper.tex",
            tables=[table.name for table in found_tables],
            figures=[latex.figure(name, f"{plot.title}. {plot.description}") for name, plot in plots.items()],
        ),
    }
    texts |= {f"tables/{table.name}.tex": table.tex() for table in found_tables}
    texts |= {f"tables/{table.name}.csv": table.csv() for table in found_tables}
    drawn = {f"figures/{name}": content for name, content in figures.files(plots).items()}
    return {**{name: text.encode() for name, text in texts.items()}, **drawn}


def _alignment(runs: Sequence[Measured]) -> list[Analysis]:
    return [analysis for _, analysis in runs if isinstance(analysis, Analysis)]


def _markdown(paragraphs: Sequence[Sequence[str]], keys: Sequence[str]) -> str:
    """For Pandoc with references.bib, and for people: the sources stand below."""

    def escaped(sentence: str) -> str:
        parts = latex.CITATION.split(sentence)
        return "".join(f"[@{part}]" if place % 2 else _within(part) for place, part in enumerate(parts))

    text = "\n\n".join(" ".join(map(escaped, paragraph)) for paragraph in paragraphs)
    listed = "\n".join(f"- `{key}`: {cell(REFERENCES[key].text)}" for key in keys)
    return f"# Methods\n\n{text}\n\n## References\n\n{listed}\n"


def _within(part: str) -> str:
    if not part.strip():
        return " " if part else ""
    return f"{part[0].isspace() * ' '}{cell(part)}{part[-1].isspace() * ' '}"


def run(runs: Sequence[Measured], folder: Path) -> Mapping[str, bytes]:
    """Write the kit; files of the folder that are not of it are left alone.

    Raises:
        InputError: the folder is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(
            "there is a file where the folder should be", where=folder, remedy="--to FOLDER names another"
        )
    files = build(runs)
    for name, content in files.items():
        write_bytes(folder / name, content)
    return files
