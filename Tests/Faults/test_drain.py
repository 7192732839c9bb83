"""A deploy: SIGTERM closes every socket with 1012, loses nothing that was acked, and is over within 10 s whatever the other side does."""

import json
import socket
import time

import pytest

from halfopen import Halves, upgrade
from judge import check

#: The longest that a drain takes, and what the machine's other work may add to it, in seconds.
LIMIT, SLACK = 10, 1.5


def drain(firm) -> float:
    start = time.monotonic()
    firm.terminate()
    status = firm.server.process.wait(60)
    assert status == 0
    return time.monotonic() - start


def test_under_load(firm):
    """Everybody talks; others neither read nor answer, others still have not asked for anything yet."""
    gathering = firm.gather(devices=3)
    _, _, token, topics = firm.seats[0]
    deaf = [upgrade(firm.port, token) for _ in range(20)]
    halves = Halves(firm.port)
    try:
        for connection in deaf:
            connection.sendall(frame(json.dumps({"id": 1, "do": "subscribe", "topic": topics[0]})))
        halves.open(50)
        gathering.talk()
        gathering.until("they talk", lambda: gathering.count >= 500)
        count = gathering.opened
        took = drain(firm)
        print(f"drained in {took:.2f} s, {gathering.count} acked")
        assert took <= LIMIT + SLACK
        gathering.until("all hear of it", lambda: all(member.closings for member in gathering.members))
        codes = [code for member in gathering.members for _, code in member.closings]
        assert set(codes) == {1012} and len(codes) == len(gathering.members), codes
        firm.start()
        gathering.until("all are back", lambda: gathering.opened >= count + len(gathering.members))
        gathering.hush()
        check(firm, gathering)
    finally:
        halves.close()
        for connection in deaf:
            connection.close()
    # They try as docs/protocol.md says: after a random 0–5 s.
    pauses = sorted(member.attempts[1] - member.closings[0][0] for member in gathering.members)
    low, middle, high = (pauses[len(pauses) * part // 4] for part in (1, 2, 3))
    back = max(member.openings[1] - member.closings[0][0] for member in gathering.members)
    print(f"tried again after {pauses[0]:.2f} … {low:.2f} … {middle:.2f} … {high:.2f} … {pauses[-1]:.2f} s; the last one is back after {back:.2f} s")
    assert high - low > 1


def test_while_postgres_is_frozen(firm):
    """Even then it ends in time, and what could not be committed was not acked."""
    gathering = firm.gather()
    gathering.talk()
    gathering.until("they talk", lambda: gathering.count >= 300)
    firm.cluster.freeze()
    try:
        took = drain(firm)
    finally:
        firm.cluster.thaw()
    print(f"drained in {took:.2f} s")
    assert took <= LIMIT + SLACK
    firm.start()
    gathering.hush()
    check(firm, gathering)


@pytest.mark.parametrize("path", ["/ws", "/ws/healthz"])
def test_nobody_is_let_in_meanwhile(firm, path):
    """A socket that never answers the close frame holds the drain up; whoever comes in that time is not taken."""
    connection = upgrade(firm.port, firm.seats[0][2])
    try:
        firm.terminate()
        assert connection.recv(2) == b"\x88\x09", "the close frame comes at once"
        assert connection.recv(2) == (1012).to_bytes(2, "big")
        assert firm.server.process.poll() is None
        with pytest.raises(OSError), socket.create_connection(("127.0.0.1", firm.port), 5) as late:
            late.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            if not late.recv(100).startswith(b"HTTP/1.1 503"):
                raise ConnectionResetError
    finally:
        connection.close()
    assert firm.server.process.wait(LIMIT + SLACK) == 0


def frame(text: str) -> bytes:
    """A client's text frame of up to 125 bytes, masked with zeros."""
    return bytes([0x81, 0x80 | len(text)]) + bytes(4) + text.encode()
