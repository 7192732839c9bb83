"""What the attack tests share. They are written from the other side: each tries to get what it must not, and every attempt must fail and be seen."""

import json
import urllib.error
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


def raw(api: Api, method: str, path: str, content: bytes | None = None, **headers: str) -> tuple[int, dict, bytes]:
    """A request as it is, and its answer whatever the status: status, headers, body."""
    request = urllib.request.Request(f"{api.address}{path}", content, method=method)
    request.add_header("Authorization", f"Bearer {api.token}")
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    try:
        answer = urllib.request.urlopen(request, timeout=30)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, dict(answer.headers), answer.read()


def upload_in_parts(api: Api, topic: int, name: str, content: bytes, parts: int = 1) -> list[tuple[int, dict, dict]]:
    """Uploads a file as the page does; gives every answer: status, headers, body."""
    upload = key()
    begin = json.dumps({"id": upload, "topic": topic, "name": name, "size": len(content)}).encode()
    answers = [raw(api, "POST", "/api/v1/uploads", begin, Content_Type="application/json")]
    step = -(-len(content) // parts)
    for offset in range(0, len(content), step):
        part = content[offset : offset + step]
        answers.append(
            raw(api, "PATCH", f"/api/v1/uploads/{upload}", part, Content_Type="application/octet-stream", Upload_Offset=str(offset))
        )
    return [(status, headers, json.loads(body)) for status, headers, body in answers]


def upload(api: Api, topic: int, name: str, content: bytes) -> int:
    """The same; gives the document."""
    status, _, answer = upload_in_parts(api, topic, name, content)[-1]
    assert status == 200, answer
    return answer["document"]["document"]


def link(api: Api, document: int, rendition: str) -> str:
    """The address of a file, as soon as there is one."""

    def made() -> str | None:
        try:
            return api.post(f"/documents/{document}/links", {"rendition": rendition})["address"]
        except Refused as refusal:
            assert refusal.status == 404, refusal
            return None

    return wait_for(f"the file {rendition} of document {document}", made, 60)


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
