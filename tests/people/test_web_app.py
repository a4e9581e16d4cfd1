"""The server of the page: who may ask, what it tells, and that no verdict is lost or doubled, whatever happens."""

from __future__ import annotations

import json
import os
import random
import socket
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import pytest

from eng5.files import sha256_text
from eng5.people.web_server import say_links
from tests import forked
from tests.people.server import SERVE, PanelServer, Texts, better
from tests.project import ROOT


@pytest.fixture
def server(tmp_path: Path) -> Any:
    """A panel of three judges."""
    with PanelServer(tmp_path, Texts()) as running:
        yield running


def test_judges_at_once_and_a_killed_server_lose_and_double_nothing(tmp_path: Path) -> None:
    """Each answer comes twice at once, over connections that break; the server is killed three times meanwhile."""
    texts = Texts(essays=6, pairs=15)
    server = PanelServer(tmp_path, texts)
    acknowledged: dict[str, dict[str, str]] = {name: {} for name in texts.judges}
    finished = threading.Event()

    def ask(client: httpx.Client, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        while True:
            try:
                answer = client.get(path) if body is None else client.post(path, json=body)
            except httpx.TransportError:
                server.up.wait(20)
                continue
            assert answer.status_code == 200, answer.text
            found: dict[str, Any] = answer.json()
            return found

    def judge(name: str) -> None:
        with server.client(name) as one, server.client(name) as other, ThreadPoolExecutor(1) as twin:
            state = ask(one, "/api/state")
            while (question := state["question"]) is not None:
                body = {"id": question["id"], "choice": better(question), "comment": name, "seconds": 3.0}
                again = twin.submit(ask, other, "/api/answer", body)
                state = ask(one, "/api/answer", body)
                again.result()
                acknowledged[name][question["id"]] = body["choice"]

    def strike() -> None:
        chance = random.Random(5)
        for _ in range(3):
            if finished.wait(chance.uniform(0.02, 0.1)):
                return
            server.kill()
            server.start()

    server.start()
    with ThreadPoolExecutor(4) as pool:
        striking = pool.submit(strike)
        for one in [pool.submit(judge, name) for name in texts.judges]:
            one.result()
        finished.set()
        striking.result()
    server.kill()
    record = server.record()
    answered = record.answered()
    assert len(answered) == len(server.ledger()) == 45
    assert record.progress().complete
    sides = {"A": "left", "B": "right"}
    for shown, entry in answered:
        assert acknowledged[shown.judge][shown.id] == sides[entry.verdict.outcome]
        assert entry.verdict.justification == shown.judge == entry.model
    assert Counter(shown.judge for shown, _ in answered) == dict.fromkeys(texts.judges, 15)


def test_a_question_says_two_texts_and_nothing_else(server: PanelServer) -> None:
    """No id, name, grade or answer of others is in anything that a browser gets."""
    with server.client("bo") as bo:
        state = bo.get("/api/state").json()
        bo.post("/api/answer", json={"id": state["question"]["id"], "choice": "left", "comment": "only bo's"})
    with server.client("anna") as client:
        page, state = client.get("/"), client.get("/api/state")
        document = state.json()
        assert set(document["question"]) == {"id", "left", "right"}
        assert set(document) == {
            "judge", "question", "done", "total", "secondsLeft", "undo", "closed", "about",
        }  # fmt: skip
        for text in (page.text, state.text):
            for hidden in ("secret", "student::", "only bo's", '"bo"', '"cy"'):
                assert hidden not in text
        assert (document["done"], document["total"], document["undo"]) == (0, 6, None)


def test_headers_allow_the_page_its_own_script_and_nothing_else(server: PanelServer) -> None:
    """The policy names the script by its hash; nothing may frame the page, and nothing is kept by a browser."""
    answer = httpx.get(server.url + "/", trust_env=False, timeout=60)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy and "http" not in policy and "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert "src=" not in answer.text and "@import" not in answer.text


def test_nobody_else_may_ask_on_loopback(server: PanelServer) -> None:
    """An unknown name, a page of another site, and a name that another site gave this address."""
    assert httpx.get(server.url + "/api/state", trust_env=False, timeout=60).status_code == 401
    with server.client("dee") as client:
        answer = client.get("/api/state")
        assert answer.status_code == 401 and answer.json()["judges"] == ["anna", "bo", "cy"]
    with server.client("anna") as client:
        for headers in ({"origin": "http://evil.test"}, {"host": "evil.test"}, {"origin": "null"}):
            assert client.get("/api/state", headers=headers).status_code == 403
        assert client.get("/api/state", headers={"origin": server.url}).status_code == 200


def test_an_answer_that_is_none_changes_nothing(server: PanelServer) -> None:
    """It is refused with 4xx."""
    bodies = [
        b"", b"[]", b"{", b'{"id": 1, "choice": "left"}', b'{"id": "x", "choice": "both"}',
        b'{"id": "x", "choice": "left", "seconds": -1}', b'{"id": "x", "choice": "left", "seconds": NaN}',
        b'{"id": "x", "choice": "left", "grade": "A"}', b'{"id": "x", "choice": "left", "comment": 5}',
        json.dumps({"id": "x", "choice": "left", "comment": "a" * 10_001}).encode(),
        b'{"id": "' + b"x" * 200_000 + b'"}',
    ]  # fmt: skip
    with server.client("anna") as client:
        client.get("/api/state")
        for body in bodies:
            for path in ("/api/answer", "/api/undo"):
                assert 400 <= client.post(path, content=body).status_code < 500
    assert server.ledger() == []


def test_a_tie_counts_only_where_it_is_allowed(tmp_path: Path) -> None:
    """Elsewhere it is refused."""
    for ties, status in ((True, 200), (False, 400)):
        with PanelServer(tmp_path / str(ties), Texts(ties=ties)) as server, server.client("cy") as client:
            question = client.get("/api/state").json()["question"]
            answer = client.post("/api/answer", json={"id": question["id"], "choice": "tie"})
            assert answer.status_code == status
            assert [line["outcome"] for line in server.ledger()] == ["tie"] * (status == 200)


def test_stale_pages_count_for_nothing(server: PanelServer) -> None:
    """An answer to a question that is answered, taken back or not one's own is told to be none, with what is next."""
    with server.client("anna") as anna, server.client("bo") as bo:
        first = anna.get("/api/state").json()["question"]["id"]
        answer = {"id": first, "choice": "left"}
        assert bo.post("/api/answer", json=answer).json()["kept"] is False
        second = anna.post("/api/answer", json=answer).json()
        assert second["kept"] is True and second["undo"] == first and second["done"] == 1
        again = anna.post("/api/answer", json={"id": first, "choice": "right"}).json()
        assert again["kept"] is False and again["question"] == second["question"]
        back = anna.post("/api/undo", json={"id": first}).json()
        assert back["kept"] is True and back["done"] == 0 and back["undo"] is None
        assert anna.post("/api/undo", json={"id": first}).json()["kept"] is False
        assert anna.post("/api/answer", json=answer).json()["kept"] is False
        anew = anna.post("/api/answer", json={"id": back["question"]["id"], "choice": "right"}).json()
        assert anew["kept"] is True and anew["done"] == 1
    assert [(line["outcome"], line["error_code"], line["repetition"]) for line in server.ledger()] == [
        ("A", None, 1),
        ("error", "VERDICT_UNDONE", 1),
        ("B", None, 2),
    ]


def test_an_address_that_others_reach_wants_the_token_of_a_link(tmp_path: Path) -> None:
    """Tokens are told once, kept as hashes, survive a restart, and end with new links."""
    texts = Texts()
    with PanelServer(tmp_path, texts, host="127.0.0.1") as server:
        tokens = {name: link.partition("#")[2] for name, link in server.links.items()}
        assert set(tokens) == {"anna", "bo", "cy"} and min(map(len, tokens.values())) >= 32
        for wrong in ("anna", "x" * 32, sha256_text(tokens["anna"])):
            with server.client(wrong) as client:
                answer = client.get("/api/state")
                assert answer.status_code == 401 and answer.json()["judges"] is None
        with server.client(tokens["bo"]) as client:
            assert client.get("/api/state").json()["judge"] == "bo"
        kept = "".join(path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file())
        assert not any(token in kept for token in tokens.values())
        server.kill()
        server.start()
        assert server.links == {} and all("given before" in line for line in server.said)
        with server.client(tokens["bo"]) as client:
            assert client.get("/api/state").status_code == 200
        server.stop()
    with (
        PanelServer(tmp_path, texts, host="127.0.0.1", renew=True) as server,
        server.client(tokens["bo"]) as bo,
    ):
        assert bo.get("/api/state").status_code == 401


def test_links_of_a_page_that_could_not_be_served_are_made_again(tmp_path: Path) -> None:
    """An address that is none ends the command before any token is kept."""
    arguments = json.dumps([str(tmp_path), asdict(Texts()), "no.such.host.invalid", None, False])
    done = forked.run(SERVE, [arguments], cwd=ROOT, env=os.environ)
    assert done.returncode != 0 and "no.such.host.invalid" in done.stderr
    with PanelServer(tmp_path, Texts(), host="127.0.0.1") as server:
        assert set(server.links) == {"anna", "bo", "cy"}


def test_links_to_a_port_that_is_taken_are_said_to_be_dead(tmp_path: Path) -> None:
    """The page takes another port, and whoever serves it learns what the judges' links need."""
    with PanelServer(tmp_path, Texts(), host="127.0.0.1") as server:
        port = server.port
        server.stop()
    with (
        socket.create_server(("127.0.0.1", port or 0)),
        PanelServer(tmp_path, Texts(), host="127.0.0.1") as other,
    ):
        assert f"lead to port {port}, and this page is on" in other.said[0]


def test_a_link_to_every_address_is_said_to_be_none() -> None:
    """0.0.0.0 leads a judge's browser nowhere."""
    for address in ("http://0.0.0.0:8100", "http://[::]:8100"):
        said: list[str] = []
        say_links(said.append, address, ["anna"], {"anna": "token"})
        assert any("put one of them into the links" in line for line in said)
    said = []
    say_links(said.append, "http://127.0.0.1:8100", ["anna"], None)
    assert said == ["anna  http://127.0.0.1:8100/#anna"]


def test_a_second_page_of_a_panel_is_refused(server: PanelServer) -> None:
    """It names the first."""
    arguments = json.dumps([*server._arguments, None, False])
    done = forked.run(SERVE, [arguments], cwd=ROOT, env=os.environ)
    assert done.returncode != 0 and "the panel is in use by process" in done.stderr


def test_time_left_follows_from_the_judges_own_median(server: PanelServer) -> None:
    """After three answers: the median of their seconds, times what is left."""
    with server.client("anna") as client:
        state = client.get("/api/state").json()
        for seconds in (10.0, 50.0, 20.0):
            assert state["secondsLeft"] is None
            body = {"id": state["question"]["id"], "choice": "left", "seconds": seconds}
            state = client.post("/api/answer", json=body).json()
        assert state["secondsLeft"] == pytest.approx(20.0 * 3)
    assert [line["metadata"]["seconds"] for line in server.ledger()] == [10.0, 50.0, 20.0]


def test_it_ends_quietly_when_all_is_done(server: PanelServer) -> None:
    """No traceback, exit code 0."""
    for name in ("anna", "bo", "cy"):
        with server.client(name) as client:
            state = client.get("/api/state").json()
            while state["question"]:
                body = {"id": state["question"]["id"], "choice": "right"}
                state = client.post("/api/answer", json=body).json()
    assert server.record().progress().complete
    assert "Traceback" not in server.stop()
