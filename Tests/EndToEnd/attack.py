"""What the attack tests share. They are written from the other side: each tries to get what it must not, and every attempt must fail and be seen."""

import json
import urllib.request
import uuid
from contextlib import contextmanager

import pytest

from instance import Api, Instance, Refused, wait_for


def key() -> str:
    return str(uuid.uuid4())


@contextmanager
def refused(*statuses: int):
    """The request in it is refused with one of these statuses; gives what was answered."""
    with pytest.raises(Refused) as refusal:
        yield refusal
    assert refusal.value.status in statuses, refusal.value


def code(answer: dict) -> str:
    """Why the chat refused."""
    assert "error" in answer, f"it was not refused: {answer}"
    return answer["error"]["code"]


def upload(api: Api, topic: int, name: str, content: bytes) -> int:
    """Uploads a file as the page does; gives the document."""
    upload = key()
    api.post("/uploads", {"id": upload, "topic": topic, "name": name, "size": len(content)})
    request = urllib.request.Request(f"{api.address}/api/v1/uploads/{upload}", content, method="PATCH")
    request.add_header("Authorization", f"Bearer {api.token}")
    request.add_header("Content-Type", "application/octet-stream")
    request.add_header("Upload-Offset", "0")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["document"]["document"]


class Witness:
    """What the action log says of somebody since now."""

    def __init__(self, server: Instance, login: str):
        self.server = server
        self.account = int(server.sql(f"SELECT id FROM account WHERE login = '{login}'"))
        self.since = int(server.sql("SELECT coalesce(max(id), 0) FROM action_log"))

    def count(self, action: str, detail: str = "") -> int:
        condition = f" AND detail::text LIKE '%{detail}%'" if detail else ""
        return int(
            self.server.sql(
                f"SELECT count(*) FROM action_log WHERE id > {self.since} AND account_id = {self.account} AND action = '{action}'{condition}"
            )
        )

    def saw(self, action: str, detail: str = "") -> None:
        """The log has, or soon has, a row of this action of that person."""
        wait_for(f"{action} {detail} in the log", lambda: self.count(action, detail) > 0)
