"""The echo server's job done with the `websockets` library, for ./onefin bench ws: echo-python.py PORT"""

import asyncio
import sys

from websockets.asyncio.server import ServerConnection, broadcast, serve

room: set[ServerConnection] = set()


async def handle(socket: ServerConnection) -> None:
    path = socket.request.path
    if path == "/room":
        room.add(socket)
    try:
        async for message in socket:
            if path == "/echo":
                await socket.send(message)
            elif path == "/room":
                broadcast(room, message)
    finally:
        room.discard(socket)


async def main() -> None:
    async with serve(handle, "127.0.0.1", int(sys.argv[1]), compression=None, max_size=64 << 20, backlog=4096, ping_interval=None) as server:
        print(f"listening on 127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await server.serve_forever()


asyncio.run(main())
