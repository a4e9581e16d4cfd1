"""`docs/cli.md`, from what the command line itself says: `python -m eng5.cli.reference > docs/cli.md`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

import typer

from eng5.cli.app import EXIT_CODES, app
from eng5.cli.flags import FLAGS, MODES, Flag

HEAD = """\
---
type: reference
title: The command line
---

# The command line

<!-- Made by `python -m eng5.cli.reference > docs/cli.md`; a test sees to it that it is current. -->

`eng5 --mode MODE …` runs a mode; `eng5 COMMAND …` does something else. `eng5 --help` and `eng5 COMMAND --help` say
what stands here. Flags of `eng5` itself stand before the command: `eng5 --language sv config`.

A value is looked for in this order: flag, environment, `inputs/experiments.toml`, default. `eng5 config` shows each
with its origin.
"""


def reference() -> str:
    """The whole page."""
    group: Any = typer.main.get_command(app)
    parts = [HEAD, *_flags(), "## Commands\n"]
    for name, command in group.commands.items():
        commands = getattr(command, "commands", None)
        if commands is None:
            parts += _command(f"eng5 {name}", command)
        else:
            if command.invoke_without_command:
                parts += _command(f"eng5 {name}", command)
            for below, one in commands.items():
                parts += _command(f"eng5 {name} {below}", one)
    return "\n".join([*parts, "## Exit codes\n", *_exit_codes()])


def _flags() -> Iterator[str]:
    for panel in dict.fromkeys(flag.panel for flag in FLAGS):
        yield f"## {panel}\n"
        yield "| flag | for | default | says |\n| --- | --- | --- | --- |"
        for flag in FLAGS:
            if flag.panel == panel:
                yield f"| `{flag.spelling}`{_metavar(flag)} | {_modes(flag)} | {_default(flag)} | {flag.help} |"
        yield ""


def _metavar(flag: Flag) -> str:
    if flag.kind is bool:
        return ""
    kinds = {str: "TEXT", int: "NUMBER", float: "NUMBER"}
    shown = flag.metavar or kinds.get(flag.kind, "PATH")
    return " " + shown.replace("|", ", ")


def _modes(flag: Flag) -> str:
    return "all" if flag.modes == MODES else ", ".join(flag.modes)


def _default(flag: Flag) -> str:
    shown = "" if flag.default in (None, False) else f"`{flag.default}`"
    also = [f"`{flag.environment}`"] if flag.environment else []
    also += [f"`{flag.name}` of experiments.toml"] if flag.experiments else []
    return ", else ".join([*also, shown]) if shown else ", ".join(also)


def _command(name: str, command: Any) -> Iterator[str]:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    yield f"### `{' '.join([name, *(one.metavar or one.name.upper() for one in arguments)])}`\n"
    yield " ".join(command.help.split()) + "\n"
    options = [one for one in command.params if one.param_type_name == "option" and one.name != "help"]
    if options:
        yield "| option | default | says |\n| --- | --- | --- |"
        for one in options:
            default = "" if one.default in (None, False) else f"`{one.default}`"
            yield f"| `{'`, `'.join(one.opts)}` | {default} | {one.help} |"
        yield ""


def _exit_codes() -> Iterator[str]:
    listed = " ".join(EXIT_CODES.split()).removeprefix("Exit codes: ").rstrip(".")
    yield "| code | means |\n| --- | --- |"
    for code in listed.split(" · "):
        number, meaning = re.split(r" ", code, maxsplit=1)
        yield f"| {number} | {meaning} |"
    yield ""


if __name__ == "__main__":
    sys.stdout.write(reference())
