"""Finding batches at the provider whose ids were never kept, or are kept on another machine."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection
from datetime import timedelta
from functools import partial

from eng5.contracts.provider_batch import SentBatch, run_tag
from eng5.contracts.wire.base import utc_now
from eng5.judges.batches.api import BatchApi, Look, NotThereError
from eng5.judges.batches.follow import Follower

log = logging.getLogger(__name__)

RESULTS_KEPT = timedelta(days=30)
"""How long providers keep a batch's results."""
CLOCKS_DIFFER = timedelta(minutes=10)


Known = Callable[[str], bool]
"""Whether it is kept whose batch it is, by the provider's id; may become true while a batch is waited for."""


async def find_intended(follower: Follower, intended: SentBatch, known: Known) -> Look | None:
    """The batch that was about to be created when its process ended; None when it was not created.

    Anthropic stores no name of ours: there a batch that is as large and not older is waited for, and told by the
    questions in its results.
    """
    questions = intended.questions or []
    async for look in follower.api.listed():
        if look.created_at < intended.intended_at - CLOCKS_DIFFER:
            break
        if look.ident == intended.ident:
            return look
        if follower.api.stores_ident or known(look.provider_id) or look.total != len(questions):
            continue
        if await _first_question(follower, look, known) in questions:
            return look
    return None


async def find_of_run(follower: Follower, run: str, sizes: Collection[int], known: Known) -> list[Look]:
    """The batches of a run that nothing is kept about, because another machine sent them.

    ``sizes`` are of the batches that would be sent now: where the provider stores no name of ours, one that is still
    in progress and as large as one of them may be the same, and is waited for.
    """
    found = []
    async for look in follower.api.listed():
        if look.created_at < utc_now() - RESULTS_KEPT:
            break
        if known(look.provider_id):
            continue
        if follower.api.stores_ident:
            if look.run == run:
                found.append(look)
        elif look.state == "ended" or look.total in sizes:
            first = await _first_question(follower, look, known)
            if first is not None and first.startswith(run_tag(run)):
                found.append(look)
    return found


async def _first_question(follower: Follower, look: Look, known: Known) -> str | None:
    """The custom id of the first result, once there is one; None where it has none, or is known by then."""
    if look.state != "ended":
        log.warning(
            "%s has as many questions and may be ours; %s does not say whose it is before it ends: waiting for it",
            look.provider_id,
            follower.provider,
        )
        look, _ = await follower.until_ended(look.provider_id, or_until=partial(known, look.provider_id))
        if look.state != "ended":
            return None
    api: BatchApi = follower.api
    try:
        async for line in api.results(look):
            try:
                return api.read(json.loads(line)).custom_id
            except (KeyError, TypeError, ValueError, AttributeError):
                continue
    except NotThereError:
        log.info("%s has no results any more", look.provider_id)
    return None
