"""The thief of a cookie, a token or a phone."""

import json
import time
import urllib.error
import urllib.request
import uuid

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from attack import Witness, code, key, refused
from instance import PASSWORD, Api, Instance
from socket_client import ChatSocket


def browser(server: Instance, login: str) -> tuple[str, str]:
    """Signs in as a browser does: the session cookie and the CSRF token."""
    body = json.dumps({"login": login, "password": PASSWORD, "device": "Chrome", "kind": "browser"}).encode()
    request = urllib.request.Request(f"{server.address}/api/v1/session", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        cookies = answer.headers.get_all("Set-Cookie")
        csrf = json.load(answer)["csrf"]
    cookie = next(one.split(";")[0] for one in cookies if one.startswith("onefin_session"))
    # Else the servers would refuse for this alone.
    assert ask(server, "PUT", "/me/notices/oversight", {"Cookie": cookie, "X-CSRF-Token": csrf}, {}) == 204
    return cookie, csrf


def ask(server: Instance, method: str, path: str, headers: dict, body: dict | None = None) -> int:
    data = json.dumps(body).encode() if body is not None else None
    content = {"Content-Type": "application/json"} if data else {}
    request = urllib.request.Request(f"{server.address}/api/v1{path}", data, headers | content, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_stolen_token_is_worth_nothing_once_its_session_has_ended(fresh_server):
    server = fresh_server
    witness = Witness(server, "malika")
    victim = Api(server.address).sign_in("malika")
    stolen = Api(server.address).sign_in("malika")
    thief = ChatSocket(server, stolen.token)
    topic = server.topic("Baraka", "bank")
    thief.ok("subscribe", topic=topic)
    device = next(one for one in stolen.get("/sessions")["items"] if one["current"])
    victim.call("DELETE", f"/sessions/{device['id']}")
    start = time.monotonic()
    with pytest.raises(ConnectionClosed) as end:
        while True:
            thief.connection.recv(timeout=5)
    assert end.value.rcvd is not None and end.value.rcvd.code == 4001
    assert time.monotonic() - start < 5
    with refused(401):
        stolen.get("/session")
    with pytest.raises(InvalidStatus):
        ChatSocket(server, stolen.token)
    witness.saw("session.end")
    thief.stack.pop_all()


def test_a_page_elsewhere_can_neither_write_nor_listen_with_the_cookie(server):
    cookie, csrf = browser(server, "sardor")
    assert ask(server, "GET", "/session", {"Cookie": cookie}) == 200
    # A cookie alone writes nothing, nor does one with another session's token or from another site.
    assert ask(server, "PUT", "/me/language", {"Cookie": cookie}, {"language": "ru"}) == 403
    assert ask(server, "PUT", "/me/language", {"Cookie": cookie, "X-CSRF-Token": "A" * len(csrf)}, {"language": "ru"}) == 403
    elsewhere = {"Cookie": cookie, "X-CSRF-Token": csrf, "Sec-Fetch-Site": "cross-site"}
    assert ask(server, "PUT", "/me/language", elsewhere, {"language": "ru"}) == 403
    for origin in ("https://evil.example", "null", None):
        headers = {"Cookie": cookie} | ({"Origin": origin} if origin else {})
        with pytest.raises(InvalidStatus) as refusal, connect(
            f"ws://127.0.0.1:{server.port}/ws", subprotocols=["1fin.v1"], additional_headers=headers, open_timeout=10
        ):
            pass
        assert refusal.value.response.status_code == 403, origin
    assert server.sql("SELECT language FROM account WHERE login = 'sardor'") == "uz"


def test_a_replayed_request_does_nothing_twice(server, chat):
    topic = server.topic("Baraka", "ttn")
    client = chat(server, "sardor")
    request = {"topic": topic, "key": str(uuid.uuid4()), "body": "Bir marta"}
    first = client.ok("send", **request)
    again = chat(server, "sardor").ok("send", **request)
    assert again == first
    assert code(client.ask("send", **(request | {"body": "Boshqa narsa"}))) == "conflict"
    assert code(client.ask("send", **(request | {"topic": server.topic("Baraka", "bank")}))) == "conflict"
    # The key is its author's: with somebody else it stands for nothing.
    assert chat(server, "malika").ok("send", **request)["seq"] > first["seq"]
    count = server.sql(f"SELECT count(*) FROM topic_entry e JOIN topic_body USING (topic_id, seq) WHERE topic_id = {topic} AND body = 'Bir marta'")
    assert count == "2"


def test_a_new_password_throws_the_thief_out(fresh_server):
    server = fresh_server
    witness = Witness(server, "malika")
    victim, stolen = Api(server.address).sign_in("malika"), Api(server.address).sign_in("malika")
    with refused(401, 403, 422):
        stolen.call("PUT", "/me/password", {"current": "topib-boʻlmadi", "new": "oʻgʻri-paroli-2026"})
    victim.call("PUT", "/me/password", {"current": PASSWORD, "new": "yangi-parol-2026"})
    assert victim.get("/session")["account"]["login"] == "malika"
    with refused(401):
        stolen.get("/session")
    with refused(401):
        Api(server.address).sign_in("malika")
    witness.saw("account.password")
    witness.saw("session.refuse")


def test_the_database_holds_nothing_that_signs_in(server):
    token = server.api("sardor").token
    dump = server.sql("SELECT string_agg(s::text, ' ') FROM session s") + server.sql("SELECT string_agg(a::text, ' ') FROM action_log a")
    assert token not in dump and PASSWORD not in dump


def test_guessing_passwords_soon_waits_and_is_written_down(fresh_server):
    server = fresh_server
    witness = Witness(server, "sardor")
    statuses = []
    for attempt in range(40):
        with refused(401, 429, 503) as refusal:
            Api(server.address).sign_in("sardor", f"parol-{attempt}")
        statuses.append(refusal.value.status)
    assert 429 in statuses
    witness.saw("session.refuse")
    # Somebody else at the same place is not locked out by it.
    assert Api(server.address).sign_in("bahrom").token


def test_keys_of_requests_cannot_be_guessed_into_answers(server, chat):
    with refused(404):
        server.api("sardor").get(f"/uploads/{key()}")
