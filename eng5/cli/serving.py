"""`serve`: the stand-in for other clients, in one process or in many."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from eng5.stack.roles.serve import Role

PLATFORM_BUDGET = 120
OUTBOX_SECONDS = 5.0


def serve(
    ctx: typer.Context,
    role: Annotated[
        str,
        typer.Option(
            metavar="all|content|cj|judge",
            help="all: everything in one process. content: the Content Service. cj: the CJ service, whose "
            "comparisons are topics. judge: one of as many judges as there are machines.",
        ),
    ] = "all",
    kafka_bootstrap: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT,HOST:PORT",
            help="A Kafka cluster, with ENG5_KAFKA_* for SASL and TLS. cj and judge also take it from "
            "KAFKA_BOOTSTRAP_SERVERS; all has a mock cluster of its own without it.",
        ),
    ] = None,
    content_service_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Where cj and judge fetch texts; CONTENT_SERVICE_URL, or http://localhost:8001/v1/content.",
        ),
    ] = None,
    work: Annotated[
        str,
        typer.Option(
            metavar="group|share",
            help="How judges share the comparisons: a consumer group, or a share group (brokers from 4.2).",
        ),
    ] = "group",
    state: Annotated[
        Path | None,
        typer.Option(
            help="Where texts, assignments and copies of topics are kept; build/.stack of the project when not "
            "given. Two cj on one machine need one each.",
        ),
    ] = None,
    host: Annotated[
        str,
        typer.Option(
            help="Address to listen on. Any other than 127.0.0.1 wants ENG5_SERVE_TOKEN, which every client then "
            "sends.",
        ),
    ] = "127.0.0.1",
    content_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the Content Service; 0 takes a free one.")
    ] = 8001,
    cj_port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the CJ service.")] = 9095,
    kafka_port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the mock cluster.")] = 9093,
    max_comparisons: Annotated[
        int,
        typer.Option(
            min=0,
            help="Comparisons for a request that names no number, each pair at most once in each order: 120 for 12 "
            "essays, as on the platform. 0: every pair once, as in the embedded stand-in.",
        ),
    ] = PLATFORM_BUDGET,
    outbox_delay: Annotated[
        float,
        typer.Option(
            min=0.0,
            help="Seconds between the last callback and completion and result, as through the platform's outbox. "
            "The platform's own runner stops listening at these two: with 0 it misses callbacks.",
        ),
    ] = OUTBOX_SECONDS,
) -> None:
    """Serve the Content Service, the CJ service, a broker and judges, for other clients.

    When it is ready, its addresses stand on one line of JSON. Ctrl-C ends it; a judge finishes first what it is being
    asked. The admin routes accept tokens that are signed with JWT_SECRET_KEY.

    On one machine: eng5 serve. On many, each with the same --kafka-bootstrap: eng5 serve --role content, eng5 serve
    --role cj, and eng5 serve --role judge as often as you like.
    """
    from eng5.cli.values import one_of, study_of
    from eng5.environment import credentials, kafka_config, llm_settings
    from eng5.stack.roles.serve import Role, ServeSettings
    from eng5.stack.roles.serve import serve as run

    part = Role(one_of("--role", role, Role))
    by_share_group = one_of("--work", work, ["group", "share"]) == "share"
    secret = credentials().jwt_secret
    if secret is None and part in (Role.ALL, Role.CJ):
        typer.echo("JWT_SECRET_KEY is not set: the CJ service's admin routes refuse everybody", err=True)
    project = study_of(ctx) if state is None else None
    kafka = _kafka(part, kafka_bootstrap)
    settings = ServeSettings(
        role=part,
        state=state or (project.stack if project else Path()),
        kafka=kafka,
        kafka_config=kafka_config() if kafka else {},
        content_service_url=_content_url(part, content_service_url),
        host=host,
        content_port=content_port,
        cj_port=cj_port,
        kafka_port=kafka_port,
        token=_token(part, host, kafka),
        jwt_secret=secret.get_secret_value() if secret else None,
        llm=llm_settings(),
        outbox_delay=outbox_delay,
        default_budget=max_comparisons or None,
        by_share_group=by_share_group,
    )
    _log_to_the_terminal()
    sys.stdout.flush()
    raise typer.Exit(run(settings))


def _kafka(role: Role, given: str | None) -> str | None:
    """The cluster's address; None for roles that need none."""
    from eng5.cli.values import brokers
    from eng5.environment import bootstrap_servers
    from eng5.errors import InputError

    if role == "content":
        return None
    found = given or (bootstrap_servers() if role != "all" else None)
    if found is None and role != "all":
        raise InputError(
            f"--role {role} needs a Kafka cluster",
            remedy="give --kafka-bootstrap HOST:PORT or set KAFKA_BOOTSTRAP_SERVERS; "
            "`eng5 serve` alone has a mock cluster for one process",
        )
    return None if found is None else brokers(found)


def _content_url(role: Role, given: str | None) -> str | None:
    from eng5.environment import content_service_url, service_url

    if role not in ("cj", "judge"):
        return None
    return service_url("--content-service-url", given) if given else content_service_url()


def _token(role: Role, host: str, kafka: str | None) -> str | None:
    """What HTTP routes want to see, and what texts are asked for with."""
    from eng5.environment import serve_token
    from eng5.errors import InputError

    token = serve_token()
    away = host not in ("127.0.0.1", "localhost", "::1")
    if away and role == "all" and kafka is None:
        raise InputError(
            f"--host {host}: the mock cluster can be reached from this machine only",
            remedy="give --kafka-bootstrap, the address of a real one",
        )
    if away and token is None and role != "judge":
        raise InputError(
            f"--host {host}: others can reach it, so they must show a token",
            remedy="set ENG5_SERVE_TOKEN here and for every client (openssl rand -hex 32 makes one)",
        )
    return token.get_secret_value() if token and (away or role in ("cj", "judge")) else None


def _log_to_the_terminal() -> None:
    """What the parts have to say goes to standard error, a line each with its time."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", datefmt="%H:%M:%S"))
    log = logging.getLogger("eng5.stack")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
