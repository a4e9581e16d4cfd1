"""The sources of the methods, as a bibliography of those that a text refers to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from eng5.reports.paper.latex import CITATION


@dataclass(frozen=True)
class Reference:
    """A source; `fields` are those of BibTeX, in ASCII."""

    kind: str
    text: str
    fields: dict[str, str]


def _article(
    author: str, year: int, title: str, journal: str, volume: str, pages: str, text: str
) -> Reference:
    fields = {
        "author": author,
        "year": str(year),
        "title": f"{{{title}}}",
        "journal": journal,
        "volume": volume,
        "pages": pages,
    }
    return Reference("article", text, fields)


def _book(author: str, year: int, title: str, publisher: str, text: str) -> Reference:
    return Reference(
        "book", text, {"author": author, "year": str(year), "title": f"{{{title}}}", "publisher": publisher}
    )


REFERENCES: dict[str, Reference] = {
    "aronow2015": _article(
        "Aronow, Peter M. and Samii, Cyrus and Assenova, Valentina A.", 2015,
        "Cluster-Robust Variance Estimation for Dyadic Data", "Political Analysis", "23", "564--577",
        "P. M. Aronow, C. Samii and V. A. Assenova (2015), Political Analysis 23, 564–577.",
    ),
    "arvesen1969": _article(
        "Arvesen, James N.", 1969, "Jackknifing {U}-Statistics", "The Annals of Mathematical Statistics", "40",
        "2076--2100", "J. N. Arvesen (1969), The Annals of Mathematical Statistics 40, 2076–2100.",
    ),
    "barber2021": _article(
        "Barber, Rina Foygel and Candes, Emmanuel J. and Ramdas, Aaditya and Tibshirani, Ryan J.", 2021,
        "Predictive Inference with the Jackknife+", "The Annals of Statistics", "49", "486--507",
        "R. F. Barber, E. J. Candès, A. Ramdas and R. J. Tibshirani (2021), The Annals of Statistics 49, 486–507.",
    ),
    "bradley1952": _article(
        "Bradley, Ralph Allan and Terry, Milton E.", 1952,
        "Rank Analysis of Incomplete Block Designs: {I}. The Method of Paired Comparisons", "Biometrika", "39",
        "324--345", "R. A. Bradley and M. E. Terry (1952), Biometrika 39, 324–345.",
    ),
    "calderon2025": Reference(
        "misc", "N. Calderon, R. Reichart and R. Dror (2025), The Alternative Annotator Test for LLM-as-a-Judge.",
        {
            "author": "Calderon, Nitay and Reichart, Roi and Dror, Rotem", "year": "2025",
            "title": "{The Alternative Annotator Test for LLM-as-a-Judge: How to Statistically Justify Replacing "
            "Human Annotators with LLMs}",
            "eprint": "2501.10970", "archiveprefix": "arXiv",
        },
    ),
    "clopper1934": _article(
        "Clopper, C. J. and Pearson, E. S.", 1934,
        "The Use of Confidence or Fiducial Limits Illustrated in the Case of the Binomial", "Biometrika", "26",
        "404--413", "C. J. Clopper and E. S. Pearson (1934), Biometrika 26, 404–413.",
    ),
    "cohen1968": _article(
        "Cohen, Jacob", 1968,
        "Weighted Kappa: Nominal Scale Agreement Provision for Scaled Disagreement or Partial Credit",
        "Psychological Bulletin", "70", "213--220", "J. Cohen (1968), Psychological Bulletin 70, 213–220.",
    ),
    "firth1993": _article(
        "Firth, David", 1993, "Bias Reduction of Maximum Likelihood Estimates", "Biometrika", "80", "27--38",
        "D. Firth (1993), Biometrika 80, 27–38.",
    ),
    "holm1979": _article(
        "Holm, Sture", 1979, "A Simple Sequentially Rejective Multiple Test Procedure",
        "Scandinavian Journal of Statistics", "6", "65--70",
        "S. Holm (1979), Scandinavian Journal of Statistics 6, 65–70.",
    ),
    "kendall1945": _article(
        "Kendall, M. G.", 1945, "The Treatment of Ties in Ranking Problems", "Biometrika", "33", "239--251",
        "M. G. Kendall (1945), Biometrika 33, 239–251.",
    ),
    "krippendorff2019": _book(
        "Krippendorff, Klaus", 2019, "Content Analysis: An Introduction to Its Methodology", "SAGE",
        "K. Krippendorff (2019), Content Analysis, 4th ed., SAGE.",
    ),
    "tukey1958": _article(
        "Tukey, John W.", 1958, "Bias and Confidence in Not Quite Large Samples (abstract)",
        "The Annals of Mathematical Statistics", "29", "614",
        "J. W. Tukey (1958), The Annals of Mathematical Statistics 29, 614.",
    ),
    "wilson1927": _article(
        "Wilson, Edwin B.", 1927, "Probable Inference, the Law of Succession, and Statistical Inference",
        "Journal of the American Statistical Association", "22", "209--212",
        "E. B. Wilson (1927), Journal of the American Statistical Association 22, 209–212.",
    ),
    "wright1982": _book(
        "Wright, Benjamin D. and Masters, Geoff N.", 1982, "Rating Scale Analysis", "MESA Press",
        "B. D. Wright and G. N. Masters (1982), Rating Scale Analysis, MESA Press.",
    ),
}  # fmt: skip


def used(texts: Iterable[str]) -> list[str]:
    """Keys of the sources that sentences refer to, sorted."""
    found = {key for text in texts for part in CITATION.findall(text) for key in part.split("; @")}
    return sorted(found)


def bibliography(keys: Iterable[str]) -> str:
    """A .bib file of these sources."""
    entries = []
    for key in keys:
        source = REFERENCES[key]
        fields = "".join(f"  {name} = {{{value}}},\n" for name, value in source.fields.items())
        entries.append(f"@{source.kind}{{{key},\n{fields}}}\n")
    return "\n".join(entries)
