"""Clients that others have written, against the engine: what they negotiate, and that every message comes back whole."""

import asyncio
import os
import random
import subprocess
from pathlib import Path

import pytest
from conftest import Endpoint
from websockets.asyncio.client import connect
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

HERE = Path(__file__).parent


def messages() -> list[str | bytes]:
    """Texts and bytes of sizes around every border of the frame's header and of zlib's window; some that compress well, some not at all."""
    chance = random.Random(7692)
    sizes = [0, 1, 2, 125, 126, 127, 1000, 32_767, 32_768, 65_535, 65_536, 200_000]
    words = ["salom ", "шартнома ", "faktura № 17; ", "🙂"]
    texts = ["".join(chance.choice(words) for _ in range(size // 6)) for size in sizes]
    return texts + [chance.randbytes(size) for size in sizes] + texts


@pytest.mark.parametrize(
    "offer",
    [
        None,
        ClientPerMessageDeflateFactory(),
        ClientPerMessageDeflateFactory(server_no_context_takeover=True),
        ClientPerMessageDeflateFactory(client_no_context_takeover=True),
        ClientPerMessageDeflateFactory(server_no_context_takeover=True, client_no_context_takeover=True),
        ClientPerMessageDeflateFactory(server_max_window_bits=9, client_max_window_bits=9),
        ClientPerMessageDeflateFactory(server_max_window_bits=12, server_no_context_takeover=True),
    ],
    ids=["plain", "takeover", "server forgets", "client forgets", "both forget", "window of 9 bits", "window of 12 bits, server forgets"],
)
def test_python_websockets(endpoint: Endpoint, offer):
    async def talk():
        extensions = [offer] if offer else None
        uri = f"{endpoint.websocket}/echo"
        async with connect(uri, ssl=endpoint.tls, compression=None, extensions=extensions, max_size=None) as socket:
            assert [extension.name for extension in socket.protocol.extensions] == (["permessage-deflate"] if offer else [])
            for message in messages():
                await socket.send(message)
                assert await socket.recv() == message
                if message:
                    third = len(message) // 3 + 1
                    await socket.send(message[at : at + third] for at in range(0, len(message), third))
                    assert await socket.recv() == message
            await (await socket.ping())
        assert socket.close_code == 1000

    asyncio.run(asyncio.wait_for(talk(), 60))


def test_a_small_frame_that_inflates_to_too_much_is_refused(endpoint: Endpoint):
    async def talk():
        async with connect(f"{endpoint.websocket}/echo", ssl=endpoint.tls, max_size=None) as socket:
            # 65 MiB of zeros, past the server's 64, become 65 KiB.
            await socket.send(bytes(65 << 20))
            await socket.wait_closed()
            assert socket.close_code == 1009

    asyncio.run(asyncio.wait_for(talk(), 60))


def test_curl_is_upgraded(endpoint: Endpoint):
    # The key and its answer are those of RFC 6455 §1.3. curl waits for bytes that never come: the answer's head is all there is.
    headers = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
    curl = ["curl", "--silent", "--include"] + (["--cacert", endpoint.certificate] if endpoint.certificate else [])
    command = curl + ["--no-buffer", "--http1.1", "--max-time", "2", f"{endpoint.http}/idle"]
    done = subprocess.run(command + [word for header in headers for word in ("--header", header)], capture_output=True, text=True, timeout=30)
    lines = done.stdout.splitlines()
    assert lines[0] == "HTTP/1.1 101 Switching Protocols"
    assert "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in lines
    # Also over ALPN, which offers HTTP/2 first.
    plain = subprocess.run([*curl, f"{endpoint.http}/echo"], capture_output=True, text=True, timeout=30)
    assert plain.stdout.startswith("HTTP/1.1 400 ")


@pytest.mark.parametrize("offer", ["", "deflate", "stateless"])
def test_node_ws(endpoint: Endpoint, offer: str):
    command = ["node", HERE / "client.js", endpoint.websocket, offer, endpoint.certificate or ""]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=os.environ)
    assert done.stdout.splitlines()[-1:] == ["whole"], done.stdout + done.stderr
