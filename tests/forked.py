"""Python processes that begin with every import done: each is forked from one process that has imported all of it.

A process of its own for a command that takes a tenth of a second costs a second or two of imports. Kills, signals,
exit codes, limits and output are those of any process. Where the imports themselves matter, start an interpreter.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LIBRARIES = (
    "certifi", "confluent_kafka", "doit.doit_cmd", "docx", "filelock", "h11", "httpcore", "httpx", "jinja2",
    "lxml.etree", "matplotlib.backends.backend_svg", "matplotlib.figure", "py3langid", "regex", "rich.console",
    "rich.table", "scipy.optimize", "scipy.sparse.linalg", "scipy.special", "starlette.applications",
    "starlette.routing", "tenacity", "typer.testing", "uvicorn.protocols.http.h11_impl",
)  # fmt: skip


def run(
    code: str, arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """`python -c CODE ARGUMENTS`; as `subprocess.run` with captured output."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        own = {
            "out": f"/proc/{os.getpid()}/fd/{out.fileno()}",
            "err": f"/proc/{os.getpid()}/fd/{err.fileno()}",
        }
        order = {"code": code, "arguments": list(arguments), "cwd": str(cwd), "env": dict(env), **own}
        parent = _parent()
        assert parent.stdin is not None and parent.stdout is not None
        parent.stdin.write(json.dumps(order) + "\n")
        parent.stdin.flush()
        returned = int(parent.stdout.readline())
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode())
        return subprocess.CompletedProcess(["python", "-c", code, *arguments], returned, *texts)


@cache
def _parent() -> subprocess.Popen[str]:
    """The process that all others are forked from."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    parent = subprocess.Popen(
        [sys.executable, "-c", "from tests.forked import serve; serve()"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def end() -> None:
        parent.communicate()

    atexit.register(end)
    return parent


def serve() -> None:
    """Fork a process for each order that comes, and say how it ended."""
    import gc
    from importlib import import_module
    from pkgutil import walk_packages

    import eng5

    for name in (*LIBRARIES, *(one.name for one in walk_packages(eng5.__path__, "eng5."))):
        if name != "eng5.__main__":
            import_module(name)
    _warm_up()
    gc.freeze()
    # As in the tests themselves: no test waits for the disk.
    os.fsync = lambda fd: None
    for line in sys.stdin:
        order = json.loads(line)
        if not (child := os.fork()):
            _become(order)
            exec(compile(order["code"], "<string>", "exec"), {"__name__": "__main__"})
            return
        _, status = os.waitpid(child, 0)
        os.write(1, f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _warm_up() -> None:
    """What a process works out once: the model of languages, the templates, the fonts."""
    from eng5.essays.language import language_of
    from eng5.pages.rendering import TEMPLATES, environment
    from eng5.plots.plot import new_plot

    language_of("word " * 20)
    for template in TEMPLATES.iterdir():
        if template.suffix in (".html", ".md"):
            environment().get_template(template.name)
    new_plot("key", "title", "description").drawing()


def _become(order: dict[str, Any]) -> None:
    """Take on the folder, the variables, the arguments and the output that were ordered."""
    for descriptor, place in enumerate((os.devnull, str(order["out"]), str(order["err"]))):
        opened = os.open(place, os.O_RDWR)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.chdir(str(order["cwd"]))
    os.environ.clear()
    os.environ.update(order["env"])
    sys.argv = ["-c", *order["arguments"]]
    sys.path[0] = ""
