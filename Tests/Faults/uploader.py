"""Somebody who uploads as an app does, in pieces, and can stop in the middle of one."""

import hashlib
import http.client
import json
import random
import socket
import uuid

from instance import Instance

#: The most bytes of one request (docs/documents.md).
PIECE = 8 << 20


def picture(size: int, seed: int = 0) -> bytes:
    """A file of so many bytes that is taken for a JPEG; its middle is looked at by MediaWorker only, which these tests do without."""
    return b"\xff\xd8\xff\xe0" + random.Random(seed).randbytes(size - 6) + b"\xff\xd9"


class Upload:
    """A file on its way into a topic."""

    def __init__(self, server: Instance, login: str, topic: int, content: bytes, name: str = "surat.jpg"):
        self.server, self.content, self.id = server, content, str(uuid.uuid4())
        self.hash = hashlib.sha256(content).hexdigest()
        self.token = server.api(login).token
        self.begun = server.api(login).post("/uploads", {"id": self.id, "topic": topic, "name": name, "size": len(content)})

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=120)

    def ask(self, method: str, body: bytes | None = None, at: int | None = None) -> tuple[int, dict]:
        """A request about this upload: the status, and what it says."""
        connection = self.connect()
        headers = {"Authorization": f"Bearer {self.token}"} | ({} if at is None else {"Upload-Offset": str(at)})
        try:
            connection.request(method, f"/api/v1/uploads/{self.id}", body, headers)
            answer = connection.getresponse()
            text = answer.read()
            said = json.loads(text) if text else {}
            if "Upload-Offset" in answer.headers:
                said.setdefault("offset", int(answer.headers["Upload-Offset"]))
            return answer.status, said
        finally:
            connection.close()

    def offset(self) -> int:
        status, said = self.ask("GET")
        assert status == 200, said
        return said["offset"]

    def piece(self, at: int, size: int = PIECE) -> tuple[int, dict]:
        return self.ask("PATCH", self.content[at : at + size], at)

    def go_on(self) -> dict:
        """Sends what is missing, from where the server is, and gives the document."""
        at = self.offset()
        while True:
            status, said = self.piece(at)
            assert status == 200, said
            if "document" in said:
                return said["document"]
            assert said["offset"] > at
            at = said["offset"]

    def half(self, at: int, sent: int) -> socket.socket:
        """Begins a piece, sends so many bytes of it, and leaves the connection open."""
        size = min(PIECE, len(self.content) - at)
        head = (
            f"PATCH /api/v1/uploads/{self.id} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {self.token}\r\n"
            f"Upload-Offset: {at}\r\nContent-Length: {size}\r\n\r\n"
        )
        line = socket.create_connection(("127.0.0.1", self.server.port), timeout=60)
        line.sendall(head.encode() + self.content[at : at + sent])
        return line

    def is_kept(self) -> bool:
        """Whether the blob store has exactly these bytes."""
        path = self.server.logs / "blobs" / self.hash[:2] / self.hash[2:4] / self.hash
        return path.exists() and path.read_bytes() == self.content
