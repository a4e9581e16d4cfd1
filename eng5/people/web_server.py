"""Serving a panel's page until somebody stops it."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from eng5.errors import ServiceError
from eng5.files import sha256_text
from eng5.judges.panel_file import PanelFile
from eng5.locks import Lock
from eng5.people.panel import Panel
from eng5.people.web_app import Guard, panel_app
from eng5.stack.http_servers import LOOPBACK, serving

LOOK_SECONDS = 1.0
EVERY_ADDRESS = ("http://0.0.0.0:", "http://[::]:")

Say = Callable[[str], None]


def new_tokens(file: PanelFile, judges: Sequence[str], *, renew: bool) -> dict[str, str]:
    """A token for each judge who has none, or for all; only their hashes are kept. Judge to token."""
    lacking = [judge for judge in judges if renew or judge not in file.links]
    tokens = {judge: secrets.token_urlsafe(24) for judge in lacking}
    links = {judge: link for judge, link in file.links.items() if judge in judges}
    links |= {judge: sha256_text(token) for judge, token in tokens.items()}
    if links != file.links:
        file.append(links=links)
    return tokens


async def serve(
    panel: Panel,
    judges: Sequence[str],
    about: Mapping[str, Any],
    say: Say,
    *,
    host: str | None,
    port: int | None,
    renew_links: bool,
) -> None:
    """Serve the page until SIGINT or SIGTERM. With a `host`, each judge has a personal link with a token.

    Without a `port` it is the one of the last time, so that pages that are still open go on; else a free one.

    Raises:
        RunLockedError: another process serves this panel.
        ServiceError: the port or the address cannot be used.
    """
    file = panel.record.file
    lock = Lock(
        file.path.with_suffix(".lock"),
        "the panel",
        "one page serves all its judges: use the links of that one",
    )
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    guard = Guard(judges, by_link=host is not None)
    app = panel_app(panel, guard, about)
    async with contextlib.AsyncExitStack() as stack:
        lock.acquire(0)
        stack.callback(lock.release)
        stack.callback(panel.close_down)
        panel.seat(judges)
        addresses: list[str] = []
        if port is None and file.port is not None:
            with contextlib.suppress(ServiceError):
                addresses = await stack.enter_async_context(serving((app, file.port), host=host or LOOPBACK))
        if not addresses:
            addresses = await stack.enter_async_context(serving((app, port or 0), host=host or LOOPBACK))
        [address] = addresses
        served = int(address.rpartition(":")[2])
        # Not before: a link that was made for a page that could not be served would never be shown.
        tokens = None if host is None else new_tokens(file, judges, renew=renew_links)
        guard.let_in(served, file.links)
        if served != file.port:
            if file.port is not None and tokens is not None and len(tokens) < len(judges):
                say(
                    f"Links that were given before lead to port {file.port}, and this page is on {served}: stop it, "
                    f"free that port and give --port {file.port}; or make --new-links."
                )
            file.append(port=served)
        say_links(say, address, judges, tokens)
        await _report_progress(panel, stop, say)


def say_links(say: Say, address: str, judges: Sequence[str], tokens: Mapping[str, str] | None) -> None:
    """Each judge's link; `tokens` are those that were made now, None where judges say who they are."""
    width = max(map(len, judges))
    for judge in judges:
        if tokens is None:
            say(f"{judge:{width}}  {address}/#{quote(judge)}")
        elif judge in tokens:
            say(f"{judge:{width}}  {address}/#{tokens[judge]}")
        else:
            say(f"{judge:{width}}  the link that was given before (--new-links makes new ones)")
    if address.startswith(EVERY_ADDRESS):
        say(
            "The page listens on every address of this machine: put one of them into the links, in place of this one."
        )
    if tokens:
        say("These links are shown once and kept nowhere: give each judge their own, and nobody else's.")


async def _report_progress(panel: Panel, stop: asyncio.Event, say: Say) -> None:
    """Say who has done all, until it is time to stop."""
    done: set[str] = set()
    told = False
    while not stop.is_set():
        progress = panel.record.read().progress()
        for judge, quota in progress.quotas.items():
            if progress.answered.get(judge, 0) < quota:
                done.discard(judge)
            elif judge not in done:
                done.add(judge)
                say(f"{judge} has made all {quota} comparisons")
        if progress.complete and not told:
            say("All comparisons are made. Ctrl-C stops the page.")
        told = progress.complete
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
