"""The echo server's job done with the `websockets` library, for ./onefin bench ws: echo-python.py PORT [CERTIFICATE KEY]"""

import asyncio
import ssl
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
    tls = None
    if len(sys.argv) > 3:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(*sys.argv[2:4])
    options = {"compression": None, "max_size": 64 << 20, "backlog": 4096, "ping_interval": None, "ssl": tls}
    async with serve(handle, "127.0.0.1", int(sys.argv[1]), **options) as server:
        print(f"listening on 127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await server.serve_forever()


asyncio.run(main())
