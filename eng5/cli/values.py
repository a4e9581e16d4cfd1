"""What the user gave and where it comes from: flag, environment, experiments.toml, default, in this order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import typer

from eng5.cli.flags import FLAGS, Flag
from eng5.contracts.experiments import Experiments
from eng5.contracts.platform import PlatformSettings
from eng5.environment import kafka_config, serve_token, service_url, stack
from eng5.errors import InputError
from eng5.paths import ProjectPaths
from eng5.settings import load_experiments
from eng5.study.find import find_study


class Value(NamedTuple):
    """A setting's value, and in words where it comes from."""

    value: Any
    origin: str


class Given:
    """The flags of a command line, with everything that fills their gaps."""

    def __init__(self, values: Mapping[str, Value], project: ProjectPaths, experiments: Experiments) -> None:
        self.values = values
        self.project = project
        self.experiments = experiments

    def __getitem__(self, name: str) -> Any:
        return self.values[name].value

    def by_flag(self, name: str) -> bool:
        """Whether the flag itself was given."""
        return self.values[name].origin == "flag"

    def platform(self, *, cj_service_url: str | None = None) -> PlatformSettings:
        """The platform when one of its addresses is given by a flag or ENG5_STACK says so, else the stand-in.

        Raises:
            InputError: an address is none.
        """
        by_flag = cj_service_url is not None or any(
            self.by_flag(name) for name in ("content_service_url", "cj_service_url", "kafka_bootstrap")
        )
        if not by_flag and stack() == "embedded":
            return PlatformSettings()
        return PlatformSettings(
            stack="external",
            content_service_url=service_url("--content-service-url", self["content_service_url"]),
            cj_service_url=service_url("--cj-service-url", cj_service_url or self["cj_service_url"]),
            kafka_bootstrap=brokers(self["kafka_bootstrap"]),
            kafka_client_id=self["kafka_client_id"],
            kafka_config=kafka_config(),
            serve_token=serve_token(),
        )


def given(ctx: typer.Context) -> Given:
    """Read the flags of `eng5` itself, from its own context or from that of a command below it."""
    root: Any = ctx.find_root()
    project = study_of(ctx)
    experiments = load_experiments(project)
    return Given({flag.name: _value(root, flag, experiments) for flag in FLAGS}, project, experiments)


def study_of(ctx: typer.Context) -> ProjectPaths:
    """The study that --project names, or the one that this folder is in; said on standard error.

    Raises:
        InputError: there is none.
    """
    project = find_study(ctx.find_root().params["project"])
    typer.echo(f"study: {project.root}", err=True)
    return project


def _value(ctx: Any, flag: Flag, experiments: Experiments) -> Value:
    source = ctx.get_parameter_source(flag.name)
    found = ctx.params[flag.name]
    if source is not None and source.name == "COMMANDLINE":
        if (isinstance(found, str) and not found.strip()) or (found == Path() and flag.name != "project"):
            raise InputError(
                f"{flag.spelling} is empty",
                remedy="a shell variable may be unset where the command runs: a background job or a script "
                "has only the variables that were exported to it",
            )
        return Value(found, "flag")
    if source is not None and source.name == "ENVIRONMENT":
        return Value(found, f"environment ({flag.environment})")
    if flag.experiments and flag.name in experiments.model_fields_set:
        return Value(getattr(experiments, flag.name), "experiments.toml")
    return Value(flag.default, "default")


def brokers(text: str) -> str:
    """The addresses of a cluster; InputError when one of them is none."""
    for broker in text.split(","):
        host, _, port = broker.strip().rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise InputError(
                f"--kafka-bootstrap: '{broker.strip()}' is no broker", remedy="write HOST:PORT,HOST:PORT"
            )
    return text


def one_of(what: str, value: Any, allowed: Iterable[str], *, optional: bool = False) -> Any:
    """The value, if it is allowed; None only when `optional`."""
    names = [str(name) for name in allowed]
    if (optional and value is None) or value in names:
        return value
    raise InputError(f"{what}: '{value}' is unknown", remedy=f"use one of: {', '.join(names)}")
