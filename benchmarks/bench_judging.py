"""How fast comparisons are judged, end to end: from the request in Kafka to the last callback read from Kafka.

Run from the project's folder: `python -m benchmarks.bench_judging`. A judge that takes a second is measured against
the ideal, ⌈66 / 16⌉ seconds; a judge that takes no time shows what a comparison costs by itself; an LLM server that
takes no time and one that takes a second show the same for a real client over HTTP.
"""

from __future__ import annotations

import asyncio
import json
import math
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from eng5.contracts.llm_config import LlmConfig, LlmProviderConfig
from eng5.stack.standin import StandIn
from tests.bench import Bench

ESSAYS = 12
PAIRS = ESSAYS * (ESSAYS - 1) // 2
AT_A_TIME = 16
ANSWER = json.dumps({"winner": "Essay A", "justification": "Better controlled.", "confidence": 4})
COMPLETION = json.dumps(
    {
        "id": "c", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": ANSWER}}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }
).encode()  # fmt: skip
RESPONSE = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (
    len(COMPLETION),
    COMPLETION,
)


def texts(essays: int, salt: str) -> dict[str, str]:
    """Essays of about 300 words that no ledger knows."""
    return {
        f"essay-{n:03}": f"{salt} {n}. " + "A sentence of seven words is here. " * 43 for n in range(essays)
    }


class LlmServer:
    """An OpenAI-compatible server on loopback that answers after `seconds`."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._loop = asyncio.new_event_loop()
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            await asyncio.sleep(self._seconds)
            writer.write(RESPONSE)


def seconds_of_batch(
    bench: Bench, essays: int, salt: str, metadata: Mapping[str, object], **judge: str
) -> float:
    """From publishing the request to having read all callbacks; the essays are uploaded before."""
    document = json.loads(bench.request(texts(essays, salt), model="simulated", metadata=dict(metadata)))
    document["data"]["llm_config_overrides"] |= judge
    raw = json.dumps(document).encode()
    began = time.perf_counter()
    answers = bench.run(raw)
    took = time.perf_counter() - began
    assert len(answers.callbacks) == essays * (essays - 1) // 2
    return took


def main() -> None:
    """Print the table."""
    servers = {seconds: LlmServer(seconds) for seconds in (0.0, 1.0)}
    ideal = math.ceil(PAIRS / AT_A_TIME)
    for seconds, server in servers.items():
        config = LlmConfig(providers={"openai": LlmProviderConfig(base_url=server.url)})
        with (
            tempfile.TemporaryDirectory() as folder,
            StandIn(Path(folder), llm=config) as standin,
            Bench(standin.addresses) as bench,
        ):
            llm = {"provider_override": "openai", "model_override": "m"}
            seconds_of_batch(bench, 3, "warm", {}, **llm)
            took = seconds_of_batch(bench, ESSAYS, "llm", {}, **llm)
            if seconds:
                print(f"LLM over HTTP, 1 s, {PAIRS} at {AT_A_TIME}: {took:.2f} s, {took / ideal:.2f} × ideal")
                slow = {"simulated": {"delay_ms": 1000}}
                took = seconds_of_batch(bench, ESSAYS, "slow", slow)
                print(f"simulated, 1 s, {PAIRS} at {AT_A_TIME}: {took:.2f} s, {took / ideal:.2f} × ideal")
            else:
                print(f"LLM over HTTP, 0 s: {1000 * took / PAIRS:.2f} ms a comparison")
                for essays in (12, 48):
                    pairs = essays * (essays - 1) // 2
                    best = min(seconds_of_batch(bench, essays, f"{essays}.{n}", {}) for n in range(3))
                    print(f"simulated, 0 s, {pairs}: {1000 * best / pairs:.2f} ms a comparison")


if __name__ == "__main__":
    main()
