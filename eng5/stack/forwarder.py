"""Makes the broker's bootstrap address a given port: bytes go through unchanged, both ways."""

import asyncio
import contextlib

CHUNK = 65_536


async def forward(host: str, port: int, target_port: int) -> asyncio.Server:
    """Listen on a port and pass every connection on to another port of this machine.

    Kafka clients use it for their first contact only: the metadata names the broker's own port.
    Raises OSError when the port is taken.
    """

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", target_port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pump(reader, onward_writer), _pump(onward_reader, writer))

    return await asyncio.start_server(connect, host, port)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
    writer.close()
