"""The code behind a step, found by following imports: what a change can make a pure step's result another.

Steps that upload, publish or ask a judge never depend on it: editing a comment must not pay twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

from eng5.contracts.own import OwnFile
from eng5.errors import InputError
from eng5.files import read_bytes, read_model, write_model

PACKAGE = Path(__file__).parents[1]
DATA = (".css", ".html", ".js", ".json", ".md")
"""Templates, styles and schemas: files of the package that a module or a template names in quotes."""

_IMPORT = re.compile(r"^[ \t]*from[ \t]+eng5([\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n]+)", re.M)
_FOR_TYPES_ONLY = re.compile(r"^if TYPE_CHECKING:\n(?:[ \t]+[^\n]*\n|\n)+", re.M)
_IMPORTED = re.compile(r"(\w+)(?:\s+as\s+\w+)?\s*(?:,|$|#|\))")
_QUOTED = re.compile(r"[\"']([\w.-]+\.(?:css|html|js|json|md))[\"']")


class KeptNames(OwnFile):
    """What each file of the package names, kept for as long as no file of it changes."""

    stamps: dict[str, tuple[int, int]]
    names: dict[str, list[str]]


@cache
def code_behind(*modules: str, alone: str | None = None, kept: Path | None = None) -> tuple[Path, ...]:
    """The files of the package that the modules are made of, themselves included, in the order of their names.

    Args:
        modules: such as `steps.artefact`, without `eng5.`.
        alone: a module that counts without what it imports, because it only chooses among the others.
        kept: file to keep in between what each file names; without it the whole package is read (0.1 s).
    """
    names = _names(kept)
    found = set(_files_of(alone, names)) if alone else set()
    waiting = [one for module in modules for one in _files_of(module, names)]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += names[one]
    return tuple(PACKAGE / name for name in sorted(found))


@cache
def _names(kept: Path | None) -> Mapping[str, list[str]]:
    """File of the package → the files of the package that it names."""
    stamps = {}
    for path in PACKAGE.rglob("*"):
        if path.suffix == ".py" or path.suffix in DATA:
            status = path.stat()
            stamps[path.relative_to(PACKAGE).as_posix()] = (status.st_mtime_ns, status.st_size)
    if kept is not None:
        try:
            known = read_model(kept, KeptNames)
        except InputError:
            pass
        else:
            if known.stamps == stamps:
                return known.names
    by_name: dict[str, list[str]] = {}
    for name in stamps:
        by_name.setdefault(name.rsplit("/", 1)[-1], []).append(name)
    names = {name: sorted(set(_named_in(name, stamps, by_name))) for name in stamps}
    if kept is not None and kept.parent.is_dir():
        # It is kept for speed alone.
        with suppress(InputError, OSError):
            write_model(kept, KeptNames(stamps=stamps, names=names))
    return names


def _named_in(name: str, known: Mapping[str, object], by_name: Mapping[str, list[str]]) -> Iterator[str]:
    text = read_bytes(PACKAGE / name).decode()
    if not name.endswith(".py") or "eng5.pages" in text or "__file__" in text:
        for quoted in _QUOTED.findall(text):
            yield from (one for one in by_name.get(quoted, ()) if one != name)
    if name.endswith(".py"):
        for parent, imported in _IMPORT.findall(_FOR_TYPES_ONLY.sub("", text)):
            for module in (parent, *(f"{parent}.{one}" for one in _IMPORTED.findall(imported.strip("()")))):
                yield from _files_of(module.lstrip("."), known)


def _files_of(module: str, known: Mapping[str, object]) -> Iterator[str]:
    """The file of a module and those of the packages around it; nothing for a name that is no module."""
    path = module.replace(".", "/")
    own = [one for one in (f"{path}.py", f"{path}/__init__.py".lstrip("/")) if one in known]
    if own:
        yield from own
        folders = path.split("/")[:-1]
        yield from ("/".join([*folders[:depth], "__init__.py"]) for depth in range(len(folders) + 1))
