"""A nosy client: foreign ids everywhere, the staff's clocks, a ghost that might be there, an administrator of one's own making."""

from hashlib import sha256

import pytest

from attack import Witness, code, key, link, refused, upload, upload_in_parts
from instance import Instance
from socket_client import ChatSocket
from test_documents import pdf


@pytest.fixture
def foreign(server: Instance) -> int:
    return server.topic("Non", "bank")


def test_foreign_topics_are_like_topics_that_do_not_exist(server, chat, foreign):
    witness = Witness(server, "sardor")
    client = chat(server, "sardor")
    verbs = {
        "subscribe": {}, "history": {"before": 100}, "versions": {"message": 1}, "read": {"seq": 1}, "observe": {"reason": "men adminman"},
        "send": {"body": "salom"}, "edit": {"message": 1, "body": "x"}, "delete": {"message": 1}, "close": {}, "reopen": {},
        "rate": {"case": 1, "stars": 1}, "mark": {"document": 1, "state": "processed"}, "typing": {"on": True},
    }  # fmt: skip
    for verb, fields in verbs.items():
        told = client.ask(verb, topic=foreign, key=key(), **fields)
        missing = client.ask(verb, topic=987654, key=key(), **fields)
        assert code(told) == "not_found", verb
        assert told["error"] == missing["error"], verb
    assert server.sql(f"SELECT count(*) FROM topic_entry WHERE topic_id = {foreign} AND author_id = {witness.account}") == "0"
    witness.saw("access.refuse", "not_found")


def test_the_inbox_holds_neither_others_nor_clocks(server, chat, foreign):
    inbox = chat(server, "sardor").ok("inbox")
    assert foreign not in {topic["topic"] for topic in inbox["topics"]}
    assert {organisation["name"] for organisation in inbox["organisations"]} == {"Baraka Savdo MChJ"}
    staff = {"waitingSince", "due", "paused", "target", "holding"}
    for topic in inbox["topics"]:
        assert not staff & topic.keys(), topic


def test_documents_of_others_are_not_there_by_any_address(documents_server, chat):
    server = documents_server
    foreign, own = server.topic("Non", "bank"), server.topic("Baraka", "bank")
    document = upload(server.api("bahrom"), foreign, "shartnoma.txt", f"Maxfiy shartnoma {key()}".encode())
    chat(server, "bahrom").send(foreign, "", documents=[document])
    witness = Witness(server, "sardor")
    api = server.api("sardor")
    with refused(404):
        api.get(f"/topics/{foreign}/documents")
    for rendition in ("preview", "thumbnail", "clean", "stamped", "original"):
        with refused(403, 404, 422):
            api.post(f"/documents/{document}/links", {"rendition": rendition})
    assert str(document) not in str(api.post(f"/topics/{own}/documents/links", {"documents": [document], "rendition": "thumbnail"}))
    assert "shartnoma" not in str(api.get(f"/topics/{own}/documents?ids={document}"))
    witness.saw("access.refuse", "documents")


def test_an_upload_says_nothing_about_whether_the_bytes_are_known(documents_server, chat):
    server = documents_server
    known, fresh = (pdf(f"Maxfiy shartnoma {key()}") for _ in range(2))
    topic = server.topic("Non", "bank")
    theirs = upload(server.api("bahrom"), topic, "bizniki.pdf", known)
    chat(server, "bahrom").send(topic, "", documents=[theirs])
    # Their file is made from it too, so that there would be something to give at once.
    link(server.api("bahrom"), theirs, "file")
    own = {"id", "document", "at"}

    def told(content: bytes) -> list:
        answers = upload_in_parts(server.api("sardor"), server.topic("Baraka", "bank"), "shartnoma.pdf", content, parts=3)
        return [
            (
                status,
                sorted(headers),
                headers.get("Upload-Offset"),
                {field: value for field, value in body.items() if field not in own},
                {field: value for field, value in body.get("document", {}).items() if field not in own},
            )
            for status, headers, body in answers
        ]

    told_of_known, told_of_fresh = told(known), told(fresh)
    assert [status for status, *_ in told_of_known] == [201, 200, 200, 200]
    assert told_of_known[-1][-1]["media"] == "waiting"
    assert told_of_known == told_of_fresh
    # The house had the one and not the other.
    times = [server.sql(f"SELECT count(*) FROM document WHERE hash = '\\x{sha256(one).hexdigest()}'") for one in (known, fresh)]
    assert times == ["2", "1"]


def test_nobody_makes_an_administrator_of_oneself(server):
    witness = Witness(server, "sardor")
    api = server.api("sardor")
    account = api.account["id"]
    person = {"name": "X", "login": "x-admin", "password": "uzun-parol-2026"}
    for attempt in (
        ("POST", "/users", person | {"role": "admin"}),
        ("POST", f"/users/{account}/memberships", {"role": "admin"}),
        ("POST", f"/users/{account}/memberships", {"role": "client", "organisation": 2}),
        ("POST", "/organisations", {"name": "X", "department": 1}),
        ("POST", "/assignments", {"account": account, "organisation": 1, "topics": ["bank"], "from": "2026-01-01"}),
        ("PUT", "/settings/documents", {"version": 0}),
        ("POST", "/departments", {"name": "X"}),
    ):
        with refused(403, 404, 422):
            api.call(*attempt)
    # A field that the route doesn't know changes nothing.
    api.call("PATCH", f"/users/{account}", {"language": "uz", "role": "admin", "memberships": [{"role": "admin"}]})
    roles = server.sql(f"SELECT string_agg(role, ',') FROM membership WHERE account_id = {account} AND ended_at IS NULL")
    assert roles == "client"
    witness.saw("access.refuse", "forbidden")


def test_a_ghost_is_nowhere(server, chat):
    topic = server.topic("Baraka", "dogovor")
    account = server.api("gulnora").account["id"]
    client = chat(server, "sardor")
    before = client.ok("subscribe", topic=topic)
    rest = {path: server.api("sardor").get(path) for path in (f"/topics/{topic}/documents", "/users", "/organisations")}
    ghost = ChatSocket(server, server.api("gulnora").token)
    try:
        ghost.ok("observe", topic=topic, reason="shikoyat tekshiruvi")
        ghost.ask("typing", topic=topic, on=True)
        ghost.ask("read", topic=topic, seq=1)
        assert code(ghost.ask("send", topic=topic, key=key(), body="men shu yerdaman")) == "forbidden"
        ghost.ok("history", topic=topic, before=before["head"] + 1)
        during = client.ok("subscribe", topic=topic)
        assert during == before | {"presence": during["presence"]}
        assert account not in {one["account"] for one in during["presence"]}
        for path, answer in rest.items():
            assert server.api("sardor").get(path) == answer, path
        # Others come and go; of the ghost no event tells, whatever its kind.
        assert [event for event in client.events if event.get("event") != "presence"] == []
        assert [event for event in client.events if event["account"] == account] == []
    finally:
        ghost.close()
    # Nor does its leaving.
    client.ok("ping")
    assert [event for event in client.events if event["account"] == account] == []
    assert server.sql(f"SELECT count(*) FROM observation WHERE topic_id = {topic} AND account_id = {account}") != "0"
