"""Python processes that begin with every import done: each is forked from one process that has imported all of it.

A process of its own for a command that takes a tenth of a second costs a second or two of imports. Kills, signals,
exit codes, limits and output are those of any process. Where the imports themselves matter, start an interpreter.

The workers of pytest-xdist are such processes too: it starts this file in place of Python.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn, Self

ROOT = Path(__file__).parents[1]
SESSION = "ENG5_TESTS_SESSION"
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
        _order(_parent(), code, arguments, cwd, env, _nothing(), out.fileno(), err.fileno())
        returncode = _ended(_parent())
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode())
        return subprocess.CompletedProcess(["python", "-c", code, *arguments], returncode, *texts)


class Forked:
    """`python -c CODE ARGUMENTS` in the background; as `subprocess.Popen` with a pipe for what it prints."""

    def __init__(self, code: str, arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> None:
        self._parent = _connect()
        ours, theirs = os.pipe()
        self.stdout = os.fdopen(ours)
        self.returncode: int | None = None
        _order(self._parent, code, arguments, cwd, env, _nothing(), theirs, 2)
        begun, self.pid = _told(self._parent)
        os.close(theirs)
        assert begun == "pid", f"ended with {self.pid} before it began"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def poll(self) -> int | None:
        """Its exit code, if it has ended."""
        ended = self.returncode is None and select.select([self._parent], [], [], 0)[0]
        return self.wait() if ended else self.returncode

    def wait(self) -> int:
        """Its exit code, when it has ended."""
        if self.returncode is None:
            self.returncode = _ended(self._parent)
        return self.returncode

    def close(self) -> None:
        """Wait for its end, and let go."""
        self.wait()
        self.stdout.close()
        self._parent.close()

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """As kill -9 does."""
        self.send_signal(signal.SIGKILL)


@cache
def _parent() -> socket.socket:
    """For what runs one after the other."""
    parent = _connect()
    atexit.register(parent.close)
    return parent


def _connect() -> socket.socket:
    """To the process that all others are forked from: one for all workers, started by the first that needs it.

    It ends with the last connection.
    """
    address = f"\0{ROOT} {os.environ.setdefault(SESSION, str(os.getpid()))}"
    while True:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(address)
            _told(connection)
            return connection
        except ConnectionError:
            connection.close()
            _start(address)


@cache
def _nothing() -> int:
    """For processes that read nothing."""
    return os.open(os.devnull, os.O_RDONLY)


def _order(
    parent: socket.socket,
    code: str,
    arguments: Sequence[str],
    cwd: Path,
    env: Mapping[str, str],
    *streams: int,
) -> None:
    """Have a process made, with these as its input, output and errors."""
    order = {"code": code, "arguments": list(arguments), "cwd": str(cwd), "env": dict(env)}
    line = json.dumps(order).encode() + b"\n"
    socket.send_fds(parent, [line[:1]], streams)
    parent.sendall(line[1:])


def _ended(parent: socket.socket) -> int:
    """The exit code of the process that was ordered, when it has ended."""
    while (told := _told(parent))[0] != "code":
        pass
    return told[1]


def _told(parent: socket.socket) -> tuple[str, int]:
    """The next of `ready`, `pid` of what has begun, `code` with which it ended."""
    with parent.makefile("rb", buffering=0) as lines:
        said = lines.readline().decode().split()
    if not said:
        raise ConnectionResetError("the process that forks has gone")
    return said[0], int(said[1])


def _start(address: str) -> None:
    """Start that process; when another worker has done so meanwhile, nothing happens."""
    with socket.socket(socket.AF_UNIX) as listener:
        try:
            listener.bind(address)
        except OSError:
            return
        listener.listen(64)
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        os.posix_spawn(
            sys.executable,
            [sys.executable, "-c", "from tests.forked import serve; serve()"],
            os.environ | {"PYTHONPATH": path},
            file_actions=[(os.POSIX_SPAWN_DUP2, listener.fileno(), 0)],
        )


def serve() -> None:
    """Fork a process for each worker that connects; end when all of them have gone."""
    import gc
    from pkgutil import walk_packages

    import eng5

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in (*LIBRARIES, *(one.name for one in walk_packages(eng5.__path__, "eng5."))):
            if name != "eng5.__main__":
                import_module(name)
    # As in the tests themselves: no test waits for the disk, or reads certificates that have been read.
    os.fsync = lambda fd: None
    ssl.create_default_context = cache(ssl.create_default_context)  # type: ignore[assignment]
    _warm_up()
    gc.freeze()
    listener = socket.socket(fileno=0)
    workers: dict[int, int] = {}
    while True:
        watched: list[Any] = [listener, *workers]
        for ready in select.select(watched, [], [])[0]:
            if ready is not listener:
                os.waitpid(workers.pop(ready), 0)
                os.close(ready)
                continue
            with listener.accept()[0] as connection:
                if not (child := os.fork()):
                    _obey(connection)
                    os._exit(0)
            workers[os.pidfd_open(child)] = child
        if not workers:
            return


def _obey(connection: socket.socket) -> None:
    """Fork a process for each order that comes, and say how it ended."""
    connection.sendall(b"ready 0\n")
    while True:
        begun, streams, _, _ = socket.recv_fds(connection, 1, 3)
        if not begun:
            return
        with connection.makefile("rb") as rest:
            order = json.loads(begun + rest.readline())
        if not (child := os.fork()):
            _become(order, streams)
            connection.sendall(f"pid {os.getpid()}\n".encode())
            _run(order["code"])
        for descriptor in streams:
            os.close(descriptor)
        _, status = os.waitpid(child, 0)
        with contextlib.suppress(BrokenPipeError):
            connection.sendall(f"code {os.waitstatus_to_exitcode(status)}\n".encode())


def _warm_up() -> None:
    """What a process works out once: the model of languages, the templates, the fonts, the certificates."""
    import httpx

    from eng5.essays.language import language_of
    from eng5.pages.rendering import TEMPLATES, environment
    from eng5.plots.plot import new_plot

    language_of("word " * 20)
    for template in TEMPLATES.iterdir():
        if template.suffix in (".html", ".md"):
            environment().get_template(template.name)
    new_plot("key", "title", "description").drawing()
    httpx.Client(trust_env=False).close()


def _become(order: dict[str, Any], streams: Sequence[int]) -> None:
    """Take on the folder, the variables, the arguments and the streams that were ordered."""
    for standard, descriptor in enumerate(streams):
        os.dup2(descriptor, standard)
        os.close(descriptor)
    os.chdir(str(order["cwd"]))
    os.environ.clear()
    os.environ.update(order["env"])
    # The folder that matplotlib makes where there is no home is of all, and goes with the process that made it.
    atexit.unregister(shutil.rmtree)
    # What they were opened for may have been a file, and is now a pipe.
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", 1 if "PYTHONUNBUFFERED" in os.environ else -1, "utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, "utf-8", "backslashreplace", closefd=False)
    # doit prints to what it found when it was imported.
    import_module("doit.cmd_run").opt_outfile["default"] = sys.stdout
    sys.argv = ["-c", *order["arguments"]]
    sys.path[0] = ""


def _run(code: str) -> NoReturn:
    """As Python does, but for taking itself down at the end: to free what was imported is to copy all of it first."""
    status: object = None
    try:
        exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})
    except SystemExit as end:
        status = end.code
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    if status is None or isinstance(status, int):
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status or 0)
    sys.exit(status)  # type: ignore[arg-type]


def _as_python() -> NoReturn:
    """`python -u -c CODE`, of which only CODE matters; it ends as the process does that it has made."""
    parent = _connect()
    _order(parent, sys.argv[-1], [], Path.cwd(), os.environ, 0, 1, 2)
    sys.exit(_ended(parent))


if __name__ == "__main__":
    _as_python()
