"""The code behind a step, found by following imports: what a change can make a pure step's result another.

Steps that upload, publish or ask a judge never depend on it: editing a comment must not pay twice.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from eng5.contracts.plain import glance
from eng5.errors import InputError
from eng5.files import read_bytes, write_text

PACKAGE = Path(__file__).parents[1]
DATA = (".css", ".html", ".js", ".json", ".md")
"""Templates, styles and schemas: files of the package that a module or a template names in quotes."""

_IMPORT = re.compile(r"^[ \t]*from[ \t]+eng5([\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n]+)", re.M)
_FOR_TYPES_ONLY = re.compile(r"^if TYPE_CHECKING:\n(?:[ \t]+[^\n]*\n|\n)+", re.M)
_IMPORTED = re.compile(r"(\w+)(?:\s+as\s+\w+)?\s*(?:,|$|#|\))")
_QUOTED = re.compile(r"[\"']([\w.-]+\.(?:css|html|js|json|md))[\"']")


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
    files = stamps()
    if kept is not None:
        with suppress(InputError):
            known: dict[str, Any] | None = glance(
                read_bytes(kept), lambda found: found["names"] if found["stamps"] == files else None
            )
            if known is not None:
                return known
    by_name: dict[str, list[str]] = {}
    for name in files:
        by_name.setdefault(name.rsplit("/", 1)[-1], []).append(name)
    names = {name: sorted(set(_named_in(name, files, by_name))) for name in files}
    if kept is not None and kept.parent.is_dir():
        # It is kept for speed alone.
        with suppress(InputError, OSError):
            write_text(kept, json.dumps({"stamps": files, "names": names}, indent=1))
    return names


@cache
def stamps() -> Mapping[str, list[int]]:
    """File of the package → when it was changed, nanoseconds, and its size, bytes."""
    found = {}
    waiting = [str(PACKAGE)]
    while waiting:
        for entry in os.scandir(waiting.pop()):
            if entry.is_dir():
                waiting.append(entry.path)
            elif entry.name.endswith((".py", *DATA)):
                status = entry.stat()
                place = entry.path[len(str(PACKAGE)) + 1 :].replace(os.sep, "/")
                found[place] = [status.st_mtime_ns, status.st_size]
    return dict(sorted(found.items()))


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
