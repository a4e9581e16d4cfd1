"""Every reader of a user's file takes anything: it reads it, or refuses it with an Eng5Error that says what to do.

The inputs of `corpus/` are tried each time: what once ended in a traceback, and a valid file a reader. Hypothesis
makes more from them: parts are cut out, repeated, exchanged, and values put in that programs stumble over.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eng5.contracts.analysis import Analysis
from eng5.contracts.artefact import Artefact
from eng5.contracts.baseline import Baseline
from eng5.contracts.grade_scales import DEFAULT_GRADE_SCALE, GRADE_SCALES
from eng5.contracts.inventory import Inventory
from eng5.contracts.run import RunFile
from eng5.contracts.uploads import UploadRecord
from eng5.errors import Eng5Error
from eng5.essays.extract import READERS, extract_content
from eng5.essays.grades import read_grades
from eng5.essays.privacy import replace_names
from eng5.files import JsonLines, parse_model, read_text
from eng5.graph.outline import RunOutline
from eng5.paths import ProjectPaths
from eng5.runs.registry import load_runs
from eng5.settings import load_experiments
from tests.essays.writers import SAVED

CORPUS = Path(__file__).parent / "corpus"
ROOT = Path(__file__).parents[2]
EXAMPLES = 60
"""The same each time. To search for more: raise this, remove `derandomize`, keep what is found in `corpus/`."""


def experiments(path: Path) -> None:
    """experiments.toml and what is made of it: settings of every run, and the paths that they name."""
    project = ProjectPaths.at(path.parent.parent)
    known = load_experiments(project)
    for run in load_runs(project, known).values():
        RunOutline.of(run).input_files(project)
    replace_names("Anna and Bo", known.privacy)


def grades(path: Path) -> None:
    found = read_grades(path, GRADE_SCALES[DEFAULT_GRADE_SCALE])
    found.notices([path.parent / "a.txt"])


def essay(path: Path) -> None:
    extract_content(path.read_bytes() or b"x", path)


def prompt(path: Path) -> None:
    read_text(path)


def uploads(path: Path) -> None:
    for line in JsonLines(path):
        parse_model(line, UploadRecord, path)


def chain(path: Path) -> None:
    for kind in (RunFile, Inventory, Artefact, Analysis, Baseline):
        with pytest.raises(Eng5Error):
            parse_model(path.read_bytes(), kind, path)


FILES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "experiments": ("inputs/experiments.toml", experiments),
    "grades": ("inputs/grades.csv", grades),
    "prompt": ("inputs/prompts/system/x.txt", prompt),
    "txt": ("inputs/anchors/x.txt", essay),
    "docx": ("inputs/anchors/x.docx", essay),
    "odt": ("inputs/anchors/x.odt", essay),
    "rtf": ("inputs/anchors/x.rtf", essay),
    "pdf": ("inputs/anchors/x.pdf", essay),
    "uploads": ("build/uploads.jsonl", uploads),
    "chain": ("build/x/50_artefact.json", chain),
}
"""Reader → where its file lies in a study, and how it is read."""

VALID: dict[str, bytes] = {
    "experiments": (ROOT / "inputs/experiments.toml").read_bytes(),
    "grades": (ROOT / "inputs/grades.csv").read_bytes(),
    "prompt": "Judge fairly, på svenska.".encode(),
    "txt": "My role model is from Skåne.\r\n\r\nShe is kind.".encode("cp1252"),
    "docx": (SAVED / "everything.docx").read_bytes(),
    "odt": (SAVED / "everything.odt").read_bytes(),
    "rtf": (SAVED / "everything.rtf").read_bytes(),
    "pdf": (SAVED / "single.pdf").read_bytes(),
    "uploads": b'{"content_service":"http://x","text_sha256":"' + b"a" * 64 + b'","storage_id":"1"}\n',
    "chain": b'{"schema_version":"1","metadata":{"runner_mode":"plan"},"inputs":[1,2.5,null,"x"]}',
}
STUMBLING = [
    b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"9" * 5000, b"[" * 3000, b"{" * 3000, b'"', b"'", b"\\", b"1e999", b"-1",
    b"nan", str(2**63).encode(), str(2**70).encode(), b"x" * 5000, b"x/" * 3000, b"\r", b"\n\n", b",", b";",
    b"=", b"\\u0000",
    b"<w:p>" * 300, b"</w:p>", b"<w:numPr/>", b'w:val="x"', b"\\bin9999999 ", b"\\u-1 ", b"\\uc99999 ", b"\\footnote",
    b"\\ftnalt", b"/Kids [3 0 R]", b"<< /Length -1 >>", b"stream\n", b"endobj", b"1999999999999 0 R", b"",
]  # fmt: skip
"""Values that programs stumble over."""


def attempt(reader: str, content: bytes, folder: Path) -> None:
    """Read the content as that reader's file; an Eng5Error has to name a file, or what is wrong in it, and a remedy."""
    name, read = FILES[reader]
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    try:
        read(path)
    except Eng5Error as error:
        refusal = error
    else:
        return
    assert refusal.where and refusal.remedy, (reader, refusal)
    str(refusal).encode()


@pytest.mark.parametrize(
    "file", sorted(CORPUS.glob("*/*")), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_what_once_went_wrong(file: Path, tmp_path: Path) -> None:
    """The kept inputs."""
    attempt(file.parent.name, file.read_bytes(), tmp_path)


@pytest.mark.parametrize("reader", FILES)
def test_valid_files_are_read(reader: str, tmp_path: Path) -> None:
    """What the fuzzing begins with can be read: it is not refused at the first look."""
    name, read = FILES[reader]
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_bytes(VALID[reader])
    read(path)


def spoiled(draw: st.DrawFn, content: bytes) -> bytes:
    """The content with a few cuts, copies and stumbling blocks."""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.sampled_from([0, 0, 1, 3, 20, 400])))
        put = draw(
            st.one_of(st.sampled_from(STUMBLING), st.binary(max_size=8), st.just(content[start:end] * 2))
        )
        content = content[:start] + put + content[end:]
    return content


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, bytes]:
    """A reader and a spoiled file for it; of packed formats, mostly the XML within is spoiled."""
    reader = draw(st.sampled_from(sorted(FILES)))
    content = VALID[reader]
    if reader not in ("docx", "odt") or draw(st.integers(0, 4)) == 0:
        return reader, draw(st.one_of(st.binary(max_size=60), st.just(spoiled(draw, content))))
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        names = [name for name in old.namelist() if name.endswith((".xml", ".rels"))]
        chosen = draw(st.sampled_from(names))
        left_out = draw(st.one_of(st.none(), st.sampled_from(names)))
        for name in old.namelist():
            if name != left_out:
                new.writestr(name, spoiled(draw, old.read(name)) if name == chosen else old.read(name))
    return reader, buffer.getvalue()


@settings(
    max_examples=EXAMPLES * 5,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(case=cases())
def test_spoiled_files(tmp_path_factory: pytest.TempPathFactory, case: tuple[str, bytes]) -> None:
    """Whatever is done to a file, it is read or refused."""
    attempt(*case, tmp_path_factory.mktemp("study"))


SMALL_TOML = st.recursive(
    st.one_of(
        st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_characters='"\\\x7f')).map(repr),
        st.sampled_from([2**63, 2**70, -1, "'a'", '"\\u0000"', '"' + "x" * 5000 + '"']),
    ),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)  # fmt: skip
KEYS = [
    "grade_scale", "course_code", "language", "baseline", "completion_timeout", "holdout", "decide_by",
    "variant.v.system_prompt", "variant.v.rubric", "variant.v.max_comparisons", "variant.v.replicates",
    "variant.v.temperature", "variant.v.seed", "variant.v.simulated.step", "variant.v.replay", "variant.v.max_cost_usd",
    "variant.v.paraphrase_of", "boundary.b.iterations", "boundary.b.pairs", "targets.kendall_tau.min", "privacy.names",
    "privacy.patterns", "privacy.mark", "privacy.ids", "privacy.name",
]  # fmt: skip


@settings(max_examples=EXAMPLES * 2, derandomize=True)
@given(values=st.dictionaries(st.sampled_from(KEYS), SMALL_TOML, max_size=4))
def test_any_value_of_any_key(tmp_path_factory: pytest.TempPathFactory, values: dict[str, object]) -> None:
    """Each key of experiments.toml with values of every kind and size."""
    lines = {
        "baseline": '"v"',
        "variant.v.model": '"surface"',
        "boundary.b.variant": '"v"',
        "boundary.b.grades": '["A:B"]',
    }
    lines |= {
        key: str(value).replace("True", "true").replace("False", "false") for key, value in values.items()
    }
    attempt(
        "experiments",
        "\n".join(f"{key} = {value}" for key, value in lines.items()).encode(),
        tmp_path_factory.mktemp("study"),
    )


@pytest.mark.parametrize("suffix", sorted(READERS))
@settings(max_examples=EXAMPLES // 2, derandomize=True)
@given(content=st.binary(max_size=300))
def test_noise(tmp_path_factory: pytest.TempPathFactory, suffix: str, content: bytes) -> None:
    """Noise is no essay of any format."""
    attempt(suffix[1:], content, tmp_path_factory.mktemp("study"))
