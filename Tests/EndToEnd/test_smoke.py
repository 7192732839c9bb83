"""The two servers under one address, as programs see them: no browser."""

import urllib.error
import urllib.request
import uuid

import pytest

from instance import Api, Refused
from socket_client import ChatSocket


def test_one_address_serves_pages_rest_and_health(server):
    for path, word in {"/": "<!doctype html", "/readyz": "", "/healthz": "", "/t/17": "<!doctype html", "/metrics": ""}.items():
        with urllib.request.urlopen(server.address + path, timeout=10) as answer:
            assert answer.status == 200, path
            assert word in answer.read().decode().lower(), path
    with urllib.request.urlopen(server.address + "/", timeout=10) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy and "unsafe-inline" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_demo_people_sign_in_and_are_who_they_are(server):
    for login, role in {"admin": "admin", "gulnora": "supervisor", "nodira": "accountant", "sardor": "client"}.items():
        session = server.api(login).get("/session")
        assert session["account"]["login"] == login
        assert [membership["role"] for membership in session["memberships"]] == [role]


def test_wrong_password_and_unknown_login_are_answered_alike(server):
    answers = []
    for login in ("sardor", "nobody-at-all"):
        with pytest.raises(Refused) as refusal:
            Api(server.address).sign_in(login, "not the password")
        answers.append((refusal.value.status, refusal.value.body["code"]))
    assert answers == [(401, "invalid_credentials")] * 2


def test_a_client_sees_only_the_own_organisation(server):
    items = server.api("sardor").get("/organisations")["items"]
    assert [item["name"] for item in items] == ["Baraka Savdo MChJ"]
    assert [topic["kind"] for topic in items[0]["topics"]] == ["bank", "dogovor", "faktura", "dovernost", "ttn"]
    with pytest.raises(Refused) as refusal:
        server.api("sardor").post("/departments", {"name": "Mine"})
    assert refusal.value.status in (403, 404)


def test_socket_refuses_strangers(server):
    for token in ("", "A" * 43):
        with pytest.raises(Exception) as refusal:
            ChatSocket(server, token)
        assert "401" in str(refusal.value)


def test_a_message_reaches_the_other_side_once_and_in_order(server, chat):
    topic = server.topic("Baraka", "bank")
    client, accountant = chat(server, "sardor"), chat(server, "nodira")
    head = accountant.ok("subscribe", topic=topic)["head"]
    key = str(uuid.uuid4())
    first = client.send(topic, "Birinchi", key)
    assert client.send(topic, "Birinchi", key)["seq"] == first["seq"] == head + 1
    client.send(topic, "Ikkinchi")
    seen = [accountant.event(lambda frame: frame.get("event") == "entry")["entry"] for _ in range(2)]
    assert [(entry["seq"], entry["body"]) for entry in seen] == [(head + 1, "Birinchi"), (head + 2, "Ikkinchi")]
    assert client.ask("send", topic=topic, key=key, body="Boshqa")["error"]["code"] == "conflict"


def test_foreign_topics_and_nonsense_get_the_protocols_answers(server, chat):
    client = chat(server, "sardor")
    foreign, missing = server.topic("Tekstil", "bank"), 987654321
    for topic in (foreign, missing):
        assert client.ask("subscribe", topic=topic)["error"]["code"] == "not_found"
    assert client.ask("fly")["error"]["code"] == "unknown_verb"
    assert client.ask("send", topic="one")["error"]["code"] == "malformed"


def test_killed_chat_server_loses_nothing_that_it_acknowledged(fresh_server, chat):
    topic = fresh_server.topic("Samarqand", "faktura")
    client = chat(fresh_server, "bahrom")
    acknowledged = [client.send(topic, f"Xabar {number}")["seq"] for number in range(50)]
    fresh_server.kill_chat()
    fresh_server.start_chat()
    fresh_server.wait_ready()
    again = chat(fresh_server, "bahrom")
    entries = again.ok("subscribe", topic=topic)["entries"]
    assert [entry["seq"] for entry in entries if str(entry.get("body", "")).startswith("Xabar ")] == acknowledged
    assert "0 broken" in fresh_server.cli("audit", "verify")


def test_signing_out_ends_the_socket(server):
    api = Api(server.address).sign_in("malika")
    socket = ChatSocket(server, api.token)
    socket.ok("inbox")
    api.call("DELETE", "/session")
    with pytest.raises(Exception) as closed:
        while True:
            socket._receive(5)
    assert "4001" in str(closed.value)
    with pytest.raises(Refused) as refusal:
        api.get("/session")
    assert refusal.value.status == 401


def test_no_path_leads_out_of_the_pages(server):
    for path in ("/../Package.swift", "/%2e%2e/Package.swift", "/..%2fPackage.swift"):
        try:
            with urllib.request.urlopen(server.address + path, timeout=10) as answer:
                assert b"swift-tools-version" not in answer.read()
        except urllib.error.HTTPError as error:
            assert error.code in (400, 403, 404)
