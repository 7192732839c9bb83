"""The chat's wire protocol as a program speaks it (docs/protocol.md)."""

import json
import uuid
from contextlib import ExitStack

from websockets.sync.client import connect

from instance import Instance


class ChatSocket:
    """One connection. Events that arrive while an answer is awaited are kept."""

    def __init__(self, instance: Instance, token: str):
        self.stack = ExitStack()
        opening = connect(
            f"ws://127.0.0.1:{instance.port}/ws", subprotocols=["1fin.v1"], additional_headers={"Authorization": f"Bearer {token}"},
            open_timeout=10, close_timeout=5, compression=None,
        )  # fmt: skip
        self.connection = self.stack.enter_context(opening)
        self.events: list[dict] = []
        self.next = 0

    def _receive(self, seconds: float = 10) -> dict:
        return json.loads(self.connection.recv(timeout=seconds))

    def ask(self, do: str, **fields) -> dict:
        """Sends a request and gives its whole answer: `ok` or `error`."""
        self.next += 1
        self.connection.send(json.dumps({"id": self.next, "do": do, **fields}))
        while True:
            frame = self._receive()
            if frame.get("id") == self.next:
                return frame
            self.events.append(frame)

    def ok(self, do: str, **fields) -> dict:
        answer = self.ask(do, **fields)
        assert "ok" in answer, answer
        return answer["ok"]

    def send(self, topic: int, body: str, key: str | None = None, **fields) -> dict:
        return self.ok("send", topic=topic, key=key or str(uuid.uuid4()), body=body, **fields)

    def event(self, matches, seconds: float = 10) -> dict:
        """The next event that matches; those before it stay."""
        for index, frame in enumerate(self.events):
            if matches(frame):
                return self.events.pop(index)
        while True:
            frame = self._receive(seconds)
            if matches(frame):
                return frame
            self.events.append(frame)

    def close(self) -> None:
        self.stack.close()
