"""Connections by hand: such that never ask, ask one byte at a time, or never read."""

import base64
import os
import select
import socket


def request(token: str) -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    lines = ["GET /ws HTTP/1.1", "Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}"]
    lines += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: 1fin.v1", f"Authorization: Bearer {token}"]
    return "\r\n".join([*lines, "", ""]).encode()


def upgrade(port: int, token: str, source: str = "127.0.0.1") -> socket.socket:
    """A WebSocket of which nobody but the test reads."""
    connection = socket.create_connection(("127.0.0.1", port), 10, (source, 0))
    connection.sendall(request(token))
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        # One byte at a time: what follows is the test's.
        part = connection.recv(1)
        assert part, answer
        answer += part
    assert answer.startswith(b"HTTP/1.1 101"), answer
    return connection


class Halves:
    """Many connections from many addresses of this machine, of which each counts what the server says and when it has had enough."""

    def __init__(self, port: int, network: str = "127.1"):
        self.port, self.network = port, network
        self.open_ones: dict[int, socket.socket] = {}
        self.poller = select.epoll()
        self.opened = 0
        self.answers: dict[bytes, int] = {}

    def open(self, count: int) -> None:
        for _ in range(count):
            self.opened += 1
            connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
            # 250 from each, as customers of many networks.
            connection.bind((f"{self.network}.0.{self.opened // 250 + 1}", 0))
            connection.connect_ex(("127.0.0.1", self.port))
            self.open_ones[connection.fileno()] = connection
            self.poller.register(connection, select.EPOLLIN | select.EPOLLHUP)

    def send(self, data: bytes) -> None:
        """The same bytes on each that is still open."""
        for connection in list(self.open_ones.values()):
            try:
                connection.send(data)
            except BlockingIOError:
                continue
            except OSError:
                self._forget(connection)

    def notice(self, seconds: float = 0) -> int:
        """Takes what the server has said or ended, waiting that long for something. How many ended."""
        before = len(self.open_ones)
        for number, _ in self.poller.poll(seconds, 4096):
            connection = self.open_ones.get(number)
            if connection is None:
                continue
            try:
                data = connection.recv(4096)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if data:
                self.answers[data[9:12]] = self.answers.get(data[9:12], 0) + 1
            else:
                self._forget(connection)
        return before - len(self.open_ones)

    def _forget(self, connection: socket.socket) -> None:
        self.open_ones.pop(connection.fileno(), None)
        connection.close()

    def close(self) -> None:
        for connection in list(self.open_ones.values()):
            self._forget(connection)
        self.poller.close()
