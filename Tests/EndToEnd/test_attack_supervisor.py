"""A curious supervisor: reads without a watch, by another topic's watch, in another department, after the time is over."""

import pytest

from attack import Witness, code, key, refused
from instance import Instance


@pytest.fixture
def topics(server: Instance) -> tuple[int, int]:
    return server.topic("Baraka", "bank"), server.topic("Baraka", "faktura")


def reads(socket, topic: int) -> dict[str, dict]:
    """Every way of reading a topic's text over the socket."""
    return {
        "subscribe": socket.ask("subscribe", topic=topic),
        "history": socket.ask("history", topic=topic, before=10**6),
        "versions": socket.ask("versions", topic=topic, message=1),
    }


def test_without_a_watch_there_is_nothing_to_read(server, chat, topics):
    witness = Witness(server, "gulnora")
    supervisor = chat(server, "gulnora")
    for topic in topics:
        assert {verb: code(answer) for verb, answer in reads(supervisor, topic).items()} == dict.fromkeys(("subscribe", "history", "versions"), "forbidden")
        with refused(404):
            server.api("gulnora").get(f"/topics/{topic}/documents")
    for one in supervisor.ok("inbox")["topics"]:
        assert "text" not in (one["last"] or {}), one
    witness.saw("access.refuse", "forbidden")


def test_a_watch_over_one_topic_opens_no_other(server, chat, topics):
    watched, other = topics
    supervisor = chat(server, "gulnora")
    assert code(supervisor.ask("observe", topic=watched, reason="  ")) == "malformed"
    supervisor.ok("observe", topic=watched, reason="mijoz shikoyati")
    assert "ok" in supervisor.ask("history", topic=watched, before=10**6)
    assert {code(answer) for answer in reads(supervisor, other).values()} == {"forbidden"}
    with refused(404):
        server.api("gulnora").get(f"/topics/{other}/documents")
    supervisor.ok("unobserve", topic=watched)
    assert code(supervisor.ask("history", topic=watched, before=10**6)) == "forbidden"
    rows = server.sql(f"SELECT reason, ended_at IS NOT NULL FROM observation WHERE topic_id = {watched} ORDER BY id DESC LIMIT 1")
    assert rows == "mijoz shikoyati|t"


def test_another_department_is_not_there(server, chat):
    foreign = int(
        server.sql(
            "SELECT t.id FROM topic t JOIN organisation o ON o.id = t.organisation_id WHERE o.department_id NOT IN (SELECT department_id FROM membership m "
            "JOIN account a ON a.id = m.account_id WHERE a.login = 'gulnora' AND department_id IS NOT NULL) ORDER BY t.id LIMIT 1"
        )
    )
    supervisor = chat(server, "gulnora")
    assert {code(answer) for answer in reads(supervisor, foreign).values()} == {"not_found"}
    assert code(supervisor.ask("observe", topic=foreign, reason="qiziqish uchun")) == "not_found"
    assert foreign not in {one["topic"] for one in supervisor.ok("inbox")["topics"]}
    with refused(404):
        server.api("gulnora").get(f"/topics/{foreign}/documents")


def test_a_ghost_writes_nothing(server, chat, topics):
    supervisor = chat(server, "gulnora")
    topic = topics[0]
    head = supervisor.ok("observe", topic=topic, reason="mijoz shikoyati")["head"]
    for verb, fields in {
        "send": {"body": "x"}, "edit": {"message": 1, "body": "x"}, "delete": {"message": 1}, "close": {}, "reopen": {},
        "rate": {"case": 1, "stars": 5}, "read": {"seq": 1}, "mark": {"document": 1, "state": "inWork"},
    }.items():  # fmt: skip
        assert code(supervisor.ask(verb, topic=topic, key=key(), **fields)) in ("forbidden", "not_found"), verb
    assert supervisor.ok("subscribe", topic=topic)["head"] == head
    supervisor.ok("unobserve", topic=topic)


def test_the_watch_is_over_when_its_time_is(fresh_server, chat):
    server = fresh_server
    topic = server.topic("Baraka", "bank")
    supervisor = chat(server, "gulnora")
    supervisor.ok("observe", topic=topic, reason="mijoz shikoyati")
    server.sql("ALTER TABLE observation DISABLE TRIGGER guard")
    server.sql("UPDATE observation SET ends_at = now() - interval '1 second' WHERE ended_at IS NULL")
    server.sql("ALTER TABLE observation ENABLE TRIGGER guard")
    assert code(supervisor.ask("history", topic=topic, before=10**6)) == "forbidden"
    with refused(404):
        server.api("gulnora").get(f"/topics/{topic}/documents")


def test_everything_of_the_administrators_stays_theirs(server):
    witness = Witness(server, "gulnora")
    api = server.api("gulnora")
    other = int(server.sql("SELECT id FROM account WHERE login = 'rustam'"))
    for method, path, body in (
        ("GET", f"/sessions?account={other}", None), ("POST", "/departments", {"name": "X"}), ("GET", "/settings/watermark", None),
        ("PATCH", f"/users/{other}", {"disabled": True}), ("POST", "/organisations", {"name": "X", "department": 1}),
    ):  # fmt: skip
        with refused(403, 404):
            api.call(method, path, body)
    witness.saw("access.refuse")
