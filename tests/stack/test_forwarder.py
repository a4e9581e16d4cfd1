import asyncio

from eng5.stack.forwarder import forward


def test_bytes_go_both_ways_until_one_side_ends() -> None:
    """What is sent arrives unchanged, the answer comes back, and the end of one side ends the other."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.read(100)).upper())
        writer.close()

    async def scenario() -> bytes:
        target = await asyncio.start_server(echo, "127.0.0.1", 0)
        server = await forward("127.0.0.1", 0, target.sockets[0].getsockname()[1])
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"abc")
        answer = await reader.read()
        writer.close()
        server.close()
        target.close()
        return answer

    assert asyncio.run(scenario()) == b"ABC"


def test_connection_without_a_target_is_closed() -> None:
    """Nothing listens behind it: the client sees the end of the connection."""

    async def scenario() -> bytes:
        target = await asyncio.start_server(lambda _, __: None, "127.0.0.1", 0)
        port = target.sockets[0].getsockname()[1]
        target.close()
        await target.wait_closed()
        server = await forward("127.0.0.1", 0, port)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        answer = await reader.read()
        writer.close()
        server.close()
        return answer

    assert asyncio.run(scenario()) == b""
