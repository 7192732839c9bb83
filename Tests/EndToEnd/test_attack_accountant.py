"""A cheating accountant: answers that are none, rows that are to disappear, work that was never done, topics that were taken away."""

import re

from attack import Witness, code, key, link, raw, refused, upload
from instance import Instance, wait_for
from test_documents import pdf


def accountant_of(server: Instance, topic: int) -> str:
    return server.sql(
        "SELECT a.login FROM topic t JOIN topic_participant p ON p.topic_id = t.id AND p.staff JOIN account a ON a.id = p.account_id "
        f"WHERE t.id = {topic} ORDER BY a.id LIMIT 1"
    )


def waiting(server: Instance, topic: int) -> str:
    return server.sql(f"SELECT waiting_since FROM topic WHERE id = {topic}")


def test_a_holding_answer_or_somebody_unassigned_stops_no_clock(fresh_server, chat):
    server = fresh_server
    topic = server.topic("Baraka", "ttn")
    login = accountant_of(server, topic)
    client, accountant = chat(server, "sardor"), chat(server, login)
    accountant.send(topic, "Eski savollarga javob")
    client.send(topic, "Yuk xati qachon tayyor?")
    since = waiting(server, topic)
    assert since
    accountant.send(topic, "Bir daqiqa, koʻramiz", holding=True)
    assert waiting(server, topic) == since
    other = next(one for one in ("nodira", "olga", "jasur") if one != login and accountant_of(server, topic) != one)
    assert code(chat(server, other).ask("send", topic=topic, key=key(), body="Men javob beraman")) == "not_found"
    assert waiting(server, topic) == since
    assert code(client.ask("send", topic=topic, key=key(), body="x", holding=True)) == "forbidden"


def test_pauses_are_seen_rejected_counted_and_reported(fresh_server, chat):
    server = fresh_server
    topic = server.topic("Baraka", "ttn")
    login = accountant_of(server, topic)
    client, accountant = chat(server, "sardor"), chat(server, login)
    accountant.send(topic, "Eski savollarga javob")
    # Nobody waits: there is no clock to stop.
    assert code(accountant.ask("pause", topic=topic, key=key(), body="Hujjat kerak")) == "conflict"
    client.send(topic, "Yuk xati qachon tayyor?")
    since = waiting(server, topic)
    other = next(one for one in ("nodira", "olga", "jasur") if one != login and accountant_of(server, topic) != one)
    assert code(chat(server, other).ask("pause", topic=topic, key=key(), body="Hujjat kerak")) == "not_found"
    accountant.ok("pause", topic=topic, key=key(), body="Imzolangan dalolatnoma")
    assert code(accountant.ask("pause", topic=topic, key=key(), body="Yana bitta")) == "conflict"

    # The client is told, and the supervisor's queue says what is waited for.
    told = server.api("sardor").get("/notifications")["items"][0]
    assert (told["kind"], told["topic"]) == ("pause.wanted", topic)

    def clock() -> dict:
        return next(one for one in server.api("gulnora").get("/queue?limit=500")["items"] if one["topic"] == topic)

    assert (clock()["state"], clock()["wanted"]) == ("paused", "Imzolangan dalolatnoma")
    # What the client rejects counts from the first message on; nobody else rejects it, or in the client's name.
    assert code(accountant.ask("resume", topic=topic, key=key(), reason="Mijoz rozi")) == "forbidden"
    client.ok("resume", topic=topic, key=key(), reason="Kecha yuborganman")
    assert waiting(server, topic) == since
    assert clock()["state"] != "paused" and "due" in clock()
    for reader in (login, "gulnora"):
        assert server.api(reader).get("/notifications")["items"][0]["kind"] == "pause.rejected"

    # Each further one is a row of the log, with who and when, for whoever counts them.
    for _ in range(2):
        accountant.ok("pause", topic=topic, key=key(), body="Yana hujjat")
        client.ok("resume", topic=topic, key=key(), reason="Hammasi sizda")
    account = server.sql(f"SELECT id FROM account WHERE login = '{login}'")
    rows = server.api("admin").get(f"/actions?account={account}&action=case.pause")["actions"]
    assert len([row for row in rows if row["detail"]["topic"] == topic]) == 3


def test_what_was_written_stays_readable(fresh_server, chat):
    server = fresh_server
    topic = server.topic("Baraka", "bank")
    login = accountant_of(server, topic)
    accountant, client = chat(server, login), chat(server, "sardor")
    client.ok("subscribe", topic=topic)
    sent = accountant.send(topic, "Hisobot 25-sanada topshiriladi")
    accountant.ok("edit", topic=topic, message=sent["message"], key=key(), body="Hisobot 30-sanada topshiriladi")
    accountant.ok("delete", topic=topic, message=sent["message"], key=key())
    bodies = [row.get("body") for row in client.ok("versions", topic=topic, message=sent["message"])["entries"]]
    assert bodies[:2] == ["Hisobot 25-sanada topshiriladi", "Hisobot 30-sanada topshiriladi"]
    # A gone message is not changed any more; a client's never.
    assert code(accountant.ask("edit", topic=topic, message=sent["message"], key=key(), body="x")) == "conflict"
    theirs = client.send(topic, "Kechikdingiz")
    for verb in ("edit", "delete"):
        assert code(accountant.ask(verb, topic=topic, message=theirs["message"], key=key(), body="x")) == "forbidden"


def test_after_the_close_nothing_is_rewritten_or_rated_by_oneself(fresh_server, chat):
    server = fresh_server
    witness = Witness(server, accountant_of(server, server.topic("Baraka", "faktura")))
    topic = server.topic("Baraka", "faktura")
    accountant, client = chat(server, accountant_of(server, topic)), chat(server, "sardor")
    sent = accountant.send(topic, "Shot-faktura yuborildi")
    closed = accountant.ok("close", topic=topic, key=key())
    for verb in ("edit", "delete"):
        assert code(accountant.ask(verb, topic=topic, message=sent["message"], key=key(), body="x")) == "case_closed"
    assert code(accountant.ask("rate", topic=topic, case=closed["case"], stars=5, key=key())) == "forbidden"
    client.ok("rate", topic=topic, case=closed["case"], stars=1, key=key())
    assert code(client.ask("rate", topic=topic, case=closed["case"], stars=5, key=key())) == "conflict"
    assert code(accountant.ask("reopen", topic=topic, key=key())) == "conflict"
    witness.saw("access.refuse", "Only clients rate")


def staff_document(server: Instance, chat) -> tuple[int, int, str]:
    """A document that staff sent, its topic, and who did."""
    topic = server.topic("Baraka", "bank")
    login = accountant_of(server, topic)
    document = upload(server.api(login), topic, "akt.pdf", pdf(f"Dalolatnoma {key()}"))
    chat(server, login).send(topic, "", documents=[document])
    return document, topic, login


def test_own_uploads_are_no_processed_documents(documents_server, chat):
    document, topic, login = staff_document(documents_server, chat)
    accountant = chat(documents_server, login)
    for state in ("inWork", "processed"):
        assert code(accountant.ask("mark", topic=topic, document=document, state=state, key=key())) == "forbidden"


def test_unstamped_bytes_have_no_way_out(documents_server, chat):
    server = documents_server
    document, topic, login = staff_document(server, chat)
    second = staff_document(server, chat)[0]
    witness = Witness(server, login)
    api = server.api(login)
    with refused(403, 404):
        api.post(f"/documents/{document}/links", {"rendition": "original"})
    witness.saw("access.refuse", "documents")

    # A real address, in which one thing at a time is another.
    address = link(api, document, "file")
    link(api, second, "file")
    path, name, expires, signature = re.fullmatch(rf"(/files/{document}/)(\w+)\?expires=(\d+)&signature=([\w-]+)", address).groups()
    assert raw(api, "GET", address)[0] == 200
    original = f"{path}original?expires={expires}&signature={signature}"
    turned = ("B" if signature[0] == "A" else "A") + signature[1:]
    forged = {
        "rendition": original,
        "preview": f"{path}preview?expires={expires}&signature={signature}",
        "document": address.replace(f"/{document}/", f"/{second}/"),
        "later": address.replace(expires, str(int(expires) + 3600)),
        "signature": address.replace(signature, turned),
        "short": f"{path}{name}?expires={expires}&signature={signature[:-4]}",
        "empty": f"{path}{name}?expires={expires}&signature=",
        "none": f"{path}{name}?expires={expires}",
    }
    for what, other in forged.items():
        assert raw(api, "GET", other)[0] == 404, what
    # An address is its session's: it is nothing to somebody who may have the same file, nor is an administrator's of the original.
    assert raw(server.api("sardor"), "GET", address)[0] == 404
    chat(server, "admin").ok("observe", topic=topic, reason="nizo tekshiruvi")
    admins = link(server.api("admin"), document, "original")
    assert raw(server.api("admin"), "GET", admins)[0] == 200
    assert raw(api, "GET", admins)[0] == 404
    assert raw(api, "GET", address)[0] == 200


def test_moved_away_means_away(fresh_server, chat):
    server = fresh_server
    topic = server.topic("Baraka", "bank")
    login = accountant_of(server, topic)
    witness = Witness(server, login)
    accountant = chat(server, login)
    accountant.ok("subscribe", topic=topic)
    sent = accountant.send(topic, "Hozircha men")
    for assignment in server.api("admin").get(f"/assignments?account={witness.account}&limit=500")["items"]:
        server.api("admin").call("DELETE", f"/assignments/{assignment['id']}")
    for verb, fields in {
        "send": {"body": "hali ham men"}, "edit": {"message": sent["message"], "body": "boshqa"}, "delete": {"message": sent["message"]},
        "close": {}, "history": {"before": 10**6}, "versions": {"message": sent["message"]}, "subscribe": {},
    }.items():  # fmt: skip
        assert code(accountant.ask(verb, topic=topic, key=key(), **fields)) == "not_found", verb
    chat(server, "sardor").send(topic, "Endi kim?")
    wait_for("the subscription's end", lambda: accountant.ok("ping") is not None)
    assert not [event for event in accountant.events if event.get("event") == "entry" and event["entry"].get("body") == "Endi kim?"]
    with refused(404):
        server.api(login).get(f"/topics/{topic}/documents")
    witness.saw("access.refuse", "not_found")
