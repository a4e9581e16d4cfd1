from collections.abc import Callable
from typing import Any

import httpx
import pytest

from eng5.contracts.wire import topics
from eng5.stack.faults import BatchFaults, FaultsUnreadableError, HttpFaults, batch_faults


def test_http_status_for_the_first_requests(make_bench: Callable[..., Any]) -> None:
    """The first requests are refused with a status and Retry-After, the next is served."""
    faults = HttpFaults(requests=2, status=429, retry_after="1")
    bench = make_bench(content_faults=faults)
    answers = [bench.http.post(bench.addresses.content_service_url, content=b"x") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 201]
    assert answers[0].headers["Retry-After"] == "1"


def test_http_answer_is_cut_off(make_bench: Callable[..., Any]) -> None:
    """The connection ends in the middle of an answer, on the chosen paths only."""
    bench = make_bench(cj_faults=HttpFaults(cut_off=True, paths=("/admin",)))
    url = bench.addresses.cj_service_url
    with pytest.raises(httpx.RemoteProtocolError):
        bench.http.get(url + "/admin/v1/assessment-instructions")
    assert bench.http.get(url + "/healthz").status_code == 200


def test_http_delay(make_bench: Callable[..., Any]) -> None:
    """A slow answer runs into the client's time limit."""
    bench = make_bench(content_faults=HttpFaults(delay_ms=1000))
    with pytest.raises(httpx.ReadTimeout):
        bench.http.get(bench.addresses.content_service_url, timeout=httpx.Timeout(60, read=0.05))


@pytest.mark.parametrize("faults", [{"ties": "all"}, {"unheard_of": 1}, {"fail": "sometimes"}], ids=str)
def test_faults_that_make_no_sense_are_refused(faults: dict[str, Any]) -> None:
    """The error names the metadata key."""
    with pytest.raises(FaultsUnreadableError, match=r"metadata\.faults"):
        batch_faults({"faults": faults})
    assert batch_faults({}) == BatchFaults()


def test_batch_faults_on_the_wire(bench: Any, twelve_essays: dict[str, str]) -> None:
    """Ties, errors, duplicates, missing, late and malformed callbacks come as they were asked for."""
    faults = {
        "ties": [0, 1], "errors": [2], "duplicates": [3], "missing": [4], "late": [5], "malformed": [6],
    }  # fmt: skip
    answers = bench.run(bench.request(twelve_essays, metadata={"faults": faults}))
    malformed = [raw for raw in answers.raw[topics.COMPARISON_RESULT] if not raw.endswith(b"}")]
    answers.raw[topics.COMPARISON_RESULT] = [
        raw for raw in answers.raw[topics.COMPARISON_RESULT] if raw.endswith(b"}")
    ]
    callbacks = answers.callbacks
    outcomes = [
        (one["error_detail"] or {}).get("details", {}).get("outcome", one["winner"]) for one in callbacks
    ]
    assert (outcomes.count("tie"), outcomes.count("error"), len(malformed)) == (2, 1, 1)
    assert len(callbacks) == 66
    assert len({one["request_id"] for one in callbacks}) == 65


def test_silent_batch_has_no_end(bench: Any, twelve_essays: dict[str, str]) -> None:
    """Callbacks come, a final event does not: the next batch of the same reader still ends."""
    raw = bench.request(twelve_essays, metadata={"faults": {"silent": True}})
    answers = bench.run(raw, until=topics.COMPARISON_RESULT)
    assert answers.raw[topics.COMPARISON_RESULT]
    assert not answers.raw[topics.CJ_COMPLETED] + answers.raw[topics.CJ_FAILED]
